/** The window of readings: bounded, ordered, and dropping only what is wide. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reading } from '../../../src/core/clock/observation.ts';
import {
  bracketEnd,
  bracketMiddle,
  bracketWidth,
  halfBracket,
  isTooWide,
  newestAge,
  pushReading,
  readingsWithin,
  WINDOW_RECENT,
} from '../../../src/core/clock/window.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, nanos, seconds, taiInstant } from '../../../src/core/time/nanos.ts';

const reading = (beforeMs: number, width: number, adjust = 0): Reading => ({
  kind: 'reading',
  source: 'card0',
  before: monoInstant(BigInt(beforeMs) * 1_000_000n),
  reading: taiInstant(BigInt(beforeMs) * 1_000_000n),
  after: monoInstant(BigInt(beforeMs) * 1_000_000n + BigInt(width)),
  windowAdjust: nanos(adjust),
  declaredError: undefined,
});

test('what the driver cut off the bracket is put back', () => {
  const r = reading(1, 100, 10);
  assert.equal(bracketEnd(r), monoInstant(1_000_110n));
  assert.equal(bracketWidth(r), nanos(110));
  assert.equal(halfBracket(r), nanos(55));
  assert.equal(bracketMiddle(r), monoInstant(1_000_055n));
});

test('half of an odd bracket covers both ends', () => {
  const r = reading(1, 101);
  assert.ok(bracketMiddle(r) - halfBracket(r) <= r.before && bracketMiddle(r) + halfBracket(r) >= r.after);
});

test('a bracket above ten times the narrowest is too wide, and the first reading never is', () => {
  const window = [reading(0, 300), reading(1, 200)];
  assert.equal(isTooWide(window, reading(2, 2_000)), false);
  assert.equal(isTooWide(window, reading(2, 2_001)), true);
  assert.equal(isTooWide([], reading(2, 1_000_000)), false);
  assert.equal(isTooWide([reading(0, 0)], reading(2, 11)), true);
});

test('the window keeps the newest, is bounded and in order, and of an older slot the narrowest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 999 })), { maxLength: 200 }),
      (steps) => {
        let window: readonly Reading[] = [];
        const all: Reading[] = [];
        let at = 0;
        for (const [gap, width] of steps) {
          at += gap;
          all.push(reading(at, width));
          window = pushReading(window, all.at(-1)!);
        }
        assert.ok(window.length <= LIMITS.clockReadingsMax);
        assert.deepEqual(window.slice(-WINDOW_RECENT), all.slice(-WINDOW_RECENT));
        const slots = new Map<bigint, bigint>();
        for (const [i, r] of window.slice(0, -WINDOW_RECENT).entries()) {
          const slot = r.before / 2_000_000_000n;
          assert.ok(!slots.has(slot), 'one of each slot');
          slots.set(slot, bracketWidth(r));
          if (i > 0) assert.ok(window[i - 1]!.before < r.before);
        }
        for (const r of all.slice(0, -WINDOW_RECENT)) {
          const kept = slots.get(r.before / 2_000_000_000n);
          if (kept !== undefined) assert.ok(kept <= bracketWidth(r), 'the narrowest of its slot');
        }
      },
    ),
  );
});

test('eight readings a second reach back sixteen seconds', () => {
  let window: readonly Reading[] = [];
  for (let i = 0; i < 800; i++) window = pushReading(window, reading(i * 125, 200));
  assert.ok(window.at(-1)!.before - window[0]!.before >= seconds(14));
});

test('readings within bounds, and the age of the newest', () => {
  const window = [reading(0, 100), reading(1_000, 100), reading(2_000, 100)];
  assert.equal(readingsWithin(window, undefined, undefined), window);
  assert.deepEqual(readingsWithin(window, undefined, monoInstant(1_000_000_100n)), window.slice(0, 2));
  assert.deepEqual(readingsWithin(window, undefined, monoInstant(1_000_000_099n)), window.slice(0, 1));
  assert.deepEqual(readingsWithin(window, monoInstant(1n), undefined), window.slice(1));
  assert.equal(newestAge(window, monoInstant(3_000_000_100n)), seconds(1));
  assert.equal(newestAge([], monoInstant(1n)), undefined);
});
