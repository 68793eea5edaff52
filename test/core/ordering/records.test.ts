/** Cut votes, order entries and subject records: vectors of right and wrong bytes, and that each has one encoding. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeCbor, encodeCbor, type CborValue } from '../../../src/core/codec/cbor.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import {
  decodeCutVote,
  decodeLanes,
  encodeCutVote,
  encodeLanes,
  lanesDigestOf,
  type LanePrefix,
} from '../../../src/core/ordering/cut.ts';
import { decodeOrderEntry, encodeOrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { countsOf, seenInterval } from '../../../src/core/ordering/seen-interval.ts';
import { scanSubject } from '../../../src/core/ordering/subject-scan.ts';
import { decodeSubject, encodeSubject, subjectIdOf } from '../../../src/core/ordering/subject.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault, type Fault } from '../../../src/core/verdict.ts';
import { readVectors } from '../attestation/vector-file.ts';

type Kind = 'cut-vote' | 'order-entry' | 'subject';

/** Decodes, and encodes again what was understood. */
const ROUND_TRIPS: Record<Kind, (bytes: Uint8Array) => Fault | { again: Uint8Array; facts: Record<string, string> }> = {
  'cut-vote': (bytes) => {
    const vote = decodeCutVote(bytes);
    return isFault(vote) ? vote : { again: encodeCutVote(vote), facts: { subject: toHex(sha256(bytes)) } };
  },
  'order-entry': (bytes) => {
    const entry = decodeOrderEntry(bytes);
    if (isFault(entry)) return entry;
    return { again: encodeOrderEntry(entry), facts: { subject: toHex(entry.subject), index: `${entry.index}` } };
  },
  subject: (bytes) => {
    const subject = decodeSubject(bytes);
    return isFault(subject) ? subject : { again: encodeSubject(subject), facts: { id: toHex(subjectIdOf(bytes)) } };
  },
};

test('vectors of records', () => {
  const { vectors } = readVectors<{ kind: Kind; bytes: string }, Record<string, string>>('ordering-records.json');
  assert.ok(vectors.filter(({ expect }) => expect['verdict'] === 'reject').length > vectors.length / 2);
  for (const { name, input, expect } of vectors) {
    const bytes = fromHex(input.bytes)!;
    const read = ROUND_TRIPS[input.kind](bytes);
    if (isFault(read)) {
      assert.deepEqual({ verdict: 'reject', code: read.fault }, expect, name);
      continue;
    }
    assert.deepEqual({ verdict: 'accept', ...read.facts }, expect, name);
    assert.deepEqual(read.again, bytes, name);
  }
});

test('vectors of seen intervals', () => {
  type Expect = { ready: boolean; lo?: number; hi?: number };
  const { vectors } = readVectors<{ n: number; reports: [number, number][] }, Expect>('ordering-seen.json');
  for (const { name, input, expect } of vectors) {
    const reports = input.reports.map(([from, to]) => interval(taiInstant(BigInt(from)), taiInstant(BigInt(to))));
    const seen = seenInterval(countsOf(input.n), reports);
    const found =
      seen === undefined ? { ready: false } : { ready: true, lo: Number(seen.earliest), hi: Number(seen.latest) };
    assert.deepEqual(found, expect, name);
  }
});

test('any bytes: a value, never a throw, and what is accepted is the one encoding', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...(Object.keys(ROUND_TRIPS) as Kind[])),
      (bytes, kind) => {
        const read = ROUND_TRIPS[kind](bytes);
        if (!isFault(read)) assert.deepEqual(read.again, bytes);
      },
    ),
    { numRuns: 2_000 },
  );
});

/** Where the shortest form of an integer changes its length, and around it. */
const edges = (max: bigint): fc.Arbitrary<bigint> =>
  fc
    .tuple(
      fc.constantFrom(
        0n,
        23n,
        24n,
        255n,
        256n,
        65_535n,
        65_536n,
        0xffff_ffffn,
        0x1_0000_0000n,
        1_800_000_000n * 10n ** 9n,
      ),
      fc.bigInt(-2n, 2n),
    )
    .map(([edge, by]) => edge + by)
    .filter((value) => value >= 0n && value <= max);
const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });
const subjects = fc.record({
  network: digests,
  claimed: edges((1n << 63n) - 1n).map(taiInstant),
  priority: fc.oneof(fc.constantFrom(0, 23, 24, 255), fc.integer({ min: 0, max: 255 })),
  sender: fc.uint8Array({ maxLength: 32 }),
  digest: digests,
});

test('a subject is written as the general encoder would write it, and read as the general decoder reads it', () => {
  fc.assert(
    fc.property(subjects, (subject) => {
      const { network, claimed, priority, sender, digest } = subject;
      const record = encodeCbor(['momentd subject v1', network, claimed, BigInt(priority), sender, digest]);
      assert.deepEqual(encodeSubject(subject), record);
      assert.deepEqual(decodeSubject(record), { ...subject });
      // A view within something longer is read like bytes of their own.
      const within = Uint8Array.of(1, 2, 3, ...record, 4).subarray(3, 3 + record.length);
      assert.deepEqual(decodeSubject(within), { ...subject });
    }),
    { numRuns: 1_000 },
  );
});

test('what the quick reader of subjects accepts, the general decoder gives the same fields for', () => {
  const wrong = fc.record({ at: fc.nat(), value: fc.nat({ max: 255 }), cut: fc.constantFrom(-1, 0, 0, 0, 0, 1) });
  let taken = 0;
  fc.assert(
    fc.property(subjects, wrong, (subject, { at, value, cut }) => {
      const whole = encodeSubject(subject);
      const bytes = new Uint8Array(whole.length + Math.max(0, cut));
      bytes.set(whole);
      // Heads and arguments are where it matters; the digests are the record's most bytes and mean nothing.
      const heads = [
        ...Array(22).keys(),
        ...Array.from({ length: 20 }, (_, i) => 53 + i),
        whole.length - 34,
        whole.length - 33,
      ];
      bytes[heads[at % heads.length]! % bytes.length] = value;
      const changed = bytes.subarray(0, bytes.length + Math.min(0, cut));
      const scanned = scanSubject(changed);
      if (scanned === undefined) return;
      taken += 1;
      const { network, claimed, priority, sender, digest } = scanned;
      const decoded = decodeCbor(changed);
      const fields: CborValue = ['momentd subject v1', network, claimed, BigInt(priority), sender, digest];
      assert.ok('value' in decoded);
      assert.deepEqual(decoded.value, fields);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(taken > 100, 'both answers were given');
});

test('an order entry is written as the general encoder would write it', () => {
  const entries = fc.record({
    index: edges(2n ** 48n).map(Number),
    subject: digests,
    moment: edges((1n << 63n) - 1n),
    lo: fc.oneof(edges((1n << 63n) - 1n), fc.constant(-5n)),
    hi: edges((1n << 63n) - 1n),
    slot: edges(2n ** 48n).map(Number),
    isLate: fc.boolean(),
  });
  fc.assert(
    fc.property(entries, ({ index, subject, moment, lo, hi, slot, isLate }) => {
      fc.pre(lo <= hi);
      const seen = interval(taiInstant(lo), taiInstant(hi));
      const entry = { index, subject, moment: taiInstant(moment), seen, slot, isLate };
      const general = encodeCbor([BigInt(index), subject, moment, lo, hi, BigInt(slot), isLate]);
      assert.deepEqual(encodeOrderEntry(entry), general);
    }),
    { numRuns: 2_000 },
  );
});

test('lanes of a cut: one prefix per validator, and the digest names them all', () => {
  const lanes: LanePrefix[] = [1, 2, 3].map((size) => ({ size, root: new Uint8Array(sha256(Uint8Array.of(size))) }));
  assert.deepEqual(decodeLanes(encodeLanes(lanes), 3), lanes);
  const read = decodeLanes(encodeLanes(lanes), 4);
  assert.ok(isFault(read) && read.fault === 'cut-lanes-format');
  assert.ok(isFault(decodeLanes(Uint8Array.of(0x81, 0x82, 0x01, 0x02), 1)));
  assert.ok(isFault(decodeLanes(Uint8Array.of(0xff), 1)));
  const digests = [lanes, lanes.toReversed(), lanes.slice(1)].map((list) => toHex(lanesDigestOf(list)));
  assert.equal(new Set(digests).size, 3);
});

test('the longest records fit their bounds', () => {
  const root = sha256(new Uint8Array());
  const huge = 2 ** 48;
  assert.ok(!isFault(decodeCutVote(encodeCutVote({ slot: huge, lanesDigest: root, order: { size: huge, root } }))));
  const last = taiInstant((1n << 63n) - 1n);
  const entry = { index: huge, subject: root, moment: last, seen: interval(last, last), slot: huge, isLate: true };
  assert.ok(!isFault(decodeOrderEntry(encodeOrderEntry(entry))));
  const record = encodeSubject({ network: root, claimed: last, priority: 255, sender: root, digest: root });
  assert.ok(!isFault(decodeSubject(record)));
  assert.ok('value' in decodeCbor(record));
});

test('a subject we could not read is not encoded', () => {
  const root = sha256(new Uint8Array());
  const subject = { network: root, claimed: taiInstant(1n), priority: 1, sender: root, digest: root };
  assert.throws(() => encodeSubject({ ...subject, priority: 256 }), /priority/);
  assert.throws(() => encodeSubject({ ...subject, sender: new Uint8Array(33) }), /sender/);
  assert.throws(() => encodeSubject({ ...subject, digest: root.slice(1) }), /32 bytes/);
  assert.throws(() => encodeSubject({ ...subject, claimed: taiInstant(-1n) }), /63 bits/);
});
