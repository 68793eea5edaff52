/**
 * The quick way to read a statement: by position, because its canonical bytes leave almost nothing to choose.
 *
 * This reader knows only what a right statement looks like. At the first byte that is anything else it gives up, and the
 * slow reader (statement.ts), which is the rule, says what is wrong. So it may miss a right statement (one with a counter
 * beyond 2^53) but must never read one that the slow reader would read otherwise: a test compares the two on altered
 * statements. It saves two of three microseconds per statement, some 5 % of the whole verification.
 */

import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { nanosOfParts, taiOfParts } from '../time/parts.ts';
import { isRepresentable, type AttestedTime } from './statement-time.ts';

/** The fields as they stand in the payload; digests are views of it. */
export type StatementFields = {
  readonly network: Digest;
  readonly epoch: number;
  readonly seq: number;
  readonly previous: Digest;
  readonly kind: number;
  readonly time: AttestedTime;
  readonly subject: Digest;
  readonly taiUtcSeconds: number;
  readonly evidence: Digest;
};

const DIGEST_HEAD = 0x5820;
/** Map of 10, key 0: 1, key 1. */
const OPENING = 0xaa000101;
/** Key 6, tag 1001. */
const TIME_HEAD = 0x06d903e9;
const SECONDS_MAX = 9_223_372_036;
const FRACTION_MAX = 999_999_999;

/** The fields, or undefined where anything is unusual. The rules between fields are left to the caller. */
export function readLayout(payload: Uint8Array): StatementFields | undefined {
  const at = new Position(payload);
  at.expect32(OPENING);
  const network = at.digest();
  const epoch = at.keyedInteger(0x02, Number.MAX_SAFE_INTEGER);
  const seq = at.keyedInteger(0x03, Number.MAX_SAFE_INTEGER);
  at.expect8(0x04);
  const previous = at.digest();
  const kind = at.keyedInteger(0x05, 4);
  at.expect32(TIME_HEAD);
  const time = readTime(at);
  at.expect8(0x07);
  const subject = at.digest();
  const taiUtcSeconds = at.keyedInteger(0x08, 255);
  at.expect8(0x09);
  const evidence = at.digest();
  if (at.isLost || at.offset !== payload.length || taiUtcSeconds < 10 || time === undefined) return undefined;
  return { network, epoch, seq, previous, kind, time, subject, taiUtcSeconds, evidence };
}

function readTime(at: Position): AttestedTime | undefined {
  const size = at.next8() - 0xa0;
  const seconds = at.keyedInteger(0x01, SECONDS_MAX);
  at.expect8(0x20);
  at.expect8(0x01);
  const clockClass = at.peek8() === 0x21 ? at.keyedInteger(0x21, 255) : undefined;
  const clockAccuracy = at.peek8() === 0x23 ? at.keyedInteger(0x23, 0x31) : undefined;
  at.expect8(0x27);
  at.expect8(0xa2);
  const halfSeconds = at.keyedInteger(0x01, SECONDS_MAX);
  const halfFraction = at.keyedInteger(0x28, FRACTION_MAX);
  const fraction = at.keyedInteger(0x28, FRACTION_MAX);
  const expectedSize = 4 + (clockClass === undefined ? 0 : 1) + (clockAccuracy === undefined ? 0 : 1);
  if (at.isLost || size !== expectedSize || (clockAccuracy !== undefined && clockAccuracy < 0x17)) return undefined;
  const tai = taiOfParts({ seconds: BigInt(seconds), fraction: BigInt(fraction) });
  const guarantee = nanosOfParts({ seconds: BigInt(halfSeconds), fraction: BigInt(halfFraction) });
  const time: AttestedTime = {
    tai,
    guarantee,
    ...(clockClass !== undefined && { clockClass }),
    ...(clockAccuracy !== undefined && { clockAccuracy }),
  };
  return isRepresentable(time) ? time : undefined;
}

/** Where we are in the bytes. Once a byte is not what it must be we are lost, and whatever is read then means nothing. */
class Position {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset = 0;
  isLost = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The byte here; -1 past the end. */
  peek8(): number {
    return this.bytes[this.offset] ?? -1;
  }

  next8(): number {
    const byte = this.peek8();
    this.offset += 1;
    return byte;
  }

  expect8(byte: number): void {
    if (this.next8() !== byte) this.isLost = true;
  }

  expect32(word: number): void {
    if (this.#has(4) && this.view.getUint32(this.offset) === word) this.offset += 4;
    else this.isLost = true;
  }

  digest(): Digest {
    if (!this.#has(2 + SHA256_SIZE_BYTES) || this.view.getUint16(this.offset) !== DIGEST_HEAD) this.isLost = true;
    const start = this.offset + 2;
    this.offset = start + SHA256_SIZE_BYTES;
    return this.bytes.subarray(start, this.offset);
  }

  /** `key` and then an unsigned integer of at most `most` in its shortest form. */
  keyedInteger(key: number, most: number): number {
    this.expect8(key);
    const head = this.next8();
    const value = head < 0x18 ? head : this.#longInteger(head);
    // Below zero: past the end, or not an unsigned integer in its shortest form.
    if (value < 0 || value > most) this.isLost = true;
    return value;
  }

  #longInteger(head: number): number {
    const size = 1 << (head - 0x18);
    if (head > 0x1b || !this.#has(size)) return -1;
    const start = this.offset;
    this.offset += size;
    switch (size) {
      case 1:
        return this.#atLeast(24, this.bytes[start]!);
      case 2:
        return this.#atLeast(0x100, this.view.getUint16(start));
      case 4:
        return this.#atLeast(0x1_0000, this.view.getUint32(start));
      default:
        return this.#atLeast(
          0x1_0000_0000,
          this.view.getUint32(start) * 0x1_0000_0000 + this.view.getUint32(start + 4),
        );
    }
  }

  #atLeast(least: number, value: number): number {
    return value >= least ? value : -1;
  }

  #has(count: number): boolean {
    return this.bytes.length - this.offset >= count;
  }
}
