/**
 * Writes test/vectors/certificate.json. Run it with node when the format changes on purpose; the file is what is tested.
 *
 * Every wrong certificate is right in all but one respect.
 */

import { encodeGenesis } from '../../../src/core/attestation/genesis.ts';
import { encodeCbor, decodeCbor, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { encodeCertificate, type Certificate } from '../../../src/core/ordering/certificate.ts';
import { encodeCutVote, voteFor } from '../../../src/core/ordering/cut.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, shift } from '../../../src/core/time/nanos.ts';
import { verifyCertificate } from '../../../src/core/ordering/verify-certificate.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { digestOf } from '../attestation/actors.ts';
import { writeVectors, type Vector } from '../attestation/vector-file.ts';
import { certifiedWorld, partsOf, provenEntry, reportOf, votesOf, withFalseEntry } from './certify.ts';
import { at, FourLanes, START_SLOT, subject } from './four-lanes.ts';

type Expect = Record<string, string>;
const vectors: Vector<{ certificate: string }, Expect>[] = [];
const certified = certifiedWorld();
const { world, cut } = certified;
const parts = partsOf(certified, 'a');

function right(name: string, certificate: Certificate, why: string): void {
  const bytes = encodeCertificate(certificate);
  const verdict = verifyCertificate(bytes, world.genesis, checkSignature);
  if (verdict.kind !== 'accept') throw new Error(`${name}: ${verdict.detail}`);
  const { entry, reports, voters } = verdict.value;
  const expect = {
    verdict: 'accept',
    subject: toHex(entry.subject),
    index: `${entry.index}`,
    moment_ns: entry.moment.toString(),
    earliest_ns: entry.seen.earliest.toString(),
    latest_ns: entry.seen.latest.toString(),
    slot: `${entry.slot}`,
    late: `${entry.isLate}`,
    lanes: reports.map(({ lane }) => lane).join(' '),
    voters: voters.join(' '),
  };
  vectors.push({ name, input: { certificate: toHex(bytes) }, expect, why });
}

function wrong(name: string, certificate: Certificate | Uint8Array, code: string, why: string): void {
  const bytes = certificate instanceof Uint8Array ? certificate : encodeCertificate(certificate);
  vectors.push({ name, input: { certificate: toHex(bytes) }, expect: { verdict: 'reject', code }, why });
}

/** The canonical bytes with one key of the map changed or, with undefined, taken out. */
function withKey(key: bigint, value: CborValue | undefined): Uint8Array {
  const decoded = decodeCbor(encodeCertificate(parts)) as { value: ReadonlyMap<CborKey, CborValue> };
  const map = new Map(decoded.value);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return encodeCbor(map);
}

const flip = (bytes: Uint8Array, index = -1): Uint8Array => bytes.with(index, bytes.at(index)! ^ 1);
const moved = (ms: number): ReturnType<typeof interval> => interval(at(ms), at(ms + 1));

right('all four lanes, all four votes', parts, 'the interval is exactly what the reports give');
right(
  'three lanes, three votes',
  { ...parts, votes: parts.votes.slice(1), reports: parts.reports.slice(1) },
  'a quorum is enough',
);
right(
  'another three',
  { ...parts, votes: parts.votes.slice(0, 3), reports: parts.reports.slice(0, 3) },
  'any quorum is',
);
right('an overlapping subject', partsOf(certified, 'b'), 'its place in the order was drawn');
right('the last of the order', partsOf(certified, 'c'), 'a proof from the right edge of the order log');

const whole = encodeCertificate(parts);
wrong('cut short', whole.slice(0, -1), 'certificate-format', 'one byte is missing');
wrong('bytes after the end', Uint8Array.of(...whole, 0), 'certificate-format', 'one value, no more');
wrong(
  'another kind',
  withKey(0n, 'momentd certificate v2'),
  'certificate-format',
  'a version this program does not know',
);
wrong('without votes', withKey(7n, undefined), 'certificate-format', 'eight keys');
wrong('with a tenth key', withKey(9n, 1n), 'certificate-format', 'nothing rides along');
wrong('subject of 31 bytes', withKey(2n, subject('a').slice(1)), 'certificate-format', 'a digest is 32 bytes');
wrong('cut without a root', withKey(5n, [1n, 2n]), 'certificate-format', 'slot, size, root');
wrong('votes as a map', withKey(7n, new Map()), 'certificate-format', 'a list');
wrong('report of two', withKey(8n, [[0n, new Uint8Array()]]), 'certificate-format', 'lane, entry, proof');
wrong('proof of 31 bytes', withKey(4n, [new Uint8Array(31)]), 'certificate-format', 'hashes are 32 bytes');
wrong(
  'proof of 64 hashes',
  withKey(
    4n,
    Array.from({ length: 64 }, () => new Uint8Array(32)),
  ),
  'certificate-format',
  'no tree is so deep',
);
wrong(
  'three lanes in the cut',
  { ...parts, cut: { ...cut, lanes: cut.lanes.slice(1) } },
  'certificate-format',
  'one prefix per validator',
);
wrong(
  'another network',
  { ...parts, network: digestOf('elsewhere') },
  'certificate-network',
  'key 1 is not this genesis',
);
wrong(
  'a voter twice',
  { ...parts, votes: [parts.votes[0]!, parts.votes[0]!, ...parts.votes.slice(1)] },
  'certificate-voters',
  'each counts once',
);
wrong(
  'voters out of order',
  { ...parts, votes: parts.votes.toReversed() },
  'certificate-voters',
  'one encoding per certificate',
);
wrong(
  'a fifth voter',
  { ...parts, votes: [...parts.votes.slice(1), { ...parts.votes[0]!, voter: 4 }] },
  'certificate-voters',
  'there are four',
);
wrong('two votes', { ...parts, votes: parts.votes.slice(2) }, 'certificate-votes-too-few', 'a quorum is three');
wrong(
  'a vote under another name',
  {
    ...parts,
    votes: [parts.votes[1]!, parts.votes[0]!, ...parts.votes.slice(2)].map((vote, voter) => ({ ...vote, voter })),
  },
  'certificate-vote',
  'not signed by whom it is listed for',
);
wrong(
  'votes for another order',
  { ...parts, cut: { ...cut, order: { ...cut.order, root: digestOf('else') } } },
  'certificate-vote',
  'key 7 is of another body',
);
wrong(
  'votes for another prefix',
  { ...parts, cut: { ...cut, lanes: cut.lanes.with(0, { ...cut.lanes[0]!, size: 1 }) } },
  'certificate-vote',
  'the lanes are under the votes',
);
wrong(
  'votes for another slot',
  { ...parts, cut: { ...cut, slot: cut.slot + 1 } },
  'certificate-vote',
  'the slot is under the votes',
);
wrong(
  'votes before the slot ended',
  { ...parts, votes: votesOf(new FourLanes(), cut, 240) },
  'certificate-vote',
  'nobody had every lane by then',
);
wrong(
  'a report in place of a vote',
  { ...parts, votes: parts.votes.with(3, { voter: 3, statement: world.lanes[3]![1]!.signed.bytes }) },
  'certificate-vote',
  'another kind of statement',
);
wrong(
  'an altered signature',
  { ...parts, votes: parts.votes.with(0, { voter: 0, statement: flip(parts.votes[0]!.statement, -40) }) },
  'signature-invalid',
  'the equation does not hold',
);
wrong(
  'rubbish in place of a vote',
  { ...parts, votes: parts.votes.with(0, { voter: 0, statement: new Uint8Array(3) }) },
  'cose-envelope',
  'no statement',
);
wrong(
  'a lane twice',
  { ...parts, reports: [parts.reports[0]!, parts.reports[0]!, ...parts.reports.slice(1)] },
  'certificate-lanes',
  'each counts once',
);
wrong(
  'lanes out of order',
  { ...parts, reports: parts.reports.toReversed() },
  'certificate-lanes',
  'one encoding per certificate',
);
wrong('two lanes', { ...parts, reports: parts.reports.slice(2) }, 'certificate-reports-too-few', 'a quorum is three');
wrong(
  'an altered lane proof',
  {
    ...parts,
    reports: parts.reports.with(0, {
      ...parts.reports[0]!,
      proof: [flip(parts.reports[0]!.proof[0]!), ...parts.reports[0]!.proof.slice(1)],
    }),
  },
  'certificate-lane-proof',
  'leads to another root',
);
wrong(
  'a lane proof too short',
  { ...parts, reports: parts.reports.with(0, { ...parts.reports[0]!, proof: parts.reports[0]!.proof.slice(1) }) },
  'certificate-lane-proof',
  'not of the length the position demands',
);
wrong(
  'an entry past the cut',
  { ...parts, reports: parts.reports.with(0, { lane: 0, entry: lateReport(), proof: [] }) },
  'certificate-lane-proof',
  'its seq lies beyond the prefix',
);
wrong(
  'an entry of another lane',
  { ...parts, reports: parts.reports.with(0, { ...parts.reports[1]!, lane: 0 }) },
  'certificate-report',
  'not signed by that lane',
);
wrong(
  'an entry about another subject',
  { ...parts, reports: parts.reports.with(0, reportOf(world, cut, 0, subject('c'))) },
  'certificate-report',
  'the subject is not in the body',
);
wrong(
  'a heartbeat',
  { ...parts, reports: parts.reports.with(0, provenEntry(world.lanes[0]!, cut, 0, 0)) },
  'certificate-report',
  'reports nothing',
);
wrong(
  'an altered entry',
  { ...parts, reports: parts.reports.with(0, { ...parts.reports[0]!, entry: flip(parts.reports[0]!.entry) }) },
  'reports-root',
  'the body is not the one that was signed for',
);
wrong(
  'an altered order proof',
  { ...parts, orderProof: [flip(parts.orderProof[0]!), ...parts.orderProof.slice(1)] },
  'certificate-order-proof',
  'leads to another root',
);
wrong(
  'the order entry of another subject, with its proof',
  { ...partsOf(certified, 'b'), subject: parts.subject, reports: parts.reports },
  'certificate-order-entry',
  'a place that belongs to another',
);
wrong(
  'an altered order entry',
  { ...parts, orderEntry: flip(parts.orderEntry, -2) },
  'certificate-order-proof',
  'not the leaf that was voted for',
);
wrong('no order entry', { ...parts, orderEntry: Uint8Array.of(0xf6) }, 'order-entry-format', 'not seven fields');
wrong(
  'an interval no report gives',
  withFalseEntry(certified, { seen: moved(18) }),
  'certificate-order-entry',
  'even a quorum cannot sign that away',
);
wrong(
  'an interval after the watermark',
  withFalseEntry(certified, { seen: interval(at(21), at(151)) }),
  'certificate-order-entry',
  'T_C of the slot is 150 ms',
);
wrong(
  'a moment before the interval',
  withFalseEntry(certified, { moment: shift(at(21), nanos(-1n)) }),
  'certificate-order-entry',
  'by one nanosecond',
);
wrong(
  'an entry of a later slot than the cut',
  withFalseEntry(certified, { slot: START_SLOT + 1 }),
  'certificate-order-entry',
  'the votes do not reach it',
);
wrong('votes of another epoch', { ...parts, votes: epochOne() }, 'certificate-epoch', 'another set of validators');

/** A report of `a` by lane 0 with a seq beyond its prefix. */
function lateReport(): Uint8Array {
  const other = certifiedWorld().world;
  return other.report(0, 300, [['a', 295, 299]]).bytes;
}

function epochOne(): Certificate['votes'] {
  const other = new FourLanes();
  const body = encodeCutVote(voteFor(cut));
  return [0, 1, 2, 3].map((voter) => ({
    voter,
    statement: other.write(voter, 270, 'cut-vote', sha256(body), body, 1_000n, { epoch: 1n }).signed.bytes,
  }));
}

writeVectors('certificate.json', {
  about: 'momentd timestamp certificates of one network; docs/spec/certificate.md',
  genesis: toHex(encodeGenesis(world.genesis)),
  vectors,
});
