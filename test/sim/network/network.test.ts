/**
 * Simulated networks: a slice of seeds over every mix of faults, same seed same bytes, and rules broken on purpose that the
 * checkers must notice. `npm run test:network-sim` runs a thousand seeds and more.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasFailed, runCampaign } from '../../../src/sim/network/campaign.ts';
import { MIXES, planOf } from '../../../src/sim/network/plan.ts';
import { runNetwork, type RunResult } from '../../../src/sim/network/run.ts';
import { REAL_SIGNATURES, WRONG_RULES } from './support.ts';

const told = ({ seed, mix, byzantine, stuck, violations }: RunResult): object => ({
  seed,
  mix,
  byzantine,
  stuck,
  violations,
});

for (const [validators, to] of [
  [4, 49],
  [7, 14],
] as const) {
  test(`${validators} validators, seeds 1 to ${to}: agreement, no reversal, no double signature, everything final`, () => {
    const account = runCampaign({ from: 1, to, mix: 'all', validators });
    assert.deepEqual(account.failures.map(told), []);
    assert.equal(account.finals, account.submitted);
    // The runs are not trivial: there was something to get wrong.
    assert.ok(account.concurrentPairs > 0 && account.decidablePairs > account.concurrentPairs);
    assert.deepEqual(Object.keys(account.perMix).sort(), [...MIXES].sort());
  });
}

test('same seed, same bytes; another seed, other bytes', () => {
  for (const mix of ['churn', 'everything'] as const) {
    const [first, again, other] = [11, 11, 12].map((seed) => runNetwork({ seed, mix, validators: 4 }));
    assert.deepEqual(again, first);
    assert.notEqual(other!.digest, first!.digest);
  }
});

test('with real Ed25519 in place of the stand-in the same holds', () => {
  for (const seed of [5, 6, 7]) {
    const result = runNetwork({ seed, mix: 'everything', validators: 4, scheme: REAL_SIGNATURES });
    assert.deepEqual(told(result), { ...told(result), stuck: 0, violations: [] });
  }
});

test('a network of one, two and three: no fault is tolerated, and none happens', () => {
  for (const validators of [1, 2, 3]) {
    const account = runCampaign({ from: 1, to: 5, mix: 'churn', validators });
    assert.deepEqual(account.failures.map(told), [], `${validators}`);
  }
});

test('forks do happen in these runs, are proven, and the network goes on without the forker', () => {
  let successions = 0;
  for (let seed = 1; seed <= 400 && successions === 0; seed++) {
    const { byzantine } = planOf(seed, 'byzantine', 4);
    if (![...byzantine.values()].some(({ vices }) => vices.includes('fork'))) continue;
    const result = runNetwork({ seed, mix: 'byzantine', validators: 4 });
    assert.ok(!hasFailed(result), JSON.stringify(told(result)));
    successions += result.networksUsed - 1;
  }
  assert.equal(successions, 1);
});

for (const { name, why, mix, rules } of WRONG_RULES) {
  test(`caught: ${name}`, { timeout: 120_000 }, () => {
    // Bounded search: the seeds are the same on every machine, so the first that shows it is too.
    for (let seed = 1; seed <= 60; seed++) {
      const result = runNetwork({ seed, mix, validators: 4, rules });
      const found = result.violations.find(({ what }) => /disagree|reversed/.test(what));
      if (found === undefined) continue;
      const right = runNetwork({ seed, mix, validators: 4 });
      assert.deepEqual(right.violations, [], 'the right rule on the same seed');
      return;
    }
    assert.fail(`not noticed in 60 seeds, although ${why}`);
  });
}
