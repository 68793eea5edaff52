/** Extrapolation: what the bound says holds for any host and any clock within the declared rates. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extrapolate, growthRate, rateOf, type RateAssumption } from '../../../src/core/clock/extrapolation.ts';
import type { Reading } from '../../../src/core/clock/observation.ts';
import {
  magnitude,
  monoInstant,
  nanos,
  plus,
  seconds,
  since,
  taiInstant,
  ZERO,
  type Nanos,
} from '../../../src/core/time/nanos.ts';
import { driftOver, ppb, ppm, ppt } from '../../../src/core/time/rate.ts';

const ASSUMED: RateAssumption = { rateMax: ppm(100), wander: ppb(1), servo: ppt(0) };
const exact = (): Nanos => ZERO;
const BASE = 1_000_000_000_000n;

/** A clock that gains `ppbGained` on the host, read at `latch` of a bracket that begins at `at`. */
function reading(at: bigint, width: bigint, latch: bigint, ppbGained: bigint): Reading {
  const read = at + latch;
  return {
    kind: 'reading',
    source: 'card0',
    before: monoInstant(BASE + at),
    reading: taiInstant(read + (read * ppbGained) / 1_000_000_000n),
    after: monoInstant(BASE + at + width),
    windowAdjust: ZERO,
    declaredError: undefined,
  };
}

const life = fc.record({
  gained: fc.bigInt(-99_000n, 99_000n),
  widths: fc.array(fc.bigInt(0n, 500n), { minLength: 1, maxLength: 14 }),
  latches: fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 14, maxLength: 14 }),
  age: fc.bigInt(0n, 20_000_000_000n),
});

function windowOf(gained: bigint, widths: readonly bigint[], latches: readonly number[]): Reading[] {
  return widths.map((width, i) =>
    reading(BigInt(i) * 1_000_000_000n, width, (width * BigInt(latches[i]!)) / 1_000n, gained),
  );
}

test('the bound holds for any steady clock, wherever in its brackets it was read', () => {
  fc.assert(
    fc.property(life, ({ gained, widths, latches, age }) => {
      const window = windowOf(gained, widths, latches);
      const rate = rateOf(window, ASSUMED, exact)!;
      assert.ok(rate.centre - rate.half <= gained * 1_000n && gained * 1_000n <= rate.centre + rate.half);
      const asOf = window.at(-1)!.after - BASE + age;
      const found = extrapolate(window, rate, ASSUMED, monoInstant(BASE + asOf), exact);
      const truth = taiInstant(asOf + (asOf * gained) / 1_000_000_000n);
      const bound = plus(found.bracket, driftOver(ppm(100), found.bracket), found.extrapolation, nanos(1));
      assert.ok(magnitude(since(found.centre, truth)) <= bound);
    }),
  );
});

test('a single reading leaves the rate as declared', () => {
  const window = windowOf(0n, [100n], [0]);
  const rate = rateOf(window, ASSUMED, exact)!;
  assert.deepEqual([rate.centre, rate.half, rate.baseline], [ppt(0), ppm(100), ZERO]);
  assert.equal(growthRate(rate, ASSUMED, window[0]!.after, seconds(10)), ppm(100));
});

test('a clock that contradicts the declared rate is refused', () => {
  const widths = Array.from({ length: 10 }, () => 100n);
  const latches = widths.map(() => 500);
  assert.equal(rateOf(windowOf(150_000n, widths, latches), ASSUMED, exact), undefined);
  assert.notEqual(rateOf(windowOf(99_000n, widths, latches), ASSUMED, exact), undefined);
});

test('errors of the readings widen the rate', () => {
  const widths = Array.from({ length: 14 }, () => 100n);
  const window = windowOf(
    0n,
    widths,
    widths.map(() => 500),
  );
  const narrow = rateOf(window, ASSUMED, exact)!;
  const wide = rateOf(window, ASSUMED, () => nanos(1_000))!;
  assert.ok(wide.half > narrow.half + 100_000n);
});

test('a servo and more wander only widen', () => {
  const widths = Array.from({ length: 14 }, () => 200n);
  const window = windowOf(
    50n,
    widths,
    widths.map(() => 500),
  );
  const rate = rateOf(window, ASSUMED, exact)!;
  const asOf = monoInstant(BASE + 14_000_000_000n);
  const of = (assumption: RateAssumption): bigint => extrapolate(window, rate, assumption, asOf, exact).extrapolation;
  assert.ok(of({ ...ASSUMED, servo: ppb(5) }) > of(ASSUMED));
  assert.ok(of({ ...ASSUMED, wander: ppb(2) }) > of(ASSUMED));
  assert.ok(
    growthRate(rate, { ...ASSUMED, servo: ppb(5) }, asOf, seconds(1)) > growthRate(rate, ASSUMED, asOf, seconds(1)),
  );
});

test('of two readings the one that bounds the present best is used: old and narrow against new and wide', () => {
  const window = [
    ...windowOf(
      0n,
      Array.from({ length: 10 }, () => 100n),
      Array.from({ length: 10 }, () => 500),
    ),
    reading(9_100_000_000n, 20_000n, 10_000n, 0n),
  ];
  const rate = rateOf(window, ASSUMED, exact)!;
  const found = extrapolate(window, rate, ASSUMED, monoInstant(BASE + 9_200_000_000n), exact);
  assert.equal(found.reading, window[9]);
});
