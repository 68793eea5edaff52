/** A period of a lane: every nanosecond is counted once, against the validator where there is a choice, in bounded memory. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Statement } from '../../../src/core/attestation/statement.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { PeriodWalk, type PeriodFigures, type PeriodQuery } from '../../../src/core/report/period.ts';
import { WidthHistogram } from '../../../src/core/report/width-histogram.ts';
import { micros, nanos, seconds, shift, since, taiInstant, type Nanos } from '../../../src/core/time/nanos.ts';
import { heartbeat } from '../attestation/actors.ts';

const START = taiInstant(1_790_000_000_000_000_000n);
const template = heartbeat();
const at = (offset: Nanos, guarantee: Nanos): Statement => ({
  ...template,
  time: { tai: shift(START, offset), guarantee },
});
const query = (over: Partial<PeriodQuery> = {}): PeriodQuery => ({
  from: START,
  to: shift(START, seconds(100n)),
  gapAfter: seconds(5n),
  thresholds: [{ name: 'house', limit: micros(10n), warning: micros(8n) }],
  ...over,
});

function walk(asked: PeriodQuery, statements: readonly Statement[]): PeriodFigures {
  const period = new PeriodWalk(asked);
  for (const [index, statement] of statements.entries()) period.take(statement, index);
  return period.figures();
}

test('a period that is attested throughout has no gap, and widths count for the time to the next statement', () => {
  const statements = Array.from({ length: 102 }, (_, i) =>
    at(seconds(i - 1), i === 50 ? micros(9n) : i === 60 ? micros(11n) : nanos(100n)),
  );
  const {
    attested,
    unattested,
    gaps,
    thresholds,
    guarantee,
    statements: count,
    growthPpbMax,
  } = walk(query(), statements);
  assert.equal(count, 100, 'the one before the period and the one at its end are not in it');
  assert.equal(attested, seconds(100n));
  assert.equal(unattested, 0n);
  assert.equal(gaps.count, 0);
  // A wide statement widens the time on both of its sides.
  assert.deepEqual(
    thresholds.map(({ within, warned, above }) => [within, warned, above]),
    [[seconds(96n), seconds(2n), seconds(2n)]],
  );
  assert.equal(guarantee?.max, micros(11n));
  assert.equal(guarantee.p50, 100n);
  assert.equal(growthPpbMax, 10_900n);
});

test('silence is a gap as a whole, also before the first and after the last statement', () => {
  const statements = [10, 11, 12, 40, 41, 45].map((second) => at(seconds(second), nanos(100n)));
  const { attested, unattested, gaps, first, last } = walk(query(), statements);
  assert.deepEqual(
    gaps.longest.map(({ from, to }) => [since(from, START), since(to, START)]),
    [
      [0n, seconds(10n)],
      [seconds(12n), seconds(40n)],
      [seconds(45n), seconds(100n)],
    ],
  );
  assert.equal(gaps.longest[0]?.before, undefined);
  assert.equal(gaps.longest[1]?.before?.index, 2);
  assert.equal(gaps.longest[2]?.after, undefined);
  assert.equal(attested, seconds(7n));
  assert.equal(unattested, seconds(93n));
  assert.deepEqual([first?.index, last?.index], [0, 5]);
});

test('an empty lane is one gap, and statements outside are not counted', () => {
  assert.equal(walk(query(), []).unattested, seconds(100n));
  const outside = walk(query(), [at(seconds(-50n), nanos(1n)), at(seconds(200n), nanos(1n))]);
  assert.equal(outside.statements, 0);
  assert.equal(outside.guarantee, undefined);
  assert.equal(outside.gaps.count, 1);
  assert.deepEqual(
    [outside.gaps.longest[0]?.before?.index, outside.gaps.longest[0]?.after?.index],
    [0, 1],
    'the statements around it are known',
  );
});

test('of many gaps the longest are kept, in the order of time', () => {
  const statements = Array.from({ length: 400 }, (_, i) => at(micros(i * i * 10), nanos(1n)));
  const asked = query({ gapAfter: nanos(1n), to: shift(START, micros(399n * 399n * 10n)) });
  const { gaps } = walk(asked, statements);
  assert.equal(gaps.count, 399);
  assert.equal(gaps.longest.length, LIMITS.reportGapsMax);
  const lengths = gaps.longest.map(({ from, to }) => since(to, from));
  assert.ok(lengths.every((length, i) => i === 0 || length > lengths[i - 1]!));
  assert.equal(lengths.at(-1), micros((399n * 399n - 398n * 398n) * 10n));
});

test('samples are spread over the period and bounded, whatever the number of statements', () => {
  const many = 50_000;
  const asked = query({ to: shift(START, nanos(many)), gapAfter: nanos(2n) });
  const { samples, slices } = walk(
    asked,
    Array.from({ length: many }, (_, i) => at(nanos(i), nanos(5n))),
  );
  assert.equal(samples.length, LIMITS.reportSamplesMax);
  const steps = new Set(samples.slice(1).map(({ tai }, i) => since(tai, samples[i]!.tai)));
  assert.deepEqual([...steps], [50n]);
  assert.equal(slices.length, LIMITS.reportSlicesMax);
});

test('law: attested and not attested make the period, and so do the slices and the tiers', () => {
  const statementsOf = fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 20_000 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      statementsOf,
      fc.integer({ min: 1, max: 300_000 }),
      fc.integer({ min: 0, max: 30_000 }),
      (steps, length, gap) => {
        let offset = -5_000;
        const statements = steps.map(([step, guarantee]) => at(nanos((offset += step)), nanos(guarantee)));
        const asked = query({ to: shift(START, nanos(length)), gapAfter: nanos(gap) });
        const { attested, unattested, thresholds, slices, gaps } = walk(asked, statements);
        assert.equal(attested + unattested, BigInt(length));
        const [tier] = thresholds;
        assert.equal(tier!.within + tier!.warned + tier!.above, attested);
        assert.equal(
          slices.reduce((sum, slice) => sum + slice.attested, 0n),
          attested,
        );
        const gapTime = gaps.longest.reduce((sum, { from, to }) => sum + since(to, from), 0n);
        assert.equal(gapTime, unattested);
      },
    ),
    { numRuns: 300 },
  );
});

test('law: a quantile is never below the exact one and at most one part in 64 above it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 1n << 62n }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (widths, share) => {
        const histogram = new WidthHistogram();
        for (const width of widths) histogram.add(nanos(width));
        const sorted = widths.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const exact = sorted[Math.ceil(share * widths.length) - 1]!;
        const shown = histogram.quantile(share)!;
        assert.ok(shown >= exact && shown <= exact + exact / 64n, `${exact} is shown as ${shown}`);
      },
    ),
  );
  assert.equal(new WidthHistogram().quantile(0.5), undefined);
});
