/**
 * More than a thousand seeds over every mix of faults: `npm run test:network-sim`. Not part of `npm test`, which runs a slice.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from '../../../src/sim/network/campaign.ts';

for (const [validators, from, to] of [
  [4, 1, 770],
  [7, 1_001, 1_210],
  [10, 2_001, 2_070],
] as const) {
  test(`${validators} validators, seeds ${from} to ${to}`, () => {
    const began = performance.now();
    const account = runCampaign({ from, to, mix: 'all', validators });
    const { failures, perMix, ...figures } = account;
    console.log(
      JSON.stringify({ validators, ...figures, hostSeconds: Math.round((performance.now() - began) / 1_000) }),
    );
    assert.deepEqual(
      failures.map(({ seed, mix, stuck, violations }) => ({ seed, mix, stuck, violations })),
      [],
    );
    assert.equal(account.finals, account.submitted);
    assert.equal(Object.keys(perMix).length, 7);
  });
}
