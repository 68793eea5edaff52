/**
 * Questions and answers between peers: what lanes there are, a range of one, other peers. docs/spec/network.md.
 *
 * Each is one deterministic CBOR value on a stream of its own, behind four length bytes. Readers meet strangers' bytes:
 * they return faults. A range's entries are joined with 24-bit lengths and may be deflated: consecutive statements share
 * their network, keys and most of their time, and a full answer shrinks to about half (io/gossip measures and decides).
 */

import { KID_SIZE_BYTES } from '../attestation/cose-sign1.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';

export type Request =
  | { readonly kind: 'sizes' }
  | { readonly kind: 'range'; readonly kid: Uint8Array; readonly from: number; readonly to: number }
  | { readonly kind: 'peers' };

const SIZES = 0n;
const RANGE = 1n;
const PEERS = 2n;

export function encodeRequest(request: Request): Uint8Array {
  switch (request.kind) {
    case 'sizes':
      return encodeCbor([SIZES]);
    case 'peers':
      return encodeCbor([PEERS]);
    case 'range':
      return encodeCbor([RANGE, request.kid, BigInt(request.from), BigInt(request.to)]);
  }
}

export function decodeRequest(bytes: Uint8Array): Request | Fault {
  const list = bytes.length <= LIMITS.requestBytesMax ? listOf(bytes) : undefined;
  if (list?.length === 1 && list[0] === SIZES) return { kind: 'sizes' };
  if (list?.length === 1 && list[0] === PEERS) return { kind: 'peers' };
  if (list?.length !== 4 || list[0] !== RANGE) return fault('request-format', 'not a request this program knows');
  const [, kid, from, to] = list;
  const isRange = isKid(kid) && isPosition(from) && isPosition(to) && from < to;
  // [REJECT] A range has entries and not more than one answer may hold.
  if (!isRange || to - from > BigInt(LIMITS.rangeEntriesMax)) return fault('request-format', 'not a range of a lane');
  return { kind: 'range', kid, from: Number(from), to: Number(to) };
}

export function encodeSizes(sizes: readonly { readonly kid: Uint8Array; readonly size: number }[]): Uint8Array {
  return encodeCbor(sizes.map(({ kid, size }) => [kid, BigInt(size)]));
}

export function decodeSizes(bytes: Uint8Array): { readonly kid: Uint8Array; readonly size: number }[] | Fault {
  const list = listOf(bytes);
  if (list === undefined || list.length > LIMITS.validatorsMax) return fault('request-format', 'not a list of lanes');
  const sizes: { kid: Uint8Array; size: number }[] = [];
  for (const item of list) {
    const [kid, size] = Array.isArray(item) && item.length === 2 ? (item as readonly CborValue[]) : [];
    if (!isKid(kid) || !isPosition(size)) return fault('request-format', `lane ${sizes.length} is malformed`);
    sizes.push({ kid, size: Number(size) });
  }
  return sizes;
}

/** What a range's answer says before its bytes. */
export type RangeAnswer = { readonly isDeflated: boolean; readonly packed: Uint8Array };

/** `[deflated, bytes]` */
export const encodeRangeAnswer = ({ isDeflated, packed }: RangeAnswer): Uint8Array => encodeCbor([isDeflated, packed]);

export function decodeRangeAnswer(bytes: Uint8Array): RangeAnswer | Fault {
  const list = listOf(bytes);
  const [isDeflated, packed] = list?.length === 2 ? list : [];
  return typeof isDeflated === 'boolean' && packed instanceof Uint8Array
    ? { isDeflated, packed }
    : fault('request-format', 'not the answer to a range');
}

const ENTRY_HEAD_BYTES = 3;

/** As many of the entries, from the first on, as the bound on one answer allows; at least one when there is one. */
export function packEntries(entries: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  let count = 0;
  for (const entry of entries) {
    const grown = size + ENTRY_HEAD_BYTES + entry.length;
    if (count > 0 && grown > LIMITS.rangeBytesMax) break;
    size = grown;
    count += 1;
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const entry of entries.slice(0, count)) {
    out[at] = entry.length >> 16;
    out[at + 1] = (entry.length >> 8) & 0xff;
    out[at + 2] = entry.length & 0xff;
    out.set(entry, at + ENTRY_HEAD_BYTES);
    at += ENTRY_HEAD_BYTES + entry.length;
  }
  return out;
}

/** The entries, views of `packed`; at most `countMax`. */
export function unpackEntries(packed: Uint8Array, countMax: number): Uint8Array[] | Fault {
  if (packed.length > LIMITS.rangeBytesMax) return fault('request-format', `${packed.length} bytes of entries`);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < packed.length) {
    if (entries.length >= countMax) return fault('request-format', `more than the ${countMax} entries asked for`);
    if (at + ENTRY_HEAD_BYTES > packed.length) return fault('request-format', 'an entry is cut short');
    const length = (packed[at]! << 16) | (packed[at + 1]! << 8) | packed[at + 2]!;
    at += ENTRY_HEAD_BYTES;
    if (length < 1 || length > LIMITS.laneEntryBytesMax || at + length > packed.length)
      return fault('request-format', `entry ${entries.length} claims ${length} bytes`);
    entries.push(packed.subarray(at, at + length));
    at += length;
  }
  return entries;
}

const ADDRESS_TEXT_MAX = 256;

export const encodeAddresses = (addresses: readonly string[]): Uint8Array => encodeCbor([...addresses]);

/** Addresses as text, not yet parsed. */
export function decodeAddresses(bytes: Uint8Array): string[] | Fault {
  const list = listOf(bytes);
  const isList = list !== undefined && list.length <= LIMITS.gossipPeersOffered;
  if (!isList || !list.every((text) => typeof text === 'string' && text.length <= ADDRESS_TEXT_MAX))
    return fault('request-format', 'not a list of addresses');
  return list as string[];
}

function listOf(bytes: Uint8Array): readonly CborValue[] | undefined {
  const decoded = decodeCbor(bytes);
  return 'fault' in decoded || !Array.isArray(decoded.value) ? undefined : (decoded.value as readonly CborValue[]);
}

const isKid = (value: CborValue | undefined): value is Uint8Array =>
  value instanceof Uint8Array && value.length === KID_SIZE_BYTES;

const isPosition = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= BigInt(LIMITS.laneEntriesMax);
