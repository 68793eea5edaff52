/**
 * A subject record written and read in one pass, without building CBOR values: a validator reads every subject of everyone
 * (5,000 a second), and as values the six fields took more than everything else that is done to admit one.
 *
 * It reads the one shape there is, in shortest forms, and answers undefined for anything else; the general decoder then says
 * what is wrong. For the shape it knows, it agrees with that decoder and with the general encoder (property tests).
 */

import { SHA256_SIZE_BYTES } from '../codec/sha256.ts';
import { taiInstant } from '../time/nanos.ts';
import type { Subject } from './subject.ts';

/** An array of six that begins with the text of the domain, then 32 bytes of the network follow. */
// prettier-ignore
const OPENING = Uint8Array.of(
  0x86, 0x72, ...new TextEncoder().encode('momentd subject v1'), 0x58, SHA256_SIZE_BYTES,
);
const CLAIMED_AT = OPENING.length + SHA256_SIZE_BYTES;
/** An argument of eight bytes, as every time since 1970 and four seconds has; shorter ones are left to the general decoder. */
const UINT64 = 0x1b;
const UINT64_MIN = 0x1_0000_0000n;
const I64_MAX = (1n << 63n) - 1n;
const PRIORITY_AT = CLAIMED_AT + 9;
/** Initial bytes: an unsigned integer and a byte string of less than 24, and their forms with one byte of argument. */
const UINT8 = 0x18;
const BYTES = 0x40;
const BYTES8 = 0x58;
const SHORT_MAX = 23;
const DIGEST_BYTES = 2 + SHA256_SIZE_BYTES;
const SENDER_BYTES_MAX = 32;

/** The fields of a record as views of it, or undefined when it has any other shape. */
export function scanSubject(record: Uint8Array): Subject | undefined {
  // The opening, a time, a priority, an empty sender, a digest.
  if (record.length < PRIORITY_AT + 2 + DIGEST_BYTES) return undefined;
  for (let i = 0; i < OPENING.length; i++) if (record[i] !== OPENING[i]) return undefined;
  if (record[CLAIMED_AT] !== UINT64) return undefined;
  const claimed = new DataView(record.buffer, record.byteOffset + CLAIMED_AT + 1, 8).getBigUint64(0);
  if (claimed < UINT64_MIN || claimed > I64_MAX) return undefined;
  let at = PRIORITY_AT;
  let priority = record[at++]!;
  if (priority === UINT8) {
    priority = record[at++]!;
    if (priority <= SHORT_MAX) return undefined;
  } else if (priority > SHORT_MAX) return undefined;
  let senderBytes = record[at++]! - BYTES;
  if (senderBytes === BYTES8 - BYTES) {
    senderBytes = record[at++]!;
    if (senderBytes <= SHORT_MAX) return undefined;
  } else if (senderBytes < 0 || senderBytes > SHORT_MAX) return undefined;
  const digestAt = at + senderBytes;
  if (senderBytes > SENDER_BYTES_MAX || record.length !== digestAt + DIGEST_BYTES) return undefined;
  if (record[digestAt] !== BYTES8 || record[digestAt + 1] !== SHA256_SIZE_BYTES) return undefined;
  return {
    network: record.subarray(OPENING.length, CLAIMED_AT),
    claimed: taiInstant(claimed),
    priority,
    sender: record.subarray(at, digestAt),
    digest: record.subarray(digestAt + 2),
  };
}

/** The record of a subject whose fields are in their ranges; undefined for one claimed before 1970-01-01T00:00:05. */
export function writeSubject({ network, claimed, priority, sender, digest }: Subject): Uint8Array | undefined {
  if (claimed < UINT64_MIN) return undefined;
  const priorityBytes = priority <= SHORT_MAX ? 1 : 2;
  const senderHeadBytes = sender.length <= SHORT_MAX ? 1 : 2;
  const senderAt = PRIORITY_AT + priorityBytes + senderHeadBytes;
  const digestAt = senderAt + sender.length;
  const record = new Uint8Array(digestAt + DIGEST_BYTES);
  record.set(OPENING);
  record.set(network, OPENING.length);
  record[CLAIMED_AT] = UINT64;
  new DataView(record.buffer, CLAIMED_AT + 1, 8).setBigUint64(0, claimed);
  if (priorityBytes === 2) record[PRIORITY_AT] = UINT8;
  record[PRIORITY_AT + priorityBytes - 1] = priority;
  if (senderHeadBytes === 2) record[senderAt - 2] = BYTES8;
  record[senderAt - 1] = senderHeadBytes === 1 ? BYTES + sender.length : sender.length;
  record.set(sender, senderAt);
  record[digestAt] = BYTES8;
  record[digestAt + 1] = SHA256_SIZE_BYTES;
  record.set(digest, digestAt + 2);
  return record;
}
