/**
 * The validator's own lane on disk: a C2SP tlog-tiles directory and the journal that makes it durable between checkpoints.
 *
 * An append writes frames to the journal and syncs; while the disk works, the leaves are hashed. Full tiles are written
 * behind it, partial tiles and the checkpoint at the caller's cadence; a journal segment goes only after its entries are in
 * synced tiles. Opening reads the checkpoint, the partial tiles that carry its root, and the journal after it: its cost
 * follows what was appended since the last checkpoint, not the length of the lane. docs/spec/lane.md section "Files".
 */

import { join } from 'node:path';
import { assert } from '../../core/assert.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import type { Sign } from '../../core/attestation/cose-sign1.ts';
import type { CheckSignature } from '../../core/attestation/verify-statement.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { checkpointKey, openCheckpoint, signCheckpoint } from '../../core/log/checkpoint.ts';
import { hashRanges, leafHashes, leafHashesOf, type HashRanges } from '../../core/log/hash-ranges.ts';
import { EMPTY_ROOT, joinSubtrees, perfectSubtrees, type Subtree } from '../../core/log/merkle.ts';
import { partialTiles, RightEdge } from '../../core/log/right-edge.ts';
import { subtreeHash, TILE_WIDTH, tileOf, tilePath, type Tile } from '../../core/log/tiles.ts';
import { LIMITS } from '../../core/limits.ts';
import { isFault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Lane } from '../../ports/lane.ts';
import { Journal } from './journal.ts';
import { LanePruning } from './lane-pruning.ts';
import { TileFiles, type DamageCode } from './tile-files.ts';
import { Untiled } from './untiled.ts';
import { WriteState } from './write-state.ts';

export const CHECKPOINT_FILE = 'checkpoint';
export const JOURNAL_DIRECTORY = 'journal';

export type LaneNeeds = {
  readonly disk: Disk;
  readonly checkSignature: CheckSignature;
  /** A quicker way to hash a batch than core's own, with the same results. */
  readonly hashRanges?: HashRanges | undefined;
};
export type LaneOptions = {
  readonly directory: string;
  readonly origin: string;
  readonly publicKey: Uint8Array;
  /** What to call it when a file of it is damaged, or is another log's; as it is for our own lane without. */
  readonly damagedAs?: DamageCode;
};

type Stored = { readonly size: number; readonly root: Digest; readonly note: Uint8Array | undefined };

export class LaneDirectory implements Lane {
  readonly origin: string;
  readonly #publicKey: Uint8Array;
  readonly #disk: Disk;
  readonly #hashRanges: HashRanges;
  readonly #directory: string;
  readonly #files: TileFiles;
  readonly #release: () => Promise<void>;
  readonly #appends = new WriteState('a lane');
  readonly #checkpoints = new WriteState("a lane's checkpoint");
  readonly #edge: RightEdge;
  readonly #journal: Journal;
  readonly #untiled: Untiled;
  readonly #pruning: LanePruning;
  #stored: Stored;
  /** What is durable; the edge runs ahead while an append is being written. */
  #size: number;
  #root: Digest;
  #tiling: Promise<void> | undefined;
  /** Since free space was last found enough; the first append asks. */
  #bytesSinceAsked = Infinity;

  private constructor(parts: {
    needs: LaneNeeds;
    options: LaneOptions;
    files: TileFiles;
    release: () => Promise<void>;
    edge: RightEdge;
    journal: Journal;
    untiled: Untiled;
    pruning: LanePruning;
    stored: Stored;
  }) {
    this.origin = parts.options.origin;
    this.#publicKey = parts.options.publicKey;
    this.#disk = parts.needs.disk;
    this.#hashRanges = parts.needs.hashRanges ?? hashRanges;
    this.#directory = parts.options.directory;
    this.#files = parts.files;
    this.#release = parts.release;
    this.#edge = parts.edge;
    this.#journal = parts.journal;
    this.#untiled = parts.untiled;
    this.#pruning = parts.pruning;
    this.#stored = parts.stored;
    this.#size = parts.edge.size;
    this.#root = parts.edge.root();
  }

  /**
   * Opens the lane, or begins an empty one. A torn end of the journal is cut to the last whole entry; anything else that
   * does not fit together rejects with `lane-damaged`, a checkpoint of another key or network with `lane-other-validator`.
   */
  static async open(needs: LaneNeeds, options: LaneOptions): Promise<LaneDirectory> {
    const { disk } = needs;
    await disk.makeDirectory(options.directory);
    const release = await disk.lock(options.directory);
    try {
      const files = new TileFiles(disk, options.directory, options.damagedAs);
      const { edge, stored } = await loadCheckpoint(files, needs, options);
      const untiled = new Untiled(stored.size - (stored.size % TILE_WIDTH));
      const partial = entriesTile(stored.size);
      if (partial !== undefined) untiled.addEntries(await files.entries(partial));
      const hash = needs.hashRanges ?? hashRanges;
      const key = checkpointKey(options.origin, options.publicKey);
      const pruningNeeds = { disk, files, directory: options.directory, key, hashRanges: hash };
      const pruning = await LanePruning.open(pruningNeeds, stored.size, needs.checkSignature);
      const journal = await Journal.open({
        disk,
        directory: join(options.directory, JOURNAL_DIRECTORY),
        from: stored.size,
        onEntries: (entries) => {
          edge.appendAll(leafHashesOf(hash, entries), hash);
          untiled.addEntries(entries);
        },
      });
      untiled.addTiles(edge.takeFull());
      return new LaneDirectory({ needs, options, files, release, edge, journal, untiled, pruning, stored });
    } catch (error) {
      await release();
      throw named(error, options.damagedAs);
    }
  }

  get size(): number {
    return this.#size;
  }

  root(): Digest {
    return this.#root;
  }

  get lastCheckpoint(): Uint8Array | undefined {
    return this.#stored.note;
  }

  get entriesSinceCheckpoint(): number {
    return this.#size - this.#stored.size;
  }

  get firstKept(): number {
    return this.#pruning.firstKept;
  }

  append(entries: readonly Uint8Array[]): Promise<void> {
    return this.#appends.write(async () => {
      // Memory is bounded: when tiles fall behind, appends wait for them.
      while (this.#untiled.isCrowded && this.#tiling !== undefined) await this.#tiling;
      if (entries.length === 0) return;
      await this.#checkHeadroom(entries);
      const mark = this.#edge.mark();
      const frames = this.#journal.frame(entries);
      const written = this.#journal.append(frames);
      try {
        // The disk writes on another thread while this one hashes.
        this.#edge.appendAll(leafHashes(this.#hashRanges, frames.bytes, frames.ranges), this.#hashRanges);
      } finally {
        await written.catch((error: unknown) => {
          this.#edge.rewind(mark);
          throw error;
        });
      }
      this.#untiled.addEntries(entries);
      this.#untiled.addTiles(this.#edge.takeFull());
      this.#size = this.#edge.size;
      this.#root = this.#edge.root();
      if (this.#untiled.isDue) this.#startTiling();
    });
  }

  checkpoint(sign: Sign): Promise<Uint8Array> {
    return this.#checkpoints.write(async () => {
      const before = this.#stored;
      const size = this.#size;
      const root = this.#root;
      if (before.note !== undefined && before.size === size) return before.note;
      const note = signCheckpoint({ origin: this.origin, size, root }, { sign, publicKey: this.#publicKey });
      const partials = partialTiles(size).map((tile) => ({ path: tilePath(tile), bytes: this.#memoryRow(tile)! }));
      const tail = entriesTile(size);
      if (tail !== undefined) partials.push({ path: tilePath(tail), bytes: this.#untiled.encode(tail) });
      // A crash between these lines leaves the old checkpoint with all its tiles, and the journal with everything after it.
      await this.#tile();
      await this.#files.write(partials);
      // From here on the new checkpoint counts; only now may what the old one needed go.
      await this.#files.write([{ path: CHECKPOINT_FILE, bytes: note }]);
      this.#stored = { size, root, note };
      const kept = new Set(partials.map(({ path }) => path));
      await this.#files.remove(partialPaths(before.size).filter((path) => !kept.has(path)));
      await this.#journal.dropBelow(size);
      return note;
    });
  }

  async rootAt(size: number): Promise<Digest> {
    return size === this.#size ? this.#root : joinSubtrees(await this.hashes(perfectSubtrees(0, size)));
  }

  /** The hashes of complete subtrees of this lane, as proofs need them. */
  hashes(subtrees: readonly Subtree[]): Promise<Digest[]> {
    return Promise.all(subtrees.map((subtree) => this.#hash(subtree)));
  }

  async read(from: number, to: number): Promise<Uint8Array[]> {
    assert(from >= 0 && from <= to && to <= this.#size, 'what is read lies in the lane');
    this.#checkKept(from, to);
    const entries: Uint8Array[] = [];
    for (let at = from; at < to;) {
      const index = Math.floor(at / TILE_WIDTH);
      const end = Math.min(to, (index + 1) * TILE_WIDTH);
      const first = index * TILE_WIDTH;
      if (at >= this.#untiled.from) entries.push(...this.#untiled.entries(at, end));
      else {
        const tile = await this.#files
          .entries({ level: 'entries', index, width: TILE_WIDTH })
          .catch((error: unknown) => {
            // It may have gone since it was asked for.
            this.#checkKept(at, end);
            throw error;
          });
        entries.push(...tile.slice(at - first, end - first));
      }
      at = end;
    }
    return entries;
  }

  prune(to: number, sign: Sign): Promise<boolean> {
    const { size, root } = this.#stored;
    return this.#pruning.step(to, { size, root, hashes: (subtrees) => this.hashes(subtrees) }, sign);
  }

  async close(): Promise<void> {
    if (!this.#appends.close()) return;
    this.#checkpoints.close();
    await this.#pruning.close();
    await this.#tiling;
    await this.#journal.close();
    await this.#release();
  }

  #checkKept(from: number, to: number): void {
    const { firstKept } = this;
    if (from >= firstKept || from === to) return;
    throw new AgentError('lane-pruned', `read entry ${from} of ${this.origin}: those before ${firstKept} were pruned`, {
      fields: { index: from, firstKept },
    });
  }

  async #hash(subtree: Subtree): Promise<Digest> {
    const tile = tileOf(subtree, this.#size);
    return subtreeHash(subtree, this.#memoryRow(tile) ?? (await this.#files.hashes(tile)));
  }

  /** The bytes of a hash tile while it is in memory, at its width: a row being filled, or full and not yet on disk. */
  #memoryRow(tile: Tile): Uint8Array | undefined {
    const bytes = this.#edge.rowOf(tile) ?? this.#untiled.tile(tile);
    return bytes?.slice(0, tile.width * 32);
  }

  /** Asks at most once per MiB: what a disk loses in between, a write that finds it full takes back. */
  async #checkHeadroom(entries: readonly Uint8Array[]): Promise<void> {
    this.#bytesSinceAsked += entries.reduce((sum, { length }) => sum + length, 0);
    if (this.#bytesSinceAsked < LIMITS.diskHeadroomBytes / 32) return;
    const free = await this.#disk.freeBytes(this.#directory);
    if (free < LIMITS.diskHeadroomBytes)
      throw new AgentError('disk-full', `append to ${this.#directory}: ${free} bytes are free`, { fields: { free } });
    this.#bytesSinceAsked = 0;
  }

  #startTiling(): void {
    if (this.#tiling !== undefined) return;
    this.#tile().catch((error: unknown) => {
      // A full disk fails here without harm: the journal holds the entries, and the tiles stay in memory for the next try.
      if (error instanceof AgentError && error.code === 'disk-full') return;
      this.#appends.stop(error);
      this.#checkpoints.stop(error);
    });
  }

  /** Writes every full tile that is due, after a run that is under way. */
  async #tile(): Promise<void> {
    while (this.#tiling !== undefined) await this.#tiling;
    const due = this.#untiled.due();
    if (due.files.length === 0) return;
    const writing = this.#files.write(due.files).then(due.written);
    this.#tiling = writing
      .catch(() => undefined)
      .finally(() => {
        this.#tiling = undefined;
      });
    await writing;
  }
}

async function loadCheckpoint(
  files: TileFiles,
  needs: LaneNeeds,
  options: LaneOptions,
): Promise<{ edge: RightEdge; stored: Stored }> {
  const note = await files.read(CHECKPOINT_FILE);
  if (note === undefined) return { edge: RightEdge.empty(), stored: { size: 0, root: EMPTY_ROOT, note: undefined } };
  const opened = openCheckpoint(note, checkpointKey(options.origin, options.publicKey), needs.checkSignature);
  if (isFault(opened)) {
    const path = join(options.directory, CHECKPOINT_FILE);
    const code = opened.fault === 'checkpoint-origin' ? 'lane-other-validator' : 'lane-damaged';
    throw new AgentError(code, `read ${path}: ${opened.detail}`, { fields: { path, expected: options.origin } });
  }
  const { size, root } = opened.checkpoint;
  const rows = new Map<number | 'entries', Uint8Array>();
  for (const tile of partialTiles(size)) rows.set(tile.level, await files.hashes(tile));
  const edge = RightEdge.load(size, (tile) => rows.get(tile.level)!);
  if (compareBytes(edge.root(), root) !== 0)
    throw files.damaged(CHECKPOINT_FILE, 'its root is not the root of the tiles beside it');
  return { edge, stored: { size, root, note } };
}

/** Damage that was found below, by the name of the log. */
function named(error: unknown, damagedAs: DamageCode | undefined): unknown {
  const isDamage = error instanceof AgentError && ['lane-damaged', 'lane-other-validator'].includes(error.code);
  if (!isDamage || damagedAs === undefined) return error;
  return new AgentError(damagedAs, error.message, { cause: error, fields: error.fields });
}

function entriesTile(size: number): Tile | undefined {
  const width = size % TILE_WIDTH;
  return width === 0 ? undefined : { level: 'entries', index: Math.floor(size / TILE_WIDTH), width };
}

function partialPaths(size: number): string[] {
  const tail = entriesTile(size);
  return [...partialTiles(size), ...(tail === undefined ? [] : [tail])].map(tilePath);
}
