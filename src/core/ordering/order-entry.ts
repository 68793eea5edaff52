/**
 * One final entry of the order, and its bytes: a leaf of the order log. docs/spec/ordering.md, "Order entry".
 */

import { decodeCbor, encodeCbor, putHead, type CborValue } from '../codec/cbor.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { interval, type Interval } from '../time/interval.ts';
import { taiInstant, type TaiInstant } from '../time/nanos.ts';
import { fault, type Fault } from '../verdict.ts';

export type OrderEntry = {
  /** Position in the order log, from 0. */
  readonly index: number;
  readonly subject: Digest;
  /** Unique and strictly increasing along the order: the subject's instant. Its NanoMoment follows from TAI-UTC. */
  readonly moment: TaiInstant;
  /** `[lo, hi]`, from the trimmed reports of the lanes under the cut. */
  readonly seen: Interval;
  /** The slot whose cut made it final. */
  readonly slot: number;
  /** Its drawn point lay where the order was already final, so it was moved on, within its interval. */
  readonly isLate: boolean;
};

/** CBOR `[index, subject, moment, lo, hi, slot, late]`; instants in ns of TAI. */
export function encodeOrderEntry(entry: OrderEntry): Uint8Array {
  const { index, subject, moment, seen, slot, isLate } = entry;
  return (
    writeEntry(entry) ?? encodeCbor([BigInt(index), subject, moment, seen.earliest, seen.latest, BigInt(slot), isLate])
  );
}

/** An array of seven; then 32 bytes, instants of eight bytes, false or true; index and slot as they come, at most five bytes. */
const [SEVEN, BYTES8, UINT64, FALSE, TRUE] = [0x87, 0x58, 0x1b, 0xf4, 0xf5];
const UNSIGNED = 0;
const UINT32_MAX = 0xffff_ffff;
const HEAD_BYTES_MAX = 5;
const REST_BYTES = 2 + SHA256_SIZE_BYTES + 3 * 9;

/**
 * The same bytes put down directly: twice for every subject that becomes final, as a leaf and as a line of the log. Undefined
 * for instants before 1970 or so early in it that they take fewer bytes, which are left to the general encoder.
 */
function writeEntry({ index, subject, moment, seen, slot, isLate }: OrderEntry): Uint8Array | undefined {
  const instants = [moment, seen.earliest, seen.latest];
  if (instants.some((instant) => instant <= BigInt(UINT32_MAX)) || slot > UINT32_MAX || index > UINT32_MAX)
    return undefined;
  const bytes = new Uint8Array(1 + 2 * HEAD_BYTES_MAX + REST_BYTES + 1);
  const view = new DataView(bytes.buffer);
  bytes[0] = SEVEN;
  let at = putHead(view, 1, UNSIGNED, index);
  bytes[at] = BYTES8;
  bytes[at + 1] = SHA256_SIZE_BYTES;
  bytes.set(subject, at + 2);
  at += 2 + SHA256_SIZE_BYTES;
  for (const instant of instants) {
    bytes[at] = UINT64;
    view.setBigUint64(at + 1, instant);
    at += 9;
  }
  at = putHead(view, at, UNSIGNED, slot);
  bytes[at] = isLate ? TRUE : FALSE;
  return at + 1 === bytes.length ? bytes : bytes.slice(0, at + 1);
}

export function decodeOrderEntry(bytes: Uint8Array): OrderEntry | Fault {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.orderEntryBytesMax) return fault('order-entry-format', `${bytes.length} bytes of entry`);
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return fault('order-entry-format', `${decoded.fault} at byte ${decoded.offset}`);
  if (!Array.isArray(decoded.value) || decoded.value.length !== 7) return notAnEntry();
  const [index, subject, moment, lo, hi, slot, isLate] = decoded.value as readonly CborValue[];
  if (!(subject instanceof Uint8Array) || subject.length !== SHA256_SIZE_BYTES) return notAnEntry();
  if (!isCount(index) || !isCount(slot) || typeof isLate !== 'boolean') return notAnEntry();
  if (typeof moment !== 'bigint' || typeof lo !== 'bigint' || typeof hi !== 'bigint' || lo > hi) return notAnEntry();
  return {
    index: Number(index),
    subject,
    moment: taiInstant(moment),
    seen: interval(taiInstant(lo), taiInstant(hi)),
    slot: Number(slot),
    isLate,
  };
}

/** An entry among the saved state of an order. */
export function saveOrderEntry(to: FlatWriter, { index, subject, moment, seen, slot, isLate }: OrderEntry): void {
  to.count(index);
  to.digest(subject);
  to.instant(moment);
  to.interval(seen);
  to.count(slot);
  to.flag(isLate);
}

export function loadOrderEntry(from: FlatReader): OrderEntry {
  return {
    index: from.count(LIMITS.laneEntriesMax),
    subject: from.digest(),
    moment: from.instant(),
    seen: from.interval(),
    slot: from.count(),
    isLate: from.flag(),
  };
}

const notAnEntry = (): Fault => fault('order-entry-format', 'not [index, subject, moment, lo, hi, slot, late]');

const isCount = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= BigInt(LIMITS.laneEntriesMax);
