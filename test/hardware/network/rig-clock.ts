/**
 * One of the rig's four clocks: a copy of the kernel module under its own name, with its own PTP device, edges and pulse.
 *
 * Its truth is given when it is loaded, so that several clocks keep one time, or one of them another.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** TAI less CLOCK_MONOTONIC_RAW by the clock that was there when the guest came up. */
export const firstOffset = (): bigint => BigInt(readFileSync(parameter('phcsim', 'true_offset_ns'), 'latin1').trim());

const parameter = (module: string, name: string): string => `/sys/module/${module}/parameters/${name}`;

export class RigClock {
  readonly device: string;
  readonly #module: string;

  /** `place` counts from 0; clocks are loaded in this order, and a clock that comes back takes its old number. */
  constructor(place: number) {
    this.device = `/dev/ptp${place}`;
    this.#module = place === 0 ? 'phcsim' : `phcsim${place + 1}`;
  }

  /** `offset`: what this clock and its pulse take for TAI, less CLOCK_MONOTONIC_RAW. */
  load(offset: bigint): void {
    const folder = dirname(process.env['MOMENTD_RIG_MODULE'] ?? '');
    const words = [`true_offset_ns=${offset}`, 'pulse_apart=1', `timecard=${this.#module === 'phcsim' ? 1 : 0}`];
    execFileSync('insmod', [join(folder, `${this.#module}.ko`), ...words], { stdio: 'inherit' });
    this.command('pps', 1);
  }

  unload(): void {
    execFileSync('rmmod', [this.#module], { stdio: 'inherit' });
  }

  knob(name: string, value: number): void {
    writeFileSync(parameter(this.#module, name), String(value));
  }

  command(verb: 'step' | 'pps', value: bigint | number): void {
    execFileSync(join(process.env['MOMENTD_RIG_TOOLS'] ?? '', 'phcctl'), [this.device, verb, String(value)], {
      stdio: 'inherit',
    });
  }
}
