/**
 * Entries of another validator's lane, verified as they must be before they are stored: each on its own, and each after
 * the one before it.
 *
 * Used for ranges that were asked for and for what the pipeline accepted. What is verified here needs no trust in the peer
 * that sent it; that peer is to blame for the first entry that does not hold.
 */

import { compareBytes } from '../../core/codec/cbor.ts';
import type { KeyOf } from '../../core/attestation/keyring.ts';
import type { HashRanges } from '../../core/log/hash-ranges.ts';
import { reportsStepFault, stepFault } from '../../core/attestation/lane-rules.ts';
import {
  decodeSignedStatement,
  prepareStatement,
  type SignatureClaim,
  type SignedStatement,
} from '../../core/attestation/verify-statement.ts';
import type { Report } from '../../core/attestation/reports.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { fault, isFault, type Fault } from '../../core/verdict.ts';
import type { BatchVerifier, CheckSignature } from '../../ports/signature-check.ts';
import { bodyOf } from './judge-statement.ts';

export type EntryJudge = {
  readonly network: Uint8Array;
  readonly keyOf: KeyOf;
  readonly checkSignature: CheckSignature;
  /** Off the loop, where there is one: ranges are long. */
  readonly batch: BatchVerifier | undefined;
  /** Hashes the leaves of reports, many at a time; core's own way where there is no quicker one. */
  readonly hashRanges?: HashRanges | undefined;
};

export type LaneEntryView = {
  readonly entry: Uint8Array;
  readonly signed: SignedStatement;
  readonly body: Uint8Array | null;
  /** The reports in the body, as they were read when it was verified. */
  readonly reports?: readonly Report[] | undefined;
};

/** The entries that hold, from the first on, and why the next one does not. */
export type VerifiedEntries = { readonly verified: readonly LaneEntryView[]; readonly fault: Fault | undefined };

/**
 * Verifies consecutive entries of the lane of `kid`, of which `previous` came before; undefined at the lane's beginning.
 */
export async function verifyEntries(
  judge: EntryJudge,
  lane: { readonly kid: Uint8Array; readonly previous: SignedStatement | undefined },
  entries: readonly Uint8Array[],
): Promise<VerifiedEntries> {
  const views: LaneEntryView[] = [];
  const claims: SignatureClaim[] = [];
  let found: Fault | undefined;
  let previous = lane.previous;
  for (const entry of entries) {
    const read = readEntry(judge, { kid: lane.kid, previous }, entry);
    if (isFault(read)) {
      found = read;
      break;
    }
    views.push(read.view);
    claims.push(read.claim);
    previous = read.view.signed;
  }
  const holds = await checkAll(judge, claims);
  const broken = holds.indexOf(false);
  if (broken < 0) return { verified: views, fault: found };
  // [REJECT] The equation must hold.
  return { verified: views.slice(0, broken), fault: fault('signature-invalid', `entry ${broken} of the range`) };
}

function readEntry(
  judge: EntryJudge,
  { kid, previous }: { readonly kid: Uint8Array; readonly previous: SignedStatement | undefined },
  entry: Uint8Array,
): { readonly view: LaneEntryView; readonly claim: SignatureClaim } | Fault {
  const decoded = decodeEntry(entry);
  if (isFault(decoded)) return decoded;
  const signed = decodeSignedStatement(decoded.statement);
  if (isFault(signed)) return signed;
  // [REJECT] An entry of another lane.
  if (compareBytes(signed.kid, kid) !== 0) return fault('lane-step-signer', 'another key');
  const prepared = prepareStatement(judge, signed);
  if (prepared.kind !== 'accept') return fault(prepared.code, prepared.detail);
  // [REJECT] A lane begins with seq 0.
  if (previous === undefined && signed.statement.seq !== 0n)
    return fault('lane-step-seq', `seq ${signed.statement.seq} at the beginning of a lane`);
  const step = previous === undefined ? undefined : stepFault(previous, signed);
  if (step !== undefined) return step;
  const reports = bodyOf(signed.statement, decoded.body, judge.hashRanges);
  if (isFault(reports)) return reports;
  const early = previous === undefined || reports === undefined ? undefined : reportsStepFault(previous, reports);
  if (early !== undefined) return early;
  return { view: { entry, signed, body: decoded.body, reports }, claim: prepared.value };
}

async function checkAll(judge: EntryJudge, claims: readonly SignatureClaim[]): Promise<readonly boolean[]> {
  if (judge.batch === undefined || claims.length === 0) return claims.map((claim) => judge.checkSignature(claim));
  return judge.batch.check(claims);
}
