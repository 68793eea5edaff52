/**
 * Instants and durations as people read and write them. TAI is printed as a date with the suffix TAI, UTC as RFC 3339 with Z; nine digits always,
 * because the value has them. No `Date`: core reads no clock and knows no time zone.
 */

import { leapStateAt, unixNanosOf, type LeapTable } from './leap-seconds.ts';
import { floorDivide, floorModulo, magnitude, nanos, NANOS_PER_SECOND, type Nanos, type TaiInstant } from './nanos.ts';

/** `2026-11-20T12:00:37.123456789 TAI` */
export function formatTai(tai: TaiInstant): string {
  return `${calendar(tai)} TAI`;
}

/** `2026-11-20T12:00:00.123456789Z`, with 23:59:60 inside an inserted second; undefined before the leap table begins. */
export function formatUtc(tai: TaiInstant, table: LeapTable): string | undefined {
  const leap = leapStateAt(table, tai);
  if (leap.kind === 'before-table') return undefined;
  const unix = unixNanosOf(tai, leap.taiUtcSeconds);
  if (leap.kind === 'known' && leap.inLeapSecond)
    return `${calendar(unix - NANOS_PER_SECOND).replace(/:59\./, ':60.')}Z`;
  return `${calendar(unix)}Z`;
}

/** A duration with the unit that keeps it readable and exact: `85 ns`, `1.25 us`, `3 s`. */
export function formatNanos(duration: Nanos): string {
  const size = magnitude(duration);
  const sign = duration < 0n ? '-' : '';
  if (size < 1_000n) return `${sign}${size} ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)} us`;
  if (size < NANOS_PER_SECOND) return `${sign}${decimal(size, 1_000_000n)} ms`;
  return `${sign}${decimal(size, NANOS_PER_SECOND)} s`;
}

const DURATION_UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: NANOS_PER_SECOND,
  min: 60n * NANOS_PER_SECOND,
  h: 3_600n * NANOS_PER_SECOND,
  d: 86_400n * NANOS_PER_SECOND,
};

/** `250ms`, `40 ns`, `24h`: whole numbers only, so that nothing is rounded behind the writer's back. Undefined: none. */
export function parseDuration(text: string): Nanos | undefined {
  const match = /^(\d{1,15})\s*([a-z]+)$/.exec(text);
  const unit = match === null ? undefined : DURATION_UNITS[match[2]!];
  return match === null || unit === undefined ? undefined : nanos(BigInt(match[1]!) * unit);
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}

function calendar(nanosSinceEpoch: bigint): string {
  const secondsSinceEpoch = floorDivide(nanosSinceEpoch, NANOS_PER_SECOND);
  const fraction = floorModulo(nanosSinceEpoch, NANOS_PER_SECOND);
  const days = floorDivide(secondsSinceEpoch, 86_400n);
  const secondOfDay = floorModulo(secondsSinceEpoch, 86_400n);
  const { year, month, day } = civilOfDays(days);
  const clock = [secondOfDay / 3_600n, (secondOfDay / 60n) % 60n, secondOfDay % 60n].map((n) => pad(n, 2)).join(':');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}.${pad(fraction, 9)}`;
}

const pad = (n: bigint, digits: number): string => n.toString().padStart(digits, '0');

/** Days since 1970-01-01 to a proleptic Gregorian date. Eras of 400 years, years that begin in March. */
export function civilOfDays(days: bigint): { year: bigint; month: bigint; day: bigint } {
  const shifted = days + 719_468n; // days since 0000-03-01
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1_460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shiftedMonth = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * shiftedMonth + 2n) / 5n + 1n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  return { year: yearOfEra + era * 400n + (month <= 2n ? 1n : 0n), month, day };
}

/** The inverse of `civilOfDays`; the date must exist (callers check it). */
export function daysOfCivil(year: bigint, month: bigint, day: bigint): bigint {
  const shiftedYear = month <= 2n ? year - 1n : year;
  const era = floorDivide(shiftedYear, 400n);
  const yearOfEra = shiftedYear - era * 400n;
  const dayOfYear = (153n * (month > 2n ? month - 3n : month + 9n) + 2n) / 5n + day - 1n;
  const dayOfEra = yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear;
  return era * 146_097n + dayOfEra - 719_468n;
}
