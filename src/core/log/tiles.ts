/**
 * The file layout of a lane: C2SP tlog-tiles. Paths, coordinates, and what a tile holds.
 *
 *     tile/<L>/<N>[.p/<W>]        up to 256 hashes of 32 bytes: the subtrees of level 8 L, from index 256 N
 *     tile/entries/<N>[.p/<W>]    up to 256 entries from index 256 N, each a big-endian uint16 length and its bytes
 *
 * A full tile never changes. N is written in groups of three digits, all but the last prefixed with x. This file only
 * computes; io/storage reads and writes.
 */

import { assert } from '../assert.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';
import { nodeHash, type Subtree } from './merkle.ts';

/** Hashes or entries in a full tile; the 2^8 of tlog-tiles. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
export const FULL_TILE_BYTES = TILE_WIDTH * SHA256_SIZE_BYTES;

/** One tile file. `width` is 1..256; 256 is the full tile. */
export type Tile = { readonly level: number | 'entries'; readonly index: number; readonly width: number };

/** tlog-tiles bounds levels by 63; 2^48 entries have 6. */
const LEVEL_MAX = 63;

/** `tile/0/x001/x234/067.p/12`, relative to the lane directory. */
export function tilePath({ level, index, width }: Tile): string {
  assert(width >= 1 && width <= TILE_WIDTH, 'a tile is 1 to 256 wide');
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g)!;
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** The tile of a path; undefined for any path `tilePath` would not write. */
export function parseTilePath(path: string): Tile | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const level: Tile['level'] = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const index = Number(match[2]!.replaceAll(/[x/]/g, '') + match[3]!);
  const width = match[4] === undefined ? TILE_WIDTH : Number(match[4]);
  if (level !== 'entries' && level > LEVEL_MAX) return undefined;
  if (index > LIMITS.laneEntriesMax || width > TILE_WIDTH) return undefined;
  const tile = { level, index, width };
  return tilePath(tile) === path ? tile : undefined;
}

/** The number of hash levels that are not empty. */
export function levelCount(size: number): number {
  let levels = 0;
  for (let count = size; count > 0; count = Math.floor(count / TILE_WIDTH)) levels += 1;
  return levels;
}

/** How many complete subtrees (or entries) a tree of `size` has at a tile level. */
export function hashesAtLevel(level: number | 'entries', size: number): number {
  return level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
}

/** The tile that holds what `subtree` is computed from, as wide as a tree of `size` makes it. */
export function tileOf(subtree: Subtree, size: number): Tile {
  const level = Math.floor(subtree.level / TILE_HEIGHT);
  const first = subtree.index * 2 ** (subtree.level % TILE_HEIGHT);
  const index = Math.floor(first / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, hashesAtLevel(level, size) - index * TILE_WIDTH);
  assert(first % TILE_WIDTH < width, 'a subtree lies inside the tree it is asked of');
  return { level, index, width };
}

/** The hash of `subtree` from the bytes of its tile; up to 127 node hashes. */
export function subtreeHash(subtree: Subtree, tile: Uint8Array): Digest {
  const span = 2 ** (subtree.level % TILE_HEIGHT);
  const first = (subtree.index * span) % TILE_WIDTH;
  assert(tile.length >= (first + span) * SHA256_SIZE_BYTES, 'a tile is as wide as its name says');
  return joinRow(tile, first, span);
}

function joinRow(tile: Uint8Array, first: number, span: number): Digest {
  if (span === 1) return hashAt(tile, first);
  return nodeHash(joinRow(tile, first, span / 2), joinRow(tile, first + span / 2, span / 2));
}

/** The i-th hash of a tile: a view. */
export const hashAt = (tile: Uint8Array, i: number): Digest =>
  tile.subarray(i * SHA256_SIZE_BYTES, (i + 1) * SHA256_SIZE_BYTES);

/** The root of a full tile: the hash its parent tile holds. */
export const tileRoot = (tile: Uint8Array): Digest => joinRow(tile, 0, TILE_WIDTH);

export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  assert(entries.length >= 1 && entries.length <= TILE_WIDTH, 'an entry tile holds 1 to 256 entries');
  const out = new Uint8Array(entries.reduce((size, entry) => size + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    assert(entry.length <= LIMITS.laneEntryBytesMax, 'an entry fits its 16-bit length');
    out[at] = entry.length >> 8;
    out[at + 1] = entry.length & 0xff;
    out.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return out;
}

/** Exactly `width` entries that fill the bytes, as views. */
export function decodeEntries(bytes: Uint8Array, width: number): Uint8Array[] | Fault {
  const entries: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < width; i++) {
    if (at + 2 > bytes.length) return fault('lane-tile-format', `entry ${i} of ${width} is missing`);
    const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (end > bytes.length) return fault('lane-tile-format', `entry ${i} of ${width} is cut short`);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return at === bytes.length ? entries : fault('lane-tile-format', `${bytes.length - at} bytes after ${width} entries`);
}
