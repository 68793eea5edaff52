/**
 * Flat bytes for state that only its writer reads back: fields of fixed width, big-endian, one after another, no names.
 *
 * What it holds can be large, so it costs no objects and is never moved: what is full stays, and the next chunk begins. Whoever
 * writes much of it asks between items whether a piece is done, and lets others have their turn. CBOR is for what others read. A reader never throws: what is cut short or out of its bounds breaks it, and from there on it gives zeros; whoever
 * reads asks once, at the end, whether all of it held.
 */

import { assert } from '../assert.ts';
import { interval, type Interval } from '../time/interval.ts';
import { taiInstant, type TaiInstant } from '../time/nanos.ts';
import { LIMITS } from '../limits.ts';
import { SHA256_SIZE_BYTES, type Digest } from './sha256.ts';

const FIELD_BYTES = 8;

/** The first chunk; each further one is twice as large, up to a piece. */
const FIRST_CHUNK_BYTES = 16_384;

export class FlatWriter {
  readonly #pieceBytes: number;
  /** Those that are full. */
  readonly #chunks: Uint8Array[] = [];
  #chunksBytes = 0;
  #bytes: Uint8Array;
  #view: DataView;
  /** Written to the newest chunk. */
  #size = 0;
  /** Size at which the next piece is done. */
  #pieceEnd: number;

  constructor(pieceBytes: number = LIMITS.orderSavePieceBytes) {
    this.#pieceBytes = pieceBytes;
    this.#pieceEnd = pieceBytes;
    this.#bytes = new Uint8Array(Math.min(FIRST_CHUNK_BYTES, pieceBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get size(): number {
    return this.#chunksBytes + this.#size;
  }

  /** Whether as much was written as is to be written at one go; a new piece begins then. */
  endsPiece(): boolean {
    if (this.size < this.#pieceEnd) return false;
    this.#pieceEnd = this.size + this.#pieceBytes;
    return true;
  }

  /** A count, exact up to 2^53. */
  count(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'a count is a natural number');
    this.#reserve(FIELD_BYTES);
    this.#view.setFloat64(this.#size, value);
    this.#size += FIELD_BYTES;
  }

  flag(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#size] = value ? 1 : 0;
    this.#size += 1;
  }

  instant(value: TaiInstant): void {
    this.#reserve(FIELD_BYTES);
    this.#view.setBigInt64(this.#size, value);
    this.#size += FIELD_BYTES;
  }

  interval({ earliest, latest }: Interval): void {
    this.instant(earliest);
    this.instant(latest);
  }

  digest(value: Digest): void {
    assert(value.length === SHA256_SIZE_BYTES, 'a digest has 32 bytes');
    this.raw(value);
  }

  /** Bytes of any length, which is written before them. */
  bytes(value: Uint8Array): void {
    this.count(value.length);
    this.raw(value);
  }

  optional<T>(value: T | undefined, write: (value: T) => void): void {
    this.flag(value !== undefined);
    if (value !== undefined) write(value);
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#size);
    this.#size += value.length;
  }

  /** What was written, in order; the writer is done with. */
  chunks(): readonly Uint8Array[] {
    return [...this.#chunks, this.#bytes.subarray(0, this.#size)];
  }

  /** The same as one array. */
  finish(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.chunks()) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  /** Room for a field: none lies in two chunks. */
  #reserve(more: number): void {
    if (this.#size + more <= this.#bytes.length) return;
    this.#chunks.push(this.#bytes.subarray(0, this.#size));
    this.#chunksBytes += this.#size;
    this.#bytes = new Uint8Array(Math.max(more, Math.min(2 * this.#bytes.length, this.#pieceBytes)));
    this.#view = new DataView(this.#bytes.buffer);
    this.#size = 0;
  }
}

export class FlatReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when every field was there and in its bounds, and nothing is left. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#at === this.#bytes.length;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** A field that holds what it cannot hold was not written by us. */
  break(): void {
    this.#isBroken = true;
  }

  count(most = Number.MAX_SAFE_INTEGER): number {
    if (!this.#has(FIELD_BYTES)) return 0;
    const value = this.#view.getFloat64(this.#at);
    this.#at += FIELD_BYTES;
    // Of two zeros one is written.
    if (Number.isSafeInteger(value) && value >= 0 && value <= most && !Object.is(value, -0)) return value;
    this.#isBroken = true;
    return 0;
  }

  /** How many items follow, of at least so many bytes each: never more than there is room for. */
  length(bytesEach: number): number {
    return this.count(Math.floor(this.#bytes.length / bytesEach));
  }

  flag(): boolean {
    if (!this.#has(1)) return false;
    const value = this.#bytes[this.#at]!;
    this.#at += 1;
    if (value > 1) this.#isBroken = true;
    return value === 1;
  }

  instant(): TaiInstant {
    if (!this.#has(FIELD_BYTES)) return taiInstant(0n);
    const value = this.#view.getBigInt64(this.#at);
    this.#at += FIELD_BYTES;
    return taiInstant(value);
  }

  interval(): Interval {
    const [earliest, latest] = [this.instant(), this.instant()];
    if (earliest <= latest) return interval(earliest, latest);
    this.#isBroken = true;
    return interval(earliest, earliest);
  }

  digest(): Digest {
    return this.raw(SHA256_SIZE_BYTES);
  }

  bytes(most: number): Uint8Array {
    return this.raw(this.count(most));
  }

  optional<T>(read: () => T): T | undefined {
    return this.flag() ? read() : undefined;
  }

  /** A copy, so that one small field does not hold all of the bytes in memory. */
  raw(length: number): Uint8Array {
    if (!this.#has(length)) return new Uint8Array(length === SHA256_SIZE_BYTES ? length : 0);
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  #has(length: number): boolean {
    if (!this.#isBroken && this.#at + length <= this.#bytes.length) return true;
    this.#isBroken = true;
    return false;
  }
}
