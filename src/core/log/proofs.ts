/**
 * Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2; verification as RFC 9162 sections 2.1.3.2, 2.1.4.2).
 *
 * A proof is a list of hashes of ranges of the tree. Making one is two steps, so that the reading in between can be done
 * any way: the plan names the ranges, each a row of perfect subtrees; the caller fetches the subtrees' hashes; joining them
 * gives the proof. Verifying needs nothing but the proof.
 */

import { assert } from '../assert.ts';
import { compareBytes } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { EMPTY_ROOT, floorLog2, joinSubtrees, nodeHash, perfectSubtrees, type Subtree } from './merkle.ts';

/** One element per proof hash: the perfect subtrees, left to right, whose joint hash it is. */
export type ProofPlan = readonly (readonly Subtree[])[];

/** Proof hashes for any tree within our bounds, with room to spare; also the bound of tlog-witness. */
export const PROOF_HASHES_MAX = 63;

/** RFC 6962 PATH(index, D[size]): sibling ranges from the leaf to the root. */
export function inclusionPlan(index: number, size: number): ProofPlan {
  assert(index >= 0 && index < size, 'an entry that is proven lies in the tree');
  const ranges: Subtree[][] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push(perfectSubtrees(middle, end));
      end = middle;
    } else {
      ranges.push(perfectSubtrees(start, middle));
      start = middle;
    }
  }
  return ranges.reverse();
}

/** RFC 6962 PROOF(oldSize, D[newSize]); empty when either tree is empty or they are of one size. */
export function consistencyPlan(oldSize: number, newSize: number): ProofPlan {
  assert(oldSize >= 0 && oldSize <= newSize, 'a tree is consistent with a later one');
  if (oldSize === 0 || oldSize === newSize) return [];
  const ranges: Subtree[][] = [];
  let [start, end] = [0, newSize];
  // SUBPROOF: while the old tree ends inside the range, walk towards its end.
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      ranges.push(perfectSubtrees(middle, end));
      end = middle;
    } else {
      ranges.push(perfectSubtrees(start, middle));
      start = middle;
    }
  }
  // The verifier knows the old root, so its hash is left out when it is the whole left side.
  if (start > 0) ranges.push(perfectSubtrees(start, end));
  return ranges.reverse();
}

/** The proof of a plan, from the hashes of `plan.flat()` in that order. */
export function proofOf(plan: ProofPlan, hashes: readonly Digest[]): Digest[] {
  let at = 0;
  return plan.map((range) => joinSubtrees(hashes.slice(at, (at += range.length))));
}

export type InclusionClaim = {
  readonly leaf: Digest;
  readonly index: number;
  readonly size: number;
  readonly root: Digest;
  readonly proof: readonly Digest[];
};

/** The root that leaf and proof lead to; undefined when the proof is not of the length that index and size demand. */
export function inclusionRoot({ leaf, index, size, proof }: Omit<InclusionClaim, 'root'>): Digest | undefined {
  if (!isPosition(index) || !isPosition(size) || index >= size || !areDigests([leaf, ...proof])) return undefined;
  let [at, last] = [index, size - 1];
  let root = leaf;
  for (const hash of proof) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      root = nodeHash(hash, root);
      // A right edge without a sibling at this level moves up as it is.
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else root = nodeHash(root, hash);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? root : undefined;
}

export function verifyInclusion(claim: InclusionClaim): boolean {
  const root = inclusionRoot(claim);
  return root !== undefined && compareBytes(root, claim.root) === 0;
}

export type ConsistencyClaim = {
  readonly oldSize: number;
  readonly oldRoot: Digest;
  readonly newSize: number;
  readonly newRoot: Digest;
  readonly proof: readonly Digest[];
};

/** True when the new tree begins with the old one. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isPosition(oldSize) || !isPosition(newSize) || oldSize > newSize) return false;
  if (!areDigests([oldRoot, newRoot, ...proof])) return false;
  if (oldSize === newSize) return proof.length === 0 && compareBytes(oldRoot, newRoot) === 0;
  if (oldSize === 0) return proof.length === 0 && compareBytes(oldRoot, EMPTY_ROOT) === 0;
  let [at, last] = [oldSize - 1, newSize - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // An old tree that is one perfect subtree starts the walk itself.
  const walk = at === 0 ? [oldRoot, ...proof] : [...proof];
  const first = walk.shift();
  if (first === undefined) return false;
  let [old, fresh] = [first, first];
  for (const hash of walk) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = nodeHash(hash, old);
      fresh = nodeHash(hash, fresh);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else fresh = nodeHash(fresh, hash);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && compareBytes(old, oldRoot) === 0 && compareBytes(fresh, newRoot) === 0;
}

/** The largest power of two below n; n from 2. */
const splitOf = (n: number): number => 2 ** floorLog2(n - 1);

const half = (n: number): number => Math.floor(n / 2);

const isPosition = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= LIMITS.laneEntriesMax;

function areDigests(hashes: readonly Digest[]): boolean {
  return hashes.length <= PROOF_HASHES_MAX + 2 && hashes.every(({ length }) => length === SHA256_SIZE_BYTES);
}
