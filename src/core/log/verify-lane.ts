/**
 * The whole of a lane directory against its key and network: every byte of every file.
 *
 * Entries are walked from the first; each is judged, hashed into a tree of our own, and that tree compared with every hash
 * tile, with the checkpoint and with the journal. What remains in the directory and is none of these is named too. The walk
 * is a generator that stops after every 256 entries, so a caller can show progress, save `WalkState` and go on from it later.
 */

import type { StatementJudge } from '../attestation/verify-statement.ts';
import { kidOf } from '../attestation/cose-sign1.ts';
import { compareBytes } from '../codec/cbor.ts';
import type { Code } from '../codes.ts';
import type { Digest } from '../codec/sha256.ts';
import { isFault } from '../verdict.ts';
import { checkpointKey, openCheckpoint, type Checkpoint } from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import { LaneWalk, type OnStatement, type SavedWalk, type WalkFigures } from './lane-walk.ts';
import { originOf } from './origin.ts';
import { partialTiles, RightEdge, type TileBytes } from './right-edge.ts';
import {
  decodeEntries,
  encodeEntries,
  hashesAtLevel,
  parseTilePath,
  TILE_WIDTH,
  tilePath,
  type Tile,
} from './tiles.ts';

/** How a verifier reads a lane: paths are relative to its directory. */
export type LaneFiles = {
  /** Undefined when there is no such file. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** Every file below the directory. */
  readonly list: () => readonly string[];
  /** Whole frames of a journal segment, and how many of its bytes they fill (io/storage/journal.ts `decodeFrames`). */
  readonly decodeFrames: (bytes: Uint8Array, firstIndex: number) => { entries: Uint8Array[]; wholeBytes: number };
};

export type LaneOwner = { readonly network: Digest; readonly publicKey: Uint8Array };

/** One thing that is wrong. `path` is a file, `index` an entry. */
export type LaneFinding = {
  readonly code: Code;
  readonly detail: string;
  readonly path?: string;
  readonly index?: number;
};

export type LaneReport = {
  readonly origin: string;
  /** No finding: every byte is accounted for. */
  readonly isWhole: boolean;
  readonly findings: readonly LaneFinding[];
  readonly findingsLeftOut: number;
  readonly checkpoint: Checkpoint | undefined;
  /** Entries after the checkpoint, vouched for by their statements and the journal only. */
  readonly entriesAfterCheckpoint: number;
  readonly figures: WalkFigures;
};

/** `save` gives what a later `auditLane` resumes from; undefined where it would hide a finding. */
export type LaneProgress = {
  readonly entries: number;
  readonly of: number;
  readonly save: () => SavedAudit | undefined;
};

/** An audit interrupted after whole tiles, none of which had a finding. Who can write it can hide what it covers. */
export type SavedAudit = {
  readonly origin: string;
  readonly walk: SavedWalk;
  /** Hash rows being filled, by tile level. */
  readonly rows: readonly { readonly level: number; readonly bytes: Uint8Array }[];
};

const FINDINGS_MAX = 100;
const CHECKPOINT_FILE = 'checkpoint';
const JOURNAL_PATH = /^journal\/(\d{15})$/;

type Needs = {
  readonly files: LaneFiles;
  readonly owner: LaneOwner;
  readonly judge: StatementJudge;
  /** Told of every statement that was accepted by itself, in order. */
  readonly onStatement?: OnStatement;
};

/** Verifies without stopping. */
export function verifyLane(needs: Needs): LaneReport {
  const walk = auditLane(needs);
  for (;;) {
    const step = walk.next();
    if (step.done) return step.value;
  }
}

/**
 * Verifies a lane, stopping after each tile of entries. With `resume`, tiles before it are taken as verified: entries and
 * full hash tiles of them are not read again, but the checkpoint still has to fit the tree they made.
 */
export function* auditLane(needs: Needs, resume?: SavedAudit): Generator<LaneProgress, LaneReport> {
  const audit = new Audit(needs, resume);
  const checkpoint = audit.openCheckpoint();
  const size = checkpoint?.size ?? 0;
  const save = (): SavedAudit | undefined => audit.save();
  for (let index = audit.entries / TILE_WIDTH; index * TILE_WIDTH < size; index++) {
    if (!audit.takeEntryTile({ level: 'entries', index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) }))
      break;
    yield { entries: audit.entries, of: size, save };
  }
  audit.compareCheckpoint(checkpoint);
  for (const segment of audit.journalSegments()) {
    audit.takeSegment(segment);
    yield { entries: audit.entries, of: Math.max(size, audit.entries), save };
  }
  audit.compareRest();
  return audit.report(checkpoint);
}

class Audit {
  readonly #files: LaneFiles;
  readonly #owner: LaneOwner;
  readonly #judge: StatementJudge;
  readonly #origin: string;
  readonly #walk: LaneWalk;
  readonly #edge: RightEdge;
  readonly #resumedAt: number;
  /** Entries of the tile being walked, past the checkpoint: an entry tile written early must hold just these. */
  #group: Uint8Array[] = [];
  #cached: { readonly path: string; readonly bytes: Uint8Array | undefined } | undefined;
  readonly #findings: LaneFinding[] = [];
  #findingsLeftOut = 0;
  readonly #accounted = new Set<string>();
  #size = 0;

  constructor({ files, owner, judge, onStatement }: Needs, resume?: SavedAudit) {
    this.#files = files;
    this.#owner = owner;
    this.#judge = judge;
    const kid = kidOf(owner.publicKey);
    this.#origin = originOf({ network: owner.network, kid });
    const resumed = resume?.origin === this.#origin ? resume : undefined;
    const walk = resumed === undefined ? undefined : LaneWalk.resume(judge, kid, resumed.walk, onStatement);
    this.#walk = walk === undefined || isFault(walk) ? new LaneWalk(judge, kid, onStatement) : walk;
    this.#resumedAt = this.#walk.entries;
    const rows = new Map(resumed?.rows.map(({ level, bytes }) => [level, bytes]));
    this.#edge = RightEdge.load(
      this.#resumedAt,
      ({ level, width }) => rows.get(level as number) ?? new Uint8Array(width * 32),
    );
  }

  /** At the end of a whole tile and without findings, what a later audit may go on from. */
  save(): SavedAudit | undefined {
    const { size } = this.#edge;
    if (this.#findings.length > 0 || size % TILE_WIDTH !== 0 || size > this.#size) return undefined;
    const rows = partialTiles(size).map((tile) => ({
      level: tile.level as number,
      bytes: this.#edge.rowOf(tile)!.slice(0, tile.width * 32),
    }));
    return { origin: this.#origin, walk: this.#walk.save(), rows };
  }

  get entries(): number {
    return this.#walk.entries;
  }

  openCheckpoint(): Checkpoint | undefined {
    const bytes = this.#read(CHECKPOINT_FILE);
    if (bytes === undefined) return undefined;
    const key = checkpointKey(this.#origin, this.#owner.publicKey);
    const opened = openCheckpoint(bytes, key, this.#judge.checkSignature);
    if (isFault(opened)) {
      this.#found({ code: opened.fault, detail: opened.detail, path: CHECKPOINT_FILE });
      return undefined;
    }
    // A line nobody can check here could hold anything.
    if (opened.note.signatures.length > 1)
      this.#found({ code: 'lane-file-unexpected', detail: 'signatures of others', path: CHECKPOINT_FILE });
    this.#size = opened.checkpoint.size;
    return opened.checkpoint;
  }

  /** False when the tile cannot be read, so that no later entry has a known place in the tree. */
  takeEntryTile(tile: Tile): boolean {
    const { path, bytes, width } = this.#readWidest(tile);
    if (bytes === undefined) {
      this.#found({ code: 'lane-damaged', detail: 'the tile is missing', path });
      return false;
    }
    const entries = decodeEntries(bytes, width);
    if (isFault(entries)) {
      this.#found({ code: entries.fault, detail: entries.detail, path });
      return false;
    }
    for (const entry of entries.slice(0, tile.width)) this.#take(entry);
    return true;
  }

  compareCheckpoint(checkpoint: Checkpoint | undefined): void {
    if (checkpoint?.size !== this.#edge.size) return;
    if (compareBytes(this.#edge.root(), checkpoint.root) !== 0)
      this.#found({
        code: 'lane-damaged',
        detail: 'its root is not the root of the entries',
        path: CHECKPOINT_FILE,
      });
    for (const tile of partialTiles(checkpoint.size)) this.#compareTile({ tile, bytes: this.#edge.rowOf(tile)! });
  }

  journalSegments(): { path: string; firstIndex: number }[] {
    return this.#files
      .list()
      .map((path) => ({ path, match: JOURNAL_PATH.exec(path) }))
      .filter(({ match }) => match !== null)
      .map(({ path, match }) => ({ path, firstIndex: Number(match![1]) }))
      .sort((a, b) => a.firstIndex - b.firstIndex);
  }

  takeSegment({ path, firstIndex }: { path: string; firstIndex: number }): void {
    const bytes = this.#read(path) ?? new Uint8Array();
    const { entries, wholeBytes } = this.#files.decodeFrames(bytes, firstIndex);
    if (wholeBytes !== bytes.length)
      this.#found({ code: 'lane-damaged', detail: `byte ${wholeBytes} begins no whole frame`, path });
    if (firstIndex > this.#edge.size) {
      this.#found({ code: 'lane-damaged', detail: `entries from ${this.#edge.size} are missing before it`, path });
      return;
    }
    for (const [i, entry] of entries.entries()) {
      const index = firstIndex + i;
      // What the journal holds twice must be what the tiles hold; the frame's check stands in for the leaf hash here.
      if (index >= this.#edge.size) this.#take(entry);
      else if (!this.#isEntry(index, entry))
        this.#found({ code: 'lane-damaged', detail: 'not the entry of the tiles', path, index });
    }
  }

  /** Files that are no part of the lane as it stands. Narrower partial tiles of before may still lie about. */
  compareRest(): void {
    for (const path of this.#files.list()) {
      const tile = parseTilePath(path);
      if (tile !== undefined && this.#isVerifiedBefore(tile)) continue;
      if (tile !== undefined && tile.width > this.#widthOf(tile)) {
        this.#found({ code: 'lane-file-unexpected', detail: 'it holds more than there are entries', path });
        continue;
      }
      if (this.#accounted.has(path)) continue;
      if (tile !== undefined && this.#isPrefix(path, tile)) continue;
      this.#found({ code: 'lane-file-unexpected', detail: 'no part of this lane', path });
    }
  }

  report(checkpoint: Checkpoint | undefined): LaneReport {
    const figures = this.#walk.figures();
    if (figures.entries < this.#size)
      this.#found({ code: 'lane-damaged', detail: `${figures.entries} of ${this.#size} entries could be read` });
    return {
      origin: this.#origin,
      isWhole: this.#findings.length === 0,
      findings: this.#findings,
      findingsLeftOut: this.#findingsLeftOut,
      checkpoint,
      entriesAfterCheckpoint: Math.max(0, figures.entries - this.#size),
      figures,
    };
  }

  #take(entry: Uint8Array): void {
    const index = this.#edge.size;
    this.#edge.append(leafHash(entry));
    const wrong = this.#walk.take(entry);
    if (wrong !== undefined) this.#found({ code: wrong.fault, detail: wrong.detail, index });
    for (const full of this.#edge.takeFull()) this.#compareTile(full, index >= this.#size);
    if (this.#size > 0 && index < this.#size - (this.#size % TILE_WIDTH)) return;
    this.#group.push(entry);
    if (this.#group.length < TILE_WIDTH) return;
    const path = tilePath({ level: 'entries', index: (index + 1) / TILE_WIDTH - 1, width: TILE_WIDTH });
    const early = this.#read(path);
    if (early !== undefined && compareBytes(early, encodeEntries(this.#group)) !== 0)
      this.#found({ code: 'lane-damaged', detail: 'not the entries of the journal', path });
    this.#group = [];
  }

  /** How wide a tile the entries that were walked make. */
  #widthOf({ level, index }: Tile): number {
    return Math.min(TILE_WIDTH, Math.max(0, hashesAtLevel(level, this.#edge.size) - index * TILE_WIDTH));
  }

  #isVerifiedBefore({ level, index, width }: Tile): boolean {
    return width === TILE_WIDTH && (index + 1) * TILE_WIDTH <= hashesAtLevel(level, this.#resumedAt);
  }

  /** A hash tile against our own tree. Tiles of entries after the checkpoint may not be there yet. */
  #compareTile({ tile, bytes }: TileBytes, isOptional = false): void {
    const widest = this.#readWidest(tile);
    if (widest.bytes === undefined) {
      if (!isOptional) this.#found({ code: 'lane-damaged', detail: 'the tile is missing', path: widest.path });
      return;
    }
    const wrongLength = widest.bytes.length !== widest.width * 32;
    const isSame = compareBytes(widest.bytes.subarray(0, tile.width * 32), bytes.subarray(0, tile.width * 32)) === 0;
    if (wrongLength || !isSame)
      this.#found({ code: 'lane-damaged', detail: 'not the hashes of the entries', path: widest.path });
  }

  #isEntry(index: number, entry: Uint8Array): boolean {
    const { bytes } = this.#readWidest(this.#tileAt(0, index));
    const at = (index % TILE_WIDTH) * 32;
    return bytes !== undefined && compareBytes(bytes.subarray(at, at + 32), leafHash(entry)) === 0;
  }

  #isPrefix(path: string, tile: Tile): boolean {
    const bytes = this.#files.read(path);
    const whole = this.#readWidest({ ...tile, width: TILE_WIDTH }).bytes ?? this.#ownBytes(tile);
    if (bytes === undefined || whole === undefined || bytes.length > whole.length) return false;
    const isWidth =
      tile.level === 'entries' ? !isFault(decodeEntries(bytes, tile.width)) : bytes.length === tile.width * 32;
    return isWidth && compareBytes(bytes, whole.subarray(0, bytes.length)) === 0;
  }

  /** A wider tile of the same place: one that the directory holds and the walk has accounted for, or our own row. */
  #ownBytes(tile: Tile): Uint8Array | undefined {
    const wider = [...this.#accounted]
      .map(parseTilePath)
      .find((other) => other?.level === tile.level && other.index === tile.index);
    return (
      (wider && this.#files.read(tilePath(wider))) ?? (tile.level === 'entries' ? undefined : this.#edge.rowOf(tile))
    );
  }

  #tileAt(level: number, index: number): Tile {
    const first = index - (index % TILE_WIDTH);
    return { level, index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, this.#edge.size - first) };
  }

  /** The file of a tile at its width, or the full one in its place. */
  #readWidest(tile: Tile): { path: string; bytes: Uint8Array | undefined; width: number } {
    const path = tilePath(tile);
    const exact = this.#read(path);
    if (exact !== undefined || tile.width === TILE_WIDTH) return { path, bytes: exact, width: tile.width };
    const full = tilePath({ ...tile, width: TILE_WIDTH });
    return { path: full, bytes: this.#read(full), width: TILE_WIDTH };
  }

  #read(path: string): Uint8Array | undefined {
    if (this.#cached?.path === path) return this.#cached.bytes;
    const bytes = this.#files.read(path);
    if (bytes !== undefined) this.#accounted.add(path);
    this.#cached = { path, bytes };
    return bytes;
  }

  #found(finding: LaneFinding): void {
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(finding);
    else this.#findingsLeftOut += 1;
  }
}
