/**
 * A subject: what is to be timestamped and ordered, by the digest of its content. Validators report its id.
 *
 * The record is canonical CBOR `["momentd subject v1", network, time, priority, sender, digest]`, the id its SHA-256: bound
 * to one network and to the time its sender claims, around which validators report it (the window of the genesis record).
 * The content itself stays with whoever has it. docs/spec/ordering.md, "Subject".
 */

import { assert } from '../assert.ts';
import { compareBytes, decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
import { sha256, SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { taiInstant, type TaiInstant } from '../time/nanos.ts';
import { fault, type Fault } from '../verdict.ts';
import { scanSubject, writeSubject } from './subject-scan.ts';

export type Subject = {
  readonly network: Digest;
  /** When the sender says it was made: a claim, used for validity only, never for order. */
  readonly claimed: TaiInstant;
  /** 0..255; higher is kept longer when a pool is full. It does not move anything in the order. */
  readonly priority: number;
  /** Who the sender says it is: 0 to 32 bytes, opaque. With `claimed` it names one subject. */
  readonly sender: Uint8Array;
  /** SHA-256 of the content. */
  readonly digest: Digest;
};

const DOMAIN = 'momentd subject v1';
const SENDER_BYTES_MAX = 32;
const PRIORITY_MAX = 255n;
const I64_MAX = (1n << 63n) - 1n;

export function encodeSubject(subject: Subject): Uint8Array {
  const { network, claimed, priority, sender, digest } = subject;
  assert(network.length === SHA256_SIZE_BYTES && digest.length === SHA256_SIZE_BYTES, 'a digest is 32 bytes');
  assert(sender.length <= SENDER_BYTES_MAX, 'a sender is at most 32 bytes');
  assert(Number.isInteger(priority) && priority >= 0 && priority <= 255, 'a priority is 0 to 255');
  assert(claimed >= 0n && claimed <= I64_MAX, 'a claimed time fits 63 bits');
  return writeSubject(subject) ?? encodeCbor([DOMAIN, network, claimed, BigInt(priority), sender, digest]);
}

/** The id that validators report: SHA-256 of the record. */
export const subjectIdOf = (record: Uint8Array): Digest => sha256(record);

export function decodeSubject(record: Uint8Array): Subject | Fault {
  // [REJECT] Length before shape.
  if (record.length > LIMITS.subjectBytesMax) return fault('subject-format', `${record.length} bytes of subject`);
  const scanned = scanSubject(record);
  if (scanned !== undefined) return scanned;
  const decoded = decodeCbor(record);
  if ('fault' in decoded) return fault('subject-format', `${decoded.fault} at byte ${decoded.offset}`);
  const fields = decoded.value;
  if (!Array.isArray(fields) || fields.length !== 6 || fields[0] !== DOMAIN)
    return fault('subject-format', `not an array of six that begins with "${DOMAIN}"`);
  const [, network, claimed, priority, sender, digest] = fields as readonly CborValue[];
  if (!isDigest(network) || !isDigest(digest)) return fault('subject-format', 'network and digest are 32 bytes');
  if (typeof claimed !== 'bigint' || claimed < 0n || claimed > I64_MAX)
    return fault('subject-format', 'the claimed time is not in 0..2^63-1 ns of TAI');
  if (typeof priority !== 'bigint' || priority < 0n || priority > PRIORITY_MAX)
    return fault('subject-format', 'the priority is not in 0..255');
  if (!(sender instanceof Uint8Array) || sender.length > SENDER_BYTES_MAX)
    return fault('subject-format', 'the sender is not at most 32 bytes');
  return { network, claimed: taiInstant(claimed), priority: Number(priority), sender, digest };
}

export const isOfNetwork = (subject: Subject, network: Digest): boolean => compareBytes(subject.network, network) === 0;

const isDigest = (value: CborValue | undefined): value is Digest =>
  value instanceof Uint8Array && value.length === SHA256_SIZE_BYTES;
