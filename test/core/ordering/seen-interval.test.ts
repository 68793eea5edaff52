/** The trimmed interval: laws over all sets of reports, f of them lies. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countsOf, seenInterval } from '../../../src/core/ordering/seen-interval.ts';
import { isConsistent } from '../../../src/core/ordering/verify-certificate.ts';
import { interval, type Interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';

const seen = (from: number | bigint, to: number | bigint): Interval =>
  interval(taiInstant(BigInt(from)), taiInstant(BigInt(to)));

const anInterval = fc
  .tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 50 }))
  .map(([from, width]): Interval => seen(from, from + width));

/** n in 1..10, and one report of each lane. */
const aNetwork = fc
  .integer({ min: 1, max: 10 })
  .chain((n) => fc.tuple(fc.constant(countsOf(n)), fc.array(anInterval, { minLength: n, maxLength: n })));

test('counts: any two quorums share more lanes than can lie', () => {
  for (let n = 1; n <= 200; n++) {
    const { f, q } = countsOf(n);
    assert.ok(n >= 3 * f + 1);
    assert.ok(2 * q - n > f, `n = ${n}`);
  }
});

test('four lanes: second smallest earliest, third smallest latest', () => {
  const reports = [seen(10, 11), seen(20, 21), seen(30, 31), seen(40, 41)];
  assert.deepEqual(seenInterval(countsOf(4), reports), seen(20, 31));
  // The fourth has not reported: the interval reaches to what three had seen.
  assert.deepEqual(seenInterval(countsOf(4), reports.slice(0, 3)), seen(20, 31));
  assert.deepEqual(seenInterval(countsOf(4), reports.slice(1)), seen(30, 41));
  assert.equal(seenInterval(countsOf(4), reports.slice(0, 2)), undefined);
});

test('with every honest report in, f liars cannot move it outside what the honest saw', () => {
  fc.assert(
    fc.property(aNetwork, fc.array(anInterval, { minLength: 3, maxLength: 3 }), ([counts, reports], lies) => {
      const honest = reports.slice(counts.f);
      const told = [...lies.slice(0, counts.f), ...honest];
      const found = seenInterval(counts, told.slice(0, counts.n))!;
      assert.ok(honest.some(({ earliest }) => earliest <= found.earliest));
      assert.ok(honest.some(({ latest }) => found.latest <= latest));
    }),
  );
});

test('both ends only fall as more lanes report, and what was before never becomes after', () => {
  fc.assert(
    fc.property(aNetwork, aNetwork, ([counts, a], [, other]) => {
      const b = other.length >= counts.n ? other.slice(0, counts.n) : a.toReversed();
      const early = [a, b].map((reports) => seenInterval(counts, reports.slice(0, counts.q))!);
      const full = [a, b].map((reports) => seenInterval(counts, reports)!);
      for (const i of [0, 1]) {
        assert.ok(full[i]!.earliest <= early[i]!.earliest);
        assert.ok(full[i]!.latest <= early[i]!.latest);
      }
      if (early[0]!.latest < early[1]!.earliest) assert.ok(full[1]!.latest >= full[0]!.earliest);
    }),
  );
});

test('a subject that too few had seen by an instant ends after it, whoever reports later', () => {
  fc.assert(
    fc.property(aNetwork, fc.integer({ min: 0, max: 1_000 }), ([counts, reports], watermark) => {
      // Whoever has not reported by the cut reports a later end.
      const later = reports.map(({ latest }) => (latest <= watermark ? undefined : seen(watermark + 1, watermark + 9)));
      const early = reports.filter(({ latest }) => latest <= watermark);
      const before = seenInterval(counts, early);
      if (before !== undefined && before.latest <= watermark) return;
      const all = [...early, ...later.filter((report) => report !== undefined)];
      const after = seenInterval(counts, all);
      assert.ok(after === undefined || after.latest > watermark);
    }),
  );
});

test('the interval that all reports give is consistent with a certificate that lists a quorum of them', () => {
  fc.assert(
    fc.property(aNetwork, fc.nat(), ([counts, reports], drop) => {
      const listed = reports.slice(drop % (counts.f + 1));
      const full = seenInterval(counts, reports)!;
      assert.ok(isConsistent(counts, listed, full));
    }),
  );
});

test('an interval that no reports of the unlisted could give is not consistent', () => {
  const counts = countsOf(4);
  const listed = [seen(10, 11), seen(20, 21), seen(30, 31)];
  assert.ok(isConsistent(counts, listed, seen(20, 31)));
  assert.ok(isConsistent(counts, listed, seen(10, 21)));
  assert.ok(!isConsistent(counts, listed, seen(9, 21)));
  assert.ok(!isConsistent(counts, listed, seen(21, 31)));
  assert.ok(!isConsistent(counts, listed, seen(20, 32)));
  assert.ok(!isConsistent(counts, listed, seen(10, 20)));
});

test('a lane that reports twice is our mistake', () => {
  assert.throws(() => seenInterval(countsOf(1), [seen(1, 2), seen(1, 2)]), /once/);
});
