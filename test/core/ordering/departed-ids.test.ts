/** Ids that left the pool: remembered while anyone may report them, forgotten by the generation, never beyond their bound. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DepartedIds } from '../../../src/core/ordering/departed-ids.ts';
import { seconds } from '../../../src/core/time/nanos.ts';
import { at } from './four-lanes.ts';

const WINDOW_MS = 30_000;

test('an id is known while its window lasts, and gone two windows later', () => {
  const ids = new DepartedIds({ window: seconds(30), idsMax: 100 });
  ids.add('a', at(0));
  for (let ms = 0; ms <= WINDOW_MS; ms += 1_000) {
    ids.forget(at(ms));
    assert.ok(ids.has('a'), `${ms} ms`);
  }
  for (let ms = WINDOW_MS; ms <= 3 * WINDOW_MS; ms += 1_000) ids.forget(at(ms));
  assert.ok(!ids.has('a'));
  assert.equal(ids.size, 0);
});

test('a claim far ahead outlives what was claimed before it', () => {
  const ids = new DepartedIds({ window: seconds(30), idsMax: 100 });
  ids.add('ahead', at(25_000));
  ids.add('now', at(0));
  for (let ms = 0; ms <= 55_000; ms += 1_000) ids.forget(at(ms));
  assert.ok(ids.has('ahead'));
});

test('whatever comes, nothing is forgotten early while there is room, and the bound holds', () => {
  const step = fc.record({ afterMs: fc.nat({ max: 9_000 }), aheadMs: fc.integer({ min: -WINDOW_MS, max: WINDOW_MS }) });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.array(step, { maxLength: 60 }), (idsMax, steps) => {
      const ids = new DepartedIds({ window: seconds(30), idsMax });
      const added: { key: string; claimedMs: number }[] = [];
      let nowMs = 0;
      for (const [i, { afterMs, aheadMs }] of steps.entries()) {
        nowMs += afterMs;
        ids.forget(at(nowMs));
        added.push({ key: `${i}`, claimedMs: nowMs + aheadMs });
        ids.add(`${i}`, at(nowMs + aheadMs));
        assert.ok(ids.size <= 2 * Math.ceil(idsMax / 2));
        for (const { key, claimedMs } of added.slice(-Math.floor(idsMax / 2)))
          assert.ok(ids.has(key) || claimedMs + WINDOW_MS < nowMs, `${key} of ${claimedMs} at ${nowMs}`);
      }
    }),
  );
});
