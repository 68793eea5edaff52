/**
 * What the commit protocol needs of storage: a guard, a lane, a store of evidence.
 *
 * Common to all three: a call that resolves has its effect on stable storage; a call that rejects does so with AgentError.
 * `disk-full` leaves everything as it was before the call, and the call may be made again. After any other rejection the
 * object is *stopped*: it refuses every later write with the same code, and only a restart, which recovers, goes on.
 * Writes of one object are not called while another is pending.
 */

import type { Sign } from '../core/attestation/cose-sign1.ts';
import type { Digest } from '../core/codec/sha256.ts';
import type { GuardRecord } from '../core/log/guard-record.ts';
import type { TaiInstant } from '../core/time/nanos.ts';

/**
 * The guard against signing twice. It lives outside the lane directory, so that a backup of the lane does not contain it.
 */
export interface Guard {
  /** The newest record that was written whole; undefined when no guard was ever made. Reads no disk. */
  readonly record: GuardRecord | undefined;
  /** Replaces the record. A crash during the call leaves the old record or the new one, never a mixture. */
  reserve(record: GuardRecord): Promise<void>;
  close(): Promise<void>;
}

/** The validator's own lane: append-only, each entry at its index for ever. */
export interface Lane {
  /** `momentd/<network>/<kid>`. */
  readonly origin: string;
  /** Entries that are durable. */
  readonly size: number;
  /** Root over all of them. */
  root(): Digest;
  /** Root over the first `size` entries; `size` is at most the lane's. */
  rootAt(size: number): Promise<Digest>;
  /**
   * Adds entries at the end. When it resolves all are durable; when it rejects with `disk-full` none is there. A crash
   * during the call leaves some number of the first of them.
   */
  append(entries: readonly Uint8Array[]): Promise<void>;
  /** Entries before this one were pruned: their hashes are kept, and they are not. 0 in a whole lane. */
  readonly firstKept: number;
  /**
   * One bounded step of pruning, towards keeping no entry before `to`, a multiple of 256: returns whether there is more to
   * do. Recorded durably under the lane's key before anything goes; a crash leaves a step undone, or one that the next opening
   * finishes. Rejects with `lane-prune-range` when the last checkpoint does not cover as much and more. Hashes stay for ever.
   */
  prune(to: number, sign: Sign): Promise<boolean>;
  /** Entries [from, to), each exactly as appended. Rejects with `lane-pruned` when the first of them is not kept. */
  read(from: number, to: number): Promise<Uint8Array[]>;
  /** Entries appended since the last checkpoint: above `LIMITS.checkpointEntriesDue` one is due. */
  readonly entriesSinceCheckpoint: number;
  /**
   * Signs the tree of the present size as a note and makes tiles and checkpoint durable; returns the note. Appends may go
   * on meanwhile. A crash during the call leaves the old checkpoint or the new one, and every tile of whichever it is.
   */
  checkpoint(sign: Sign): Promise<Uint8Array>;
  /** The note of the last checkpoint. */
  readonly lastCheckpoint: Uint8Array | undefined;
  close(): Promise<void>;
}

/** One evidence record and its place in time (its file is chosen by it). */
export type EvidenceItem = { readonly bytes: Uint8Array; readonly digest: Digest; readonly at: TaiInstant };

/** Evidence records by their SHA-256. Bounded by age and bytes: the oldest go first. */
export interface EvidenceStore {
  /** Makes records durable; one that is already there costs nothing. */
  put(items: readonly EvidenceItem[]): Promise<void>;
  /** The record, or undefined when it is not (or no longer) kept. `near`, the referring statement's time, makes it quick. */
  get(digest: Digest, near?: TaiInstant): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
