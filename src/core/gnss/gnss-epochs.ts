/**
 * Weeks and times of week of the satellite systems, and dates as receivers spell them, as TAI instants.
 *
 * GPS, Galileo and BeiDou count weeks from their own epochs and keep a fixed distance to TAI. GLONASS keeps UTC plus three
 * hours, so it has leap seconds and needs the leap table, as does a pulse aligned to UTC. Sources: IS-GPS-200 3.3.4,
 * Galileo OS SIS ICD 5.1.2, BeiDou B1I ICD 3.3, GLONASS ICD 3.3.3; u-blox counts GLONASS and UTC weeks from the GPS epoch.
 */

import { minus, nanos, plus, seconds, shift, since, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { secondsAndNanos, taiOfParts } from '../time/parts.ts';
import { civilOfDays, daysOfCivil } from '../time/text.ts';
import type { UtcFields } from './ubx-nav-time.ts';

const SECONDS_PER_WEEK = 604_800;
const HALF_SECOND = nanos(500_000_000n);

/** Seconds of TAI since 1970-01-01T00:00:00 TAI at week 0. */
const EPOCH_TAI_SECONDS = {
  gps: 315_964_819n, // 1980-01-06T00:00:00 UTC, TAI-UTC was 19 s
  galileo: 935_280_019n, // 1999-08-22T00:00:00 of GPS time: 1,024 weeks later
  beidou: 1_136_073_633n, // 2006-01-01T00:00:00 UTC, TAI-UTC was 33 s
} as const;

/** Unix seconds at GPS week 0, from which UTC and GLONASS weeks are counted. */
const EPOCH_UNIX_SECONDS = 315_964_800;

/** GLONASS keeps Moscow time: UTC + 3 h, leap seconds included. */
const GLONASS_AHEAD_SECONDS = 10_800;

export type AtomicBase = keyof typeof EPOCH_TAI_SECONDS;

/** The instant `tow` into week `week` of a system without leap seconds. */
export function taiOfWeek(base: AtomicBase, week: number, tow: Nanos): TaiInstant {
  const epoch = taiOfParts({ seconds: EPOCH_TAI_SECONDS[base], fraction: 0n });
  return shift(epoch, plus(seconds(week * SECONDS_PER_WEEK), tow));
}

/** Unix seconds of a whole-second time of week in a base that has leap seconds. */
export function unixSecondsOfWeek(base: 'utc' | 'glonass', week: number, towSeconds: number): bigint {
  const ahead = base === 'glonass' ? GLONASS_AHEAD_SECONDS : 0;
  return BigInt(EPOCH_UNIX_SECONDS + week * SECONDS_PER_WEEK + towSeconds - ahead);
}

/** Unix seconds of a UTC date and time; undefined when there is no such date or time of day. A :60 has those of the next :00. */
export function unixSecondsOfUtc(utc: UtcFields): bigint | undefined {
  const { year, month, day, hour, minute, second } = utc;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  // Only the last second of a UTC day can be the 61st of its minute (ITU-R TF.460-6).
  if (second === 60 && (hour !== 23 || minute !== 59)) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const days = daysOfCivil(BigInt(year), BigInt(month), BigInt(day));
  if (civilOfDays(days).day !== BigInt(day)) return undefined;
  return days * 86_400n + BigInt(hour * 3_600 + minute * 60 + second);
}

/** The whole number of seconds nearest to a duration, and what the duration has above it (negative: lacks). */
export function wholeSecondsNear(duration: Nanos): { readonly whole: bigint; readonly off: Nanos } {
  const whole = secondsAndNanos(plus(duration, HALF_SECOND)).seconds;
  return { whole, off: minus(duration, seconds(whole)) };
}

/** The whole TAI second nearest to `instant`, and how far `instant` lies after it (negative: before it). */
export function nearestSecond(instant: TaiInstant): { readonly second: TaiInstant; readonly off: Nanos } {
  const second = taiOfParts({ seconds: secondsAndNanos(shift(instant, HALF_SECOND)).seconds, fraction: 0n });
  return { second, off: since(instant, second) };
}

/** The year that ends in `yearOfCentury` and lies within 50 years of `near`: what two digits can mean. */
export function fullYear(yearOfCentury: number, near: TaiInstant): number {
  const days = secondsAndNanos(near).seconds / 86_400n;
  const earliest = Number(civilOfDays(days).year) - 50;
  return earliest + ((((yearOfCentury - earliest) % 100) + 100) % 100);
}
