/**
 * Guard against lane, at every start: what to finish, or why to refuse.
 *
 * The guard knows the lane's size and root when the last batch was reserved, and the batch. The lane may hold none, some or
 * all of the batch, and nothing else. From that follows what is still to be signed; everything else means that one of the
 * two was restored, replaced or altered, and signing could make a fork. docs/spec/commit-protocol.md section "Start".
 */

import { compareBytes } from '../codec/cbor.ts';
import { toHex } from '../codec/hex.ts';
import type { Digest } from '../codec/sha256.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { decodeCoseSign1 } from '../attestation/cose-sign1.ts';
import { decodeEntry } from './entry.ts';
import { LIMITS } from '../limits.ts';
import type { GuardRecord, Reserved } from './guard-record.ts';

/** What the lane shows. */
export type LaneView = {
  readonly size: number;
  /** Root over the first `guard.head.size` entries; undefined when the lane is shorter. */
  readonly rootAtGuard: Digest | undefined;
  /** The entries from `guard.head.size` on. */
  readonly tail: readonly Uint8Array[];
};

/** What to read of a lane of `size` entries before `reconcile`: the root over the first `from`, and the entries [from, to). */
export function asksOfLane(
  guard: GuardRecord | undefined,
  size: number,
): { readonly from: number; readonly to: number } | undefined {
  // Without a record, or with a shorter lane, the sizes alone decide.
  if (guard === undefined || size < guard.head.size) return undefined;
  return { from: guard.head.size, to: Math.min(size, guard.head.size + LIMITS.commitBatchStatementsMax) };
}

export type Owner = { readonly network: Digest; readonly publicKey: Uint8Array };

/** `first-start`: no lane, no guard record. `resume`: the first `appended` of the reserved statements are in the lane. */
export type Reconciled = { readonly kind: 'first-start' } | { readonly kind: 'resume'; readonly appended: number };

export function reconcile(guard: GuardRecord | undefined, lane: LaneView, owner: Owner): Reconciled | Fault {
  if (guard === undefined) {
    if (lane.size === 0) return { kind: 'first-start' };
    return fault('guard-missing', `the lane has ${lane.size} entries and the guard has no record`);
  }
  if (compareBytes(guard.network, owner.network) !== 0)
    return fault('guard-other-validator', `the guard belongs to network ${toHex(guard.network)}`);
  if (compareBytes(guard.publicKey, owner.publicKey) !== 0)
    return fault('guard-other-validator', `the guard belongs to key ${toHex(guard.publicKey)}`);
  const { head, reserved } = guard;
  if (lane.size < head.size)
    return fault('guard-ahead', `the lane has ${lane.size} entries and the guard has seen ${head.size}`);
  if (lane.size > head.size + reserved.length)
    return fault(
      'guard-behind',
      `the lane has ${lane.size} entries and the guard allows ${head.size + reserved.length}`,
    );
  if (lane.rootAtGuard === undefined || compareBytes(lane.rootAtGuard, head.root) !== 0)
    return fault('guard-contradicts-lane', `the root over ${head.size} entries is not the one the guard has seen`);
  for (const [i, entry] of lane.tail.entries())
    if (!isEntryOf(entry, reserved[i]!))
      return fault('guard-contradicts-lane', `entry ${head.size + i} is not the statement that was reserved`);
  return { kind: 'resume', appended: lane.tail.length };
}

function isEntryOf(bytes: Uint8Array, reserved: Reserved): boolean {
  const entry = decodeEntry(bytes);
  if (isFault(entry)) return false;
  const envelope = decodeCoseSign1(entry.statement);
  return (
    !isFault(envelope) &&
    compareBytes(envelope.payload, reserved.payload) === 0 &&
    equalBodies(entry.body, reserved.body)
  );
}

function equalBodies(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : compareBytes(a, b) === 0;
}
