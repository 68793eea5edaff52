/**
 * The timestamp certificate of one subject: everything a stranger with the genesis record needs to check when it was seen
 * and where it stands in the final order. One canonical CBOR file; docs/spec/certificate.md.
 *
 * It holds the order entry with its proof into the order log, the cut whose votes name that log and every lane's prefix,
 * a quorum of votes, and from a quorum of lanes the whole entry that reports the subject with its proof into the prefix.
 * This file owns type and bytes; verify-certificate.ts judges.
 */

import { assert } from '../assert.ts';
import { decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { PROOF_HASHES_MAX } from '../log/proofs.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import type { Cut, LanePrefix } from './cut.ts';

export type CertificateVote = {
  /** Index of the validator in the genesis record. */
  readonly voter: number;
  /** The signed kind-4 statement. */
  readonly statement: Uint8Array;
};

export type CertificateReport = {
  readonly lane: number;
  /** The whole lane entry: statement and reports body. Its position in the lane is the statement's seq. */
  readonly entry: Uint8Array;
  /** Inclusion proof into the lane's prefix under the cut. */
  readonly proof: readonly Digest[];
};

export type Certificate = {
  readonly network: Digest;
  readonly subject: Digest;
  /** `encodeOrderEntry`. */
  readonly orderEntry: Uint8Array;
  /** Inclusion proof into the order log of `cut.order`. */
  readonly orderProof: readonly Digest[];
  readonly cut: Cut;
  /** Ascending by voter. */
  readonly votes: readonly CertificateVote[];
  /** Ascending by lane. */
  readonly reports: readonly CertificateReport[];
};

/** Value of key 0: what the file is. */
export const CERTIFICATE_KIND = 'momentd certificate v1';

/**
 * CBOR map: 0 kind, 1 network, 2 subject, 3 order entry, 4 order proof, 5 `[slot, order size, order root]`, 6 lanes
 * `[[size, root], ...]`, 7 votes `[[voter, statement], ...]`, 8 reports `[[lane, entry, proof], ...]`.
 */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const { network, subject, orderEntry, orderProof, cut, votes, reports } = certificate;
  const bytes = encodeCbor(
    new Map<CborKey, CborValue>([
      [0n, CERTIFICATE_KIND],
      [1n, network],
      [2n, subject],
      [3n, orderEntry],
      [4n, orderProof],
      [5n, [BigInt(cut.slot), BigInt(cut.order.size), cut.order.root]],
      [6n, cut.lanes.map(({ size, root }) => [BigInt(size), root])],
      [7n, votes.map(({ voter, statement }) => [BigInt(voter), statement])],
      [8n, reports.map(({ lane, entry, proof }) => [BigInt(lane), entry, proof])],
    ]),
  );
  const read = decodeCertificate(bytes);
  assert(!isFault(read), `a certificate we encode is one we read${isFault(read) ? `: ${read.detail}` : ''}`);
  return bytes;
}

const KEY_COUNT = 9;

/** The certificate's parts, or how its form is wrong. Judges nothing in it. Arrays are views of `bytes`. */
export function decodeCertificate(bytes: Uint8Array): Certificate | Fault {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.certificateBytesMax) return fault('certificate-too-long', `${bytes.length} bytes`);
  const decoded = decodeCbor(bytes);
  // [REJECT] One encoding per certificate.
  if ('fault' in decoded) return fault('certificate-format', `${decoded.fault} at byte ${decoded.offset}`);
  const map = decoded.value;
  if (!isMap(map) || map.size !== KEY_COUNT || map.get(0n) !== CERTIFICATE_KIND)
    return fault('certificate-format', `not a map of the keys 0..8 with "${CERTIFICATE_KIND}" at 0`);
  const network = map.get(1n);
  const subject = map.get(2n);
  if (!isDigest(network) || !isDigest(subject)) return fault('certificate-format', 'keys 1 and 2 are not 32 bytes');
  const orderEntry = map.get(3n);
  const orderProof = proofIn(map.get(4n));
  if (!(orderEntry instanceof Uint8Array) || orderProof === undefined)
    return fault('certificate-format', 'keys 3 and 4 are not an order entry and its proof');
  const cut = cutIn(map.get(5n), map.get(6n));
  if (cut === undefined) return fault('certificate-format', 'keys 5 and 6 are not a cut');
  const votes = listOf(map.get(7n), voteIn);
  if (votes === undefined) return fault('certificate-format', 'key 7 is not a list of [voter, statement]');
  const reports = listOf(map.get(8n), reportIn);
  if (reports === undefined) return fault('certificate-format', 'key 8 is not a list of [lane, entry, proof]');
  return { network, subject, orderEntry, orderProof, cut, votes, reports };
}

function cutIn(head: CborValue | undefined, lanes: CborValue | undefined): Cut | undefined {
  const [slot, size, root] = tuple(head, 3) ?? [];
  const prefixes = listOf(lanes, (item): LanePrefix | undefined => {
    const [entries, laneRoot] = tuple(item, 2) ?? [];
    return isCount(entries) && isDigest(laneRoot) ? { size: Number(entries), root: laneRoot } : undefined;
  });
  if (!isCount(slot) || !isCount(size) || !isDigest(root) || prefixes === undefined) return undefined;
  return { slot: Number(slot), lanes: prefixes, order: { size: Number(size), root } };
}

function voteIn(value: CborValue): CertificateVote | undefined {
  const [voter, statement] = tuple(value, 2) ?? [];
  return isCount(voter) && statement instanceof Uint8Array ? { voter: Number(voter), statement } : undefined;
}

function reportIn(value: CborValue): CertificateReport | undefined {
  const [lane, entry, hashes] = tuple(value, 3) ?? [];
  const proof = proofIn(hashes);
  return isCount(lane) && entry instanceof Uint8Array && proof !== undefined
    ? { lane: Number(lane), entry, proof }
    : undefined;
}

function proofIn(value: CborValue | undefined): Digest[] | undefined {
  const hashes = listOf(value, (item) => (isDigest(item) ? item : undefined));
  return hashes !== undefined && hashes.length <= PROOF_HASHES_MAX ? hashes : undefined;
}

/** Each item read, at most one per validator; undefined where the value is no list or one item is not readable. */
function listOf<T>(value: CborValue | undefined, read: (item: CborValue) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > LIMITS.validatorsMax) return undefined;
  const items: T[] = [];
  for (const item of value as readonly CborValue[]) {
    const readItem = read(item);
    if (readItem === undefined) return undefined;
    items.push(readItem);
  }
  return items;
}

const tuple = (value: CborValue | undefined, length: number): readonly CborValue[] | undefined =>
  Array.isArray(value) && value.length === length ? (value as readonly CborValue[]) : undefined;

const isDigest = (value: CborValue | undefined): value is Digest =>
  value instanceof Uint8Array && value.length === SHA256_SIZE_BYTES;

const isCount = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= BigInt(LIMITS.laneEntriesMax);
