/** Entries of a lane directory by index, by instant and by subject, from tiles and then from the journal. */

import { decodeSignedStatement, type SignedStatement } from '../core/attestation/verify-statement.ts';
import { fromHex } from '../core/codec/hex.ts';
import { decodeEntry } from '../core/log/entry.ts';
import { PRUNE_RECORD_FILE, readPruneRecord } from '../core/log/prune-record.ts';
import { decodeEntries, parseTilePath, TILE_WIDTH, tilePath } from '../core/log/tiles.ts';
import type { LaneFiles } from '../core/log/verify-lane.ts';
import { isBefore, taiInstant, type TaiInstant } from '../core/time/nanos.ts';
import { isFault } from '../core/verdict.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { IndexedLane } from '../io/storage/indexed-lane.ts';
import { indexDirectoryOf } from '../io/storage/subject-index.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { LaneEntries } from '../ports/lane-search.ts';

export type Found = { readonly index: number; readonly signed: SignedStatement };

/** One of the two. */
export type FindQuestion = { readonly at?: string; readonly subject?: string };

/** The entry that was current at an instant, or those that name a subject. */
export async function findEntries(lane: EntryReader, directory: string, question: FindQuestion): Promise<Found[]> {
  const { at, subject } = question;
  if ((at === undefined) === (subject === undefined))
    throw new AgentError('lane-proof-range', 'say what to find: --at NANOSECONDS or --subject HEX');
  if (at !== undefined) return findAt(lane, at);
  const id = fromHex(subject!.toLowerCase());
  if (id?.length !== 32) throw new AgentError('lane-proof-range', `--subject ${subject} is not 64 hexadecimal digits`);
  const searched = await IndexedLane.open({ disk: fileDisk, lane }, indexDirectoryOf(directory));
  return (await searched.findSubject(id)).map((index) => lane.at(index));
}

/** Time rises from entry to entry, so the place is found by halving: 48 readings at most, and no index would be quicker. */
function findAt(lane: EntryReader, text: string): Found[] {
  if (!/^\d{1,20}$/.test(text)) throw new AgentError('lane-proof-range', `--at ${text} is not a number of nanoseconds`);
  const at: TaiInstant = taiInstant(BigInt(text));
  let [low, high] = [lane.firstKept, lane.size];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (isBefore(at, lane.at(middle).signed.statement.time.tai)) high = middle;
    else low = middle + 1;
  }
  if (low > lane.firstKept) return [lane.at(low - 1)];
  if (low === 0) return [];
  throw new AgentError('lane-pruned', `find ${text}: it lies before entry ${low}, the first that is kept`);
}

/** As the pruning record of a lane says, if there is one that can be read: nothing is judged here. */
export function firstKeptOf(files: Pick<LaneFiles, 'read'>): number {
  const read = readPruneRecord(files.read(PRUNE_RECORD_FILE) ?? new Uint8Array());
  return isFault(read) ? 0 : read.record.index;
}

export class EntryReader implements LaneEntries {
  readonly origin: string;
  /** As the pruning record says; nothing is judged here. */
  readonly firstKept: number;
  readonly #files: LaneFiles;
  readonly #journal = new Map<number, Uint8Array>();
  /** By tile: how many entries its widest file holds. */
  readonly #widths = new Map<number, number>();
  readonly #tiled: number;
  #tile: { readonly index: number; readonly entries: readonly Uint8Array[] } | undefined;

  constructor(files: LaneFiles, origin: string) {
    this.origin = origin;
    this.#files = files;
    const paths = files.list();
    for (const tile of paths.map(parseTilePath))
      if (tile?.level === 'entries')
        this.#widths.set(tile.index, Math.max(tile.width, this.#widths.get(tile.index) ?? 0));
    this.firstKept = firstKeptOf(files);
    let tiles = this.firstKept / TILE_WIDTH;
    while (this.#widths.get(tiles) === TILE_WIDTH) tiles += 1;
    this.#tiled = tiles * TILE_WIDTH + (this.#widths.get(tiles) ?? 0);
    for (const path of paths.filter((name) => /^journal\/\d{15}$/.test(name))) {
      const firstIndex = Number(path.slice('journal/'.length));
      const { entries } = files.decodeFrames(files.read(path) ?? new Uint8Array(), firstIndex);
      for (const [i, entry] of entries.entries())
        if (firstIndex + i >= this.#tiled) this.#journal.set(firstIndex + i, entry);
    }
  }

  get size(): number {
    return this.#tiled + this.#journal.size;
  }

  read(from: number, to: number): Promise<Uint8Array[]> {
    return Promise.resolve(Array.from({ length: to - from }, (_, i) => this.#bytesAt(from + i)));
  }

  at(index: number): Found & { readonly body: Uint8Array | null } {
    const entry = decodeEntry(this.#bytesAt(index));
    const signed = isFault(entry) ? entry : decodeSignedStatement(entry.statement);
    if (isFault(entry) || isFault(signed))
      throw new AgentError('lane-damaged', `read entry ${index}: it is no statement; see momentd audit`);
    return { index, signed, body: entry.body };
  }

  #bytesAt(index: number): Uint8Array {
    const late = this.#journal.get(index);
    if (late !== undefined) return late;
    const tile = Math.floor(index / TILE_WIDTH);
    if (index < this.firstKept && !this.#widths.has(tile))
      throw new AgentError('lane-pruned', `read entry ${index}: those before ${this.firstKept} were pruned`);
    if (this.#tile?.index !== tile) {
      const width = this.#widths.get(tile) ?? TILE_WIDTH;
      const path = tilePath({ level: 'entries', index: tile, width });
      const bytes = this.#files.read(path);
      const entries = bytes === undefined ? undefined : decodeEntries(bytes, width);
      // A partial tile of a running agent may have been replaced since the directory was listed.
      if (entries === undefined) throw new AgentError('lane-damaged', `read ${path}: it is gone; ask again`);
      if (isFault(entries)) throw new AgentError(entries.fault, `read ${path}: ${entries.detail}`);
      this.#tile = { index: tile, entries };
    }
    return this.#tile.entries[index % TILE_WIDTH]!;
  }
}
