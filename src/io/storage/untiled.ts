/**
 * What a lane holds in memory because it is in no synced tile yet: the newest entries and the full hash tiles over them.
 *
 * Bounded: `isDue` asks for tiles to be written, `isCrowded` for appends to wait. Entries of the last, unfinished tile
 * always stay, because the next partial tile and the next full one are made of them.
 */

import { assert } from '../../core/assert.ts';
import { LIMITS } from '../../core/limits.ts';
import type { TileBytes } from '../../core/log/right-edge.ts';
import { encodeEntries, TILE_WIDTH, tilePath, type Tile } from '../../core/log/tiles.ts';
import type { FileBytes } from './tile-files.ts';

/** How far writing tiles may fall behind before appends wait, in multiples of what makes it due. */
const CROWDED = 4;

export class Untiled {
  /** Index of the first entry held: a multiple of 256. */
  #from: number;
  #entries: Uint8Array[] = [];
  #bytes = 0;
  #tiles: TileBytes[] = [];

  constructor(from: number) {
    assert(from % TILE_WIDTH === 0, 'entries are held from the start of a tile');
    this.#from = from;
  }

  get from(): number {
    return this.#from;
  }

  get isDue(): boolean {
    return this.#exceeds(1);
  }

  get isCrowded(): boolean {
    return this.#exceeds(CROWDED);
  }

  addEntries(entries: readonly Uint8Array[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#bytes += entry.length;
    }
  }

  addTiles(tiles: readonly TileBytes[]): void {
    this.#tiles.push(...tiles);
  }

  entries(from: number, to: number): Uint8Array[] {
    return this.#entries.slice(from - this.#from, to - this.#from);
  }

  tile(wanted: Tile): Uint8Array | undefined {
    return this.#tiles.find(({ tile }) => tile.level === wanted.level && tile.index === wanted.index)?.bytes;
  }

  /** The bytes of an entry tile. */
  encode({ index, width }: Tile): Uint8Array {
    return encodeEntries(this.entries(index * TILE_WIDTH, index * TILE_WIDTH + width));
  }

  /** Every full tile, as files; `written` forgets them once they are durable. */
  due(): { readonly files: FileBytes[]; readonly written: () => void } {
    const tiles = this.#tiles.length;
    const full = Math.floor(this.#entries.length / TILE_WIDTH);
    const first = this.#from / TILE_WIDTH;
    const files = this.#tiles.map(({ tile, bytes }) => ({ path: tilePath(tile), bytes }));
    for (let i = 0; i < full; i++) {
      const tile: Tile = { level: 'entries', index: first + i, width: TILE_WIDTH };
      files.push({ path: tilePath(tile), bytes: this.encode(tile) });
    }
    const written = (): void => {
      this.#tiles = this.#tiles.slice(tiles);
      for (const entry of this.#entries.slice(0, full * TILE_WIDTH)) this.#bytes -= entry.length;
      this.#entries = this.#entries.slice(full * TILE_WIDTH);
      this.#from += full * TILE_WIDTH;
    };
    return { files, written };
  }

  #exceeds(factor: number): boolean {
    return this.#entries.length > factor * LIMITS.untiledEntriesMax || this.#bytes > factor * LIMITS.untiledBytesMax;
  }
}
