/**
 * Finds frames in a receiver's mixed byte stream: UBX, NMEA 0183 and RTCM3, with their checksums verified.
 *
 * The idea: a frame is believed only when its checksum holds; until then it is a candidate, and a candidate that fails
 * costs one byte, not the bytes it claimed, so no frame that follows garbage is lost. Chunks are scanned where they lie;
 * only the beginning of a frame that the next chunk completes is copied, into a buffer of fixed size. Every byte is
 * counted: as part of a frame, as the line end of a sentence, or as skipped.
 *
 * Cost on hostile input: nested false headers make a byte part of many candidates, at worst `gnssUbxPayloadBytesMax / 6`
 * checksum steps a byte; at 921,600 baud that stays below a fifth of a core.
 *
 * Spec: u-blox interface descriptions, "UBX frame structure"; NMEA 0183 section 5.3; RTCM 10403 section 4. Leaves the meaning
 * of a frame to the decoder.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import type { MonoInstant } from '../time/nanos.ts';
import { ArrivalMarks } from './arrival-marks.ts';
import { crc24q, hexDigit } from './checksums.ts';

/** A verified frame. `bytes` is a view that is valid only during the call that hands it over. */
export type Frame = {
  readonly kind: 'ubx' | 'nmea' | 'nmea-unchecked' | 'rtcm3';
  readonly bytes: Uint8Array;
  /** Where its first byte stands in the stream, counted from the first byte ever pushed. */
  readonly offset: number;
  /** When the chunk with its first byte arrived, and the chunk with its last. */
  readonly firstArrival: MonoInstant;
  readonly lastArrival: MonoInstant;
};

export type FrameCounts = {
  bytes: number;
  ubxFrames: number;
  nmeaFrames: number;
  /** Sentences that carry no checksum: shown, never believed. */
  nmeaUncheckedFrames: number;
  rtcm3Frames: number;
  ubxBadChecksums: number;
  nmeaBadChecksums: number;
  rtcm3BadChecksums: number;
  /** Bytes that belong to no frame. */
  skippedBytes: number;
};

const SYNC_UBX_1 = 0xb5;
const SYNC_UBX_2 = 0x62;
const SYNC_RTCM3 = 0xd3;
const DOLLAR = 0x24;
const BANG = 0x21;
const STAR = 0x2a;
const CR = 0x0d;
const LF = 0x0a;

const UBX_OVERHEAD = 8;
const RTCM3_OVERHEAD = 6;

/** The longest candidate of any protocol: what the buffer must be able to hold. */
const FRAME_BYTES_MAX = LIMITS.gnssUbxPayloadBytesMax + UBX_OVERHEAD;
const BUFFER_BYTES = 2 * FRAME_BYTES_MAX;

/** Judgements of a candidate that are not a length: the bytes end inside it, or it is none. */
const INCOMPLETE = -1;
const NO_FRAME = 0;

export class FrameScanner {
  readonly #take: (frame: Frame) => void;
  readonly #held = new Uint8Array(BUFFER_BYTES);
  readonly #marks = new ArrivalMarks(BUFFER_BYTES);
  #heldLength = 0;
  /** Stream offset of the first byte that is not consumed. */
  #offset = 0;
  /** Stream offset up to which CR and LF are the line end of the sentence just taken. */
  #lineEndFrom = -1;
  #kind: Frame['kind'] = 'ubx';
  readonly counts: FrameCounts = {
    bytes: 0,
    ubxFrames: 0,
    nmeaFrames: 0,
    nmeaUncheckedFrames: 0,
    rtcm3Frames: 0,
    ubxBadChecksums: 0,
    nmeaBadChecksums: 0,
    rtcm3BadChecksums: 0,
    skippedBytes: 0,
  };

  constructor(take: (frame: Frame) => void) {
    this.#take = take;
  }

  /** Bytes kept for the next call; never more than one frame of the longest kind. */
  get heldBytes(): number {
    return this.#heldLength;
  }

  /** Takes a chunk as it came off the line. The chunk is not kept: its owner may reuse it. */
  push(chunk: Uint8Array, arrived: MonoInstant): void {
    this.#marks.add(this.counts.bytes, arrived);
    this.counts.bytes += chunk.length;
    let position = 0;
    while (this.#heldLength > 0 && position < chunk.length) {
      const before = this.#heldLength;
      const added = chunk.subarray(position, position + FRAME_BYTES_MAX);
      this.#held.set(added, before);
      const consumed = this.#scan(this.#held.subarray(0, before + added.length), false);
      position += added.length;
      if (consumed >= before) {
        // All that was held is dealt with; what is left of the chunk is scanned where it lies.
        position -= before + added.length - consumed;
        this.#heldLength = 0;
      } else this.#keep(this.#held.subarray(consumed, before + added.length));
    }
    if (position < chunk.length) {
      const rest = chunk.subarray(position);
      this.#keep(rest.subarray(this.#scan(rest, false)));
    }
    this.#marks.forgetBefore(this.#offset);
  }

  /** The stream has ended: a frame cut off by the end hides no complete one behind it. */
  end(): void {
    this.#scan(this.#held.subarray(0, this.#heldLength), true);
    this.#heldLength = 0;
  }

  #keep(rest: Uint8Array): void {
    assert(rest.length < FRAME_BYTES_MAX, 'what waits for more bytes is shorter than the longest frame');
    this.#held.set(rest, 0);
    this.#heldLength = rest.length;
  }

  /** Takes every frame in `bytes`; returns how many are done with. With `isLast`, all of them. */
  #scan(bytes: Uint8Array, isLast: boolean): number {
    const start = this.#offset;
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at]!;
      const size =
        first === DOLLAR || first === BANG || first === SYNC_UBX_1 || first === SYNC_RTCM3
          ? this.#candidate(bytes, at, first)
          : NO_FRAME;
      if (size === INCOMPLETE && !isLast) break;
      if (size > 0) {
        this.#offset = start + at;
        this.#hand(bytes.subarray(at, at + size));
        at += size;
      } else {
        this.#skip(first, start + at);
        at++;
      }
    }
    this.#offset = start + at;
    return at;
  }

  #candidate(bytes: Uint8Array, at: number, first: number): number {
    if (first === SYNC_UBX_1) return this.#ubx(bytes, at);
    if (first === SYNC_RTCM3) return this.#rtcm3(bytes, at);
    return this.#nmea(bytes, at);
  }

  #skip(byte: number, offset: number): void {
    if (offset === this.#lineEndFrom && (byte === CR || byte === LF)) this.#lineEndFrom = offset + 1;
    else this.counts.skippedBytes++;
  }

  #hand(bytes: Uint8Array): void {
    const { counts } = this;
    const kind = this.#kind;
    if (kind === 'ubx') counts.ubxFrames++;
    else if (kind === 'rtcm3') counts.rtcm3Frames++;
    else {
      if (kind === 'nmea') counts.nmeaFrames++;
      else counts.nmeaUncheckedFrames++;
      this.#lineEndFrom = this.#offset + bytes.length;
    }
    this.#take({
      kind,
      bytes,
      offset: this.#offset,
      firstArrival: this.#marks.at(this.#offset),
      lastArrival: this.#marks.at(this.#offset + bytes.length - 1),
    });
  }

  /** `b5 62 class id length(2, little-endian) payload ck_a ck_b`; Fletcher over class to payload. */
  #ubx(bytes: Uint8Array, at: number): number {
    const left = bytes.length - at;
    if (left < 2) return INCOMPLETE;
    if (bytes[at + 1] !== SYNC_UBX_2) return NO_FRAME;
    if (left < 6) return INCOMPLETE;
    const payload = bytes[at + 4]! | (bytes[at + 5]! << 8);
    if (payload > LIMITS.gnssUbxPayloadBytesMax) return NO_FRAME;
    const size = payload + UBX_OVERHEAD;
    if (left < size) return INCOMPLETE;
    const end = at + size - 2;
    // Sums of up to 8,196 bytes stay far below 2^53 (b below 2^33): reducing once at the end is exact.
    let a = 0;
    let b = 0;
    for (let i = at + 2; i < end; i++) {
      a += bytes[i]!;
      b += a;
    }
    if (a % 256 === bytes[end] && b % 256 === bytes[end + 1]) {
      this.#kind = 'ubx';
      return size;
    }
    this.counts.ubxBadChecksums++;
    return NO_FRAME;
  }

  /** `$` or `!`, printable text, `*`, two hexadecimal digits of the exclusive or of the text. Line ends follow. */
  #nmea(bytes: Uint8Array, at: number): number {
    const limit = Math.min(bytes.length, at + LIMITS.gnssNmeaSentenceBytesMax);
    let sum = 0;
    for (let i = at + 1; i < limit; i++) {
      const byte = bytes[i]!;
      if (byte === STAR) return this.#nmeaChecksum(bytes, at, i, sum);
      if (byte === CR || byte === LF) {
        if (!looksLikeAddress(bytes, at, i)) return NO_FRAME;
        this.#kind = 'nmea-unchecked';
        return i - at;
      }
      // `$` and `!` are reserved (NMEA 0183 table 1): a new sentence begins, this one was cut.
      if (byte < 0x20 || byte > 0x7e || byte === DOLLAR || byte === BANG) return NO_FRAME;
      sum ^= byte;
    }
    return limit === bytes.length && limit - at < LIMITS.gnssNmeaSentenceBytesMax ? INCOMPLETE : NO_FRAME;
  }

  #nmeaChecksum(bytes: Uint8Array, at: number, star: number, sum: number): number {
    if (star + 2 >= bytes.length) {
      // A byte that is there and is no digit settles it without waiting for the other.
      return star + 1 < bytes.length && hexDigit(bytes[star + 1]!) < 0 ? NO_FRAME : INCOMPLETE;
    }
    const [high, low] = [hexDigit(bytes[star + 1]!), hexDigit(bytes[star + 2]!)];
    if (high >= 0 && low >= 0 && high * 16 + low === sum) {
      this.#kind = 'nmea';
      return star + 3 - at;
    }
    this.counts.nmeaBadChecksums++;
    return NO_FRAME;
  }

  /** `d3`, six zero bits, ten bits of length, payload, CRC-24Q over all before it. */
  #rtcm3(bytes: Uint8Array, at: number): number {
    const left = bytes.length - at;
    if (left < 2) return INCOMPLETE;
    if ((bytes[at + 1]! & 0xfc) !== 0) return NO_FRAME;
    if (left < 3) return INCOMPLETE;
    const size = ((bytes[at + 1]! << 8) | bytes[at + 2]!) + RTCM3_OVERHEAD;
    if (left < size) return INCOMPLETE;
    const end = at + size - 3;
    const sent = (bytes[end]! << 16) | (bytes[end + 1]! << 8) | bytes[end + 2]!;
    if (crc24q(bytes, at, end) === sent) {
      this.#kind = 'rtcm3';
      return size;
    }
    this.counts.rtcm3BadChecksums++;
    return NO_FRAME;
  }
}

/** Upper-case letters and digits up to a comma, as every sentence begins: text without a checksum must at least look so. */
function looksLikeAddress(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at + 1; i < end && i <= at + 10; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2c) return i >= at + 4;
    const isLetterOrDigit = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39);
    if (!isLetterOrDigit) return false;
  }
  return false;
}
