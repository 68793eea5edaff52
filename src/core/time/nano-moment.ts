/**
 * The NanoMoment: unsigned 128-bit nanoseconds since 1970-01-01T00:00:00 UTC, as the ROKO network defines it.
 *
 * A derived value for the edges. It repeats during a positive leap second, so nothing is ever ordered by it.
 * JSON carries a decimal string.
 */

import { unixNanosOf } from './leap-seconds.ts';
import type { TaiInstant } from './nanos.ts';

/** The NanoMoment of a TAI instant, or undefined before 1970 UTC. */
export function nanoMomentOf(tai: TaiInstant, taiUtcSeconds: number): bigint | undefined {
  const unixNanos = unixNanosOf(tai, taiUtcSeconds);
  return unixNanos < 0n ? undefined : unixNanos;
}
