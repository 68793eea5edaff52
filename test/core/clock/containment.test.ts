/** The promise itself: in any life that keeps the declared assumptions, every interval issued contains true time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Clock } from '../../../src/core/clock/clock.ts';
import { nanos, NANOS_PER_SECOND } from '../../../src/core/time/nanos.ts';
import { Dice, Life } from './life.ts';
import { cardConfig } from './world.ts';

/** Intervals issued in a life, or the first that misses. */
function intervalsOf(seed: number, seconds: number, config = cardConfig()): number {
  const life = new Life(seed, seconds);
  const clock = new Clock(config, 'boot');
  const dice = new Dice(seed + 1);
  let issued = 0;
  for (let second = 0; second < seconds; second++) {
    life.feed(clock, second);
    const at = nanos(BigInt(second) * NANOS_PER_SECOND + BigInt(dice.between(970_000_000, 999_999_999)));
    const { interval, state } = clock.estimate(life.mono(at));
    const truth = life.truth(at);
    if (interval !== undefined) {
      issued += 1;
      assert.ok(interval.earliest <= truth && truth <= interval.latest, `seed ${seed}, second ${second}, ${state}`);
    }
    // And by extrapolation, up to half a second later.
    const later = nanos(at + BigInt(dice.between(0, 500_000_000)));
    const { earliest, latest } = clock.now(life.mono(later));
    if (earliest === undefined) continue;
    const then = life.truth(later);
    assert.ok(earliest <= then && then <= latest!, `now(), seed ${seed}, second ${second}`);
  }
  return issued;
}

test('every interval of a hundred random lives contains the truth, and most of a life has one', () => {
  let issued = 0;
  for (let seed = 1; seed <= 100; seed++) issued += intervalsOf(seed, 400);
  assert.ok(issued > 25_000, `${issued} intervals in 40,000 seconds`);
});

test('whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      intervalsOf(seed, 120);
    }),
    { numRuns: 60 },
  );
});

test('the check can fail: a configuration that declares the reference better than it is misses', () => {
  const boast = cardConfig({}, { accuracy: nanos(0), pathDelay: nanos(0), floors: {} });
  assert.throws(() => {
    for (let seed = 1; seed <= 40; seed++) intervalsOf(seed, 200, boast);
  }, assert.AssertionError);
});
