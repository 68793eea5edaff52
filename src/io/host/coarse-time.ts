/**
 * The system's idea of the date, to the millisecond and unproven: good for naming a file or dating a genesis record, never
 * for an interval.
 */

import { BUILT_IN_LEAP_TABLE, taiOfUnixSeconds } from '../../core/time/leap-seconds.ts';
import { millis, shift, taiInstant, type TaiInstant } from '../../core/time/nanos.ts';

export function coarseTaiNow(): TaiInstant {
  const unixMs = Date.now();
  const whole = BigInt(Math.floor(unixMs / 1_000));
  // Outside the leap table the last known TAI-UTC is as good as any: this is a date, not a time.
  const second = taiOfUnixSeconds(BUILT_IN_LEAP_TABLE, whole, false) ?? taiInstant((whole + 37n) * 1_000_000_000n);
  return shift(second, millis(unixMs % 1_000));
}
