/**
 * Append-only logs beside our own lane: the lanes we follow and the order that follows from them.
 *
 * Contract: what `append` resolved for is durable, and calls of one log do not overlap; `read` and `hashes` answer for
 * entries below `size`; `read` rejects with `lane-pruned` for what is not kept any more. A log is stopped by a failure of storage like our own lane (lane.ts).
 */

import type { Digest } from '../core/codec/sha256.ts';
import type { Subtree } from '../core/log/merkle.ts';
import type { OrderEntry } from '../core/ordering/order-entry.ts';
import type { Fault } from '../core/verdict.ts';
import type { LaneReplicas } from './network.ts';

export interface KeptLog {
  /** Entries that are durable. */
  readonly size: number;
  /** Entries before it were pruned; absent where nothing ever is. */
  readonly firstKept?: number;
  /** Entries [from, to), each exactly as appended. */
  read(from: number, to: number): Promise<Uint8Array[]>;
  /** The hashes of complete subtrees, as proofs need them. */
  hashes(subtrees: readonly Subtree[]): Promise<Digest[]>;
  /** The root over the first `size` entries. */
  rootAt(size: number): Promise<Digest>;
}

export interface AppendLog extends KeptLog {
  append(entries: readonly Uint8Array[]): Promise<void>;
}

/** Every lane that is kept here, our own included. */
export interface KeptLanes extends LaneReplicas {
  /** The lane of this validator; undefined while nothing of it is here. */
  lane(kid: Uint8Array): KeptLog | undefined;
  /** A file of it by its C2SP tlog-tiles path, at any width below its size; undefined where there is none. */
  tile(kid: Uint8Array, path: string): Promise<Uint8Array | undefined>;
}

/** Proofs that validators contradicted themselves, one file each, named by digest. */
export interface FaultShelf {
  /** Makes a proof durable. False when it was there, or when no more are kept. */
  keep(proof: Uint8Array): Promise<boolean>;
  all(): Promise<readonly Uint8Array[]>;
}

/** What alarms of the time exchange rest on, one JSON file each; the oldest gives way to the newest. */
export interface AlarmShelf {
  /** Makes it durable under a name of its own. */
  keep(evidence: Uint8Array): Promise<void>;
}

/** Where the order stood when it was last kept, so that a start need not read the lanes from their beginning. */
export interface KeptOrder {
  /** True when a lane lacks its beginning, so that the order can only start from here. */
  readonly isNeeded: boolean;
  /**
   * Takes the ordering to where it was kept, and returns its newest final entries. Undefined where nothing is kept; a fault
   * says why what is there is not used. Without a result the ordering is at its beginning. Rejects with
   * `order-state-missing` or `order-state-wrong` where it is needed and does not hold.
   */
  load(): Promise<readonly OrderEntry[] | Fault | undefined>;
  /** True when the order has come so far that it is worth keeping again. */
  readonly isDue: boolean;
  /**
   * Keeps the ordering as it is now; the order log must hold all that is final. False when it is too large. It goes piece by
   * piece, and nothing may be handed to the ordering before `taken` is called or it has rejected.
   */
  keep(taken?: () => void): Promise<boolean>;
  /** Nothing is begun from it any more, unless it is needed. */
  drop(): Promise<void>;
}

/** The newest checkpoint of each lane with the cosignatures on it that are known here, as notes. */
export interface CheckpointShelf {
  put(origin: string, note: Uint8Array): Promise<void>;
  get(origin: string): Promise<Uint8Array | undefined>;
}
