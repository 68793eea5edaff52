/**
 * Latency of `Clock.now()` against `process.hrtime.bigint()`, the cheapest clock a TypeScript program has.
 *
 *   node bench/now.ts [--json]
 *
 * Each call is timed by itself between two hrtime stamps, in alternation with a call of hrtime timed the same way, so both
 * carry the same cost of timing and meet the same machine. Prints p50 and p99 of both, and the ratio; the target is 1 us
 * at p99 for an interval read from TypeScript.
 */

import { hrtime, memoryUsage } from 'node:process';
import { Clock } from '../src/core/clock/clock.ts';
import { defaultClockConfig, defaultSourceSpec } from '../src/core/clock/configuration.ts';
import { BUILT_IN_LEAP_TABLE } from '../src/core/time/leap-seconds.ts';
import { monoInstant, nanos, NANOS_PER_SECOND, shift, taiInstant, type MonoInstant } from '../src/core/time/nanos.ts';
import { figure, say, tellFigures } from './figures.ts';

const CALLS = 400_000;
const WARM_UP = 100_000;

/** A clock locked to one pulse source, whose last estimate is as of `asOf`. */
function lockedClock(asOf: MonoInstant): Clock {
  const sources = [defaultSourceSpec('pps', 'pps0')];
  const clock = new Clock(defaultClockConfig({ sources, references: [], leapTable: BUILT_IN_LEAP_TABLE }), 'bench');
  const epoch = taiInstant(1_795_176_037n * NANOS_PER_SECOND);
  for (let second = 0n; second <= 30n; second++) {
    const before = shift(asOf, nanos((second - 30n) * NANOS_PER_SECOND - 1_000n));
    clock.observe({
      kind: 'reading',
      source: 'pps0',
      before,
      reading: shift(epoch, nanos(second * NANOS_PER_SECOND)),
      after: shift(before, nanos(1_000n)),
      windowAdjust: nanos(0n),
      declaredError: undefined,
    });
    clock.estimate(shift(before, nanos(1_000n)));
  }
  return clock;
}

const at = (sorted: Float64Array, share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;

const started = monoInstant(hrtime.bigint());
const clock = lockedClock(started);
const reads = new Float64Array(CALLS);
const stamps = new Float64Array(CALLS);
let refused = 0;
let heapBefore = 0;
for (let i = -WARM_UP; i < CALLS; i++) {
  if (i === 0) heapBefore = memoryUsage().heapUsed;
  // The clock is asked for an instant within the ten seconds it extrapolates.
  const mono = shift(started, nanos(BigInt((i + WARM_UP) % 9_000_000) * 1_000n));
  const a = hrtime.bigint();
  const now = clock.now(mono);
  const b = hrtime.bigint();
  if (now.earliest === undefined) refused += 1;
  const c = hrtime.bigint();
  hrtime.bigint();
  const d = hrtime.bigint();
  if (i < 0) continue;
  reads[i] = Number(b - a);
  stamps[i] = Number(d - c);
}
const heapGrowth = memoryUsage().heapUsed - heapBefore;
reads.sort();
stamps.sort();

const row = (name: string, times: Float64Array): string =>
  `${name.padEnd(24)} p50 ${at(times, 0.5).toFixed(0).padStart(6)} ns   p99 ${at(times, 0.99).toFixed(0).padStart(6)} ns`;
say(row('Clock.now()', reads));
say(row('process.hrtime.bigint()', stamps));
say(
  `ratio p50 ${(at(reads, 0.5) / at(stamps, 0.5)).toFixed(2)}   p99 ${(at(reads, 0.99) / at(stamps, 0.99)).toFixed(2)}`,
);
say(
  `${CALLS} calls each, ${refused} refused; heap ${heapGrowth > 0 ? '+' : ''}${(heapGrowth / 1_048_576).toFixed(1)} MiB`,
);
figure({
  what: 'interval read from TypeScript, p99',
  value: at(reads, 0.99),
  unit: 'ns',
  baseline: 'process.hrtime.bigint()',
  ratio: at(reads, 0.99) / at(stamps, 0.99),
  target: '<= 1,000 ns',
});
figure({
  what: 'interval read from TypeScript, p50',
  value: at(reads, 0.5),
  unit: 'ns',
  baseline: 'process.hrtime.bigint()',
  ratio: at(reads, 0.5) / at(stamps, 0.5),
});
tellFigures('now');
if (refused > 0) process.exitCode = 1;
