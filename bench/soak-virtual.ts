/**
 * A day of a network in virtual time: does anything grow that a validator carries along?
 *
 *     node bench/soak-virtual.ts [--hours 24] [--validators 4] [--subjects 1800] [--seed 1] [--json]
 *
 * The real core of each validator on a simulated network that loses, doubles and delays, with a partition and clock faults in
 * every hour (src/sim/network/long-life.ts). Lanes, which stay on disk in a real one, are forgotten hour by hour, after
 * they were checked; the heap that is left, after a collection, is told beside what the lanes grew by. It is four validators' and the world's.
 */

import { cpuUsage, memoryUsage } from 'node:process';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { longLife } from '../src/sim/network/long-life.ts';
import { figure, say, tellFigures } from './figures.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    validators: { type: 'string', default: '4' },
    subjects: { type: 'string', default: '1800' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const MB = 1_048_576;
const [hours, validators] = [Number(values.hours), Number(values.validators)];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

say(
  '  hour   heap MB   resident MB   entries a lane   kB a lane   final of submitted   final ms p50/p99   CPU s   violations',
);
const heaps: number[] = [];
const medians: number[] = [];
let violations = 0;
let missing = 0;
let cpu = cpuUsage();
for (const hour of longLife({
  seed: Number(values.seed),
  validators,
  hours,
  subjectsAnHour: Number(values.subjects),
})) {
  collect();
  const { heapUsed, arrayBuffers, rss } = memoryUsage();
  const { user, system } = cpuUsage(cpu);
  heaps.push((heapUsed + arrayBuffers) / MB);
  medians.push(hour.finalityMs.median);
  violations += hour.violations.length;
  missing += hour.subjects - hour.final;
  for (const { what, detail } of hour.violations) say(`VIOLATION ${what}: ${detail}`);
  say(
    [
      [`${hour.hour}`, 6],
      [heaps.at(-1)!.toFixed(2), 10],
      [(rss / MB).toFixed(0), 14],
      [hour.entries.toFixed(0), 17],
      [(hour.bytes / 1_000).toFixed(0), 12],
      [`${hour.final} of ${hour.subjects}`, 21],
      [`${hour.finalityMs.median.toFixed(0)}/${hour.finalityMs.p99.toFixed(0)}`, 19],
      [((user + system) / 1e6).toFixed(0), 8],
      [`${hour.violations.length}`, 13],
    ]
      .map(([text, width]) => (text as string).padStart(width as number))
      .join(''),
  );
  figure({ what: `heap after hour ${hour.hour}`, value: heaps.at(-1)!, unit: 'MB' });
  cpu = cpuUsage();
}
figure({
  what: 'heap at the end',
  value: heaps.at(-1)!,
  unit: 'MB',
  baseline: 'heap after the first hour',
  ratio: heaps.at(-1)! / heaps[0]!,
});
figure({
  what: 'median to final, last hour',
  value: medians.at(-1)!,
  unit: 'ms',
  baseline: 'first hour',
  ratio: medians.at(-1)! / medians[0]!,
});
figure({ what: 'violations', value: violations, unit: '', target: '0' });
figure({ what: 'subjects not final at the end of their hour', value: missing, unit: '', target: '0' });
tellFigures('soak-virtual');
