/**
 * The Merkle tree of RFC 6962 section 2.1 with SHA-256: leaf and node hashes, and the frontier that grows by one leaf.
 *
 *     empty tree  SHA-256("")
 *     leaf        SHA-256(0x00 || entry)
 *     node        SHA-256(0x01 || left || right), split at the largest power of two below the size
 *
 * Positions and sizes are counts: plain numbers up to `LIMITS.laneEntriesMax`, far below 2^53, but above 2^32, so nothing
 * here shifts bits. A *subtree* is perfect: level l, index i covers entries [i * 2^l, (i + 1) * 2^l). Proofs are proofs.ts,
 * files are tiles.ts.
 */

import { assert } from '../assert.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import { sha256, SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { hashPairs, type HashRanges } from './hash-ranges.ts';

export type Subtree = { readonly level: number; readonly index: number };

export const EMPTY_ROOT: Digest = sha256(new Uint8Array());

// One call of a one-shot hash over joined bytes costs 0.7 us here, three updates of a hash object 1.1 us. Nothing in this
// file yields between filling a scratch and hashing it.
const nodeScratch = new Uint8Array(1 + 2 * SHA256_SIZE_BYTES);
nodeScratch[0] = 1;
const leafScratch = new Uint8Array(1 + LIMITS.laneEntryBytesMax);

export function nodeHash(left: Digest, right: Digest): Digest {
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 1 + SHA256_SIZE_BYTES);
  return sha256(nodeScratch);
}

/** The hash of an entry of any length. */
export function leafHash(entry: Uint8Array): Digest {
  const scratch = entry.length < leafScratch.length ? leafScratch : new Uint8Array(1 + entry.length);
  scratch.set(entry, 1);
  return sha256(scratch.subarray(0, 1 + entry.length));
}

/** Called with every perfect subtree as it is completed, leaf first. */
export type OnSubtree = (subtree: Subtree, hash: Digest) => void;

/** Called with what many leaves complete, level by level from the leaves: subtrees from `index` on, hashes joined. */
export type OnLevel = (first: Subtree, hashes: Uint8Array) => void;

/**
 * The roots of the perfect subtrees a tree of `size` entries falls into: all that is needed to append and to know the
 * root. Costs one leaf's hash chain per append (two hashes on average, with the leaf) and holds at most 48 digests.
 */
export class Frontier {
  #size = 0;
  /** By level; the one at level l counts when bit l of the size is set. */
  readonly #peaks: Digest[] = [];

  get size(): number {
    return this.#size;
  }

  append(leaf: Digest, onSubtree?: OnSubtree): void {
    assert(this.#size < LIMITS.laneEntriesMax, 'a tree stays within the bound of its positions');
    let hash = leaf;
    let level = 0;
    let index = this.#size;
    onSubtree?.({ level, index }, hash);
    while (index % 2 === 1) {
      hash = nodeHash(this.#peaks[level]!, hash);
      index = (index - 1) / 2;
      level += 1;
      onSubtree?.({ level, index }, hash);
    }
    this.#peaks[level] = hash;
    this.#size += 1;
  }

  /** The same as appending each of `leaves`, which are joined, with one call of `hash` a level. */
  appendAll(leaves: Uint8Array, hash: HashRanges, onLevel?: OnLevel): void {
    const count = leaves.length / SHA256_SIZE_BYTES;
    assert(this.#size + count <= LIMITS.laneEntriesMax, 'a tree stays within the bound of its positions');
    let completed = leaves;
    for (let level = 0, first = this.#size; completed.length > 0; level++) {
      onLevel?.({ level, index: first }, completed);
      // What pairs up begins at an even index: the peak stands before it when the first new subtree has an odd one.
      const isOdd = first % 2 === 1;
      const row = isOdd ? joined(this.#peaks[level]!, completed) : completed;
      const nodes = new Uint8Array(SHA256_SIZE_BYTES * Math.floor(row.length / SHA256_SIZE_BYTES / 2));
      if (nodes.length > 0) hashPairs(hash, row, nodes);
      // Copied, so that a peak does not hold the hashes of its whole batch in memory.
      if (row.length > 2 * nodes.length) this.#peaks[level] = row.slice(2 * nodes.length);
      completed = nodes;
      first = Math.floor(first / 2);
    }
    this.#size += count;
  }

  root(): Digest {
    let root: Digest | undefined;
    let rest = this.#size;
    for (let level = 0; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const peak = this.#peaks[level]!;
      root = root === undefined ? peak : nodeHash(peak, root);
    }
    return root ?? EMPTY_ROOT;
  }

  clone(): Frontier {
    const copy = new Frontier();
    copy.#size = this.#size;
    copy.#peaks.push(...this.#peaks);
    return copy;
  }

  save(to: FlatWriter): void {
    to.count(this.#size);
    for (const { level } of perfectSubtrees(0, this.#size)) to.digest(this.#peaks[level]!);
  }

  static load(from: FlatReader): Frontier {
    const size = from.count(LIMITS.laneEntriesMax);
    return Frontier.of(size, () => from.digest());
  }

  /** The frontier of a tree whose perfect subtrees are known, as `perfectSubtrees(0, size)` lists them. */
  static of(size: number, hashOf: (subtree: Subtree) => Digest): Frontier {
    const frontier = new Frontier();
    for (const subtree of perfectSubtrees(0, size)) frontier.#peaks[subtree.level] = hashOf(subtree);
    for (let level = 0; level < frontier.#peaks.length; level++) frontier.#peaks[level] ??= EMPTY_ROOT;
    frontier.#size = size;
    return frontier;
  }
}

/**
 * The perfect subtrees that make up entries [start, end), left to right. `start` must be a multiple of the largest power
 * of two not above `end - start`, which holds for every range RFC 6962 speaks of.
 */
export function perfectSubtrees(start: number, end: number): Subtree[] {
  assert(start >= 0 && start <= end && end <= LIMITS.laneEntriesMax, 'a range of a tree lies inside it');
  const subtrees: Subtree[] = [];
  for (let at = start; at < end;) {
    const level = floorLog2(end - at);
    const width = 2 ** level;
    assert(at % width === 0, 'a range of a tree begins where a perfect subtree begins');
    subtrees.push({ level, index: at / width });
    at += width;
  }
  return subtrees;
}

/** Joins perfect subtrees, left to right, into the hash of their range (RFC 6962 MTH). */
export function joinSubtrees(hashes: readonly Digest[]): Digest {
  let joined: Digest | undefined;
  for (let i = hashes.length - 1; i >= 0; i--)
    joined = joined === undefined ? hashes[i]! : nodeHash(hashes[i]!, joined);
  return joined ?? EMPTY_ROOT;
}

/** The root over joined leaf hashes, with one call of `hash` a level. */
export function rootOfAll(leaves: Uint8Array, hash: HashRanges): Digest {
  const frontier = new Frontier();
  frontier.appendAll(leaves, hash);
  return frontier.root();
}

/** The root over leaf hashes, by definition: for small trees and for checking the frontier. */
export function rootOf(leaves: readonly Digest[]): Digest {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

function joined(first: Uint8Array, rest: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + rest.length);
  both.set(first);
  both.set(rest, first.length);
  return both;
}

/** The largest k with 2^k <= n; n from 1. */
export function floorLog2(n: number): number {
  let power = 0;
  for (let width = 2; width <= n; width *= 2) power += 1;
  return power;
}
