/** The checker itself: it must see what is wrong, excuse only what a scenario said, and rank what it measured. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { intervalAround } from '../../../src/core/time/interval.ts';
import { nanos, shift, taiInstant } from '../../../src/core/time/nanos.ts';
import { ContainmentChecker } from '../../../src/sim/check/containment.ts';
import { Histogram } from '../../../src/sim/check/histogram.ts';
import { isKept, SummaryOfRuns } from '../../../src/sim/check/summary.ts';
import type { RunReport } from '../../../src/sim/clock-run.ts';
import type { Break } from '../../../src/sim/scenarios/scenario.ts';

const TRUTH = taiInstant(1_800_000_000_000_000_000n);

/** An interval of half-width 100 whose centre is off by `error`. */
const said = (atSeconds: number, error: number, state = 'locked') => ({
  atSeconds,
  truth: TRUTH,
  state,
  interval: intervalAround(shift(TRUTH, nanos(error)), nanos(100n)),
});

const LIE: Break = {
  assumption: 'nobody lies',
  fromSeconds: 100,
  untilSeconds: 200,
  detectWithinSeconds: 10,
  device: 'card0',
  settleSeconds: 30,
};

test('the ends belong to the interval; a nanosecond beyond is a miss', () => {
  const checker = new ContainmentChecker([]);
  assert.equal(checker.judge(said(1, 100)), false);
  assert.equal(checker.judge(said(2, -100)), false);
  assert.equal(checker.judge(said(3, 101)), true);
  assert.equal(checker.judge(said(4, -101)), true);
  const report = checker.report();
  assert.equal(report.intervals, 4);
  assert.equal(report.misses, 2);
  assert.deepEqual(report.firstMiss, { atSeconds: 3, state: 'locked', byNs: '-1', guaranteeNs: '100' });
});

test('a refusal is counted and is no miss', () => {
  const checker = new ContainmentChecker([]);
  assert.equal(checker.judge({ atSeconds: 1, truth: TRUTH, state: 'acquiring', interval: undefined }), false);
  assert.equal(checker.report().refused, 1);
  assert.equal(checker.report().intervals, 0);
});

test('a miss is excused only while the assumption is broken and settling', () => {
  const checker = new ContainmentChecker([LIE]);
  const judged = [99, 100, 200, 230, 231].map((at) => checker.judge(said(at, 5_000)));
  assert.deepEqual(judged, [true, false, false, false, true]);
  assert.equal(checker.report().missesWhileBroken, 3);
});

test('detection is the first time the device is not believed, counted from the break', () => {
  const checker = new ContainmentChecker([LIE]);
  for (let at = 90; at < 300; at++) checker.watch(at, () => at < 107 && at !== 95);
  assert.equal(checker.report().breaks[0]!.detectedAfterSeconds, 7);
  const never = new ContainmentChecker([LIE]);
  for (let at = 90; at < 300; at++) never.watch(at, () => at < 240);
  assert.equal(never.report().breaks[0]!.detectedAfterSeconds, undefined, 'noticed after it was over is not noticed');
});

test('tightness is kept by state, an error below a nanosecond counts as one', () => {
  const checker = new ContainmentChecker([]);
  for (let i = 0; i < 100; i++) checker.judge(said(i, 50));
  checker.judge(said(1, 0, 'holdover'));
  const { tightness } = checker.report();
  assert.deepEqual(Object.keys(tightness), ['holdover', 'locked']);
  const p50 = new Histogram(tightness['locked']!.ratio).quantile(0.5)!;
  assert.ok(p50 >= 2 && p50 < 2.05, `${p50}`);
  const exact = new Histogram(tightness['holdover']!.ratio).quantile(0.5)!;
  assert.ok(exact >= 100 && exact < 103);
});

test('quantiles are never below the value they stand for and merge exactly', () => {
  const all = new Histogram();
  const parts = [new Histogram(), new Histogram()];
  for (let i = 1; i <= 1_000; i++) {
    all.add(i);
    parts[i % 2]!.add(i);
  }
  const merged = new Histogram();
  for (const part of parts) merged.merge(new Histogram(part.entries()));
  assert.deepEqual(merged.entries(), all.entries());
  for (const q of [0.01, 0.5, 0.99, 1]) {
    const got = all.quantile(q)!;
    assert.ok(got >= q * 1_000 * (1 - 1e-9) && got <= q * 1_000 * 1.021, `${q}: ${got}`);
  }
  assert.equal(new Histogram().quantile(0.5), undefined);
  const ends = new Histogram();
  for (const value of [0, -5, 1e300]) ends.add(value);
  assert.equal(ends.total, 3);
});

test('one miss or one late detection in any run breaks the account, and its seed is named', () => {
  const run = (seed: number, misses: number, detected: number | undefined): RunReport => ({
    scenario: 's',
    seed,
    simulatedSeconds: 10,
    stepSeconds: 1,
    sourceType: 'card',
    secondsIn: {},
    intervals: 5,
    refused: 1,
    misses,
    firstMiss: misses === 0 ? undefined : { atSeconds: 1, state: 'locked', byNs: '1', guaranteeNs: '2' },
    missesWhileBroken: 0,
    breaks: [{ assumption: 'a', detectWithinSeconds: 3, detectedAfterSeconds: detected }],
    tightness: {},
  });
  const account = (...runs: RunReport[]) => {
    const sum = new SummaryOfRuns('s');
    for (const r of runs) sum.add(r);
    return sum.summary();
  };
  assert.equal(isKept(account(run(1, 0, 3), run(2, 0, 1))), true);
  const missed = account(run(9, 2, 1), run(4, 1, 1), run(5, 0, 1));
  assert.equal(isKept(missed), false);
  assert.equal(missed.misses, 3);
  assert.equal(missed.firstMiss!.seed, 4);
  const late = account(run(1, 0, 1), run(7, 0, undefined), run(6, 0, 4));
  assert.equal(isKept(late), false);
  assert.equal(late.breaks[0]!.late, 2);
  assert.equal(late.breaks[0]!.firstLateSeed, 6);
});
