/**
 * A receipt: one validator's report of one subject, with the proof that its signed statement covers it. What a client gets
 * within a tick, long before the order is final. docs/spec/certificate.md, "Receipt".
 *
 * CBOR `[kind, statement, report, index, count, proof]`; `report` is the body's entry `[subject, earliest, latest]`, a leaf of
 * the tree of `count` leaves whose root is the statement's key 7.
 */

import { decodeReports, reportLeaves, type Report } from '../attestation/reports.ts';
import { verifyStatement, type SignedStatement, type StatementJudge } from '../attestation/verify-statement.ts';
import { assert } from '../assert.ts';
import { compareBytes, decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { leafHash, rootOf } from '../log/merkle.ts';
import { inclusionPlan, proofOf, verifyInclusion, PROOF_HASHES_MAX } from '../log/proofs.ts';
import { accept, fault, isFault, reject, rejectFault, type Fault, type Verdict } from '../verdict.ts';

export const RECEIPT_KIND = 'momentd receipt v1';

export type Receipt = { readonly signed: SignedStatement; readonly report: Report };

/** The receipt of a subject, from the statement and body that report it; undefined when they do not. */
export function makeReceipt(statement: Uint8Array, body: Uint8Array, subject: Digest): Uint8Array | undefined {
  const decoded = decodeCbor(body);
  const leaves = reportLeaves(body);
  if ('fault' in decoded || leaves === undefined) return undefined;
  const entries = decoded.value as readonly (readonly CborValue[])[];
  const index = entries.findIndex(([id]) => id instanceof Uint8Array && compareBytes(id, subject) === 0);
  if (index < 0) return undefined;
  return encodeCbor([
    RECEIPT_KIND,
    statement,
    entries[index]!,
    BigInt(index),
    BigInt(leaves.length),
    proofFromLeaves(leaves, index, leaves.length),
  ]);
}

/** Judges a receipt with nothing but the network's keys. */
export function verifyReceipt(judge: StatementJudge, bytes: Uint8Array): Verdict<Receipt> {
  const parts = readReceipt(bytes);
  if (isFault(parts)) return rejectFault(parts);
  const verdict = verifyStatement(judge, parts.statement);
  if (verdict.kind !== 'accept') return verdict;
  const { statement } = verdict.value;
  if (statement.kind !== 'reports') return reject('receipt-format', `a ${statement.kind} statement reports nothing`);
  // A body of this one report is read by the rules of any body.
  const reports = decodeReports(statement.time, encodeCbor([parts.report]));
  if (isFault(reports)) return rejectFault(reports);
  const { index, count, proof } = parts;
  const leaf = leafHash(encodeCbor(parts.report));
  // [REJECT] The report is one of those the statement was signed over.
  return verifyInclusion({ leaf, index, size: count, root: statement.subject, proof })
    ? accept({ signed: verdict.value, report: reports[0]! })
    : reject('receipt-proof', 'the report is not among those of the statement');
}

type Parts = {
  readonly statement: Uint8Array;
  readonly report: CborValue;
  readonly index: number;
  readonly count: number;
  readonly proof: readonly Digest[];
};

function readReceipt(bytes: Uint8Array): Parts | Fault {
  if (bytes.length > LIMITS.receiptBytesMax) return fault('receipt-format', `${bytes.length} bytes of receipt`);
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return fault('receipt-format', `${decoded.fault} at byte ${decoded.offset}`);
  if (!Array.isArray(decoded.value) || decoded.value.length !== 6) return notAReceipt();
  const [kind, statement, report, index, count, proof] = decoded.value as readonly CborValue[];
  if (kind !== RECEIPT_KIND || !(statement instanceof Uint8Array) || report === undefined) return notAReceipt();
  if (typeof index !== 'bigint' || typeof count !== 'bigint' || index < 0n || index >= count) return notAReceipt();
  if (count > BigInt(LIMITS.reportsMax) || !isProof(proof)) return notAReceipt();
  return { statement, report, index: Number(index), count: Number(count), proof };
}

const notAReceipt = (): Fault =>
  fault('receipt-format', `not ["${RECEIPT_KIND}", statement, report, index, count, proof]`);

const isProof = (value: CborValue | undefined): value is readonly Digest[] =>
  Array.isArray(value) &&
  value.length <= PROOF_HASHES_MAX &&
  (value as readonly CborValue[]).every((hash) => hash instanceof Uint8Array && hash.length === SHA256_SIZE_BYTES);

/** Inclusion proof of entry `index` of the first `size` leaves, by definition: for trees whose leaves are all at hand. */
export function proofFromLeaves(leaves: readonly Digest[], index: number, size: number): Digest[] {
  assert(size <= leaves.length, 'a tree is proven from its own leaves');
  const plan = inclusionPlan(index, size);
  const hashes = plan
    .flat()
    .map((subtree) =>
      rootOf(leaves.slice(subtree.index * 2 ** subtree.level, (subtree.index + 1) * 2 ** subtree.level)),
    );
  return proofOf(plan, hashes);
}
