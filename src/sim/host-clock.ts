/**
 * A virtual host: the raw monotonic clock of a machine whose crystal is simulated, driven by true time.
 *
 * `advance(truth)` runs it on. It can be suspended (the raw clock stands still, boot time does not), paused as a virtual
 * machine is (both stand still, and nobody tells the guest), and rebooted (the raw clock begins again, with a new boot id).
 */

import { assert } from '../core/assert.ts';
import {
  monoInstant,
  nanos,
  NANOS_PER_SECOND,
  shift,
  since,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../core/time/nanos.ts';
import type { HostClock } from '../ports/host-clock.ts';
import { temperatureAt, type Climate, type Oscillator } from './oscillator.ts';
import type { RawClock } from './raw-clock.ts';

/** How long the host has been up when a simulation begins. */
const UPTIME_AT_START = 3_600n * NANOS_PER_SECOND;

export class VirtualHost implements HostClock, RawClock {
  readonly #oscillator: Oscillator;
  readonly #climate: Climate;
  readonly #start: TaiInstant;
  #truth: TaiInstant;
  #boots = 1;
  /** `mono = truth + offset + phase`, and the same for boot time. */
  #monoOffset: bigint;
  #bootOffset: bigint;
  #phaseAtBootNs = 0;

  constructor(oscillator: Oscillator, climate: Climate, start: TaiInstant) {
    this.#oscillator = oscillator;
    this.#climate = climate;
    this.#start = start;
    this.#truth = start;
    this.#monoOffset = UPTIME_AT_START - start;
    this.#bootOffset = this.#monoOffset;
  }

  get bootId(): string {
    return `00000000-0000-4000-8000-${this.#boots.toString(16).padStart(12, '0')}`;
  }

  /** True time, which no part of the agent may ask for. */
  get truth(): TaiInstant {
    return this.#truth;
  }

  now(): MonoInstant {
    return this.monoAt(this.#truth);
  }

  boottime(): Nanos {
    return nanos(this.#truth + this.#bootOffset + this.#phase(0));
  }

  monoAt(truth: TaiInstant): MonoInstant {
    const back = Number(since(this.#truth, truth)) / 1e9;
    return monoInstant(truth + this.#monoOffset + this.#phase(back));
  }

  advance(truth: TaiInstant): void {
    const elapsed = Number(since(truth, this.#truth)) / 1e9;
    assert(elapsed >= 0, 'true time does not run backwards');
    if (elapsed === 0) return;
    this.#oscillator.advance(elapsed, temperatureAt(this.#climate, Number(since(truth, this.#start)) / 1e9));
    this.#truth = truth;
  }

  /** Sleeps for `duration`: true time and boot time pass, the raw clock does not. */
  suspend(duration: Nanos): void {
    this.#truth = shift(this.#truth, duration);
    this.#monoOffset -= duration;
  }

  /** Stops the whole guest for `duration`; neither clock notices. */
  pause(duration: Nanos): void {
    this.suspend(duration);
    this.#bootOffset -= duration;
  }

  /** Restarts after `down`: the raw clock and boot time begin at zero. */
  reboot(down: Nanos): void {
    this.#truth = shift(this.#truth, down);
    this.#boots += 1;
    this.#phaseAtBootNs = this.#oscillator.phaseNs;
    this.#monoOffset = 0n - this.#truth;
    this.#bootOffset = 0n - this.#truth;
  }

  /** The crystal's phase some seconds ago, rounded down: the kernel truncates. */
  #phase(secondsBack: number): bigint {
    return BigInt(Math.floor(this.#oscillator.phaseNsBefore(secondsBack) - this.#phaseAtBootNs));
  }
}
