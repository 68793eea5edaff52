/**
 * The rules of the order that everything else rests on, as values: what an ordering is built with.
 *
 * They are handed in, so that one rule can be replaced by a wrong one and the simulation can show that its checkers notice.
 * A network uses `ORDERING_RULES`; anything else is another protocol.
 */

import type { Digest } from '../codec/sha256.ts';
import type { Interval } from '../time/interval.ts';
import type { TaiInstant } from '../time/nanos.ts';
import { countsOf, seenInterval, type LaneCounts } from './seen-interval.ts';
import { watermarkOf, type SlotParameters } from './slots.ts';
import { sortKey } from './sort-key.ts';

export type OrderingRules = {
  /** How many lanes may lie, how many reports make a subject ready, how many votes decide a cut. */
  readonly countsOf: (n: number) => LaneCounts;
  /** The subject's interval, or undefined while it is not ready. */
  readonly seenInterval: (counts: LaneCounts, reports: readonly Interval[]) => Interval | undefined;
  /** T_C of a slot: what ends by then is final. */
  readonly watermarkOf: (slot: number, parameters: SlotParameters) => TaiInstant;
  /** The drawn point a subject is sorted by. */
  readonly sortKey: (seed: Digest, subject: Digest, seen: Interval) => TaiInstant;
};

export const ORDERING_RULES: OrderingRules = { countsOf, seenInterval, watermarkOf, sortKey };
