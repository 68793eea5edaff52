/**
 * A lane that is being appended to, as a verifier reads it: the tree of one checkpoint, held still.
 *
 * Full tiles never change; the checkpoint and its partial tiles do, so they are read into memory first, again when a newer
 * checkpoint came in between. The journal is left out: it is not under the checkpoint, and starting checks it.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareBytes } from '../../core/codec/cbor.ts';
import { parseCheckpointText } from '../../core/log/checkpoint.ts';
import { partialTiles } from '../../core/log/right-edge.ts';
import { decodeNote } from '../../core/log/signed-note.ts';
import { TILE_WIDTH, tilePath, type Tile } from '../../core/log/tiles.ts';
import type { LaneFiles } from '../../core/log/verify-lane.ts';
import { isFault } from '../../core/verdict.ts';

/** Checkpoints come every few seconds; reading a handful of small files takes milliseconds. */
const TRIES_MAX = 5;

/** Undefined when the lane has no checkpoint, or new ones kept coming while it was read. */
export function pinLane(directory: string): LaneFiles | undefined {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const pinned = readPinned(directory);
    if (pinned === undefined) return undefined;
    const again = readIfThere(join(directory, 'checkpoint'));
    if (again === undefined || compareBytes(again, pinned.get('checkpoint')!) !== 0) continue;
    return {
      read: (path) => pinned.get(path) ?? (path.includes('.p/') ? undefined : readIfThere(join(directory, path))),
      list: () => [...pinned.keys()],
      decodeFrames: () => ({ entries: [], wholeBytes: 0 }),
    };
  }
  return undefined;
}

/** The checkpoint and what of its partial tiles is there, by path. */
function readPinned(directory: string): Map<string, Uint8Array> | undefined {
  const checkpoint = readIfThere(join(directory, 'checkpoint'));
  if (checkpoint === undefined) return undefined;
  const files = new Map([['checkpoint', checkpoint]]);
  const note = decodeNote(checkpoint);
  const text = isFault(note) ? note : parseCheckpointText(note.text);
  const size = isFault(text) ? 0 : text.size;
  const width = size % TILE_WIDTH;
  const tail: Tile[] = width === 0 ? [] : [{ level: 'entries', index: Math.floor(size / TILE_WIDTH), width }];
  for (const tile of [...partialTiles(size), ...tail]) {
    const bytes = readIfThere(join(directory, tilePath(tile)));
    if (bytes !== undefined) files.set(tilePath(tile), bytes);
  }
  return files;
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
