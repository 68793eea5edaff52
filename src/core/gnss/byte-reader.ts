/**
 * Reads little-endian fields of a UBX payload by the offsets the interface description prints.
 *
 * One reader serves a whole stream: it is pointed at payload after payload, so a frame costs no view of its own. Lengths
 * are checked once, against a message's layout, before any field is read.
 */

import { assert } from '../assert.ts';

export class ByteReader {
  #view: DataView = new DataView(new ArrayBuffer(0));
  #base = 0;
  #size = 0;

  /** Points at `bytes[from..to)`. */
  pointAt(bytes: Uint8Array, from: number, to: number): this {
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer);
    this.#base = bytes.byteOffset + from;
    this.#size = to - from;
    assert(this.#size >= 0 && to <= bytes.length, 'a payload lies inside its frame');
    return this;
  }

  get sizeBytes(): number {
    return this.#size;
  }

  u1(at: number): number {
    return this.#view.getUint8(this.#base + at);
  }

  i1(at: number): number {
    return this.#view.getInt8(this.#base + at);
  }

  u2(at: number): number {
    return this.#view.getUint16(this.#base + at, true);
  }

  i2(at: number): number {
    return this.#view.getInt16(this.#base + at, true);
  }

  u4(at: number): number {
    return this.#view.getUint32(this.#base + at, true);
  }

  i4(at: number): number {
    return this.#view.getInt32(this.#base + at, true);
  }

  bit(at: number, bit: number): boolean {
    return ((this.u1(at) >> bit) & 1) === 1;
  }

  /** `width` bits from bit `from` of the byte at `at`. */
  bits(at: number, from: number, width: number): number {
    return (this.u1(at) >> from) & ((1 << width) - 1);
  }

  /** Printable ASCII of a zero-padded field; other bytes become `?`. */
  text(at: number, size: number): string {
    let text = '';
    for (let i = at; i < at + size; i++) {
      const byte = this.u1(i);
      if (byte === 0) break;
      text += byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '?';
    }
    return text;
  }

  hex(at: number, size: number): string {
    let text = '';
    for (let i = at; i < at + size; i++) text += this.u1(i).toString(16).padStart(2, '0');
    return text;
  }
}
