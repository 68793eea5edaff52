/**
 * Integer nanoseconds as the floating-point seconds that Prometheus wants, without saying anything untrue.
 *
 * Below 10^15 ns (eleven days) a duration has at most 15 significant digits, and the shortest text that JavaScript prints for
 * the nearest double is that very decimal: 85 ns is exposed as 8.5e-8 and reads back as exactly 85 ns. Longer ones are
 * rounded outward, away from zero, to whole seconds: a bound may be shown too wide, never too narrow.
 */

import { divideUp, magnitude, nanos, NANOS_PER_SECOND, type Nanos } from './nanos.ts';

/** Durations below this are exposed to the nanosecond. */
export const EXACT_BELOW: Nanos = nanos(1_000_000_000_000_000n);

export function floatSeconds(duration: Nanos): number {
  const size = magnitude(duration);
  if (size < EXACT_BELOW) return Number(duration) / 1e9;
  const whole = Number(divideUp(size, NANOS_PER_SECOND));
  return duration < 0n ? -whole : whole;
}
