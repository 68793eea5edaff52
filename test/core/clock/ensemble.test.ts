/** The ensemble as laws: the agreed interval holds the region, is as wide as its budget says, and names whom it left out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { budgetFrom, BUDGET_TERMS, guaranteeOf } from '../../../src/core/clock/budget.ts';
import { defaultClockConfig, defaultSourceSpec, type ClockConfig } from '../../../src/core/clock/configuration.ts';
import { agree } from '../../../src/core/clock/ensemble.ts';
import type { SourceEstimate, SourceOutcome } from '../../../src/core/clock/source-estimate.ts';
import { encloses, intervalAround } from '../../../src/core/time/interval.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { nanos, shift, ZERO } from '../../../src/core/time/nanos.ts';
import { ppt } from '../../../src/core/time/rate.ts';
import { EPOCH } from './world.ts';

const config = (overrides: Partial<ClockConfig> = {}): ClockConfig =>
  defaultClockConfig(
    { sources: [defaultSourceSpec('pps', 'unused')], references: [], leapTable: BUILT_IN_LEAP_TABLE },
    overrides,
  );

/** A source whose interval is `off` +- `half`, all of it in one term. */
function outcome(name: string, off: number, half: number, group = name): SourceEstimate {
  const centre = shift(EPOCH, nanos(off));
  const budget = budgetFrom((term) => (term === BUDGET_TERMS[half % 10] ? nanos(half) : ZERO));
  return {
    spec: defaultSourceSpec('pps', name, { group }),
    centre,
    budget,
    interval: intervalAround(centre, nanos(half)),
    coasting: undefined,
    growth: {
      rateCentre: ppt(0),
      rateHalf: ppt(0),
      coasting: ppt(0),
      agingPerDay: ppt(0),
      wander: ppt(0),
      reserve: ZERO,
      lifetime: undefined,
    },
    phase: undefined,
    driftSpec: ppt(0),
    driftLearned: undefined,
  };
}

const unusable = (name: string): SourceOutcome => ({
  spec: defaultSourceSpec('pps', name),
  unusable: 'source-readings-stale',
});

test('one source is the agreement, unchanged', () => {
  const only = outcome('a', 0, 100);
  const { agreement, refusal } = agree(config(), [only]);
  assert.equal(refusal, undefined);
  assert.deepEqual(agreement!.interval, only.interval);
  assert.deepEqual(agreement!.budget, only.budget);
  assert.deepEqual(agreement!.setters, [only]);
});

test('of two that overlap only what both hold remains, and the budget covers it', () => {
  const { agreement } = agree(config(), [outcome('a', 0, 100), outcome('b', 150, 100)]);
  assert.ok(agreement!.interval.earliest <= shift(EPOCH, nanos(50)));
  assert.ok(agreement!.interval.latest >= shift(EPOCH, nanos(100)));
  assert.equal(agreement!.setters.length, 2);
});

test('a region wider than both budgets goes into the phase offset', () => {
  // Two of three: from -100 to 200 without a gap, because the third holds the middle.
  const { agreement } = agree(config(), [outcome('a', 0, 100), outcome('b', 150, 50), outcome('c', 50, 200)]);
  assert.deepEqual(
    [agreement!.interval.earliest, agreement!.interval.latest],
    [shift(EPOCH, nanos(-100)), shift(EPOCH, nanos(200))],
  );
  assert.equal(guaranteeOf(agreement!.budget), nanos(150));
});

const anyOutcome = fc.tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 0, max: 150 }));

test('whatever was agreed holds every instant that n - f cover, and its sum is its half-width', () => {
  fc.assert(
    fc.property(
      fc.array(anyOutcome, { minLength: 1, maxLength: 7 }),
      fc.option(fc.nat(3), { nil: undefined }),
      (spans, f) => {
        const outcomes = spans.map(([off, half], i) => outcome(`s${i}`, off, half));
        const { agreement, refusal, views } = agree(config({ faultsMax: f }), outcomes);
        if (agreement === undefined) return assert.match(refusal!, /^sources-disagree/);
        assert.equal(agreement.interval.latest - agreement.centre, guaranteeOf(agreement.budget));
        assert.equal(agreement.centre - agreement.interval.earliest, guaranteeOf(agreement.budget));
        const enough = outcomes.length - Math.min(f ?? Math.floor((outcomes.length - 1) / 2), outcomes.length - 1);
        for (let n = -400; n <= 400; n++) {
          const at = shift(EPOCH, nanos(n));
          const covering = outcomes.filter((o) => encloses(o.interval, { earliest: at, latest: at })).length;
          if (covering >= enough) assert.ok(encloses(agreement.interval, { earliest: at, latest: at }));
        }
        const truechimers = views.filter((v) => v.verdict === 'truechimer').length;
        assert.ok(truechimers >= enough, `${truechimers} of ${enough}`);
      },
    ),
  );
});

test('the reason of the only unusable source is the ensemble’s; several reasons are told by the sources', () => {
  assert.equal(agree(config(), [unusable('a'), unusable('b')]).refusal, 'source-readings-stale');
  const other: SourceOutcome = { spec: defaultSourceSpec('pps', 'c'), unusable: 'source-no-edges' };
  const { refusal, views } = agree(config(), [unusable('a'), other]);
  assert.equal(refusal, 'sources-none-usable');
  assert.deepEqual(
    views.map((v) => [v.verdict, v.code]),
    [
      ['unusable', 'source-readings-stale'],
      ['unusable', 'source-no-edges'],
    ],
  );
});

test('the first usable of a group speaks, in configured order, however narrow another is', () => {
  const { views, agreement } = agree(config(), [unusable('a'), outcome('b', 0, 100, 'g'), outcome('c', 0, 1, 'g')]);
  assert.deepEqual(
    views.map((v) => [v.verdict, v.code]),
    [
      ['unusable', 'source-readings-stale'],
      ['truechimer', undefined],
      ['shares-cause', 'source-not-designated'],
    ],
  );
  assert.equal(guaranteeOf(agreement!.budget), nanos(100));
});

test('more faults than sources still leave one to be believed', () => {
  const { agreement } = agree(config({ faultsMax: 9 }), [outcome('a', 0, 10), outcome('b', 5, 10)]);
  assert.ok(agreement !== undefined);
});
