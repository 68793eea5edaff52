/**
 * The agent's only way to be woken later. Real hosts and virtual time implement it.
 */

import type { Nanos } from '../core/time/nanos.ts';

export interface Timers {
  /** Calls `wake` after this turn of the loop, before anything that waits on time. */
  soon(wake: () => void): void;
  /** Calls `wake` every `period`; a late call is not made up for. The returned function ends it. */
  every(period: Nanos, wake: () => void): () => void;
}
