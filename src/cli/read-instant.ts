/** What a person writes for a time. */

import { taiOfUnixSeconds, type LeapTable } from '../core/time/leap-seconds.ts';
import { taiInstant, type TaiInstant } from '../core/time/nanos.ts';
import { daysOfCivil } from '../core/time/text.ts';

/** `2026-11-01`, `2026-11-01T08:30`, `2026-11-01T08:30:00Z` (all UTC), or nanoseconds of TAI; undefined: none of these. */
export function readInstant(text: string, table: LeapTable): TaiInstant | undefined {
  if (/^\d{16,19}$/.test(text)) return taiInstant(BigInt(text));
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?Z?$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const isLeapSecond = second === 60;
  // Labelled 23:59:60, it is the second before the step.
  const days = daysOfCivil(BigInt(year), BigInt(month), BigInt(day));
  const unix = days * 86_400n + BigInt(hour * 3_600 + minute * 60 + second);
  return taiOfUnixSeconds(table, unix, isLeapSecond);
}
