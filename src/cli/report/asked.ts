/** What a person writes for a time and a duration. */

import { taiOfUnixSeconds, type LeapTable } from '../../core/time/leap-seconds.ts';
import { nanos, taiInstant, type Nanos, type TaiInstant } from '../../core/time/nanos.ts';
import { daysOfCivil } from '../../core/time/text.ts';

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  min: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

export function readDuration(text: string): Nanos | undefined {
  const match = /^(\d{1,12})(ns|us|ms|s|min|h|d)$/.exec(text);
  return match === null ? undefined : nanos(BigInt(match[1]!) * UNIT_NS[match[2]!]!);
}

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
