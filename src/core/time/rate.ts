/**
 * Frequency errors as whole parts per 10^12 (picoseconds per second), so that a bound over days stays in integers.
 *
 * A part per trillion over a day is 86 ns, finer than any term of the budget; rounding it outward costs nothing.
 */

import { divideUp, floorDivide, magnitude, type Nanos } from './nanos.ts';

declare const brand: unique symbol;

/** Fractional frequency in parts per 10^12. 1 ppb is 1,000 ppt; 1 ppm is 1,000,000 ppt. */
export type Ppt = bigint & { readonly [brand]: 'Ppt' };

const PPT = 1_000_000_000_000n;

export const ppt = (count: bigint | number): Ppt => BigInt(count) as Ppt;
export const ppb = (count: bigint | number): Ppt => (BigInt(count) * 1_000n) as Ppt;
export const ppm = (count: bigint | number): Ppt => (BigInt(count) * 1_000_000n) as Ppt;

export const fasterOf = (a: Ppt, b: Ppt): Ppt => (a > b ? a : b);
export const rateMagnitude = (a: Ppt): Ppt => (a < 0n ? 0n - a : a) as Ppt;
export const ratesPlus = (a: Ppt, b: Ppt): Ppt => (a + b) as Ppt;

/** What a clock that is off by at most `rate` can gain or lose in `duration`: never negative, rounded up. */
export function driftOver(rate: Ppt, duration: Nanos): Nanos {
  const rateUp = rateMagnitude(rate);
  return divideUp((rateUp * magnitude(duration)) as Nanos, PPT);
}

/**
 * What a clock whose frequency moves away at most `slope` (ppt per second) can gain or lose in `duration`
 * beyond its constant part: slope * duration^2 / 2, rounded up.
 */
export function wanderOver(slopePptPerSecond: Ppt, duration: Nanos): Nanos {
  const length = magnitude(duration);
  return divideUp((slopePptPerSecond * length * length) as Nanos, 2n * PPT * 1_000_000_000n);
}

/**
 * What a mean rate measured over `baseline` can be wrong by after `duration`, when the frequency moves at most `slope`
 * (ppt per second): slope * duration * baseline / 2, rounded up. The mean over a span is off from the rate at either of
 * its ends by at most slope * baseline / 2.
 */
export function wanderAcross(slopePptPerSecond: Ppt, duration: Nanos, baseline: Nanos): Nanos {
  return divideUp((slopePptPerSecond * magnitude(duration) * magnitude(baseline)) as Nanos, 2n * PPT * 1_000_000_000n);
}

/** What aging of `slope` (ppt per day) can gain or lose in `duration`: slope * duration^2 / 2, rounded up. */
export function agingOver(slopePptPerDay: Ppt, duration: Nanos): Nanos {
  const length = magnitude(duration);
  return divideUp((slopePptPerDay * length * length) as Nanos, 2n * PPT * 86_400_000_000_000n);
}

/** How far aging of `slope` (ppt per day) moves a frequency in `duration`, rounded up. */
export function agedRate(slopePptPerDay: Ppt, duration: Nanos): Ppt {
  return divideUp((slopePptPerDay * magnitude(duration)) as Nanos, 86_400_000_000_000n) as bigint as Ppt;
}

/** How far a frequency that moves at most `slope` (ppt per second) can move in `duration`, rounded up. */
export function rateMoved(slopePptPerSecond: Ppt, duration: Nanos): Ppt {
  return divideUp((slopePptPerSecond * magnitude(duration)) as Nanos, 1_000_000_000n) as bigint as Ppt;
}

/** The signed correction of a known rate over `duration`, rounded down; the error of the rounding is below 1 ns. */
export function correctionOver(rate: Ppt, duration: Nanos): Nanos {
  return floorDivide(rate * duration, PPT) as Nanos;
}

/** `gained / duration` as a rate, towards minus infinity; `duration` must be positive. */
export function rateDown(gained: Nanos, duration: Nanos): Ppt {
  return floorDivide(gained * PPT, duration) as Ppt;
}

/** `gained / duration` as a rate, towards plus infinity; `duration` must be positive. */
export function rateUp(gained: Nanos, duration: Nanos): Ppt {
  return (0n - floorDivide((0n - gained) * PPT, duration)) as Ppt;
}
