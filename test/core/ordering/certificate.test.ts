/** Certificates and receipts: vectors of right and wrong ones, and that no altered byte passes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeGenesis, type Genesis } from '../../../src/core/attestation/genesis.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { leafHash } from '../../../src/core/log/merkle.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { decodeCertificate, encodeCertificate } from '../../../src/core/ordering/certificate.ts';
import { encodeOrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { makeReceipt, proofFromLeaves, verifyReceipt } from '../../../src/core/ordering/receipt.ts';
import { verifyCertificate } from '../../../src/core/ordering/verify-certificate.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { readVectors } from '../attestation/vector-file.ts';
import { certifiedWorld, partsOf, provenEntry } from './certify.ts';
import { FourLanes, subject } from './four-lanes.ts';

const file = readVectors<{ certificate: string }, Record<string, string>>('certificate.json');
const genesis = decodeGenesis(fromHex(file['genesis'] as string)!) as Genesis;

for (const { name, input, expect, why } of file.vectors) {
  test(`vector: ${name} (${why})`, () => {
    const bytes = fromHex(input.certificate)!;
    const verdict = verifyCertificate(bytes, genesis, checkSignature);
    if (verdict.kind !== 'accept') {
      assert.deepEqual({ verdict: verdict.kind, code: verdict.code }, expect, verdict.detail);
      return;
    }
    const { entry, reports, voters } = verdict.value;
    const found = {
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
    assert.deepEqual(found, expect);
    const certificate = decodeCertificate(bytes);
    assert.ok(!isFault(certificate));
    assert.deepEqual(encodeCertificate(certificate), bytes);
  });
}

test('wrong vectors outnumber right ones, and every certificate code has one', () => {
  const codes = file.vectors.flatMap(({ expect }) => expect['code'] ?? []);
  assert.ok(codes.length > file.vectors.length / 2);
  const ours = ['format', 'network', 'epoch', 'vote', 'voters', 'votes-too-few', 'lane-proof', 'lanes', 'report'];
  for (const code of [...ours, 'reports-too-few', 'order-proof', 'order-entry'])
    assert.ok(codes.includes(`certificate-${code}`), code);
});

test('too long is refused before it is read', () => {
  const verdict = verifyCertificate(new Uint8Array(LIMITS.certificateBytesMax + 1), genesis, checkSignature);
  assert.ok(verdict.kind === 'reject' && verdict.code === 'certificate-too-long');
});

test('no altered byte of a certificate passes, and none throws', () => {
  const bytes = fromHex(file.vectors[1]!.input.certificate)!;
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const altered = bytes.with(at, bytes[at]! ^ mask);
      assert.notEqual(verifyCertificate(altered, genesis, checkSignature).kind, 'accept');
    }),
    { numRuns: 1_500 },
  );
});

test('any bytes are a verdict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(verifyCertificate(bytes, genesis, checkSignature).kind, 'reject');
    }),
    { numRuns: 1_000 },
  );
});

test('a certificate made from a live order verifies under its own genesis and no other', () => {
  const certified = certifiedWorld();
  const bytes = encodeCertificate(partsOf(certified, 'c'));
  assert.equal(verifyCertificate(bytes, certified.world.genesis, checkSignature).kind, 'accept');
  const verdict = verifyCertificate(bytes, new FourLanes(5).genesis, checkSignature);
  assert.ok(verdict.kind === 'reject' && verdict.code === 'certificate-network');
});

test('an ordering names the places a certificate is made from', () => {
  const certified = certifiedWorld();
  const { world, order } = certified;
  const ordering = world.ordering();
  world.feed(ordering);
  for (const { subject: id } of order) {
    const places = ordering.certificateParts(id)!;
    const orderLeaves = order.map((entry) => leafHash(encodeOrderEntry(entry)));
    const bytes = encodeCertificate({
      network: world.network,
      subject: id,
      orderEntry: encodeOrderEntry(places.entry),
      orderProof: proofFromLeaves(orderLeaves, places.entry.index, places.cut.order.size),
      cut: places.cut,
      votes: places.votes
        .map(({ voter, seq }) => ({ voter, statement: world.lanes[voter]![seq]!.signed.bytes }))
        .sort((a, b) => a.voter - b.voter),
      reports: places.reports
        .map(({ lane, seq }) => provenEntry(world.lanes[lane]!, places.cut, lane, seq))
        .sort((a, b) => a.lane - b.lane),
    });
    const verdict = verifyCertificate(bytes, world.genesis, checkSignature);
    assert.ok(verdict.kind === 'accept');
    assert.deepEqual(verdict.value.entry, places.entry);
  }
  assert.equal(ordering.certificateParts(subject('unheard of')), undefined);
});

test('a certificate can still be made when no report of its subject can come any more', () => {
  const { world, order } = certifiedWorld();
  const ordering = world.ordering();
  world.feed(ordering);
  const before = ordering.certificateParts(order[0]!.subject)!;
  // Twice the window and more: the table of reports has forgotten the subject.
  const later = 90_000;
  for (let lane = 0; lane < 4; lane++) {
    world.report(lane, later + lane, [['z', later - 10, later - 9]]);
    world.beat(lane, later + 510 + lane);
  }
  const voters = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  for (const [lane, voter] of voters.entries()) {
    world.feed(voter);
    const due = voter.voteDue(world.lanes[lane]!.length)!;
    world.write(lane, later + 520 + lane, 'cut-vote', due.subject, due.body);
  }
  world.feed(ordering);
  assert.equal(ordering.positionOf(subject('z')).kind, 'final');
  const after = ordering.certificateParts(order[0]!.subject)!;
  assert.deepEqual(after.reports, before.reports);
  assert.ok(after.cut.slot > before.cut.slot);
});

// ---- receipts

function receiptOf(count: number, label: string): { world: FourLanes; bytes: Uint8Array } {
  const world = new FourLanes();
  const sights = Array.from({ length: count }, (_, i) => [`s${i}`, 20 + i / 100, 21 + i / 100] as const);
  const { signed, body } = world.report(0, 60, sights);
  return { world, bytes: makeReceipt(signed.bytes, body!, subject(label))! };
}

test('a receipt proves one report among many under one signature', () => {
  for (const [count, label] of [
    [1, 's0'],
    [2, 's1'],
    [7, 's6'],
    [100, 's42'],
  ] as const) {
    const { world, bytes } = receiptOf(count, label);
    const verdict = verifyReceipt(world.judge, bytes);
    assert.ok(verdict.kind === 'accept', label);
    assert.deepEqual(verdict.value.report.subject, subject(label));
  }
});

test('no receipt for what the statement does not report', () => {
  const world = new FourLanes();
  const { signed, body } = world.report(0, 60, [['a', 20, 21]]);
  assert.equal(makeReceipt(signed.bytes, body!, subject('b')), undefined);
  assert.equal(makeReceipt(signed.bytes, Uint8Array.of(1), subject('a')), undefined);
});

test('no altered byte of a receipt passes', () => {
  const { world, bytes } = receiptOf(9, 's4');
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const altered = bytes.with(at, bytes[at]! ^ mask);
      assert.notEqual(verifyReceipt(world.judge, altered).kind, 'accept');
    }),
    { numRuns: 800 },
  );
});

test('what is wrong with a receipt is named', () => {
  const { world, bytes } = receiptOf(4, 's2');
  const code = (altered: Uint8Array): string => {
    const verdict = verifyReceipt(world.judge, altered);
    return verdict.kind === 'accept' ? 'accept' : verdict.code;
  };
  assert.equal(code(bytes.with(-1, bytes.at(-1)! ^ 1)), 'receipt-proof');
  assert.equal(code(bytes.slice(1)), 'receipt-format');
  assert.equal(code(Uint8Array.of(0x80)), 'receipt-format');
  assert.equal(code(new Uint8Array(LIMITS.receiptBytesMax + 1)), 'receipt-format');
  const other = new FourLanes(4);
  assert.notEqual(code(receiptOf(4, 's2').bytes), 'receipt-format');
  assert.equal(verifyReceipt({ ...other.judge, keyOf: () => undefined }, bytes).kind, 'ignore');
});
