/**
 * Deterministic CBOR (RFC 8949 section 4.2.1), the subset our records use, strict in both directions.
 *
 * Values: integers (bigint when decoded, -2^63..2^64-1), byte strings, text, arrays, maps, tags, booleans, null.
 * No floats, no indefinite lengths, no other simple values. A map is a JavaScript `Map` whose keys are integers or text;
 * it is written in the bytewise order of its encoded keys, whatever order it was built in. The decoder accepts only what
 * the encoder would write, so decode-and-encode is the identity on every accepted input: there is one encoding per value.
 *
 * The decoder meets strangers' bytes: it returns a fault instead of throwing, allocates no more than the input holds
 * (an array of n items needs n bytes of input) and stops at a depth of `LIMITS.cborDepthMax`.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';

export type CborKey = bigint | string;
export type CborTag = { readonly tag: bigint; readonly value: CborValue };
export type CborValue =
  bigint | string | boolean | null | Uint8Array | readonly CborValue[] | ReadonlyMap<CborKey, CborValue> | CborTag;

/** Why bytes are not our CBOR; `offset` is where the decoder stood. */
export type CborFault = {
  readonly fault:
    | 'truncated'
    | 'trailing-bytes'
    | 'not-minimal'
    | 'indefinite-length'
    | 'unsupported-type'
    | 'bad-utf8'
    | 'key-order'
    | 'key-type'
    | 'too-deep'
    | 'integer-range';
  readonly offset: number;
};

export type CborResult = { readonly value: CborValue } | CborFault;

const U32_MAX = 0xffff_ffff;
const I64_MIN = -(1n << 63n);

/** Major types, RFC 8949 section 3.1. */
const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;

export const isTag = (value: CborValue): value is CborTag =>
  typeof value === 'object' && value !== null && 'tag' in value;

export const isMap = (value: CborValue): value is ReadonlyMap<CborKey, CborValue> => value instanceof Map;

/** The canonical bytes of `value`. Throws `BrokenInvariant` for a value outside the subset: our own mistake. */
export function encodeCbor(value: CborValue): Uint8Array {
  // Taken while it is in use, so that a key encoded in between, or after a broken invariant, has one of its own.
  const sink = spareSink ?? new Sink();
  spareSink = undefined;
  writeValue(sink, value, 0);
  const bytes = sink.finish();
  if (sink.isSmall) spareSink = sink;
  return bytes;
}

/** Reads exactly one value that fills `bytes`. Byte strings in the result are views of `bytes`, not copies. */
export function decodeCbor(bytes: Uint8Array): CborResult {
  const reader = new Reader(bytes);
  const value = readValue(reader, 0);
  if (reader.fault !== undefined) return reader.fault;
  if (reader.offset !== bytes.length) return { fault: 'trailing-bytes', offset: reader.offset };
  return { value: value! };
}

// ---- writing

/** A buffer of its own for each record costs more than writing it. */
let spareSink: Sink | undefined;
/** What is kept of a long record's buffer. */
const SPARE_BYTES_MAX = 4_096;

class Sink {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** What was written, and empty again. */
  finish(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return written;
  }

  get isSmall(): boolean {
    return this.#bytes.length <= SPARE_BYTES_MAX;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Initial byte and argument in the shortest form; numbers, because comparing bigints is most of what an integer costs. */
  head(major: number, argument: number): void {
    this.#reserve(5);
    this.#length = putHead(this.#view, this.#length, major, argument);
  }

  /** The same of any argument that fits in 64 bits. */
  longHead(major: number, argument: bigint): void {
    const approximately = Number(argument);
    if (approximately <= U32_MAX) return this.head(major, approximately);
    assert(BigInt.asUintN(64, argument) === argument, 'a CBOR argument fits in 64 bits');
    this.#reserve(9);
    this.#bytes[this.#length] = (major << 5) | 27;
    this.#view.setBigUint64(this.#length + 1, argument);
    this.#length += 9;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * Puts an initial byte and its argument, below 2^32, in the shortest form; returns where the next byte goes. `view` has room for
 * five bytes.
 */
export function putHead(view: DataView, at: number, major: number, argument: number): number {
  const top = major << 5;
  if (argument < 24) {
    view.setUint8(at, top | argument);
    return at + 1;
  }
  if (argument <= 0xff) {
    view.setUint8(at, top | 24);
    view.setUint8(at + 1, argument);
    return at + 2;
  }
  if (argument <= 0xffff) {
    view.setUint8(at, top | 25);
    view.setUint16(at + 1, argument);
    return at + 3;
  }
  assert(argument <= U32_MAX, 'a longer argument has its own form');
  view.setUint8(at, top | 26);
  view.setUint32(at + 1, argument);
  return at + 5;
}

const utf8 = new TextEncoder();

function writeValue(sink: Sink, value: CborValue, depth: number): void {
  assert(depth <= LIMITS.cborDepthMax, 'a record is not nested deeper than the decoder reads');
  if (typeof value === 'bigint') return writeInteger(sink, value);
  if (typeof value === 'string') return writeText(sink, value);
  if (value === null) return sink.head(SIMPLE, 22);
  if (typeof value === 'boolean') return sink.head(SIMPLE, value ? 21 : 20);
  if (value instanceof Uint8Array) {
    sink.head(BYTES, value.length);
    return sink.raw(value);
  }
  if (isMap(value)) return writeMap(sink, value, depth);
  if (isTag(value)) {
    sink.longHead(TAG, value.tag);
    return writeValue(sink, value.value, depth + 1);
  }
  sink.head(ARRAY, value.length);
  for (const item of value) writeValue(sink, item, depth + 1);
}

function writeInteger(sink: Sink, value: bigint): void {
  if (value >= 0n) return sink.longHead(UNSIGNED, value);
  assert(BigInt.asIntN(64, value) === value, 'an integer in a record fits in 64 bits');
  sink.longHead(NEGATIVE, -1n - value);
}

function writeText(sink: Sink, text: string): void {
  assert(text.isWellFormed(), 'text in a record is well-formed Unicode');
  const bytes = utf8.encode(text);
  sink.head(TEXT, bytes.length);
  sink.raw(bytes);
}

function writeMap(sink: Sink, map: ReadonlyMap<CborKey, CborValue>, depth: number): void {
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  sink.head(MAP, entries.length);
  for (const { key, value } of entries) {
    sink.raw(key);
    writeValue(sink, value, depth + 1);
  }
}

/** Bytewise lexicographic order: -1, 0 or 1. */
export function compareBytes(a: Uint8Array, b: Uint8Array): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

// ---- reading

class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset = 0;
  fault: CborFault | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(fault: CborFault['fault'], offset = this.offset): undefined {
    this.fault ??= { fault, offset };
    return undefined;
  }

  left(): number {
    return this.bytes.length - this.offset;
  }
}

/** The arguments an initial byte holds by itself, made once. */
const SMALL: readonly bigint[] = Array.from({ length: 24 }, (_, i) => BigInt(i));

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readValue(reader: Reader, depth: number): CborValue | undefined {
  if (depth > LIMITS.cborDepthMax) return reader.fail('too-deep');
  const start = reader.offset;
  const initial = reader.bytes[start];
  if (initial === undefined) return reader.fail('truncated');
  const major = initial >> 5;
  const info = initial & 31;
  if (major === SIMPLE) return readSimple(reader, info);
  const argument = readArgument(reader, info);
  if (argument === undefined) return undefined;
  switch (major) {
    case UNSIGNED:
      return argument;
    case NEGATIVE: {
      const value = -1n - argument;
      return value < I64_MIN ? reader.fail('integer-range', start) : value;
    }
    case BYTES:
      return readSlice(reader, argument);
    case TEXT:
      return readText(reader, argument);
    case ARRAY:
      return readArray(reader, argument, depth);
    case MAP:
      return readMap(reader, argument, depth);
    default: {
      const value = readValue(reader, depth + 1);
      return value === undefined ? undefined : { tag: argument, value };
    }
  }
}

function readSimple(reader: Reader, info: number): CborValue | undefined {
  if (info !== 20 && info !== 21 && info !== 22) return reader.fail('unsupported-type');
  reader.offset += 1;
  return info === 22 ? null : info === 21;
}

/** The argument of an initial byte, consumed; refuses longer forms than needed. */
function readArgument(reader: Reader, info: number): bigint | undefined {
  const start = reader.offset;
  if (info < 24) {
    reader.offset += 1;
    return SMALL[info];
  }
  if (info === 31) return reader.fail('indefinite-length');
  if (info > 27) return reader.fail('unsupported-type');
  const size = 1 << (info - 24);
  if (reader.left() < 1 + size) return reader.fail('truncated');
  reader.offset += 1 + size;
  const at = start + 1;
  switch (size) {
    case 1: {
      const value = reader.view.getUint8(at);
      return value < 24 ? reader.fail('not-minimal', start) : BigInt(value);
    }
    case 2: {
      const value = reader.view.getUint16(at);
      return value <= 0xff ? reader.fail('not-minimal', start) : BigInt(value);
    }
    case 4: {
      const value = reader.view.getUint32(at);
      return value <= 0xffff ? reader.fail('not-minimal', start) : BigInt(value);
    }
    default: {
      const value = reader.view.getBigUint64(at);
      return value <= 0xffff_ffffn ? reader.fail('not-minimal', start) : value;
    }
  }
}

function readSlice(reader: Reader, length: bigint): Uint8Array | undefined {
  if (length > BigInt(reader.left())) return reader.fail('truncated');
  const start = reader.offset;
  reader.offset += Number(length);
  return reader.bytes.subarray(start, reader.offset);
}

function readText(reader: Reader, length: bigint): string | undefined {
  const start = reader.offset;
  const slice = readSlice(reader, length);
  if (slice === undefined) return undefined;
  try {
    return strictUtf8.decode(slice);
  } catch {
    return reader.fail('bad-utf8', start);
  }
}

function readArray(reader: Reader, count: bigint, depth: number): CborValue[] | undefined {
  if (count > BigInt(reader.left())) return reader.fail('truncated');
  const items: CborValue[] = [];
  for (let i = 0n; i < count; i++) {
    const item = readValue(reader, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function readMap(reader: Reader, count: bigint, depth: number): Map<CborKey, CborValue> | undefined {
  if (count * 2n > BigInt(reader.left())) return reader.fail('truncated');
  const map = new Map<CborKey, CborValue>();
  let previous: KeyRange | undefined;
  for (let left = Number(count); left > 0; left--) {
    const start = reader.offset;
    const key = readValue(reader, depth + 1);
    if (key === undefined) return undefined;
    if (typeof key !== 'bigint' && typeof key !== 'string') return reader.fail('key-type', start);
    const encoded = { start, end: reader.offset };
    // RFC 8949 section 4.2.1: keys ascend bytewise; an equal key is a duplicate.
    if (previous !== undefined && !ascends(reader.bytes, previous, encoded)) return reader.fail('key-order', start);
    previous = encoded;
    const value = readValue(reader, depth + 1);
    if (value === undefined) return undefined;
    map.set(key, value);
  }
  return map;
}

/** Where an encoded key lies in the input: a view of it for every key would cost as much as reading it. */
type KeyRange = { readonly start: number; readonly end: number };

/** The bytes of `a` come before those of `b`, and are not the same. */
function ascends(bytes: Uint8Array, a: KeyRange, b: KeyRange): boolean {
  const length = Math.min(a.end - a.start, b.end - b.start);
  for (let i = 0; i < length; i++) {
    const difference = bytes[a.start + i]! - bytes[b.start + i]!;
    if (difference !== 0) return difference < 0;
  }
  return a.end - a.start < b.end - b.start;
}
