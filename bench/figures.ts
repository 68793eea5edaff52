/**
 * What a benchmark says, for people as it goes or, with `--json`, for machines at its end: one document of the same figures.
 *
 * A figure is a measured value with its unit; where the design asks for something, with the baseline of the same run, the
 * ratio to it and the target. The load average stands beside them, because machines are shared.
 */

import { availableParallelism, cpus, loadavg } from 'node:os';
import { argv, version } from 'node:process';

export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What `ratio` is to. */
  readonly baseline?: string;
  readonly ratio?: number;
  /** As design and documentation write it. */
  readonly target?: string;
};

const isForMachines = argv.includes('--json');
const figures: Figure[] = [];
const loadBefore = loadavg()[0]!;

/** A line for people. */
export function say(line: string): void {
  if (!isForMachines) console.log(line);
}

export function figure(one: Figure): void {
  figures.push(one);
}

export function machine() {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: version };
}

/** Called once, when everything is measured. */
export function tellFigures(name: string): void {
  const load = { before: loadBefore, after: loadavg()[0]! };
  if (isForMachines)
    console.log(JSON.stringify({ name, at: new Date().toISOString(), machine: machine(), load, figures }));
  else console.log(`load average ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`);
}
