/** Wander and aging as laws: never negative, growing with each factor, exact where the numbers divide. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanos, seconds } from '../../../src/core/time/nanos.ts';
import { agedRate, agingOver, ppb, ppt, rateMoved, wanderAcross, wanderOver } from '../../../src/core/time/rate.ts';

test('1 ppb/s over a baseline of 16 s is off by 8 ppb, that is 8 ns after a second', () => {
  assert.equal(wanderAcross(ppb(1), seconds(1), seconds(16)), nanos(8));
  assert.equal(rateMoved(ppb(1), seconds(8)), ppb(8));
});

test('aging of 2 ppt a day costs 86.4 ns in the first day, rounded up', () => {
  assert.equal(agingOver(ppt(2), seconds(86_400)), nanos(87));
  assert.equal(agedRate(ppt(2), seconds(43_200)), ppt(1));
  assert.equal(agedRate(ppt(2), seconds(43_201)), ppt(2));
});

test('rounding is upwards: the least wander is a whole nanosecond, none is none', () => {
  assert.equal(wanderAcross(ppt(1), nanos(1), nanos(1)), nanos(1));
  assert.equal(agingOver(ppt(1), nanos(1)), nanos(1));
  assert.equal(rateMoved(ppt(1), nanos(1)), ppt(1));
  assert.equal(wanderAcross(ppt(0), seconds(9), seconds(9)), nanos(0));
});

test('a longer time or a steeper slope never costs less', () => {
  const length = fc.bigInt(0n, 10n ** 15n).map((n) => nanos(n));
  const slope = fc.bigInt(0n, 10n ** 6n).map((n) => ppt(n));
  fc.assert(
    fc.property(length, length, slope, slope, (a, b, s, t) => {
      const [short, long] = a < b ? [a, b] : [b, a];
      const [flat, steep] = s < t ? [s, t] : [t, s];
      assert.ok(wanderAcross(flat, short, short) <= wanderAcross(steep, long, long));
      assert.ok(agingOver(flat, short) <= agingOver(steep, long));
      assert.ok(wanderOver(flat, short) <= wanderAcross(flat, short, short) + 1n);
    }),
  );
});
