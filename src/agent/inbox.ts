/**
 * The one queue of the agent: everything that happens becomes an event here and is taken at our pace.
 *
 * Observations come as fast as the world likes, so they are bounded: when `observationsMax` of them wait, the newest is
 * dropped and counted (a missed sample widens an interval, it never falsifies one). Control events are bounded by their
 * causes: one commit in flight and one beat per timer; they are never dropped.
 */

import { assert } from '../core/assert.ts';
import { LIMITS } from '../core/limits.ts';

export class Inbox<Control, Observed> {
  readonly #observationsMax: number;
  #events: (Control | Observed)[] = [];
  #observations = 0;
  #dropped = 0;

  constructor(options: { observationsMax: number }) {
    this.#observationsMax = options.observationsMax;
  }

  /** False when the inbox was full and the observation was dropped. */
  putObservation(event: Observed): boolean {
    if (this.#observations >= this.#observationsMax) {
      this.#dropped += 1;
      return false;
    }
    this.#observations += 1;
    this.#events.push(event);
    return true;
  }

  putControl(event: Control): void {
    assert(
      this.#events.length - this.#observations < LIMITS.inboxControlEventsMax,
      'control events are bounded by their causes',
    );
    this.#events.push(event);
  }

  /** Everything that waits, in order of arrival; the inbox is empty afterwards. */
  takeAll(): readonly (Control | Observed)[] {
    const taken = this.#events;
    this.#events = [];
    this.#observations = 0;
    return taken;
  }

  get length(): number {
    return this.#events.length;
  }

  get dropped(): number {
    return this.#dropped;
  }
}
