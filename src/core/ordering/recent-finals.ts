/**
 * The newest final entries of the order, and where the reports that made them stand: for questions and for certificates.
 *
 * As objects an entry with four places takes 1.2 kB, so a quarter of a million of them would be most of a validator's memory. Here
 * they are columns of numbers in chunks; a subject's digest is there once, as the key. Oldest entries go first.
 */

import { assert } from '../assert.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import { digestOfKey, keyOfDigest } from '../codec/digest-key.ts';
import type { Pieces } from '../codec/pieces.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { interval } from '../time/interval.ts';
import { taiInstant } from '../time/nanos.ts';
import type { OrderEntry } from './order-entry.ts';

/** Where a lane reported a subject: the position of the entry in it. */
export type LanePlace = { readonly lane: number; readonly seq: number };

/** A chunk has room for so many places, and for no fewer and no more entries than these. */
const CHUNK_PLACES = 16_384;
const CHUNK_ROWS = { min: 64, max: 4_096 };

/** Columns of up to `rows` entries. */
class Chunk {
  /** The subjects' keys, the same strings as in the map: found by number here, because a map is slow at telling its first. */
  readonly key: string[] = [];
  readonly index: Float64Array;
  readonly slot: Float64Array;
  readonly moment: BigInt64Array;
  readonly earliest: BigInt64Array;
  readonly latest: BigInt64Array;
  readonly isLate: Uint8Array;
  /** How many places each entry has; they are in the next columns, `lanes` apart. */
  readonly placeCount: Uint16Array;
  placeLane: Uint16Array;
  placeSeq: Float64Array;

  constructor(rows: number, lanes: number) {
    this.index = new Float64Array(rows);
    this.slot = new Float64Array(rows);
    this.moment = new BigInt64Array(rows);
    this.earliest = new BigInt64Array(rows);
    this.latest = new BigInt64Array(rows);
    this.isLate = new Uint8Array(rows);
    this.placeCount = new Uint16Array(rows);
    this.placeLane = new Uint16Array(rows * lanes);
    this.placeSeq = new Float64Array(rows * lanes);
  }

  forgetPlaces(): void {
    this.placeLane = new Uint16Array(0);
    this.placeSeq = new Float64Array(0);
    this.placeCount.fill(0);
  }
}

export class RecentFinals {
  readonly #lanes: number;
  /** Entries a chunk has room for. */
  readonly #rows: number;
  readonly #sizeMax: number;
  /** Chunks whose places are kept, the newest. */
  readonly #placeChunksMax: number;
  /** Which of all entries ever added it is, by the subject's key: the last so many numbers, without a gap. */
  readonly #numbers = new Map<string, number>();
  readonly #chunks = new Map<number, Chunk>();
  #added = 0;

  /** Keeps `sizeMax` entries, and room for `placesMax` places of reports, rounded up to whole chunks. */
  constructor({
    lanes,
    sizeMax,
    placesMax,
  }: {
    readonly lanes: number;
    readonly sizeMax: number;
    readonly placesMax: number;
  }) {
    this.#lanes = lanes;
    this.#rows = Math.min(Math.max(Math.floor(CHUNK_PLACES / lanes), CHUNK_ROWS.min), CHUNK_ROWS.max);
    this.#sizeMax = sizeMax;
    // One more, because the newest is being filled.
    this.#placeChunksMax = 1 + Math.ceil(placesMax / (lanes * this.#rows));
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** The next final entry, of a subject that was not final before, with one place for each lane whose report counted. */
  add(entry: OrderEntry, places: readonly LanePlace[] | undefined): void {
    const number = this.#begin();
    const [chunk, row] = [this.#chunkOf(number), number % this.#rows];
    this.#setEntry(number, entry);
    assert((places?.length ?? 0) <= this.#lanes, 'a lane has one counted report of a subject');
    chunk.placeCount[row] = places?.length ?? 0;
    for (const [i, { lane, seq }] of places?.entries() ?? []) {
      chunk.placeLane[row * this.#lanes + i] = lane;
      chunk.placeSeq[row * this.#lanes + i] = seq;
    }
    if (this.#numbers.size > this.#sizeMax) this.#dropOldest();
  }

  /** A row for the next entry. */
  #begin(): number {
    const number = this.#added++;
    if (number % this.#rows === 0) this.#beginChunk(number / this.#rows);
    return number;
  }

  #setEntry(number: number, entry: OrderEntry): void {
    const [chunk, row] = [this.#chunkOf(number), number % this.#rows];
    chunk.index[row] = entry.index;
    chunk.slot[row] = entry.slot;
    chunk.moment[row] = entry.moment;
    chunk.earliest[row] = entry.seen.earliest;
    chunk.latest[row] = entry.seen.latest;
    chunk.isLate[row] = entry.isLate ? 1 : 0;
    const key = keyOfDigest(entry.subject);
    chunk.key[row] = key;
    this.#numbers.set(key, number);
  }

  entryOf(subject: Digest): OrderEntry | undefined {
    const key = keyOfDigest(subject);
    const number = this.#numbers.get(key);
    return number === undefined ? undefined : this.#entryAt(key, number);
  }

  /** Where the reports of it stand, or undefined where that is not kept. */
  placesOf(subject: Digest): readonly LanePlace[] | undefined {
    const number = this.#numbers.get(keyOfDigest(subject));
    return number === undefined ? undefined : this.#placesAt(number);
  }

  /** The places of all of them, oldest first; the entries themselves are in the order log. Nothing is added between the pieces. */
  *save(to: FlatWriter): Pieces<void> {
    assert(this.#numbers.size === 0 || this.toRecall === 0, 'what was loaded is recalled before anything is added');
    to.count(this.#numbers.size);
    // From column to bytes: as objects they took most of the time of saving an order, in which nothing else is done.
    for (let number = this.#added - this.#numbers.size; number < this.#added; number++) {
      const chunk = this.#chunkOf(number);
      const row = number % this.#rows;
      const count = chunk.placeCount[row]!;
      to.count(count);
      for (let at = row * this.#lanes; at < row * this.#lanes + count; at++) {
        to.count(chunk.placeLane[at]!);
        to.count(chunk.placeSeq[at]!);
      }
      if (to.endsPiece()) yield;
    }
  }

  /** Into an empty one; the entries that belong to the places are to be recalled next. */
  load(from: FlatReader): void {
    for (let left = from.count(this.#sizeMax); left > 0 && !from.isBroken; left--) {
      const number = this.#begin();
      const [chunk, row] = [this.#chunkOf(number), number % this.#rows];
      const count = from.count(this.#lanes);
      chunk.placeCount[row] = count;
      for (let at = row * this.#lanes; at < row * this.#lanes + count; at++) {
        chunk.placeLane[at] = from.count(this.#lanes - 1);
        chunk.placeSeq[at] = from.count(LIMITS.laneEntriesMax);
      }
    }
  }

  /** Entries that are to be recalled. */
  get toRecall(): number {
    return this.#numbers.size === 0 ? this.#added : 0;
  }

  recall(entries: readonly OrderEntry[]): void {
    assert(entries.length === this.toRecall, 'what is recalled is what was kept');
    for (const [number, entry] of entries.entries()) this.#setEntry(number, entry);
  }

  #placesAt(number: number): readonly LanePlace[] | undefined {
    const chunk = this.#chunkOf(number);
    const row = number % this.#rows;
    const count = chunk.placeCount[row]!;
    if (count === 0) return undefined;
    const first = row * this.#lanes;
    return Array.from({ length: count }, (_, i) => ({
      lane: chunk.placeLane[first + i]!,
      seq: chunk.placeSeq[first + i]!,
    }));
  }

  #entryAt(key: string, number: number): OrderEntry {
    const chunk = this.#chunkOf(number);
    const row = number % this.#rows;
    return {
      index: chunk.index[row]!,
      subject: digestOfKey(key),
      moment: taiInstant(chunk.moment[row]!),
      seen: interval(taiInstant(chunk.earliest[row]!), taiInstant(chunk.latest[row]!)),
      slot: chunk.slot[row]!,
      isLate: chunk.isLate[row] === 1,
    };
  }

  #chunkOf(number: number): Chunk {
    const chunk = this.#chunks.get(Math.floor(number / this.#rows));
    assert(chunk !== undefined, 'what has a number is in a chunk');
    return chunk;
  }

  #beginChunk(chunkNumber: number): void {
    this.#chunks.set(chunkNumber, new Chunk(this.#rows, this.#lanes));
    this.#chunks.get(chunkNumber - this.#placeChunksMax)?.forgetPlaces();
  }

  #dropOldest(): void {
    const number = this.#added - this.#numbers.size;
    this.#numbers.delete(this.#chunkOf(number).key[number % this.#rows]!);
    if (number % this.#rows === this.#rows - 1) this.#chunks.delete(Math.floor(number / this.#rows));
  }
}

/** Places among the saved state of an order; nobody tells none from not known. */
export function savePlaces(to: FlatWriter, places: readonly LanePlace[] = []): void {
  to.count(places.length);
  for (const { lane, seq } of places) {
    to.count(lane);
    to.count(seq);
  }
}

export function loadPlaces(from: FlatReader, lanes: number): readonly LanePlace[] | undefined {
  const count = from.count(lanes);
  if (count === 0) return undefined;
  return Array.from({ length: count }, () => ({ lane: from.count(lanes - 1), seq: from.count(LIMITS.laneEntriesMax) }));
}
