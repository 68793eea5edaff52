/**
 * A cut and a vote for one: the prefix of every lane up to a slot's end, and the order that follows from it.
 *
 * The vote's body is small: the lanes are named by a digest, because everyone who may judge the vote stores the lanes and
 * computes the vector itself; n validators voting with the vector would cost n^2 roots a slot. With the order's root in
 * it, q identical votes also vouch for every final entry so far. docs/spec/ordering.md, "Cut vote".
 */

import { assert } from '../assert.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
import { sha256, SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';

/** The first `size` entries of a lane, and the root over them. */
export type LanePrefix = { readonly size: number; readonly root: Digest };

/** Entries of the order log, and the root over them. */
export type OrderHead = { readonly size: number; readonly root: Digest };

export type Cut = {
  readonly slot: number;
  /** By validator index of the genesis record. */
  readonly lanes: readonly LanePrefix[];
  /** The order through this slot. */
  readonly order: OrderHead;
};

/** What a vote says, as its body carries it. */
export type CutVote = { readonly slot: number; readonly lanesDigest: Digest; readonly order: OrderHead };

/** The canonical bytes of the lanes: CBOR `[[size, root], ...]`. */
export const encodeLanes = (lanes: readonly LanePrefix[]): Uint8Array =>
  encodeCbor(lanes.map(({ size, root }) => [BigInt(size), root]));

/** SHA-256 of `encodeLanes`. */
export const lanesDigestOf = (lanes: readonly LanePrefix[]): Digest => sha256(encodeLanes(lanes));

export function voteFor(cut: Cut): CutVote {
  return { slot: cut.slot, lanesDigest: lanesDigestOf(cut.lanes), order: cut.order };
}

/** The body of a kind-4 statement: CBOR `[slot, lanes digest, order size, order root]`. Its SHA-256 is key 7. */
export function encodeCutVote({ slot, lanesDigest, order }: CutVote): Uint8Array {
  return encodeCbor([BigInt(slot), lanesDigest, BigInt(order.size), order.root]);
}

export function decodeCutVote(body: Uint8Array): CutVote | Fault {
  // [REJECT] Length before shape.
  if (body.length > LIMITS.cutVoteBytesMax) return fault('cut-vote-format', `${body.length} bytes of cut vote`);
  const decoded = decodeCbor(body);
  if ('fault' in decoded) return fault('cut-vote-format', `${decoded.fault} at byte ${decoded.offset}`);
  if (!Array.isArray(decoded.value) || decoded.value.length !== 4)
    return fault('cut-vote-format', 'not an array of slot, lanes digest, order size, order root');
  const [slot, lanesDigest, size, root] = decoded.value as readonly CborValue[];
  const slotNumber = countOf(slot);
  const orderSize = countOf(size);
  if (slotNumber === undefined || orderSize === undefined || !isDigest(lanesDigest) || !isDigest(root))
    return fault('cut-vote-format', 'not an array of slot, lanes digest, order size, order root');
  return { slot: slotNumber, lanesDigest, order: { size: orderSize, root } };
}

/** The lanes of canonical bytes; exactly `count` of them. */
export function decodeLanes(bytes: Uint8Array, count: number): LanePrefix[] | Fault {
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return fault('cut-lanes-format', `${decoded.fault} at byte ${decoded.offset}`);
  const list = decoded.value;
  if (!Array.isArray(list) || list.length !== count)
    return fault('cut-lanes-format', `not an array of ${count} lane prefixes`);
  const lanes: LanePrefix[] = [];
  for (const item of list as readonly CborValue[]) {
    const [size, root] = Array.isArray(item) && item.length === 2 ? (item as readonly CborValue[]) : [];
    const entries = countOf(size);
    if (entries === undefined || !isDigest(root))
      return fault('cut-lanes-format', `lane ${lanes.length} is not [size, root]`);
    lanes.push({ size: entries, root });
  }
  return lanes;
}

const isDigest = (value: CborValue | undefined): value is Digest =>
  value instanceof Uint8Array && value.length === SHA256_SIZE_BYTES;

/** A count as a number; undefined for anything that is none or leaves 2^48. */
function countOf(value: CborValue | undefined): number | undefined {
  return typeof value === 'bigint' && value >= 0n && value <= BigInt(LIMITS.laneEntriesMax) ? Number(value) : undefined;
}

// The longest vote: array head, two counts of 9 bytes, two digests of 34.
assert(LIMITS.cutVoteBytesMax >= 1 + 2 * 9 + 2 * 34, 'a cut vote fits its bound');
