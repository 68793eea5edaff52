/** A short run of the receiver fuzzer; long ones are fuzz/decoder.ts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiverFuzz } from './receiver-fuzz.ts';

test('no mutated stream throws, grows the buffer or loses the frame behind it', (t) => {
  const inputs = 100_000;
  const fuzz = new ReceiverFuzz(20_261_120, []);
  for (let i = 0; i < inputs; i++) fuzz.step();
  t.diagnostic(`${inputs} inputs: ${JSON.stringify(fuzz.totals)}`);
  // The mutations must reach what they are meant for, or the run proves nothing.
  assert.ok(fuzz.totals.messages > inputs / 4);
  assert.ok(fuzz.totals.malformed > 100 && fuzz.totals.timesOfDay > 100 && fuzz.totals.refusals > 1_000);
});

test('the same seed makes the same run', () => {
  const runs = [1, 1, 2].map((seed) => {
    const fuzz = new ReceiverFuzz(seed, []);
    for (let i = 0; i < 500; i++) fuzz.step();
    return fuzz.totals;
  });
  assert.deepEqual(runs[0], runs[1]);
  assert.notDeepEqual(runs[0], runs[2]);
});
