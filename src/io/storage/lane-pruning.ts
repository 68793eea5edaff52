/**
 * Pruning of a lane on disk: the record first, durable, then the entry tiles it names; finished at the next opening where it
 * was interrupted. Hash tiles are never touched. docs/spec/lane.md section "Pruning".
 *
 * A step takes `LIMITS.pruneTilesAtOnceMax` tiles at most, and takes none that is not exactly what the hash tiles say: what
 * is damaged is for the operator to see, not to be swept away.
 */

import { dirname, join } from 'node:path';
import { assert } from '../../core/assert.ts';
import type { Sign } from '../../core/attestation/cose-sign1.ts';
import { decodeSignedStatement, type CheckSignature } from '../../core/attestation/verify-statement.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { leafHashesOf, type HashRanges } from '../../core/log/hash-ranges.ts';
import type { Subtree } from '../../core/log/merkle.ts';
import {
  openPruneRecord,
  prunableTo,
  PRUNE_RECORD_FILE,
  recordFault,
  signPruneRecord,
  type PruneRecord,
} from '../../core/log/prune-record.ts';
import type { NoteKey } from '../../core/log/signed-note.ts';
import { TILE_HEIGHT, TILE_WIDTH, tilePath, tileRoot } from '../../core/log/tiles.ts';
import { LIMITS } from '../../core/limits.ts';
import { isFault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk } from '../../ports/disk.ts';
import type { TileFiles } from './tile-files.ts';
import { WriteState } from './write-state.ts';

/** What pruning is told of the lane: its last checkpoint, and hashes under it. */
export type PrunedTree = {
  readonly size: number;
  readonly root: Digest;
  readonly hashes: (subtrees: readonly Subtree[]) => Promise<Digest[]>;
};

export type PruningNeeds = {
  readonly disk: Disk;
  readonly files: TileFiles;
  readonly directory: string;
  /** Signs checkpoints and pruning records of this directory. */
  readonly key: NoteKey;
  readonly hashRanges: HashRanges;
};

export class LanePruning {
  readonly #needs: PruningNeeds;
  readonly #state = new WriteState("a lane's pruning");
  #record: PruneRecord | undefined;
  #stepping: Promise<unknown> = Promise.resolve();

  private constructor(needs: PruningNeeds, record: PruneRecord | undefined) {
    this.#needs = needs;
    this.#record = record;
  }

  /**
   * Reads the record and finishes the removal it stands for. A record that is not of this lane under a checkpoint of `size`
   * rejects with `lane-damaged`: what is missing could not be told from what was pruned.
   */
  static async open(needs: PruningNeeds, size: number, check: CheckSignature): Promise<LanePruning> {
    const bytes = await needs.files.read(PRUNE_RECORD_FILE);
    if (bytes === undefined) return new LanePruning(needs, undefined);
    const opened = openPruneRecord(bytes, needs.key, check);
    if (isFault(opened)) throw needs.files.damaged(PRUNE_RECORD_FILE, `${opened.detail} [${opened.fault}]`);
    const { record } = opened;
    const wrong = recordFault(record, size);
    if (wrong !== undefined) throw needs.files.damaged(PRUNE_RECORD_FILE, wrong.detail);
    const pruning = new LanePruning(needs, record);
    await pruning.#remove(record);
    return pruning;
  }

  /** The first entry that is kept. */
  get firstKept(): number {
    return this.#record?.index ?? 0;
  }

  /**
   * Takes one step towards keeping nothing before entry `to`: returns whether there is more to do. Rejects with
   * `lane-prune-range` for what the checkpoint does not allow, and with `lane-damaged` for a tile that is not what was signed,
   * in both cases with nothing changed.
   */
  async step(to: number, tree: PrunedTree, sign: Sign): Promise<boolean> {
    if (to > prunableTo(tree.size) || to % TILE_WIDTH !== 0)
      throw new AgentError('lane-prune-range', `prune up to entry ${to}: ${prunableTo(tree.size)} is the furthest`);
    if (to <= this.firstKept) return false;
    const stepping = this.#state.write(async () => {
      const from = this.firstKept;
      const index = Math.min(to, from + LIMITS.pruneTilesAtOnceMax * TILE_WIDTH);
      const last = await this.#checkTiles(from, index, tree);
      const { files, key } = this.#needs;
      const { size, root } = tree;
      const record: PruneRecord = { origin: key.name, index, from, size, root, last };
      // A crash before this line changes nothing; one after it leaves a record whose removal the next opening finishes.
      await files.write([{ path: PRUNE_RECORD_FILE, bytes: signPruneRecord(record, key, sign) }]);
      this.#record = record;
      await this.#remove(record);
      return index < to;
    });
    this.#stepping = stepping.catch(() => undefined);
    return stepping;
  }

  /** Refuses what comes later and waits for the step under way. */
  async close(): Promise<void> {
    this.#state.close();
    await this.#stepping;
  }

  /** Every tile of the step against the hashes that stay; the last statement of the last. */
  async #checkTiles(from: number, to: number, tree: PrunedTree): Promise<Uint8Array> {
    const { files, hashRanges } = this.#needs;
    let last: Uint8Array | undefined;
    for (let first = from; first < to; first += TILE_WIDTH) {
      const index = first / TILE_WIDTH;
      const entries = await files.entries({ level: 'entries', index, width: TILE_WIDTH });
      const hashTile = { level: 0, index, width: TILE_WIDTH };
      const leaves = await files.hashes(hashTile);
      const [above] = await tree.hashes([{ level: TILE_HEIGHT, index }]);
      const isRight =
        compareBytes(leaves, leafHashesOf(hashRanges, entries)) === 0 && compareBytes(tileRoot(leaves), above!) === 0;
      if (!isRight) throw files.damaged(tilePath(hashTile), 'not the hashes of the entries: nothing was pruned');
      last = entries.at(-1);
    }
    const entry = decodeEntry(last!);
    const signed = isFault(entry) ? entry : decodeSignedStatement(entry.statement);
    if (isFault(entry) || isFault(signed)) throw files.damaged(PRUNE_RECORD_FILE, `entry ${to - 1} is no statement`);
    assert(signed.statement.seq === BigInt(to - 1), 'an entry stands at its sequence number');
    return entry.statement;
  }

  async #remove({ from, index }: PruneRecord): Promise<void> {
    const { disk, directory } = this.#needs;
    const paths = Array.from({ length: (index - from) / TILE_WIDTH }, (_, i) =>
      tilePath({ level: 'entries', index: from / TILE_WIDTH + i, width: TILE_WIDTH }),
    );
    const byFolder = Map.groupBy(paths, (path) => dirname(path));
    for (const [folder, inIt] of byFolder) {
      const path = join(directory, folder);
      const there = new Set((await disk.list(path)).map((name) => `${folder}/${name}`));
      const left = inIt.filter((tile) => there.has(tile));
      if (left.length === 0) continue;
      for (const tile of left) await disk.remove(join(directory, tile));
      await disk.syncDirectory(path);
      await disk.removeEmptyDirectory(path);
    }
  }
}
