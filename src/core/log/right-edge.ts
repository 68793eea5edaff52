/**
 * The part of a tree that still changes: per tile level the row of hashes that is not yet a full tile, and the frontier.
 *
 * Appending is the hot path of a lane: one leaf hash and one node hash on average, no tile is rehashed when it fills. Full
 * tiles are handed over as they fill; `mark` and `rewind` undo appends whose bytes did not reach the disk.
 */

import { assert } from '../assert.ts';
import type { Digest } from '../codec/sha256.ts';
import { SHA256_SIZE_BYTES } from '../codec/sha256.ts';
import type { HashRanges } from './hash-ranges.ts';
import { Frontier, type Subtree } from './merkle.ts';
import {
  FULL_TILE_BYTES,
  hashesAtLevel,
  levelCount,
  subtreeHash,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
} from './tiles.ts';

export type TileBytes = { readonly tile: Tile; readonly bytes: Uint8Array };

/** What `rewind` returns to. */
export type EdgeMark = { readonly frontier: Frontier; readonly rows: readonly Uint8Array[]; readonly full: number };

export class RightEdge {
  #frontier: Frontier;
  /** Per tile level the row being filled; how far it is filled follows from the size. */
  #rows: Uint8Array[];
  #full: TileBytes[] = [];

  private constructor(frontier: Frontier, rows: Uint8Array[]) {
    this.#frontier = frontier;
    this.#rows = rows;
  }

  static empty(): RightEdge {
    return new RightEdge(new Frontier(), []);
  }

  /** The edge of a stored tree of `size` entries. `rowOf` gives the bytes of the partial tile it is asked for. */
  static load(size: number, rowOf: (tile: Tile) => Uint8Array): RightEdge {
    const rows: Uint8Array[] = [];
    for (const tile of partialTiles(size)) {
      const level = tile.level as number;
      const row = new Uint8Array(FULL_TILE_BYTES);
      row.set(rowOf(tile).subarray(0, tile.width * SHA256_SIZE_BYTES));
      rows[level] = row;
    }
    for (let level = 0; level < levelCount(size); level++) rows[level] ??= new Uint8Array(FULL_TILE_BYTES);
    // Every perfect subtree of the frontier lies in a partial row: a full row belongs to the subtree of the level above.
    const frontier = Frontier.of(size, (subtree) =>
      subtreeHash(subtree, rows[Math.floor(subtree.level / TILE_HEIGHT)]!),
    );
    return new RightEdge(frontier, rows);
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Digest {
    return this.#frontier.root();
  }

  append(leaf: Digest): void {
    this.#frontier.append(leaf, (subtree, hash) => this.#place(subtree, hash));
  }

  /** The same as appending each of `leaves`, which are joined. */
  appendAll(leaves: Uint8Array, hash: HashRanges): void {
    this.#frontier.appendAll(leaves, hash, (first, hashes) => this.#place(first, hashes));
  }

  /** Full tiles since they were last taken, in the order they filled. */
  get full(): readonly TileBytes[] {
    return this.#full;
  }

  takeFull(): TileBytes[] {
    const taken = this.#full;
    this.#full = [];
    return taken;
  }

  /** The row a hash tile is being filled in, or was filled in and not yet taken: a view, at least as wide as the tile. */
  rowOf(wanted: Tile): Uint8Array | undefined {
    const level = wanted.level as number;
    const count = hashesAtLevel(level, this.size);
    if (count % TILE_WIDTH !== 0 && Math.floor(count / TILE_WIDTH) === wanted.index) return this.#rows[level];
    return this.#full.find(({ tile }) => tile.level === level && tile.index === wanted.index)?.bytes;
  }

  mark(): EdgeMark {
    return { frontier: this.#frontier.clone(), rows: [...this.#rows], full: this.#full.length };
  }

  /** Forgets what was appended since `mark`. Rows are only written at and after their fill, so the old ones still hold. */
  rewind(mark: EdgeMark): void {
    assert(mark.full <= this.#full.length, 'tiles of appends that may be undone have not been taken');
    this.#frontier = mark.frontier.clone();
    this.#rows = [...mark.rows];
    this.#full = this.#full.slice(0, mark.full);
  }

  /** Puts the hashes of neighbouring subtrees, the first of which is given, into their rows. */
  #place({ level, index }: Subtree, hashes: Uint8Array): void {
    if (level % TILE_HEIGHT !== 0) return;
    const tileLevel = level / TILE_HEIGHT;
    for (let taken = 0, next = index; taken < hashes.length;) {
      const at = (next % TILE_WIDTH) * SHA256_SIZE_BYTES;
      const piece = hashes.subarray(taken, taken + FULL_TILE_BYTES - at);
      const row =
        at === 0 || this.#rows[tileLevel] === undefined ? new Uint8Array(FULL_TILE_BYTES) : this.#rows[tileLevel];
      row.set(piece, at);
      this.#rows[tileLevel] = row;
      if (at + piece.length === FULL_TILE_BYTES)
        this.#full.push({
          tile: { level: tileLevel, index: Math.floor(next / TILE_WIDTH), width: TILE_WIDTH },
          bytes: row,
        });
      taken += piece.length;
      next += piece.length / SHA256_SIZE_BYTES;
    }
  }
}

/** The partial hash tiles of a tree of `size` entries, lowest level first. */
export function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; level < levelCount(size); level++) {
    const count = hashesAtLevel(level, size);
    const width = count % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(count / TILE_WIDTH), width });
  }
  return tiles;
}
