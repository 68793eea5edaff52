/**
 * Ids of what left the pool, until nobody may report them any more: two generations of a set, so that forgetting costs nothing.
 *
 * A generation is let go when the window of everything in it has passed; until then the other one grows. A claim far ahead keeps its
 * generation longer, never forgets one earlier. When a generation is full the older one goes in any case.
 */

import { laterOf, isBefore, shift, type Nanos, type TaiInstant } from '../time/nanos.ts';

type Generation = { readonly keys: Set<string>; latestClaim: TaiInstant | undefined };

const empty = (): Generation => ({ keys: new Set(), latestClaim: undefined });

export class DepartedIds {
  readonly #window: Nanos;
  readonly #generationMax: number;
  #young = empty();
  #old = empty();

  /** Remembers the last `idsMax / 2` at least, unless their window has passed, and `idsMax` at most. */
  constructor(needs: { readonly window: Nanos; readonly idsMax: number }) {
    this.#window = needs.window;
    this.#generationMax = Math.ceil(needs.idsMax / 2);
  }

  get size(): number {
    return this.#young.keys.size + this.#old.keys.size;
  }

  has(key: string): boolean {
    return this.#young.keys.has(key) || this.#old.keys.has(key);
  }

  /** An id whose subject was claimed for this time. */
  add(key: string, claimed: TaiInstant): void {
    if (this.#young.keys.size >= this.#generationMax) this.#turn();
    const { keys, latestClaim } = this.#young;
    keys.add(key);
    this.#young.latestClaim = latestClaim === undefined ? claimed : laterOf(latestClaim, claimed);
  }

  /** Lets go of what nobody may report at `now` or later. */
  forget(now: TaiInstant): void {
    if (this.#isOldPast(now)) this.#turn();
    if (this.#isOldPast(now)) this.#turn();
  }

  #isOldPast(now: TaiInstant): boolean {
    const { latestClaim } = this.#old;
    return latestClaim === undefined || isBefore(shift(latestClaim, this.#window), now);
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = empty();
  }
}
