/**
 * TAI divided into periods of one length, numbered from 1970-01-01T00:00:00 TAI: the slots of the cut.
 */

import { assert } from '../assert.ts';
import { floorDivide, taiInstant, type Nanos, type TaiInstant } from './nanos.ts';

/** The number of the period that holds `tai`: `[n * length, (n + 1) * length)`. A count, exact in a double. */
export function periodOf(tai: TaiInstant, length: Nanos): number {
  assert(length > 0n, 'a period has length');
  return Number(floorDivide(tai, length));
}

/** The first instant of a period; that of period n + 1 is the end of period n, which does not hold it. */
export function periodStart(period: number, length: Nanos): TaiInstant {
  assert(Number.isSafeInteger(period), 'a period has a whole number');
  return taiInstant(BigInt(period) * length);
}
