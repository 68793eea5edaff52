/**
 * Nanoseconds that know what they are: a duration, an instant on TAI, or an instant on the host's raw monotonic clock.
 *
 * TypeScript would let two bigints of different timescales be compared or subtracted; the brands forbid it, and only
 * this folder casts to a brand. TAI instants count from 1970-01-01T00:00:00 TAI (the PTP epoch, IEEE 1588-2019 7.2.2).
 * MonoInstants are CLOCK_MONOTONIC_RAW of one boot: two boots' instants must never meet (evidence carries the boot id).
 */

declare const brand: unique symbol;

/** A duration or a signed difference, in nanoseconds. */
export type Nanos = bigint & { readonly [brand]: 'Nanos' };

/** Nanoseconds since 1970-01-01T00:00:00 TAI. */
export type TaiInstant = bigint & { readonly [brand]: 'TaiInstant' };

/** Nanoseconds of CLOCK_MONOTONIC_RAW since this boot. */
export type MonoInstant = bigint & { readonly [brand]: 'MonoInstant' };

/** Either timescale; both operands of one call must be on the same one. */
export type Instant = TaiInstant | MonoInstant;

export const NANOS_PER_SECOND = 1_000_000_000n;

export const nanos = (count: bigint | number): Nanos => BigInt(count) as Nanos;
export const micros = (count: bigint | number): Nanos => (BigInt(count) * 1_000n) as Nanos;
export const millis = (count: bigint | number): Nanos => (BigInt(count) * 1_000_000n) as Nanos;
export const seconds = (count: bigint | number): Nanos => (BigInt(count) * NANOS_PER_SECOND) as Nanos;

export const taiInstant = (count: bigint): TaiInstant => count as TaiInstant;
export const monoInstant = (count: bigint): MonoInstant => count as MonoInstant;

export const ZERO: Nanos = nanos(0n);

/** `later - earlier`; negative when they come in the other order. */
export function since<T extends Instant>(later: T, earlier: T): Nanos {
  return ((later as bigint) - earlier) as Nanos;
}

/** The instant `by` after `instant` (before it when `by` is negative). */
export function shift<T extends Instant>(instant: T, by: Nanos): T {
  return ((instant as bigint) + by) as T;
}

export function isBefore<T extends Instant>(a: T, b: T): boolean {
  return a < b;
}

export function earlierOf<T extends Instant>(a: T, b: T): T {
  return a < b ? a : b;
}

export function laterOf<T extends Instant>(a: T, b: T): T {
  return a > b ? a : b;
}

/** -1, 0 or 1; for sorting instants of one timescale. */
export function compareInstants<T extends Instant>(a: T, b: T): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function plus(...terms: readonly Nanos[]): Nanos {
  let total = 0n;
  for (const term of terms) total += term;
  return total as Nanos;
}

export const minus = (a: Nanos, b: Nanos): Nanos => (a - b) as Nanos;
export const negate = (a: Nanos): Nanos => (0n - a) as Nanos;
export const magnitude = (a: Nanos): Nanos => (a < 0n ? 0n - a : a) as Nanos;
export const longerOf = (a: Nanos, b: Nanos): Nanos => (a > b ? a : b);
export const shorterOf = (a: Nanos, b: Nanos): Nanos => (a < b ? a : b);
export const times = (a: Nanos, factor: bigint | number): Nanos => (a * BigInt(factor)) as Nanos;

/** `a / divisor` towards minus infinity. */
export function divideDown(a: Nanos, divisor: bigint | number): Nanos {
  return floorDivide(a, BigInt(divisor)) as Nanos;
}

/** `a / divisor` towards plus infinity: the rounding of every half-width. */
export function divideUp(a: Nanos, divisor: bigint | number): Nanos {
  return (0n - floorDivide(0n - a, BigInt(divisor))) as Nanos;
}

/** Integer division towards minus infinity; `divisor` must be positive. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

/** The remainder that goes with `floorDivide`: never negative. */
export function floorModulo(dividend: bigint, divisor: bigint): bigint {
  const remainder = dividend % divisor;
  return remainder < 0n ? remainder + divisor : remainder;
}
