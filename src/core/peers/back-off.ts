/**
 * When to try a lost peer again: twice as long after each failure, up to a bound, spread by chance.
 *
 * The spread ("full jitter" over the upper half) keeps validators that lost one peer at one moment from coming back at
 * one moment. Chance is an argument in [0, 1), so a simulation repeats itself.
 */

import { assert } from '../assert.ts';
import { divideDown, plus, seconds, shorterOf, times, type Nanos } from '../time/nanos.ts';

const FIRST = seconds(1);
const LONGEST = seconds(300);
/** 2^9 s is beyond the longest. */
const DOUBLINGS_MAX = 9;

/** How long to wait after `failures` attempts in a row have failed (1 for the first), `chance` in [0, 1). */
export function backOff(failures: number, chance: number): Nanos {
  assert(Number.isInteger(failures) && failures > 0, 'waiting begins after a failure');
  assert(chance >= 0 && chance < 1, 'chance is in [0, 1)');
  const whole = shorterOf(times(FIRST, 2 ** Math.min(failures - 1, DOUBLINGS_MAX)), LONGEST);
  const half = divideDown(whole, 2);
  return plus(half, divideDown(times(half, Math.floor(chance * 1_000_000)), 1_000_000));
}
