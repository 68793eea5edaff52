/**
 * What a device clock counts in, and its readings on TAI. A time card's clock keeps TAI; a virtual machine's keeps UTC; nothing
 * in the kernel's interface tells, so the configuration says it. Near a leap second a UTC clock names two seconds alike:
 * such a reading is refused.
 */

import { taiInstant, type TaiInstant } from '../../core/time/nanos.ts';
import { floorDivide, floorModulo, nanos, NANOS_PER_SECOND, negate, seconds, shift } from '../../core/time/nanos.ts';
import { leapStateAt, nextLeapAfter, taiOfUnixSeconds, type LeapTable } from '../../core/time/leap-seconds.ts';

export type Timescale =
  | { readonly kind: 'tai' }
  /** `leaps` is asked at each reading, so that a renewed table is used at once. */
  | { readonly kind: 'utc'; readonly leaps: () => LeapTable };

/** UTC is refused this long on either side of a step: the inserted second itself, and two for a clock that is off. */
const AMBIGUOUS = seconds(3);

/** A device's nanoseconds as TAI; undefined where a UTC count does not name one instant. */
export function taiOf(timescale: Timescale, deviceNs: bigint): TaiInstant | undefined {
  if (timescale.kind === 'tai') return taiInstant(deviceNs);
  const table = timescale.leaps();
  const second = taiOfUnixSeconds(table, floorDivide(deviceNs, NANOS_PER_SECOND), false);
  if (second === undefined) return undefined;
  const tai = shift(second, nanos(floorModulo(deviceNs, NANOS_PER_SECOND)));
  const early = shift(tai, negate(AMBIGUOUS));
  const late = shift(tai, AMBIGUOUS);
  const next = nextLeapAfter(table, early);
  const nearLeap = next !== undefined && next.atTai <= late;
  return nearLeap || leapStateAt(table, late).kind !== 'known' ? undefined : tai;
}
