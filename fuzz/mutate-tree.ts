/**
 * Mutations of structure: an input that is CBOR or JSON is taken apart, one value in it is changed, and it is put together
 * again. Byte strings that hold CBOR themselves (a payload in an envelope, a statement in an entry) are entered.
 */

import { decodeCbor, encodeCbor, isMap, isTag, type CborKey, type CborValue } from '../src/core/codec/cbor.ts';
import type { Random } from '../src/sim/random.ts';
import { below, changedText, mutateBytes, pick } from './mutate-bytes.ts';

/** Trees of inputs that are mutated again and again. */
const trees = new WeakMap<Uint8Array, CborValue>();

/** Reads an input of the corpus once and for all. */
export function keepTree(input: Uint8Array): void {
  const decoded = decodeCbor(input);
  if ('value' in decoded) trees.set(input, decoded.value);
}

function treeOf(input: Uint8Array): CborValue | undefined {
  const kept = trees.get(input);
  if (kept !== undefined) return kept;
  const decoded = decodeCbor(input);
  return 'fault' in decoded ? undefined : decoded.value;
}

/** One change of a CBOR input, or undefined where it is none or the change cannot be encoded. */
export function mutateCbor(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array | undefined {
  const value = treeOf(input);
  if (value === undefined) return undefined;
  return encoded(changed(random, value, pickNode(random, trees.get(other) ?? other)));
}

/** The same for JSON text; whole numbers become bigints on the way. */
export function mutateJson(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array | undefined {
  const tree = parsed(input);
  if (tree === undefined) return undefined;
  const donor = parsed(other) ?? null;
  const text = JSON.stringify(plain(changed(random, tree, pickNode(random, donor))), undefined, below(random, 2) * 2);
  return new TextEncoder().encode(text);
}

function encoded(value: CborValue): Uint8Array | undefined {
  try {
    return encodeCbor(value);
  } catch {
    return undefined;
  }
}

/** A value somewhere in the tree. */
function pickNode(random: Random, value: CborValue): CborValue {
  if (below(random, 4) === 0) return value;
  if (isMap(value) && value.size > 0) return pickNode(random, pick(random, [...value.values()]));
  if (Array.isArray(value) && value.length > 0) return pickNode(random, pick(random, value as readonly CborValue[]));
  return typeof value === 'object' && value !== null && isTag(value) ? pickNode(random, value.value) : value;
}

/** The tree with one value in it changed. */
function changed(random: Random, value: CborValue, donor: CborValue): CborValue {
  const isHere = below(random, 5) === 0;
  if (value instanceof Uint8Array)
    return isHere ? changedLeaf(random, value, donor) : withinBytes(random, value, donor);
  if (typeof value !== 'object' || value === null) return changedLeaf(random, value, donor);
  if (isMap(value)) return isHere ? changedMap(random, value, donor) : withinMap(random, value, donor);
  if (isTag(value))
    return isHere
      ? { tag: changedInteger(random, value.tag), value: value.value }
      : { tag: value.tag, value: changed(random, value.value, donor) };
  const list = value;
  if (isHere || list.length === 0) return changedList(random, list, donor);
  const at = below(random, list.length);
  return list.with(at, changed(random, list[at]!, donor));
}

/** Bytes that hold CBOR are changed as such; others as bytes. */
function withinBytes(random: Random, bytes: Uint8Array, donor: CborValue): CborValue {
  const inner = bytes.length > 1 ? decodeCbor(bytes) : undefined;
  if (inner === undefined || 'fault' in inner || typeof inner.value !== 'object')
    return changedLeaf(random, bytes, donor);
  return encoded(changed(random, inner.value, donor)) ?? bytes;
}

function withinMap(random: Random, map: ReadonlyMap<CborKey, CborValue>, donor: CborValue): CborValue {
  if (map.size === 0) return changedMap(random, map, donor);
  const key = pick(random, [...map.keys()]);
  return new Map(map).set(key, changed(random, map.get(key)!, donor));
}

function changedMap(random: Random, map: ReadonlyMap<CborKey, CborValue>, donor: CborValue): CborValue {
  const copy = new Map(map);
  const keys = [...map.keys()];
  const key = keys.length === 0 ? 0n : pick(random, keys);
  switch (below(random, 4)) {
    case 0:
      copy.delete(key);
      return copy;
    case 1:
      return copy.set(typeof key === 'bigint' ? changedInteger(random, key) : `${key}x`, donor);
    case 2:
      return copy.set(key, keys.length === 0 ? donor : map.get(pick(random, keys))!);
    default:
      return wrapped(random, copy, donor);
  }
}

function changedList(random: Random, list: readonly CborValue[], donor: CborValue): CborValue {
  const at = below(random, list.length + 1);
  switch (below(random, 6)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, list[at] ?? donor);
    case 2:
      return list.toSpliced(at, 0, donor);
    case 3:
      return list.toReversed();
    case 4:
      return list.flatMap((item) => Array.from({ length: 1 + below(random, 3) }, () => item)).slice(0, 2_048);
    default:
      return wrapped(random, list, donor);
  }
}

/** Something else altogether in its place. */
function wrapped(random: Random, value: CborValue, donor: CborValue): CborValue {
  switch (below(random, 5)) {
    case 0:
      return [value];
    case 1:
      return new Map<CborKey, CborValue>([[0n, value]]);
    case 2:
      return { tag: BigInt(below(random, 64)), value };
    case 3:
      return Array.from({ length: below(random, 17) }).reduce<CborValue>((inner) => [inner], value);
    default:
      return donor;
  }
}

function changedLeaf(random: Random, value: CborValue, donor: CborValue): CborValue {
  if (below(random, 8) === 0)
    return pick<CborValue>(random, [null, true, false, 0n, -1n, '', new Uint8Array(), [], new Map(), donor]);
  if (typeof value === 'bigint') return changedInteger(random, value);
  if (typeof value === 'string')
    return changedText(random, value, typeof donor === 'string' ? donor : 'x').toWellFormed();
  if (typeof value === 'boolean') return !value;
  if (value instanceof Uint8Array) return changedByteString(random, value, donor);
  return donor;
}

function changedByteString(random: Random, bytes: Uint8Array, donor: CborValue): Uint8Array {
  switch (below(random, 4)) {
    case 0:
      return new Uint8Array(bytes.length).fill(below(random, 2) * 0xff);
    case 1:
      return bytes.slice(0, Math.max(0, bytes.length - 1 + 2 * below(random, 2)));
    default:
      return mutateBytes(random, bytes, donor instanceof Uint8Array ? donor : new Uint8Array(8));
  }
}

const EDGES = [
  0n,
  1n,
  23n,
  24n,
  255n,
  256n,
  65_535n,
  65_536n,
  (1n << 32n) - 1n,
  1n << 48n,
  (1n << 53n) + 1n,
  1n << 62n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

function changedInteger(random: Random, value: bigint): bigint {
  switch (below(random, 6)) {
    case 0:
      return value + 1n;
    case 1:
      return value - 1n;
    case 2:
      return -value;
    case 3:
      return pick(random, EDGES) * (below(random, 2) === 0 ? 1n : -1n);
    case 4:
      return value + BigInt(below(random, 2_000_000_000)) - 1_000_000_000n;
    default:
      return value ^ (1n << BigInt(below(random, 63)));
  }
}

function parsed(input: Uint8Array): CborValue | undefined {
  try {
    return tree(JSON.parse(Buffer.from(input).toString('utf8')));
  } catch {
    return undefined;
  }
}

function tree(value: unknown): CborValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : String(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map(tree);
  return new Map(Object.entries(value as object).map(([key, inner]) => [key, tree(inner)]));
}

function plain(value: CborValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return value;
  if (isMap(value)) return Object.fromEntries([...value].map(([key, inner]) => [String(key), plain(inner)]));
  return isTag(value) ? plain(value.value) : value.map(plain);
}
