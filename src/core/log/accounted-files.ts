/** The files of a lane as an auditor reads them: what was read is accounted for, and what was not is looked at in the end. */

import { TILE_WIDTH, tilePath, type Tile } from './tiles.ts';

/** How a verifier reads a lane: paths are relative to its directory. */
export type LaneFiles = {
  /** Undefined when there is no such file. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** Every file below the directory. */
  readonly list: () => readonly string[];
  /** Whole frames of a journal segment, and how many of its bytes they fill (io/storage/journal.ts `decodeFrames`). */
  readonly decodeFrames: (bytes: Uint8Array, firstIndex: number) => { entries: Uint8Array[]; wholeBytes: number };
};

export type ReadFile = (path: string) => Uint8Array | undefined;

export type WidestTile = { readonly path: string; readonly bytes: Uint8Array | undefined; readonly width: number };

export type JournalSegment = { readonly path: string; readonly firstIndex: number };

const JOURNAL_PATH = /^journal\/(\d{15})$/;

/** The segments of the journal among the paths of a lane, in their order. */
export function journalSegments(paths: readonly string[]): JournalSegment[] {
  return paths
    .map((path) => ({ path, match: JOURNAL_PATH.exec(path) }))
    .filter(({ match }) => match !== null)
    .map(({ path, match }) => ({ path, firstIndex: Number(match![1]) }))
    .sort((a, b) => a.firstIndex - b.firstIndex);
}

export class AccountedFiles {
  readonly #readFile: ReadFile;
  readonly #paths = new Set<string>();
  #newest: { readonly path: string; readonly bytes: Uint8Array | undefined } | undefined;

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** Paths that were there when they were asked for. */
  get paths(): ReadonlySet<string> {
    return this.#paths;
  }

  read(path: string): Uint8Array | undefined {
    if (this.#newest?.path === path) return this.#newest.bytes;
    const bytes = this.#readFile(path);
    if (bytes !== undefined) this.#paths.add(path);
    this.#newest = { path, bytes };
    return bytes;
  }

  /** As it is now, whenever it was read before. */
  readAgain(path: string): Uint8Array | undefined {
    this.#newest = undefined;
    return this.read(path);
  }

  /** The file of a tile at its width, or the full one in its place. */
  readWidest(tile: Tile): WidestTile {
    const path = tilePath(tile);
    const exact = this.read(path);
    if (exact !== undefined || tile.width === TILE_WIDTH) return { path, bytes: exact, width: tile.width };
    const full = tilePath({ ...tile, width: TILE_WIDTH });
    return { path: full, bytes: this.read(full), width: TILE_WIDTH };
  }
}
