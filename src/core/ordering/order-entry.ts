/**
 * One final entry of the order, and its bytes: a leaf of the order log. docs/spec/ordering.md, "Order entry".
 */

import { decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
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
  return encodeCbor([BigInt(index), subject, moment, seen.earliest, seen.latest, BigInt(slot), isLate]);
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
