/** Drift history: bounded, downsampled without losing extremes, queryable by range, honest about what it dropped. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { BUDGET_TERMS, budgetFrom } from '../../../src/core/clock/budget.ts';
import { DriftHistory, type DriftSample } from '../../../src/core/clock/drift-history.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { nanos, seconds, shift, taiInstant, type TaiInstant } from '../../../src/core/time/nanos.ts';
import { ppt } from '../../../src/core/time/rate.ts';

const START = taiInstant(1_800_000_000n * 1_000_000_000n);
const at = (second: number): TaiInstant => shift(START, seconds(second));

function sample(second: number, change: Partial<DriftSample> = {}): DriftSample {
  return {
    at: at(second),
    offset: nanos(second % 7),
    frequency: ppt(-3n),
    guarantee: nanos(200n),
    budget: budgetFrom((term) => nanos(term === 'floor' ? 20n * BigInt(second % 3) : 10n)),
    state: 'locked',
    ...change,
  };
}

function filled(count: number): DriftHistory {
  const history = new DriftHistory();
  for (let second = 0; second < count; second++) history.add(sample(second));
  return history;
}

test('a spike of one second is still seen in the minute and in the hour', () => {
  const history = new DriftHistory();
  for (let second = 0; second < 7_200; second++)
    history.add(
      sample(second, second === 1_234 ? { offset: nanos(-9_999n), state: 'faulted', guarantee: undefined } : {}),
    );
  const hours = history.query({ from: at(0), to: at(7_200), pointsMax: 2 });
  assert.equal(hours.length, 3_600_000_000_000n);
  assert.equal(hours.points[0]!.offset!.least, -9_999n);
  assert.equal(hours.points[0]!.offset!.greatest, 6n);
  assert.equal(hours.points[0]!.worst, 'faulted');
  assert.equal(hours.points[0]!.refused, 1);
  assert.equal(hours.points[0]!.samples, 3_600);
  assert.equal(hours.points[1]!.worst, 'locked');
  const minutes = history.query({ from: at(1_200), to: at(1_260), pointsMax: 100 });
  assert.equal(minutes.points.length, 1, 'the second tier no longer reaches there');
  assert.equal(minutes.points[0]!.offset!.least, -9_999n);
});

test('a recent range is answered second by second', () => {
  const answer = filled(100).query({ from: at(90), to: at(95), pointsMax: 1_000 });
  assert.equal(answer.length, 1_000_000_000n);
  assert.deepEqual(
    answer.points.map((p) => p.from),
    [90, 91, 92, 93, 94].map(at),
  );
  assert.equal(answer.points[0]!.offset!.mean, 6n);
  assert.equal(answer.points[0]!.frequency!.mean, -3n);
  assert.equal(answer.isTruncated, false);
});

test('a range inside one bucket answers with that bucket', () => {
  const from = shift(at(5), nanos(100n));
  const answer = filled(10).query({ from, to: shift(from, nanos(1n)), pointsMax: 5 });
  assert.deepEqual(
    answer.points.map((p) => p.from),
    [at(5)],
  );
});

test('no tier grows beyond its bound', () => {
  const history = filled(LIMITS.driftSecondsMax * 3);
  const all = { from: at(0), to: at(1e6), pointsMax: 1_000_000 };
  const coarse = history.query(all);
  assert.ok(coarse.length > 1_000_000_000n, 'seconds no longer reach back to the start');
  assert.equal(coarse.points.length, LIMITS.driftSecondsMax / 20);
  const recent = history.query({ ...all, from: at(LIMITS.driftSecondsMax * 2) });
  assert.equal(recent.points.length, LIMITS.driftSecondsMax);
});

test('hours are bounded by a year', () => {
  const history = new DriftHistory();
  for (let hour = 0; hour < LIMITS.driftHoursMax + 500; hour++) history.add(sample(hour * 3_600));
  const answer = history.query({ from: at(0), to: at(1e9), pointsMax: 1_000_000 });
  assert.equal(answer.points.length, LIMITS.driftHoursMax);
  assert.equal(answer.points[0]!.from, at(500 * 3_600), 'the oldest were dropped');
});

test('too many points are cut at the old end, and it is said', () => {
  const history = new DriftHistory();
  for (let hour = 0; hour < 100; hour++) history.add(sample(hour * 3_600));
  const answer = history.query({ from: at(0), to: at(1e9), pointsMax: 10 });
  assert.equal(answer.isTruncated, true);
  assert.equal(answer.points.length, 10);
  assert.equal(answer.points.at(-1)!.from, at(99 * 3_600));
});

test('a time that ran ahead is unwritten when it is found out', () => {
  const history = filled(10);
  history.add(sample(1_000_000));
  history.add(sample(10));
  assert.equal(history.unwritten, 3, 'one bucket in each tier');
  const answer = history.query({ from: at(0), to: at(1e9), pointsMax: 100 });
  assert.equal(answer.points.length, 11);
});

test('a full ring unwrites and goes on in order', () => {
  const count = LIMITS.driftSecondsMax + 100;
  const history = filled(count);
  history.add(sample(count - 50));
  for (let second = count - 49; second < count + 10; second++) history.add(sample(second));
  const answer = history.query({ from: at(count - 60), to: at(1e9), pointsMax: 1_000 });
  assert.deepEqual(
    answer.points.map((p) => p.from),
    Array.from({ length: 70 }, (_, i) => at(count - 60 + i)),
  );
});

test('nothing recorded answers with nothing, and what was not measured stays absent', () => {
  const empty = new DriftHistory().query({ from: at(0), to: at(10), pointsMax: 10 });
  assert.deepEqual(empty.points, []);
  const history = new DriftHistory();
  history.add(sample(0, { offset: undefined, frequency: undefined, guarantee: undefined, state: 'acquiring' }));
  const [point] = history.query({ from: at(0), to: at(10), pointsMax: 10 }).points;
  assert.equal(point!.offset, undefined);
  assert.equal(point!.frequency, undefined);
  assert.equal(point!.guarantee, undefined);
  assert.equal(point!.worst, 'acquiring');
  assert.throws(() => history.query({ from: at(0), to: at(1), pointsMax: 0 }));
});

test('the mean lies between the extremes and every sample is counted, at every tier', () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: -1_000, max: 1_000 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(gaps, (steps) => {
      const history = new DriftHistory();
      let second = 0;
      for (const [gap, offset] of steps) {
        second += gap;
        history.add(sample(second, { offset: nanos(offset) }));
      }
      for (const pointsMax of [1_000_000, 40, 1]) {
        const { points, isTruncated } = history.query({ from: at(0), to: at(1e9), pointsMax });
        const counted = points.reduce((sum, p) => sum + p.samples, 0);
        assert.ok(isTruncated || counted === steps.length);
        for (const { offset } of points) assert.ok(offset!.least <= offset!.mean && offset!.mean <= offset!.greatest);
      }
    }),
  );
});

test('a bucket says what its guarantees were made of, and how long the clock was in which state', () => {
  const history = new DriftHistory();
  for (let second = 0; second < 60; second++)
    history.add(
      sample(second, second >= 50 ? { state: 'unsynchronized', guarantee: undefined, budget: undefined } : {}),
    );
  const [minute] = history.query({ from: at(0), to: at(60), pointsMax: 1 }).points;
  assert.deepEqual(minute!.states, { acquiring: 0, locked: 50, holdover: 0, unsynchronized: 10, faulted: 0 });
  // Fifty samples of 0, 20, 40, 0, 20, …: 17 of 0, 17 of 20, 16 of 40.
  assert.equal(minute!.budget!.floor, 20n, '19.6 rounded up');
  assert.ok(BUDGET_TERMS.every((term) => term === 'floor' || minute!.budget![term] === 10n));
  const [refused] = history.query({ from: at(55), to: at(56), pointsMax: 9 }).points;
  assert.equal(refused!.budget, undefined);
  assert.equal(refused!.states.unsynchronized, 1);
});
