/** Interval agreement: the customary vectors, and the laws that make the safe region safe. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { marzulloCore, regionsCoveredBy } from '../../../src/core/clock/marzullo.ts';
import { contains, interval, type Interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';

type Vector = {
  readonly name: string;
  readonly input: { readonly intervals: readonly [number, number][]; readonly faults: number };
  readonly expect: { readonly core: [number, number, number]; readonly regions: readonly [number, number][] };
  readonly why: string;
};

const file = JSON.parse(readFileSync(new URL('../../vectors/marzullo.json', import.meta.url), 'utf8')) as {
  readonly standard: string;
  readonly vectors: readonly Vector[];
};

const at = (n: number | bigint): ReturnType<typeof taiInstant> => taiInstant(BigInt(n));
const span = ([a, b]: readonly [number, number]): Interval => interval(at(a), at(b));
const pairs = (regions: readonly Interval[]): [number, number][] =>
  regions.map((r) => [Number(r.earliest), Number(r.latest)]);

for (const { name, input, expect, why } of file.vectors) {
  test(`${name}: ${why}`, () => {
    const intervals = input.intervals.map(span);
    const core = marzulloCore(intervals)!;
    assert.deepEqual([Number(core.earliest), Number(core.latest), core.count], expect.core);
    assert.deepEqual(pairs(regionsCoveredBy(intervals, intervals.length - input.faults)), expect.regions);
  });
}

test('no intervals have no core and no region', () => {
  assert.equal(marzulloCore([]), undefined);
  assert.deepEqual(regionsCoveredBy([], 1), []);
});

const anySpan = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 30 }))
  .map(([a, width]): Interval => span([a, a + width]));

test('an instant lies in a region exactly when enough intervals hold it', () => {
  fc.assert(
    fc.property(
      fc.array(anySpan, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: -60, max: 90 }),
      (intervals, enough, n) => {
        const covering = intervals.filter((i) => contains(i, at(n))).length;
        const isInside = regionsCoveredBy(intervals, enough).some((r) => contains(r, at(n)));
        assert.equal(isInside, covering >= enough);
      },
    ),
  );
});

test('regions ascend and are disjoint', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 9 }), fc.integer({ min: 1, max: 5 }), (intervals, enough) => {
      const regions = regionsCoveredBy(intervals, enough);
      for (const [i, region] of regions.entries()) {
        assert.ok(region.earliest <= region.latest);
        if (i > 0) assert.ok(regions[i - 1]!.latest < region.earliest);
      }
    }),
  );
});

test('with at most f liars the truth is in a region covered by n - f, wherever the liars stand', () => {
  const honest = fc
    .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }))
    .map(([before, after]): Interval => span([-before, after]));
  fc.assert(
    fc.property(
      fc.array(honest, { minLength: 1, maxLength: 6 }),
      fc.array(anySpan, { maxLength: 3 }),
      (truechimers, liars) => {
        const all = [...liars, ...truechimers];
        const regions = regionsCoveredBy(all, all.length - liars.length);
        assert.ok(regions.some((r) => contains(r, at(0))));
      },
    ),
  );
});

test('the core is covered as often as any instant is', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { minLength: 1, maxLength: 9 }), (intervals) => {
      const core = marzulloCore(intervals)!;
      const coverage = (n: bigint): number => intervals.filter((i) => contains(i, taiInstant(n))).length;
      assert.equal(coverage(core.earliest), core.count);
      assert.equal(coverage(core.latest), core.count);
      for (let n = -60n; n <= 90n; n++) assert.ok(coverage(n) <= core.count);
    }),
  );
});
