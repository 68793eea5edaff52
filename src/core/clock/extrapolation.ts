/**
 * From readings of a clock to what that clock says at another instant of the host's raw clock, with a rigorous bound.
 *
 * The host's raw clock runs at an unknown rate against the clock that was read, within a declared bound, and that rate
 * changes no faster than a declared wander. Two readings far apart bound the mean rate between them by their brackets;
 * wander bounds how far the rate at any other moment is from that mean. Nothing statistical enters.
 */

import {
  divideUp,
  floorDivide,
  magnitude,
  minus,
  nanos,
  plus,
  shift,
  since,
  ZERO,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';
import {
  correctionOver,
  driftOver,
  ppt,
  rateDown,
  rateMagnitude,
  rateMoved,
  rateUp,
  wanderAcross,
  wanderOver,
  type Ppt,
} from '../time/rate.ts';
import type { Reading } from './observation.ts';
import { ageAt, bracketEnd, bracketMiddle, bracketWidth, halfBracket } from './window.ts';

/** The rate of the clock that was read against the host's: 1 + rate nanoseconds for each of the host's. */
export type RateBound = {
  readonly centre: Ppt;
  /** The mean rate over the baseline lies within `centre` +- `half`. */
  readonly half: Ppt;
  /** The host's time between the two readings; zero when the rate is only declared. */
  readonly baseline: Nanos;
  /** The end of the baseline. */
  readonly measuredTo: MonoInstant;
};

/** What is declared of the pair of clocks: the host's raw clock and the one that is read. */
export type RateAssumption = {
  /** |rate| between the two. */
  readonly rateMax: Ppt;
  /** How fast it may change, ppt per second. */
  readonly wander: Ppt;
  /** How far the servo of the read clock may pull its rate to either side, at once; zero without a servo. */
  readonly servo: Ppt;
};

/**
 * The rate of a window: from its oldest reading to the narrowest of its newest ones. `errorOf` is what a reading can be
 * wrong by beyond its bracket. Undefined when what was measured contradicts what is declared.
 */
export function rateOf(
  window: readonly Reading[],
  assumption: RateAssumption,
  errorOf: (reading: Reading) => Nanos,
): RateBound | undefined {
  const last = window.at(-1)!;
  const declared = assumption.rateMax;
  const unmeasured: RateBound = { centre: ppt(0), half: declared, baseline: ZERO, measuredTo: bracketMiddle(last) };
  const first = window[0]!;
  const until = narrowestRecent(window);
  const shortest = since(until.before, bracketEnd(first));
  if (first === until || shortest <= 0n) return unmeasured;
  const longest = since(bracketEnd(until), first.before);
  const moved = since(until.reading, first.reading);
  const errors = plus(errorOf(first), errorOf(until));
  // rate = moved / elapsed - 1; both ends taken where they are worst, which depends on the sign of the gain.
  const gainMin = minus(minus(moved, errors), longest);
  const gainMax = minus(plus(moved, errors), shortest);
  const measuredLow = rateDown(gainMin, gainMin < 0n ? shortest : longest);
  const measuredHigh = rateUp(gainMax, gainMax < 0n ? longest : shortest);
  const low = measuredLow > 0n - declared ? measuredLow : ppt(0n - declared);
  const high = measuredHigh < declared ? measuredHigh : declared;
  if (low > high) return undefined;
  const centre = ppt(floorDivide(low + high, 2n));
  return { centre, half: ppt(high - centre), baseline: longest, measuredTo: bracketMiddle(until) };
}

/** The narrowest of the newest sixth of the window: late enough for a long baseline, narrow enough for a good one. */
function narrowestRecent(window: readonly Reading[]): Reading {
  let best = window.at(-1)!;
  const from = Math.max(0, window.length - Math.ceil(window.length / 6));
  for (let i = window.length - 1; i >= from; i--) {
    if (bracketWidth(window[i]!) < bracketWidth(best)) best = window[i]!;
  }
  return best;
}

/** What the read clock says at an instant, and how wrong that may be. */
export type Extrapolated = {
  readonly reading: Reading;
  /** The clock's time at the instant asked for, if the reading was taken in the middle of its bracket. */
  readonly centre: TaiInstant;
  /** Half the bracket, and what the clock can gain on the host within it. */
  readonly bracket: Nanos;
  /** What the unknown part of the rate makes of the time since the reading. */
  readonly extrapolation: Nanos;
};

/**
 * What the clock says at `asOf`, from the reading of the window that bounds it best. `errorOf` as above decides between
 * readings too, but is not part of the result's terms.
 */
export function extrapolate(
  window: readonly Reading[],
  rate: RateBound,
  assumption: RateAssumption,
  asOf: MonoInstant,
  errorOf: (reading: Reading) => Nanos,
): Extrapolated {
  let best: Reading | undefined;
  let bestTotal: Nanos | undefined;
  let bestGrowth = ZERO;
  for (let i = window.length - 1; i >= 0; i--) {
    const reading = window[i]!;
    const growth = growthOver(rate, assumption, ageAt(reading, asOf), asOf);
    if (bestTotal !== undefined && growth >= bestTotal) break;
    const total = plus(growth, halfBracket(reading), errorOf(reading));
    if (bestTotal === undefined || total < bestTotal) [best, bestTotal, bestGrowth] = [reading, total, growth];
  }
  const age = ageAt(best!, asOf);
  return {
    reading: best!,
    centre: shift(shift(best!.reading, age), correctionOver(rate.centre, age)),
    bracket: halfBracket(best!),
    extrapolation: bestGrowth,
  };
}

/**
 * What the rate's uncertainty makes of `age`, the time from a reading in the window to `asOf`: its half-width, the blur
 * of the mean over the baseline, the wander since the baseline's end, the servo's change of mind, and the rounding of
 * the middle of the bracket and of the correction (2 ns).
 */
function growthOver(rate: RateBound, assumption: RateAssumption, age: Nanos, asOf: MonoInstant): Nanos {
  const beyond = since(asOf, rate.measuredTo);
  const steered = rate.baseline === 0n ? ppt(0) : ppt(2n * assumption.servo);
  return plus(
    driftOver(ppt(rate.half + steered), age),
    rate.baseline === 0n ? ZERO : wanderAcross(assumption.wander, age, rate.baseline),
    rate.baseline === 0n || beyond <= 0n ? ZERO : wanderOver(assumption.wander, beyond),
    nanos(2),
  );
}

/**
 * The rate at which the bound of an extrapolation grows during `span` after `asOf`, as one number that holds for the
 * whole span: what `now()` adds per nanosecond without thinking again.
 */
export function growthRate(rate: RateBound, assumption: RateAssumption, asOf: MonoInstant, span: Nanos): Ppt {
  if (rate.baseline === 0n) return ppt(rate.half);
  const beyond = since(asOf, rate.measuredTo);
  const reach = plus(divideUp(rate.baseline, 2n), magnitude(beyond), span);
  return ppt(rate.half + 2n * assumption.servo + rateMoved(assumption.wander, reach));
}

/** The largest |rate| the bound allows: for turning a bracket of the host into the clock's own nanoseconds. */
export const rateLimit = (rate: RateBound): Ppt => ppt(rateMagnitude(rate.centre) + rate.half);
