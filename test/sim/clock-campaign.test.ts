/**
 * The clock core in every scenario: truth inside every interval, broken assumptions noticed in time, tight where promised.
 *
 * A slice of what `npm run test:containment` runs at length. Every failure names the command that reproduces it.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Histogram } from '../../src/sim/check/histogram.ts';
import { isKept, SummaryOfRuns } from '../../src/sim/check/summary.ts';
import { runCampaign } from '../../src/sim/clock-campaign.ts';
import { runScenario } from '../../src/sim/clock-run.ts';
import { FAULT_NAMES } from '../../src/sim/faults.ts';
import { SCENARIOS, scenarioNamed } from '../../src/sim/scenarios/catalogue.ts';

async function assertKept(
  seeds: { from: number; to: number },
  stepSeconds: number,
  among = SCENARIOS,
): Promise<number> {
  const durationSeconds = 1_800;
  const summaries = await runCampaign({ scenarios: among, seeds, durationSeconds, stepSeconds, jobs: 1 });
  for (const summary of summaries)
    assert.ok(
      isKept(summary),
      `momentd sim clock --scenario ${summary.scenario} --seeds ${seeds.from}..${seeds.to} --duration ${durationSeconds}s ` +
        `--step ${stepSeconds}s: ${JSON.stringify({ miss: summary.firstMiss, breaks: summary.breaks })}`,
    );
  return summaries.reduce((sum, s) => sum + s.simulatedSeconds, 0);
}

test('every scenario keeps the promise at the pace of a real agent', async (t) => {
  const short = SCENARIOS.filter((s) => s.secondsMin < 10_000);
  t.diagnostic(`${await assertKept({ from: 1, to: 2 }, 1, short)} simulated seconds`);
});

test('every scenario keeps the promise with coarse steps, a day of holdover included', async (t) => {
  t.diagnostic(`${await assertKept({ from: 1_001, to: 1_004 }, 8)} simulated seconds`);
});

type Found = {
  name: string;
  input: { scenario: string; seed: number; duration_s: number; step_s: number };
  expect: { misses: number; late: number; issues?: boolean };
  why: string;
};

const found = JSON.parse(
  readFileSync(new URL('../vectors/containment.json', import.meta.url), 'utf8'),
) as readonly Found[];

for (const { name, input, expect, why } of found)
  test(`found once: ${name} (${why})`, () => {
    const options = { seed: input.seed, durationSeconds: input.duration_s, stepSeconds: input.step_s };
    const sum = new SummaryOfRuns(input.scenario);
    sum.add(runScenario(scenarioNamed(input.scenario)!, options));
    const { misses, breaks, intervals } = sum.summary();
    assert.equal(misses, expect.misses);
    assert.equal(
      breaks.reduce((late, b) => late + b.late, 0),
      expect.late,
    );
    if (expect.issues === true) assert.ok(intervals > 0, 'it issues intervals at all');
  });

test('a locked card with PPS and extts guarantees less than 250 ns, read four times a second', () => {
  const report = runScenario(scenarioNamed('quiet-day')!, { seed: 5, durationSeconds: 1_800, stepSeconds: 0.25 });
  const guarantee = new Histogram(report.tightness['locked']!.guaranteeNs);
  assert.ok(guarantee.total > 7_000);
  assert.ok(guarantee.quantile(0.99)! < 250, `p99 ${guarantee.quantile(0.99)} ns`);
});

test('24 h of rubidium holdover stay under 2 us, every nanosecond of it in the budget', () => {
  const scenario = scenarioNamed('holdover-24h')!;
  let widest = 0n;
  let heldSeconds = 0n;
  const report = runScenario(scenario, { seed: 6, durationSeconds: 0, stepSeconds: 4 }, (estimate) => {
    if (estimate.state !== 'holdover' || estimate.guarantee === undefined) return;
    const sum = Object.values(estimate.budget!).reduce((total, term) => total + term, 0n);
    assert.equal(sum, estimate.guarantee);
    if (estimate.guarantee > widest) widest = estimate.guarantee;
    heldSeconds = estimate.asOf - estimate.since > heldSeconds ? estimate.asOf - estimate.since : heldSeconds;
  });
  assert.equal(report.misses, 0);
  assert.ok(heldSeconds >= 86_390n * 1_000_000_000n, `held ${heldSeconds} ns`);
  assert.ok(widest < 2_000n, `widest ${widest} ns`);
});

test('the worst world that is declared uses the guarantee up: the bound is no wider than half as much again', () => {
  for (const name of ['adversary-card', 'adversary-network-clock', 'adversary-system-clock', 'adversary-pulse']) {
    const report = runScenario(scenarioNamed(name)!, { seed: 3, durationSeconds: 1_800, stepSeconds: 1 });
    const ratio = new Histogram(report.tightness['locked']!.ratio);
    assert.ok(ratio.quantile(0.5)! < 1.5, `${name}: ${ratio.quantile(0.5)}`);
  }
});

test('the same seed gives the same bytes, on one thread or two', async () => {
  const scenarios = ['quiet-day', 'antenna-flaps', 'liar-among-three', 'vm-pause'].map((name) => scenarioNamed(name)!);
  const campaign = { scenarios, seeds: { from: 1, to: 2 }, durationSeconds: 600, stepSeconds: 4 };
  const one = JSON.stringify(await runCampaign({ ...campaign, jobs: 1 }));
  assert.equal(JSON.stringify(await runCampaign({ ...campaign, jobs: 1 })), one);
  assert.equal(JSON.stringify(await runCampaign({ ...campaign, jobs: 2 })), one);
  const other = await runCampaign({ ...campaign, seeds: { from: 3, to: 4 }, jobs: 1 });
  assert.notEqual(JSON.stringify(other), one);
});

test('an interrupted campaign reports what it reached', async () => {
  const scenarios = [scenarioNamed('quiet-day')!];
  const stop = new AbortController();
  const campaign = { scenarios, seeds: { from: 1, to: 50 }, durationSeconds: 60, stepSeconds: 4, jobs: 1 };
  const [summary] = await runCampaign(campaign, ({ done }) => done === 3 && stop.abort(), stop.signal);
  assert.equal(summary!.runs, 3);
});

test('the catalogue names each scenario once, and each stages what it says', () => {
  assert.equal(new Set(SCENARIOS.map((s) => s.name)).size, SCENARIOS.length);
  assert.equal(scenarioNamed('no such thing'), undefined);
  for (const scenario of SCENARIOS) assert.match(scenario.name, /^[a-z0-9-]+$/);
});

test('the documentation lists every scenario and every fault', () => {
  const text = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8');
  for (const { name, summary } of SCENARIOS) assert.ok(text.includes(`| \`${name}\` | ${summary} |`), name);
  for (const name of FAULT_NAMES) assert.ok(text.includes(`| \`${name}\` |`), name);
});
