/**
 * A certificate judged offline: with the genesis record and a signature check, nothing else.
 *
 * What an accepted certificate proves, as long as at most f validators lie: q validators reported the subject in the
 * intervals listed, in entries of their lanes below the cut; q validators voted for that cut and for the order log that
 * holds the entry, so every honest validator has the entry at that place for ever. What it does not prove: when the content
 * was made, or that the true order of two overlapping subjects is the drawn one. docs/spec/certificate.md, "Rules".
 */

import { assert } from '../assert.ts';
import { kidOf } from '../attestation/cose-sign1.ts';
import { keyOfGenesis, networkIdOf, type Genesis } from '../attestation/genesis.ts';
import {
  verifyStatement,
  type CheckSignature,
  type SignedStatement,
  type StatementJudge,
} from '../attestation/verify-statement.ts';
import { compareBytes } from '../codec/cbor.ts';
import { sha256 } from '../codec/sha256.ts';
import { leafHash } from '../log/merkle.ts';
import { verifyInclusion } from '../log/proofs.ts';
import type { Interval } from '../time/interval.ts';
import { compareInstants, isBefore } from '../time/nanos.ts';
import { accept, isFault, reject, rejectFault, type Refusal, type Verdict } from '../verdict.ts';
import { decodeCertificate, type Certificate } from './certificate.ts';
import { encodeCutVote, voteFor } from './cut.ts';
import { judgeEntry } from './lane-item.ts';
import { decodeOrderEntry, type OrderEntry } from './order-entry.ts';
import { countedReports } from './report-rules.ts';
import { countsOf, type LaneCounts } from './seen-interval.ts';
import { slotEnd, watermarkOf } from './slots.ts';
import type { LaneReport } from './subject-table.ts';

export type CertifiedSubject = {
  readonly entry: OrderEntry;
  /** What each listed lane reported. */
  readonly reports: readonly LaneReport[];
  /** Validators whose votes are in it. */
  readonly voters: readonly number[];
  /** The slot of the cut the votes are for; the entry's own or a later one. */
  readonly cutSlot: number;
  readonly epoch: bigint;
};

type Court = { readonly genesis: Genesis; readonly judge: StatementJudge; readonly counts: LaneCounts };

/** Bytes in, verdict out; every refusal names the first rule that is broken. */
export function verifyCertificate(
  bytes: Uint8Array,
  genesis: Genesis,
  checkSignature: CheckSignature,
): Verdict<CertifiedSubject> {
  const certificate = decodeCertificate(bytes);
  if (isFault(certificate)) return rejectFault(certificate);
  const network = networkIdOf(genesis);
  // [REJECT] A certificate of another network.
  if (compareBytes(certificate.network, network) !== 0)
    return reject('certificate-network', 'key 1 is not the id of this genesis record');
  const court = {
    genesis,
    judge: { network, keyOf: keyOfGenesis(genesis), checkSignature },
    counts: countsOf(genesis.validators.length),
  };
  // [REJECT] One prefix per validator of the genesis record.
  if (certificate.cut.lanes.length !== court.counts.n)
    return reject('certificate-format', `${certificate.cut.lanes.length} lanes for ${court.counts.n} validators`);
  const entry = decodeOrderEntry(certificate.orderEntry);
  if (isFault(entry)) return rejectFault(entry);
  const votes = judgeVotes(court, certificate);
  if (votes.kind !== 'accept') return votes;
  const reports = judgeReports(court, certificate, entry);
  if (reports.kind !== 'accept') return reports;
  const epochs = new Set([...votes.value, ...reports.value.signed].map(({ statement }) => statement.epoch));
  // [REJECT] One validator set and one set of parameters.
  if (epochs.size !== 1) return reject('certificate-epoch', `statements of ${epochs.size} epochs`);
  const wrong = entryFault(court, certificate, entry, reports.value.reports);
  if (wrong !== undefined) return wrong;
  return accept({
    entry,
    reports: reports.value.reports,
    voters: certificate.votes.map(({ voter }) => voter),
    cutSlot: certificate.cut.slot,
    epoch: [...epochs][0]!,
  });
}

function judgeVotes({ genesis, judge, counts }: Court, { cut, votes }: Certificate): Verdict<SignedStatement[]> {
  // [REJECT] Strictly ascending voters: each counts once.
  if (
    !isAscending(
      votes.map(({ voter }) => voter),
      counts.n,
    )
  )
    return reject('certificate-voters', 'the voters do not ascend, or are not validators');
  // [REJECT] A quorum of the whole set.
  if (votes.length < counts.q) return reject('certificate-votes-too-few', `${votes.length} votes, ${counts.q} needed`);
  const subject = sha256(encodeCutVote(voteFor(cut)));
  const end = slotEnd(cut.slot, genesis.parameters);
  const accepted: SignedStatement[] = [];
  for (const { voter, statement } of votes) {
    const verdict = verifyStatement(judge, statement);
    if (verdict.kind !== 'accept') return verdict;
    const { kid, statement: vote } = verdict.value;
    // [REJECT] Signed by the validator it is listed for, for this very cut, after the slot's end.
    if (!isSignedBy(genesis, voter, kid))
      return reject('certificate-vote', `vote ${voter} is not by validator ${voter}`);
    if (vote.kind !== 'cut-vote' || compareBytes(vote.subject, subject) !== 0)
      return reject('certificate-vote', `vote ${voter} is not for this cut`);
    if (isBefore(vote.time.tai, end)) return reject('certificate-vote', `vote ${voter} was cast before the slot's end`);
    accepted.push(verdict.value);
  }
  return accept(accepted);
}

function judgeReports(
  { genesis, judge, counts }: Court,
  { cut, subject, reports }: Certificate,
  entry: OrderEntry,
): Verdict<{ signed: SignedStatement[]; reports: LaneReport[] }> {
  // [REJECT] Strictly ascending lanes: each counts once.
  if (
    !isAscending(
      reports.map(({ lane }) => lane),
      counts.n,
    )
  )
    return reject('certificate-lanes', 'the lanes do not ascend, or are not of validators');
  // [REJECT] A quorum of the whole set.
  if (reports.length < counts.q)
    return reject('certificate-reports-too-few', `${reports.length} reports, ${counts.q} needed`);
  const end = slotEnd(entry.slot, genesis.parameters);
  const signed: SignedStatement[] = [];
  const found: LaneReport[] = [];
  for (const { lane, entry: bytes, proof } of reports) {
    const verdict = judgeEntry(judge, bytes);
    if (verdict.kind !== 'accept') return verdict;
    const item = verdict.value;
    const { statement, kid } = item.signed;
    if (!isSignedBy(genesis, lane, kid)) return reject('certificate-report', `report ${lane} is not of lane ${lane}`);
    // [REJECT] Only what the cut holds counts.
    const { size, root } = cut.lanes[lane]!;
    if (!verifyInclusion({ leaf: item.leaf, index: Number(statement.seq), size, root, proof }))
      return reject('certificate-lane-proof', `the entry of lane ${lane} is not in its prefix`);
    // [REJECT] A reports statement below the end of the entry's slot, whose reports count, with the subject among them.
    if (statement.kind !== 'reports' || !isBefore(statement.time.tai, end))
      return reject('certificate-report', `the entry of lane ${lane} is not a reports statement of the slot`);
    const counted = countedReports(genesis.parameters, undefined, item.signed, item.body);
    if (isFault(counted)) return rejectFault(counted);
    const report = counted.find((candidate) => compareBytes(candidate.subject, subject) === 0);
    if (report === undefined) return reject('certificate-report', `lane ${lane} does not report the subject there`);
    signed.push(item.signed);
    found.push({ lane, seq: Number(statement.seq), seen: report.seen });
  }
  return accept({ signed, reports: found });
}

function entryFault(
  { genesis, counts }: Court,
  { cut, subject, orderEntry, orderProof }: Certificate,
  entry: OrderEntry,
  reports: readonly LaneReport[],
): Refusal | undefined {
  // [REJECT] The entry is in the order log the votes name.
  const { size, root } = cut.order;
  if (!verifyInclusion({ leaf: leafHash(orderEntry), index: entry.index, size, root, proof: orderProof }))
    return reject('certificate-order-proof', 'the entry is not in the order of the cut');
  if (compareBytes(entry.subject, subject) !== 0)
    return reject('certificate-order-entry', 'the entry is of another subject');
  // [REJECT] It was final by its own slot, and no later than the cut.
  if (entry.slot > cut.slot || isBefore(watermarkOf(entry.slot, genesis.parameters), entry.seen.latest))
    return reject('certificate-order-entry', 'the interval ends after the slot could make it final');
  if (isBefore(entry.moment, entry.seen.earliest))
    return reject('certificate-order-entry', 'the moment lies before the interval');
  return isConsistent(
    counts,
    reports.map((report) => report.seen),
    entry.seen,
  )
    ? undefined
    : reject('certificate-order-entry', 'the interval does not follow from the reports');
}

/**
 * True when `seen` is what `seenInterval` gives for these reports and some reports of the lanes that are not listed: with a
 * lanes unlisted, lo can be any of the (f+1-a)-th to the (f+1)-th smallest earliest, and hi likewise of the latest.
 */
export function isConsistent({ n, f, q }: LaneCounts, reports: readonly Interval[], seen: Interval): boolean {
  const unlisted = n - reports.length;
  assert(unlisted >= 0 && unlisted <= f, 'a quorum of lanes is listed, each once');
  const earliest = reports.map((report) => report.earliest).sort(compareInstants);
  const latest = reports.map((report) => report.latest).sort(compareInstants);
  return (
    !isBefore(seen.earliest, earliest[f - unlisted]!) &&
    !isBefore(earliest[f]!, seen.earliest) &&
    !isBefore(seen.latest, latest[q - 1 - unlisted]!) &&
    !isBefore(latest[q - 1]!, seen.latest)
  );
}

const isSignedBy = (genesis: Genesis, index: number, kid: Uint8Array): boolean =>
  compareBytes(kidOf(genesis.validators[index]!.publicKey), kid) === 0;

const isAscending = (indexes: readonly number[], below: number): boolean =>
  indexes.every((index, i) => index < below && (i === 0 || indexes[i - 1]! < index));
