/**
 * One entry of somebody's lane, judged alone: what an ordering, a peer's copy and a certificate all take in.
 *
 * The body is bound to the statement's subject here, so an entry is what its signer made it: nobody on the way can change
 * the body and with it the lane's root. What entries owe each other is lane-rules.ts.
 */

import { assert } from '../assert.ts';
import { decodeReports, reportLeaves } from '../attestation/reports.ts';
import type { Statement } from '../attestation/statement.ts';
import { decodeSignedStatement, verifyStatement, type StatementJudge } from '../attestation/verify-statement.ts';
import { compareBytes } from '../codec/cbor.ts';
import { sha256 } from '../codec/sha256.ts';
import { decodeEntry } from '../log/entry.ts';
import { leafHash, rootOf } from '../log/merkle.ts';
import { accept, fault, isFault, rejectFault, type Fault, type Verdict } from '../verdict.ts';
import type { LaneItem } from './order-builder.ts';

/** Shape, statement, signature, and that the body is the one the statement commits to. */
export function judgeEntry(judge: StatementJudge, bytes: Uint8Array): Verdict<LaneItem> {
  const entry = decodeEntry(bytes);
  if (isFault(entry)) return rejectFault(entry);
  const verdict = verifyStatement(judge, entry.statement);
  if (verdict.kind !== 'accept') return verdict;
  const wrong = bodyFault(verdict.value.statement, entry.body);
  if (wrong !== undefined) return rejectFault(wrong);
  return accept({ signed: verdict.value, body: entry.body, leaf: leafHash(bytes) });
}

/** Why this body cannot stand beside the statement, or undefined. Its content is judged where it is used. */
export function bodyFault({ kind, subject }: Statement, body: Uint8Array | null): Fault | undefined {
  switch (kind) {
    case 'reports': {
      const leaves = body === null ? undefined : reportLeaves(body);
      // [REJECT] The subject of reports is the Merkle root of the body.
      return leaves !== undefined && compareBytes(rootOf(leaves), subject) === 0
        ? undefined
        : fault('reports-root', "the statement's subject is not the Merkle root of its body");
    }
    case 'cut-vote':
      // [REJECT] The subject of a vote is the hash of the body.
      return body !== null && compareBytes(sha256(body), subject) === 0
        ? undefined
        : fault('cut-vote-subject', 'key 7 is not SHA-256 of the body');
    case 'heartbeat':
    case 'challenge-answer':
    case 'checkpoint':
      // [REJECT] Nothing rides along that nobody signed.
      return body === null ? undefined : fault('lane-entry-format', `a ${kind} statement with a body`);
  }
}

/** The same of an entry whose reports are asked for more than once. */
export function readItemOf(entry: Uint8Array): LaneItem {
  const item = itemOf(entry);
  const { kind, time } = item.signed.statement;
  const reports = kind === 'reports' && item.body !== null ? decodeReports(time, item.body) : undefined;
  return isFault(reports) ? item : { ...item, reports };
}

/** A stored entry was verified before it was stored, so it must read. */
export function itemOf(entry: Uint8Array): LaneItem {
  const decoded = decodeEntry(entry);
  const signed = isFault(decoded) ? decoded : decodeSignedStatement(decoded.statement);
  assert(!isFault(decoded) && !isFault(signed), 'a stored entry was verified before it was stored');
  return { signed, body: decoded.body, leaf: leafHash(entry) };
}
