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
  /** Payload of a statement. The longest that can be encoded has 219 bytes; a test computes it. */
  statementBytesMax: 256,
  /** Statement with its envelope: statementBytesMax and 85 bytes of COSE_Sign1. */
  signedStatementBytesMax: 341,
  /** Payload of any COSE_Sign1. The largest record we sign (host identity) has some 1 kB. */
  cosePayloadBytesMax: 16_384,
  /** A key file. A sealed one has some 350 bytes; a longer file is something else. */
  keyFileBytesMax: 1_024,
  /** A configuration with a hundred sources is a tenth of this; more is not a configuration. */
  configBytesMax: 262_144,
  /** Readings kept of one source: 6 newest and the narrowest of 8 slots of 2 s, the baseline of the host's rate. */
  clockReadingsMax: 14,
  /** Confirmed edges of one source whose spread is the phase term. */
  clockEdgesMax: 6,
  /** Older edges of one source from which drift is learned; their spacing doubles up to 90 min, so they reach back a day. */
  clockAnchorsMax: 16,
  /** Edges of one source that wait for a good health report; the settling time of a reference is 10 s by default. */
  clockPendingEdgesMax: 32,
  /** Sources of one configuration; more than any host has, and the evidence record grows with them. */
  clockSourcesMax: 16,
  /** A whole evidence record. One card takes 1 to 2 kB, sixteen sources below 32 kB. */
  evidenceBytesMax: 65_536,
  /** Newest leap seconds of the table that are carried in evidence. */
  leapStepsMax: 8,
  /** Buckets of the drift history's tiers: an hour of seconds, two days of minutes, a leap year of hours. */
  driftSecondsMax: 3_600,
  driftMinutesMax: 2_880,
  driftHoursMax: 8_784,
};

export const LIMITS: Limits = Object.freeze(bounds);

assert(LIMITS.cborDepthMax >= 8, 'the decoder reads our own deepest record');
