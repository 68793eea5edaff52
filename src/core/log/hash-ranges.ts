/**
 * Leaf and node hashes of a tree, many at a time: what a lane computes for each batch it appends.
 *
 * How the digests are computed is an argument, because a call for each of them costs five times the hash itself. Here is the
 * way that needs nothing; the addon's `sha256Ranges` is the other, and a property test holds the two and merkle.ts equal.
 */

import { assert } from '../assert.ts';
import { sha256, SHA256_SIZE_BYTES } from '../codec/sha256.ts';

/**
 * For each pair (start, end) in `ranges`: SHA-256 of the byte `prefix` and bytes [start, end), written to `digests` one
 * after another.
 */
export type HashRanges = (prefix: number, bytes: Uint8Array, ranges: Uint32Array, digests: Uint8Array) => void;

const scratch = new Uint8Array(4_096);

export const hashRanges: HashRanges = (prefix, bytes, ranges, digests) => {
  for (let i = 0; 2 * i < ranges.length; i++) {
    const [start, end] = [ranges[2 * i]!, ranges[2 * i + 1]!];
    const piece =
      1 + end - start <= scratch.length ? scratch.subarray(0, 1 + end - start) : new Uint8Array(1 + end - start);
    piece[0] = prefix;
    piece.set(bytes.subarray(start, end), 1);
    digests.set(sha256(piece), i * SHA256_SIZE_BYTES);
  }
};

/** The leaf hashes of the entries that lie at `ranges` of `bytes`, one after another. */
export function leafHashes(hash: HashRanges, bytes: Uint8Array, ranges: Uint32Array): Uint8Array {
  const digests = new Uint8Array((ranges.length / 2) * SHA256_SIZE_BYTES);
  hash(0, bytes, ranges, digests);
  return digests;
}

/** The leaf hashes of entries that lie apart, one after another. */
export function leafHashesOf(hash: HashRanges, entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + length, 0));
  const ranges = new Uint32Array(2 * entries.length);
  let at = 0;
  for (const [i, entry] of entries.entries()) {
    bytes.set(entry, at);
    ranges[2 * i] = at;
    at += entry.length;
    ranges[2 * i + 1] = at;
  }
  return leafHashes(hash, bytes, ranges);
}

/** The node over each pair of neighbours in `hashes`, into `nodes`. */
export function hashPairs(hash: HashRanges, hashes: Uint8Array, nodes: Uint8Array): void {
  const pairs = nodes.length / SHA256_SIZE_BYTES;
  assert(hashes.length >= 2 * nodes.length, 'there is a pair for each node');
  hash(1, hashes, pairRanges(pairs), nodes);
}

let pairsSeen = new Uint32Array();

/** (0, 64), (64, 128), ...: the same for every level of every batch. */
function pairRanges(count: number): Uint32Array {
  const width = 2 * SHA256_SIZE_BYTES;
  if (pairsSeen.length < 2 * count)
    pairsSeen = Uint32Array.from({ length: 2 * count }, (_, i) => Math.ceil(i / 2) * width);
  return pairsSeen.subarray(0, 2 * count);
}
