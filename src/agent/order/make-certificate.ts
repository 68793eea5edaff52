/**
 * The certificate of a final subject, put together from what is stored here: entries, proofs into the lanes' prefixes and
 * into the order log, the votes of the cut. core/ordering/certificate.ts owns the bytes; anyone judges them offline.
 */

import type { Digest } from '../../core/codec/sha256.ts';
import { assert } from '../../core/assert.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { inclusionPlan, proofOf } from '../../core/log/proofs.ts';
import { encodeCertificate, type CertificateReport, type CertificateVote } from '../../core/ordering/certificate.ts';
import { encodeOrderEntry } from '../../core/ordering/order-entry.ts';
import type { CertificateParts } from '../../core/ordering/ordering.ts';
import { isFault } from '../../core/verdict.ts';
import type { KeptLanes, KeptLog } from '../../ports/kept-log.ts';

export type CertificateNeeds = {
  readonly network: Digest;
  readonly lanes: KeptLanes;
  /** By validator index. */
  readonly kids: readonly Uint8Array[];
  /** Holds at least the entries of the parts' cut. */
  readonly orderLog: KeptLog;
};

export async function makeCertificate(
  { network, lanes, kids, orderLog }: CertificateNeeds,
  { entry, reports, cut, votes }: CertificateParts,
): Promise<Uint8Array> {
  const laneOf = (index: number): KeptLog => {
    const lane = lanes.lane(kids[index]!);
    assert(lane !== undefined, 'a lane that a cut names is kept here');
    return lane;
  };
  const counted = reports.filter(({ lane, seq }) => seq < cut.lanes[lane]!.size).toSorted((a, b) => a.lane - b.lane);
  const proven: CertificateReport[] = [];
  for (const { lane, seq } of counted)
    proven.push({
      lane,
      entry: await entryOf(laneOf(lane), seq),
      proof: await inclusionIn(laneOf(lane), seq, cut.lanes[lane]!.size),
    });
  const cast: CertificateVote[] = [];
  for (const { voter, seq } of votes.toSorted((a, b) => a.voter - b.voter)) {
    const decoded = decodeEntry(await entryOf(laneOf(voter), seq));
    assert(!isFault(decoded), 'a stored entry was verified before it was stored');
    cast.push({ voter, statement: decoded.statement });
  }
  return encodeCertificate({
    network,
    subject: entry.subject,
    orderEntry: encodeOrderEntry(entry),
    orderProof: await inclusionIn(orderLog, entry.index, cut.order.size),
    cut,
    votes: cast,
    reports: proven,
  });
}

/** Inclusion proof of entry `index` of a log into its first `size` entries. */
export async function inclusionIn(log: KeptLog, index: number, size: number): Promise<Digest[]> {
  const plan = inclusionPlan(index, size);
  return proofOf(plan, await log.hashes(plan.flat()));
}

async function entryOf(log: KeptLog, index: number): Promise<Uint8Array> {
  const [entry] = await log.read(index, index + 1);
  assert(entry !== undefined, 'a kept log gives the entries below its size');
  return entry;
}
