/**
 * A token bucket on virtual time: how often something may happen, with a burst, in whole numbers.
 *
 * Tokens are counted in nanoseconds of credit, so refilling is a subtraction and nothing is ever rounded away: a bucket
 * of `burst` tokens at `perSecond` holds burst * 1e9 / perSecond ns of credit and one token costs 1e9 / perSecond ns
 * (rounded up, so a peer gets its rate or a hair less). Time is an argument; time that stands still refills nothing.
 */

import { assert } from '../assert.ts';
import { divideUp, minus, NANOS_PER_SECOND, nanos, plus, shorterOf, since, times } from '../time/nanos.ts';
import type { MonoInstant, Nanos } from '../time/nanos.ts';

/** `perSecond` tokens come back each second, up to `burst`. Both are positive integers. */
export type Rate = { readonly perSecond: number; readonly burst: number };

export class TokenBucket {
  readonly #cost: Nanos;
  readonly #creditMax: Nanos;
  #credit: Nanos;
  #at: MonoInstant;

  /** Full at `now`. */
  constructor(rate: Rate, now: MonoInstant) {
    assert(Number.isInteger(rate.perSecond) && rate.perSecond > 0, 'a rate is a positive integer per second');
    assert(Number.isInteger(rate.burst) && rate.burst > 0, 'a burst is a positive integer');
    this.#cost = divideUp(nanos(NANOS_PER_SECOND), rate.perSecond);
    this.#creditMax = times(this.#cost, rate.burst);
    this.#credit = this.#creditMax;
    this.#at = now;
  }

  /** Takes `count` tokens, all or none. */
  take(count: number, now: MonoInstant): boolean {
    this.#refill(now);
    const price = times(this.#cost, count);
    if (price > this.#credit) return false;
    this.#credit = minus(this.#credit, price);
    return true;
  }

  /** Whole tokens there are at `now`. */
  tokens(now: MonoInstant): number {
    this.#refill(now);
    return Number(this.#credit / this.#cost);
  }

  #refill(now: MonoInstant): void {
    const passed = since(now, this.#at);
    if (passed <= 0n) return;
    this.#credit = shorterOf(plus(this.#credit, passed), this.#creditMax);
    this.#at = now;
  }
}
