/**
 * Flat bytes for state that only its writer reads back: fields of fixed width, big-endian, one after another, no names.
 *
 * What it holds can be large and is written while the loop waits, so it costs a copy and no objects; CBOR is for what others
 * read. A reader never throws: what is cut short or out of its bounds breaks it, and from there on it gives zeros; whoever
 * reads asks once, at the end, whether all of it held.
 */

import { assert } from '../assert.ts';
import { interval, type Interval } from '../time/interval.ts';
import { taiInstant, type TaiInstant } from '../time/nanos.ts';
import { SHA256_SIZE_BYTES, type Digest } from './sha256.ts';

const FIELD_BYTES = 8;

export class FlatWriter {
  #bytes = new Uint8Array(65_536);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  get size(): number {
    return this.#size;
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

  /** What was written; the writer is done with. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #reserve(more: number): void {
    const needed = this.#size + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
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
