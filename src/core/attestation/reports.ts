/**
 * The body of a reports statement (kind 1): which subjects the validator first saw during the tick, and when.
 *
 * The body travels beside the statement; the statement carries only its Merkle root, as the subject. Each report is one
 * leaf, so a single report is proven with an inclusion proof and one signature. Entries ascend by subject id: one encoding
 * per set, no subject twice, and a missing one can be shown to be missing. docs/spec/statement.md, "Reports body".
 */

import { assert } from '../assert.ts';
import { compareBytes, decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { hashRanges, leafHashes, leafHashesOf, type HashRanges } from '../log/hash-ranges.ts';
import { leafHash, rootOfAll } from '../log/merkle.ts';
import { interval, type Interval } from '../time/interval.ts';
import { nanos, shift, since } from '../time/nanos.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { scanReports, type ScannedReport } from './reports-scan.ts';
import type { Statement } from './statement.ts';
import type { AttestedTime } from './statement-time.ts';

/** "I first saw this subject within this interval." */
export type Report = {
  /** 32 bytes that name the subject; its content is not ours to know. */
  readonly subject: Digest;
  readonly seen: Interval;
};

export type ReportsBody = { readonly bytes: Uint8Array; readonly root: Digest };

/**
 * The body for a statement with this time, and the root that goes into its subject. Reports may come in any order. What
 * was seen before signing was seen before the statement's latest instant: a later end is cut to it, which cannot cut truth.
 */
export function encodeReports(
  time: AttestedTime,
  reports: readonly Report[],
  hash: HashRanges = hashRanges,
): ReportsBody {
  const latestAllowed = shift(time.tai, time.guarantee);
  const entries = reports
    .toSorted((a, b) => compareBytes(a.subject, b.subject))
    .map(({ subject, seen }): CborValue => {
      const latest = seen.latest > latestAllowed ? latestAllowed : seen.latest;
      return [subject, since(seen.earliest, time.tai), since(latest, time.tai)];
    });
  const bytes = encodeCbor(entries);
  const scanned = scanReports(bytes, LIMITS.reportsMax);
  const read = readReports(time, bytes, scanned);
  assert(!isFault(read), `reports we encode are reports we accept${isFault(read) ? `: ${read.detail}` : ''}`);
  return { bytes, root: rootOfBody(bytes, scanned, hash)! };
}

/** The reports of a body, or the first rule it breaks. `time` is that of the statement it belongs to. */
export function decodeReports(time: AttestedTime, body: Uint8Array): Report[] | Fault {
  return readReports(time, body, scanReports(body, LIMITS.reportsMax));
}

function readReports(
  time: AttestedTime,
  body: Uint8Array,
  scanned: readonly ScannedReport[] | undefined,
): Report[] | Fault {
  if (body.length > LIMITS.reportsBodyBytesMax) return fault('reports-too-long', `${body.length} bytes of reports`);
  const list = scanned ?? entriesOf(body);
  if (isFault(list)) return list;
  // [REJECT] A reports statement has reports, and not too many.
  if (list.length < 1 || list.length > LIMITS.reportsMax) return notSoMany();
  const reports: Report[] = [];
  let before: Report | undefined;
  for (const entry of list) {
    const report = isFault(entry) ? entry : readReport(time, entry);
    if (isFault(report)) return fault(report.fault, `report ${reports.length}: ${report.detail}`);
    // [REJECT] Strictly ascending subjects: a set has one encoding and holds nothing twice.
    if (before !== undefined && compareBytes(before.subject, report.subject) >= 0)
      return fault('reports-order', `report ${reports.length} does not ascend by subject`);
    reports.push(report);
    before = report;
  }
  return reports;
}

type Entry = Pick<ScannedReport, 'subject' | 'earliestDelta' | 'latestDelta'>;

/** The entries of a body that the fast reader does not know, each or what is wrong with it. */
function entriesOf(body: Uint8Array): (Entry | Fault)[] | Fault {
  const decoded = decodeCbor(body);
  if ('fault' in decoded) return fault('reports-format', `${decoded.fault} at byte ${decoded.offset}`);
  if (!Array.isArray(decoded.value)) return notSoMany();
  return (decoded.value as readonly CborValue[]).map((entry) => {
    if (!Array.isArray(entry) || entry.length !== 3) return fault('reports-format', 'not an array of three');
    const [subject, earliestDelta, latestDelta] = entry as readonly CborValue[];
    if (!(subject instanceof Uint8Array) || subject.length !== SHA256_SIZE_BYTES)
      return fault('reports-format', 'the subject is not 32 bytes');
    if (typeof earliestDelta !== 'bigint' || typeof latestDelta !== 'bigint')
      return fault('reports-format', 'the deltas are not integers');
    return { subject, earliestDelta, latestDelta };
  });
}

const notSoMany = (): Fault => fault('reports-format', `not an array of 1 to ${LIMITS.reportsMax} reports`);

function readReport(time: AttestedTime, { subject, earliestDelta, latestDelta }: Entry): Report | Fault {
  // [REJECT] An interval, begun within reach of the statement, and over no later than the statement itself.
  if (earliestDelta > latestDelta) return fault('reports-interval', 'the interval ends before it begins');
  if (earliestDelta < EARLIEST_DELTA_MIN) return fault('reports-interval', 'seen too long before the statement');
  if (latestDelta > time.guarantee) return fault('reports-interval', 'seen after the statement was signed');
  return { subject, seen: interval(shift(time.tai, nanos(earliestDelta)), shift(time.tai, nanos(latestDelta))) };
}

const EARLIEST_DELTA_MIN = -BigInt(LIMITS.reportDeltaNsMax);

/** Merkle leaf hash of each entry, in the order of the body; undefined when the body is not well-formed CBOR. */
export function reportLeaves(body: Uint8Array): Digest[] | undefined {
  const scanned = scanReports(body, LIMITS.reportsMax);
  if (scanned !== undefined) return scanned.map(({ start, end }) => leafHash(body.subarray(start, end)));
  const decoded = decodeCbor(body);
  if ('fault' in decoded || !Array.isArray(decoded.value)) return undefined;
  return (decoded.value as readonly CborValue[]).map((entry) => leafHash(encodeCbor(entry)));
}

/** The Merkle root of a body's entries, scanned already where it has the usual shape; undefined where it is none. */
function rootOfBody(
  body: Uint8Array,
  scanned: readonly ScannedReport[] | undefined,
  hash: HashRanges,
): Digest | undefined {
  if (scanned === undefined) {
    const decoded = decodeCbor(body);
    if ('fault' in decoded || !Array.isArray(decoded.value)) return undefined;
    return rootOfAll(leafHashesOf(hash, (decoded.value as readonly CborValue[]).map(encodeCbor)), hash);
  }
  const ranges = new Uint32Array(2 * scanned.length);
  for (const [i, { start, end }] of scanned.entries()) {
    ranges[2 * i] = start;
    ranges[2 * i + 1] = end;
  }
  return rootOfAll(leafHashes(hash, body, ranges), hash);
}

/** The reports a statement commits to, checked against its subject; or why the body is not the one it commits to. */
export function reportsOf(statement: Statement, body: Uint8Array, hash: HashRanges = hashRanges): Report[] | Fault {
  if (statement.kind !== 'reports') return fault('reports-unexpected', `a ${statement.kind} statement has no reports`);
  const scanned = scanReports(body, LIMITS.reportsMax);
  const reports = readReports(statement.time, body, scanned);
  if (isFault(reports)) return reports;
  // [REJECT] The subject is the Merkle root of the entries.
  const root = rootOfBody(body, scanned, hash)!;
  return compareBytes(root, statement.subject) === 0
    ? reports
    : fault('reports-root', "the statement's subject is not the Merkle root of these reports");
}
