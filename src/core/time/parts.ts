/**
 * Instants and durations as whole seconds and the nanoseconds above them, the form records and the kernel carry.
 */

import { floorDivide, floorModulo, NANOS_PER_SECOND, nanos, taiInstant, type Nanos, type TaiInstant } from './nanos.ts';

/** `seconds` may be negative; `fraction` is in 0..999,999,999. */
export type SecondsAndNanos = { readonly seconds: bigint; readonly fraction: bigint };

export function secondsAndNanos(value: TaiInstant | Nanos): SecondsAndNanos {
  return { seconds: floorDivide(value, NANOS_PER_SECOND), fraction: floorModulo(value, NANOS_PER_SECOND) };
}

export const taiOfParts = (parts: SecondsAndNanos): TaiInstant => taiInstant(joined(parts));
export const nanosOfParts = (parts: SecondsAndNanos): Nanos => nanos(joined(parts));

const joined = ({ seconds, fraction }: SecondsAndNanos): bigint => seconds * NANOS_PER_SECOND + fraction;
