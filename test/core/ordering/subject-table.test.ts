/** The table of subjects: what makes one ready and final, what is forgotten, what one lane can do to it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_PARAMETERS } from '../../../src/core/attestation/genesis.ts';
import { keyOfDigest } from '../../../src/core/codec/digest-key.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { ORDERING_RULES } from '../../../src/core/ordering/rules.ts';
import { countsOf } from '../../../src/core/ordering/seen-interval.ts';
import { SubjectTable } from '../../../src/core/ordering/subject-table.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { subject } from './four-lanes.ts';

const tableOf = (n = 4): SubjectTable => new SubjectTable(countsOf(n), DEFAULT_PARAMETERS, ORDERING_RULES);
const report = (label: string, from = 10n, to = 20n): { subject: Uint8Array; seen: ReturnType<typeof interval> } => ({
  subject: subject(label),
  seen: interval(taiInstant(from), taiInstant(to)),
});
/** Twice the window of 30 s in slots of 250 ms, and two more. */
const RETENTION = 242;

test('ready with three lanes, final once its interval has passed, and only once', () => {
  const table = tableOf();
  for (const lane of [0, 1]) assert.ok(table.add({ lane: lane, seq: 0, slot: 1 }, report('a')));
  assert.equal(table.readyCount, 0);
  assert.ok(table.add({ lane: 2, seq: 0, slot: 1 }, report('a')));
  assert.equal(table.readyCount, 1);
  assert.deepEqual(table.takeFinal(1, taiInstant(19n)), []);
  assert.equal(table.takeFinal(1, taiInstant(20n)).length, 1);
  assert.ok(!table.add({ lane: 3, seq: 0, slot: 2 }, report('a')), 'a late report of a final subject adds nothing');
  assert.deepEqual(table.takeFinal(2, taiInstant(99n)), []);
});

test('a lane counts once', () => {
  const table = tableOf();
  for (let i = 0; i < 5; i++) table.add({ lane: 0, seq: 0, slot: i }, report('a', BigInt(i)));
  assert.deepEqual(
    table.reportsOf(subject('a'))?.map(({ seen }) => seen.earliest),
    [0n],
  );
});

test('forgotten when nobody may report it any more, final or not; a new report keeps it', () => {
  const table = tableOf();
  table.add({ lane: 0, seq: 0, slot: 1 }, report('a'));
  for (const lane of [0, 1, 2]) table.add({ lane: lane, seq: 0, slot: 1 }, report('b'));
  table.takeFinal(1, taiInstant(20n));
  table.forgetBefore(1 + RETENTION);
  assert.equal(table.size, 2);
  table.add({ lane: 1, seq: 0, slot: 1 + RETENTION }, report('a'));
  table.forgetBefore(2 + RETENTION);
  assert.equal(table.size, 1, 'b is gone, a was reported again');
  assert.equal(table.reportsOf(subject('b')), undefined);
  table.forgetBefore(2 + 2 * RETENTION);
  assert.equal(table.size, 0);
});

test('a lane that names subjects nobody else sees fills its share and no more; others go on', () => {
  const table = tableOf();
  const junk = new Uint8Array(32);
  const view = new DataView(junk.buffer);
  const seen = interval(taiInstant(1n), taiInstant(2n));
  for (let i = 0; i < LIMITS.orderNamedPerLaneMax; i++) {
    view.setUint32(0, i);
    table.add({ lane: 3, seq: 0, slot: 1 }, { subject: junk, seen });
  }
  view.setUint32(0, LIMITS.orderNamedPerLaneMax);
  assert.ok(!table.add({ lane: 3, seq: 0, slot: 1 }, { subject: junk, seen }));
  assert.equal(table.size, LIMITS.orderNamedPerLaneMax);
  assert.ok(table.add({ lane: 0, seq: 0, slot: 1 }, report('a')), 'another lane names it');
  assert.ok(table.add({ lane: 3, seq: 0, slot: 1 }, report('a')), 'and then this one may report it too');
});

test('a key for each digest, two digests never share one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.nat({ max: 31 }),
      fc.integer({ min: 1, max: 255 }),
      (digest, at, mask) => {
        assert.equal(keyOfDigest(digest), keyOfDigest(digest.slice()));
        assert.notEqual(keyOfDigest(digest), keyOfDigest(digest.with(at, digest[at]! ^ mask)));
      },
    ),
  );
  assert.equal(keyOfDigest(sha256(new Uint8Array())).length, 16);
});
