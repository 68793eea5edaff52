/** Duty and credit: recomputable, order-independent, capped. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import {
  CREDIT_MAX,
  CREDIT_PERIOD_PERCENT,
  creditOf,
  periodCredit,
  type PeriodWork,
} from '../../../src/core/ordering/credit.ts';
import { drawDuty, DUTY_SIZE, dutySeed, type DutyCandidate } from '../../../src/core/ordering/duty.ts';

const digest = (i: number): Uint8Array => new Uint8Array(sha256(Uint8Array.of(i & 0xff, i >> 8)));
const candidates = (count: number, credit: (i: number) => number = () => 500): DutyCandidate[] =>
  Array.from({ length: count }, (_, i) => ({ kid: digest(i).slice(0, 8), credit: credit(i) }));
const kids = (drawn: readonly DutyCandidate[]): string[] => drawn.map(({ kid }) => toHex(kid));

test('eleven distinct candidates, the same whatever order they are listed in', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 11, max: 60 }), (seed, count) => {
      const all = candidates(count, (i) => 100 + ((i * 37) % 900));
      const drawn = kids(drawDuty(all, digest(seed)));
      assert.equal(new Set(drawn).size, DUTY_SIZE);
      assert.deepEqual(kids(drawDuty(all.toReversed(), digest(seed))), drawn);
    }),
    { numRuns: 50 },
  );
});

test('another seed draws others; fewer candidates are all drawn; the hardly present never', () => {
  const all = candidates(40);
  assert.notDeepEqual(kids(drawDuty(all, digest(1))), kids(drawDuty(all, digest(2))));
  assert.equal(drawDuty(candidates(3), digest(1)).length, 3);
  assert.deepEqual(drawDuty([], digest(1)), []);
  const drawn = drawDuty(
    candidates(20, (i) => (i < 5 ? 99 : 500)),
    digest(3),
    20,
  );
  assert.equal(drawn.length, 15);
});

test('more credit, more duty, up to the cap', () => {
  const all = candidates(30, (i) => [100, 500, 1_000][i % 3]!);
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 2_000; seed++)
    for (const { credit } of drawDuty(all, digest(seed), 1)) counts.set(credit, (counts.get(credit) ?? 0) + 1);
  // Expected 182, 909, 909 of 2,000; the seeds are fixed, so these bounds do not flicker.
  assert.ok(counts.get(100)! > 130 && counts.get(100)! < 240, `${counts.get(100)}`);
  assert.ok(Math.abs(counts.get(500)! - counts.get(1_000)!) < 150);
});

test('the seed needs a cut after the freeze', () => {
  const [network, frozen, later] = [digest(1), digest(2), digest(3)];
  assert.throws(() => dutySeed({ network, frozen, later: frozen }), /after the freeze/);
  const seeds = [dutySeed({ network, frozen, later }), dutySeed({ network, frozen: later, later: frozen })];
  assert.notDeepEqual(seeds[0], seeds[1]);
});

const work = (change: Partial<PeriodWork> = {}): PeriodWork => ({
  slotsDue: 100,
  slotsPassed: 100,
  votesDue: 100,
  votesCast: 100,
  subjectsOrdered: 100,
  subjectsReported: 100,
  faults: 0,
  ...change,
});

test('credit: all work done is 1,000, none is 0, a fault costs, ten are the end', () => {
  assert.equal(periodCredit(work()), CREDIT_MAX);
  assert.equal(periodCredit(work({ slotsPassed: 0, votesCast: 0, subjectsReported: 0 })), 0);
  assert.equal(periodCredit(work({ votesCast: 50 })), 833);
  assert.equal(periodCredit(work({ faults: 1 })), 900);
  assert.equal(periodCredit(work({ faults: 4 })), 0);
  assert.equal(periodCredit(work({ subjectsOrdered: 0, subjectsReported: 0 })), CREDIT_MAX, 'nothing was due');
  assert.throws(() => periodCredit(work({ votesCast: 101 })), /no more is done/);
});

test('credit over periods: newest counts most, a missed period counts nothing', () => {
  assert.equal(
    CREDIT_PERIOD_PERCENT.reduce((a, b) => a + b, 0),
    100,
  );
  assert.equal(creditOf([]), 0);
  assert.equal(creditOf([work()]), 500);
  assert.equal(creditOf(Array.from({ length: 9 }, () => work())), CREDIT_MAX);
  assert.equal(creditOf([work({ faults: 9 }), work(), work(), work(), work()]), 500);
});
