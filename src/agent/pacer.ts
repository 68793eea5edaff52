/**
 * When the validator is asked whether something is due: at once when it may be, and every few milliseconds while something
 * is known to become due. At rest it costs nothing; only the heartbeat runs.
 */

import { millis } from '../core/time/nanos.ts';
import type { Timers } from '../ports/timers.ts';

export type PacerNeeds = {
  readonly timers: Timers;
  /** Asks the validator. */
  readonly look: () => void;
  /** True while a later look may find something. */
  readonly hasWork: () => boolean;
};

/** Half the shortest tick of the protocol's design: reports wait at most this much longer than they must. */
const PERIOD = millis(5);

export class Pacer {
  readonly #needs: PacerNeeds;
  #end: (() => void) | undefined;
  #isPlanned = false;
  #isStopped = false;

  constructor(needs: PacerNeeds) {
    this.#needs = needs;
  }

  /** There may be something to sign. */
  poke(): void {
    if (this.#isPlanned || this.#isStopped) return;
    this.#isPlanned = true;
    this.#needs.timers.soon(() => {
      this.#isPlanned = false;
      this.#look();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#end?.();
    this.#end = undefined;
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#needs.look();
    if (!this.#needs.hasWork()) {
      this.#end?.();
      this.#end = undefined;
    } else this.#end ??= this.#needs.timers.every(PERIOD, () => this.#look());
  }
}
