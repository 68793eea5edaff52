/**
 * A lane that can be asked for a subject: the index where it reaches, the lane's own bytes for the rest.
 *
 * The index is a hint. Whatever it names is read from the lane and must name the subject; what it does not cover is searched for
 * the 32 bytes of the subject, some hundred megabytes a second.
 */

import { compareBytes } from '../../core/codec/cbor.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { subjectsOfEntry } from '../../core/log/entry-subjects.ts';
import { TILE_WIDTH } from '../../core/log/tiles.ts';
import type { Disk } from '../../ports/disk.ts';
import type { LaneEntries, LaneSearch } from '../../ports/lane-search.ts';
import { SubjectIndex } from './subject-index.ts';

export class IndexedLane implements LaneSearch {
  readonly #lane: LaneEntries;
  readonly #index: SubjectIndex;
  #isStopped = false;

  private constructor(lane: LaneEntries, index: SubjectIndex) {
    this.#lane = lane;
    this.#index = index;
  }

  /** `directory` is the index's; it need not be there. */
  static async open(needs: { disk: Disk; lane: LaneEntries }, directory: string): Promise<IndexedLane> {
    const { disk, lane } = needs;
    return new IndexedLane(lane, await SubjectIndex.open(disk, { directory, origin: lane.origin }));
  }

  get indexed(): number {
    return Math.min(this.#index.covered, this.#lane.size);
  }

  async findSubject(subject: Digest): Promise<readonly number[]> {
    const { size, firstKept } = this.#lane;
    const { entries, covered } = await this.#index.find(subject);
    const found: number[] = [];
    // Two records of one entry may share a key; an index that ran ahead of its lane is a wrong one; what was pruned cannot be shown.
    for (const at of new Set(entries.filter((entry) => entry >= firstKept && entry < size))) {
      if (found.length === LIMITS.laneFindsMax) return found;
      const [entry] = await this.#lane.read(at, at + 1);
      if (names(entry!, subject)) found.push(at);
    }
    for (let from = Math.max(firstKept, Math.min(covered, size)); from < size; from += TILE_WIDTH) {
      const read = await this.#lane.read(from, Math.min(size, from + TILE_WIDTH));
      for (const [i, entry] of read.entries()) {
        if (found.length === LIMITS.laneFindsMax) return found;
        if (names(entry, subject)) found.push(from + i);
      }
    }
    return found;
  }

  async catchUp(): Promise<void> {
    while (!this.#isStopped) {
      const first = this.#index.covered;
      if (first + LIMITS.indexBlockEntries > this.#lane.size) break;
      await this.#index.add(first, await this.#block(first, first + LIMITS.indexBlockEntries));
    }
    await this.#index.tidy();
  }

  /** Entries as they are indexed: one that was pruned names nothing. */
  async #block(first: number, end: number): Promise<Uint8Array[]> {
    const kept = Math.min(end, Math.max(first, this.#lane.firstKept));
    const pruned = Array.from({ length: kept - first }, () => new Uint8Array());
    return [...pruned, ...(await this.#lane.read(kept, end))];
  }

  /** `catchUp` ends after the block it is at. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Forgets the whole index; `catchUp` makes it again. */
  drop(): Promise<void> {
    return this.#index.drop();
  }
}

function names(entry: Uint8Array, subject: Digest): boolean {
  // Most entries do not have the bytes anywhere, which costs far less to see than decoding them.
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  return (
    bytes.includes(Buffer.from(subject.buffer, subject.byteOffset, subject.byteLength)) &&
    subjectsOfEntry(entry).some((named) => compareBytes(named, subject) === 0)
  );
}
