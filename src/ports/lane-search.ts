/** Asking a stored lane, our own or one we follow, where it speaks of a subject. */

import type { Digest } from '../core/codec/sha256.ts';

/** What is searched: `Lane` is one. Entries [firstKept, size) never change. */
export interface LaneEntries {
  /** `momentd/<network>/<kid>`. */
  readonly origin: string;
  readonly size: number;
  /** Entries before it were pruned and cannot be read. */
  readonly firstKept: number;
  read(from: number, to: number): Promise<readonly Uint8Array[]>;
}

/**
 * Contract: every answer was read from the lane itself, so a wrong index can cost time, and entries it does not name, but
 * never show one that is not there. Calls may overlap.
 */
export interface LaneSearch {
  /** Indexes of entries that name the subject, ascending: the first `LIMITS.laneFindsMax` of them. */
  findSubject(subject: Digest): Promise<readonly number[]>;
  /** Indexes what was appended since the last call, a block at a time; what is left at the end is searched unindexed. */
  catchUp(): Promise<void>;
  /** Entries that the index covers. */
  readonly indexed: number;
}
