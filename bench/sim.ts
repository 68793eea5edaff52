/**
 * Simulation speed: simulated seconds per second of CPU, against real time, which is 1 by definition.
 *
 *   node bench/sim.ts [ROUNDS] [--json]
 *
 * Each row is one scenario at one step, the median of the rounds after one to warm up. A step of one second observes an
 * edge, two health reports and a reading, and judges two intervals and a bit; the target is 10,000 times real time there.
 */

import { argv, cpuUsage } from 'node:process';
import { runScenario } from '../src/sim/clock-run.ts';
import { scenarioNamed } from '../src/sim/scenarios/catalogue.ts';
import { figure, say, tellFigures } from './figures.ts';

const ROUNDS = Number(argv.slice(2).find((word) => !word.startsWith('--')) ?? 5);
const TARGET = 10_000;
const SIMULATED_SECONDS = 10_000;

const rows = [
  { name: 'quiet-day', stepSeconds: 1 },
  { name: 'quiet-day', stepSeconds: 8 },
  { name: 'gnss-loss', stepSeconds: 1 },
  { name: 'liar-among-three', stepSeconds: 1 },
  { name: 'quiet-system-clock', stepSeconds: 1 },
];

/** Simulated seconds per CPU second, and microseconds of CPU per interval issued. */
function measure(name: string, stepSeconds: number, seed: number): { speed: number; perIntervalUs: number } {
  const durationSeconds = SIMULATED_SECONDS * stepSeconds;
  const before = cpuUsage();
  const report = runScenario(scenarioNamed(name)!, { seed, durationSeconds, stepSeconds });
  const { user, system } = cpuUsage(before);
  const cpuUs = user + system;
  return { speed: (report.simulatedSeconds * 1e6) / cpuUs, perIntervalUs: cpuUs / report.intervals };
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

say('scenario              step    x real time   us of CPU per interval   of the target');
for (const { name, stepSeconds } of rows) {
  measure(name, stepSeconds, 1);
  const rounds = Array.from({ length: ROUNDS }, (_, i) => measure(name, stepSeconds, i + 2));
  const speed = median(rounds.map((r) => r.speed));
  const perIntervalUs = median(rounds.map((r) => r.perIntervalUs));
  say(
    `${name.padEnd(20)} ${`${stepSeconds} s`.padStart(5)} ${speed.toFixed(0).padStart(14)} ` +
      `${perIntervalUs.toFixed(1).padStart(24)} ${`${(speed / TARGET).toFixed(1)}x`.padStart(15)}`,
  );
  figure({
    what: `simulation of one clock core, ${name}, step ${stepSeconds} s`,
    value: speed,
    unit: 'x real time',
    baseline: 'real time',
    ratio: speed,
    target: '>= 10,000',
  });
}
tellFigures('sim');
