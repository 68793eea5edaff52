/**
 * Every bound of the program, each with its unit and its reason. A queue, a message, a file or a wait that is not named
 * here has no business growing. docs/limits.md lists the same names; the tidy test holds the two together.
 */

import { assert } from './assert.ts';

export type Limits = Readonly<Record<keyof typeof bounds, number>>;

const bounds = {
  /** Levels of nesting of a CBOR record. Our deepest record (evidence) has 8. */
  cborDepthMax: 16,
  /** Events waiting for the loop. At 1,000 events/s this is four seconds of a stalled loop; beyond it samples are dropped. */
  inboxEventsMax: 4_096,
};

export const LIMITS: Limits = Object.freeze(bounds);

assert(LIMITS.cborDepthMax >= 8, 'the decoder reads our own deepest record');
