/**
 * The whole of a lane directory against its key and network: every byte of every file.
 *
 * Entries are walked from the first; each is judged, hashed into a tree of our own, and that tree compared with every hash
 * tile, with the checkpoint and with the journal. What remains in the directory and is none of these is named too. Where the
 * lane was pruned, by a record of its key, the leaf hashes stand in for the entries; the tree is the same. The walk
 * is a generator that stops after every 256 entries, so a caller can show progress, save `WalkState` and go on from it later.
 */

import type { StatementJudge } from '../attestation/verify-statement.ts';
import { kidOf } from '../attestation/cose-sign1.ts';
import { compareBytes } from '../codec/cbor.ts';
import type { Code } from '../codes.ts';
import { wholeOf } from '../codec/pieces.ts';
import type { Digest } from '../codec/sha256.ts';
import { isFault } from '../verdict.ts';
import {
  AccountedFiles,
  journalSegments,
  type JournalSegment,
  type LaneFiles,
  type WidestTile,
} from './accounted-files.ts';
import { checkpointKey, openCheckpoint, readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import { LaneWalk, type OnStatement, type SavedWalk, type WalkFigures } from './lane-walk.ts';
import { originOf } from './origin.ts';
import { judgePruneRecord, PRUNE_RECORD_FILE, recordFault, type OpenPruneRecord } from './prune-record.ts';
import { partialTiles, RightEdge, type TileBytes } from './right-edge.ts';
import {
  decodeEntries,
  encodeEntries,
  FULL_TILE_BYTES,
  hashAt,
  hashesAtLevel,
  parseTilePath,
  TILE_WIDTH,
  tilePath,
  type Tile,
} from './tiles.ts';

export type { LaneFiles };
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
  /** The checkpoint is the word of whoever keeps this copy: what is there, not that there is no more. */
  readonly isCopy: boolean;
  /** Entries before this one are not kept, as a record signed by the lane's key says: their hashes are under the checkpoint. */
  readonly firstKept: number;
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

type Needs = {
  readonly files: LaneFiles;
  readonly owner: LaneOwner;
  readonly judge: StatementJudge;
  /** A copy that another agent keeps, under a checkpoint of its own: that one needs no signature, all else is as ever. */
  readonly isCopy?: boolean;
  /** Told of every statement that was accepted by itself, in order. */
  readonly onStatement?: OnStatement;
};

/** Verifies without stopping. */
export const verifyLane = (needs: Needs): LaneReport => wholeOf(auditLane(needs));

/**
 * Verifies a lane, stopping after each tile of entries. With `resume`, tiles before it are taken as verified: entries and
 * full hash tiles of them are not read again, but the checkpoint still has to fit the tree they made.
 */
export function* auditLane(needs: Needs, resume?: SavedAudit): Generator<LaneProgress, LaneReport, undefined> {
  const audit = new Audit(needs, resume);
  const checkpoint = audit.openCheckpoint();
  const size = checkpoint?.size ?? 0;
  const save = (): SavedAudit | undefined => audit.save();
  audit.openPruneRecord();
  for (let index = audit.entries / TILE_WIDTH; index * TILE_WIDTH < size; index++) {
    const tile: Tile = { level: 'entries', index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) };
    if (!audit.takeTile(tile)) break;
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
  readonly #read: AccountedFiles;
  readonly #owner: LaneOwner;
  readonly #judge: StatementJudge;
  readonly #isCopy: boolean;
  readonly #origin: string;
  readonly #walk: LaneWalk;
  readonly #edge: RightEdge;
  readonly #resumedAt: number;
  /** Entries of the tile being walked, past the checkpoint: an entry tile written early must hold just these. */
  #group: Uint8Array[] = [];
  readonly #findings: LaneFinding[] = [];
  #findingsLeftOut = 0;
  #size = 0;
  #pruned: OpenPruneRecord | undefined;
  #recordBytes: Uint8Array | undefined;

  constructor({ files, owner, judge, isCopy = false, onStatement }: Needs, resume?: SavedAudit) {
    this.#files = files;
    this.#read = new AccountedFiles(files.read);
    this.#owner = owner;
    this.#judge = judge;
    this.#isCopy = isCopy;
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
    const bytes = this.#read.read(CHECKPOINT_FILE);
    if (bytes === undefined) return undefined;
    const key = checkpointKey(this.#origin, this.#owner.publicKey);
    const opened = this.#isCopy
      ? readCheckpoint(bytes, this.#origin)
      : openCheckpoint(bytes, key, this.#judge.checkSignature);
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

  /** Reads the record of what was pruned, when there is a new one; a wrong one is a finding and excuses nothing. */
  openPruneRecord(): void {
    const bytes = this.#read.readAgain(PRUNE_RECORD_FILE);
    if (bytes === undefined || (this.#recordBytes !== undefined && compareBytes(bytes, this.#recordBytes) === 0))
      return;
    this.#recordBytes = bytes;
    const judged = judgePruneRecord(bytes, checkpointKey(this.#origin, this.#owner.publicKey), this.#judge);
    const wrong = isFault(judged) ? judged : recordFault(judged.record, this.#size);
    if (wrong !== undefined) this.#found({ code: wrong.fault, detail: wrong.detail, path: PRUNE_RECORD_FILE });
    else if (!isFault(judged)) this.#pruned = judged;
  }

  /**
   * Takes a tile of the checkpoint: its entries, or what stands for them where they were pruned. False when neither can be
   * read, so that no later entry has a known place in the tree.
   */
  takeTile(tile: Tile): boolean {
    const { path, bytes, width } = this.#read.readWidest(tile);
    // A running agent may have pruned it since the record was read.
    if (bytes === undefined) this.openPruneRecord();
    if (this.#isPruned(tile)) return this.#takePruned(tile, bytes);
    return this.#takeEntries(tile, { path, bytes, width });
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

  journalSegments(): readonly JournalSegment[] {
    return journalSegments(this.#files.list());
  }

  takeSegment({ path, firstIndex }: JournalSegment): void {
    const bytes = this.#read.read(path) ?? new Uint8Array();
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
      if (this.#read.paths.has(path)) continue;
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
      isCopy: this.#isCopy,
      firstKept: this.#pruned?.record.index ?? 0,
      entriesAfterCheckpoint: Math.max(0, figures.entries - this.#size),
      figures,
    };
  }

  #isPruned({ index, width }: Tile): boolean {
    return this.#pruned !== undefined && width === TILE_WIDTH && (index + 1) * TILE_WIDTH <= this.#pruned.record.index;
  }

  /** The leaf hashes stand for the entries. What is left of them, because pruning was interrupted, has to be theirs. */
  #takePruned(tile: Tile, left: Uint8Array | undefined): boolean {
    const hashes = tilePath({ ...tile, level: 0 });
    const leaves = this.#read.read(hashes);
    if (leaves?.length !== FULL_TILE_BYTES) {
      this.#found({ code: 'lane-damaged', detail: 'the hashes of pruned entries are missing', path: hashes });
      return false;
    }
    const entries = left === undefined ? [] : decodeEntries(left, TILE_WIDTH);
    const isLeft = (entry: Uint8Array, i: number): boolean => compareBytes(leafHash(entry), hashAt(leaves, i)) === 0;
    if (isFault(entries) || !entries.every(isLeft))
      this.#found({ code: 'lane-damaged', detail: 'not the entries that were pruned', path: tilePath(tile) });
    for (let i = 0; i < TILE_WIDTH; i++) this.#grow(hashAt(leaves, i).slice());
    const { record, last } = this.#pruned!;
    this.#walk.pass(TILE_WIDTH, this.entries + TILE_WIDTH === record.index ? last : undefined);
    return true;
  }

  #takeEntries(tile: Tile, { path, bytes, width }: WidestTile): boolean {
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

  #take(entry: Uint8Array): void {
    const index = this.#edge.size;
    this.#grow(leafHash(entry));
    const wrong = this.#walk.take(entry);
    if (wrong !== undefined) this.#found({ code: wrong.fault, detail: wrong.detail, index });
    if (this.#size > 0 && index < this.#size - (this.#size % TILE_WIDTH)) return;
    this.#group.push(entry);
    if (this.#group.length < TILE_WIDTH) return;
    const path = tilePath({ level: 'entries', index: (index + 1) / TILE_WIDTH - 1, width: TILE_WIDTH });
    const early = this.#read.read(path);
    if (early !== undefined && compareBytes(early, encodeEntries(this.#group)) !== 0)
      this.#found({ code: 'lane-damaged', detail: 'not the entries of the journal', path });
    this.#group = [];
  }

  /** Adds a leaf to our tree and compares what that completes. */
  #grow(leaf: Digest): void {
    const index = this.#edge.size;
    this.#edge.append(leaf);
    for (const full of this.#edge.takeFull()) this.#compareTile(full, index >= this.#size);
    const record = this.#pruned?.record;
    if (record?.size === index + 1 && compareBytes(this.#edge.root(), record.root) !== 0)
      this.#found({ code: 'lane-damaged', detail: 'its root is not that of the entries', path: PRUNE_RECORD_FILE });
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
    const widest = this.#read.readWidest(tile);
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
    const { bytes } = this.#read.readWidest(this.#tileAt(0, index));
    const at = (index % TILE_WIDTH) * 32;
    return bytes !== undefined && compareBytes(bytes.subarray(at, at + 32), leafHash(entry)) === 0;
  }

  #isPrefix(path: string, tile: Tile): boolean {
    const bytes = this.#files.read(path);
    const whole = this.#read.readWidest({ ...tile, width: TILE_WIDTH }).bytes ?? this.#ownBytes(tile);
    if (bytes === undefined || whole === undefined || bytes.length > whole.length) return false;
    const isWidth =
      tile.level === 'entries' ? !isFault(decodeEntries(bytes, tile.width)) : bytes.length === tile.width * 32;
    return isWidth && compareBytes(bytes, whole.subarray(0, bytes.length)) === 0;
  }

  /** A wider tile of the same place: one that the directory holds and the walk has accounted for, or our own row. */
  #ownBytes(tile: Tile): Uint8Array | undefined {
    const wider = [...this.#read.paths]
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

  #found(finding: LaneFinding): void {
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(finding);
    else this.#findingsLeftOut += 1;
  }
}
