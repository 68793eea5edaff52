/**
 * A validator's belief about time in a simulated network: an interval around truth whose error stays inside its guarantee.
 *
 * The clock core has its own simulation; here only its promise matters. Truth is the run's start plus the offset. A liar's
 * clock is shifted: its intervals do not hold truth, and the checkers do not ask that of it.
 */

import { intervalAround, type Interval } from '../../core/time/interval.ts';
import { monoInstant, nanos, shift, type MonoInstant, type TaiInstant } from '../../core/time/nanos.ts';
import { streamOf } from '../random.ts';
import type { OffsetNs } from './schedule.ts';

/** How the clock does at an instant: undefined for no fault. */
export type ClockTrouble = (now: OffsetNs) => 'refuses' | 'wide' | undefined;

/** Wider than any network of ours counts in its order (`guaranteeMax` is 10 ms). */
const WIDE_NS = 20_000_000;

export class ValidatorClock {
  readonly #start: TaiInstant;
  readonly #guaranteeNs: number;
  readonly #phase: number;
  readonly #periodNs: number;
  readonly #trouble: ClockTrouble;
  /** How far a dishonest clock stands from the honest one; 0 for an honest one. */
  shiftNs: OffsetNs = 0;

  constructor(needs: { seed: number; label: string; start: TaiInstant; trouble: ClockTrouble }) {
    const draw = streamOf(needs.seed, `clock of ${needs.label}`);
    this.#start = needs.start;
    // Between 100 ns and 1 ms, as from a time card to a software clock.
    this.#guaranteeNs = Math.ceil(100 * 10_000 ** draw.unit());
    this.#phase = draw.unit();
    this.#periodNs = draw.between(0.2e9, 4e9);
    this.#trouble = needs.trouble;
  }

  truth(now: OffsetNs): TaiInstant {
    return shift(this.#start, nanos(now));
  }

  /** The raw clock of this host: the offset itself. */
  raw(now: OffsetNs): MonoInstant {
    return monoInstant(BigInt(now));
  }

  /** The interval believed at `now`, or undefined while the clock refuses. */
  interval(now: OffsetNs): Interval | undefined {
    const trouble = this.#trouble(now);
    if (trouble === 'refuses') return undefined;
    const guaranteeNs = trouble === 'wide' ? WIDE_NS : this.#guaranteeNs;
    // A triangle wave within the guarantee: the error is never zero for long and never outside.
    const turn = (now / this.#periodNs + this.#phase) % 1;
    const error = Math.trunc((4 * Math.abs(turn - 0.5) - 1) * 0.95 * this.#guaranteeNs);
    return intervalAround(shift(this.truth(now), nanos(error + this.shiftNs)), nanos(guaranteeNs));
  }
}
