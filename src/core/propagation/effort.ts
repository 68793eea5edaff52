/**
 * How hard to try for a message, requirement C6: urgency times priority gives redundancy, timeout and retries.
 *
 * The product w is in 0..1. Redundancy is 1 to 3 copies, retries 1 to 5, and the timeout runs from 5 s for what can wait
 * down to 500 ms for what cannot. Pure arithmetic, so that the table in kinds.ts is all there is to tune.
 */

import { assert } from '../assert.ts';
import { millis, type Nanos } from '../time/nanos.ts';

export type Effort = {
  /** Peers a request is put to at once, 1..3. */
  readonly redundancy: number;
  readonly timeout: Nanos;
  /** 1..5 */
  readonly retries: number;
};

const TIMEOUT_MS = { longest: 5_000, shortest: 500 };

export function effortFor({ urgency, priority }: { readonly urgency: number; readonly priority: number }): Effort {
  assert(urgency >= 0 && urgency <= 1 && priority >= 0 && priority <= 1, 'urgency and priority are shares of one');
  const weight = urgency * priority;
  return {
    redundancy: 1 + Math.round(2 * weight),
    timeout: millis(Math.round(TIMEOUT_MS.longest - (TIMEOUT_MS.longest - TIMEOUT_MS.shortest) * weight)),
    retries: 1 + Math.round(4 * weight),
  };
}
