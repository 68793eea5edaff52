/**
 * TAI-UTC: a table of leap seconds with an expiry, and the only conversions between TAI and UTC.
 *
 * The table's form follows the file the IERS and NIST publish as leap-seconds.list: steps that take effect at a UTC
 * midnight, and an instant after which the publisher promises nothing. A positive leap second makes UTC repeat one POSIX
 * second, a negative one skips it; both directions are handled. Before 1972 UTC ran at another rate: refused.
 */

import { assert } from '../assert.ts';
import { NANOS_PER_SECOND, taiInstant, type Nanos, type TaiInstant } from './nanos.ts';

/** From `fromTai` on, TAI-UTC is `taiUtcSeconds`. */
export type LeapStep = { readonly fromTai: TaiInstant; readonly taiUtcSeconds: number };

/** Steps in ascending order; nothing is known at or after `expires`. `source` names where the table came from. */
export type LeapTable = {
  readonly source: string;
  readonly steps: readonly LeapStep[];
  readonly expires: TaiInstant;
};

export type LeapState =
  | { readonly kind: 'known'; readonly taiUtcSeconds: number; readonly inLeapSecond: boolean }
  | { readonly kind: 'expired'; readonly taiUtcSeconds: number }
  | { readonly kind: 'before-table' };

/** A leap step that lies ahead: at `atTai` TAI-UTC becomes `taiUtcSecondsAfter`. */
export type NextLeap = { readonly atTai: TaiInstant; readonly taiUtcSecondsAfter: number };

/** Seconds between the NTP era 0 epoch (1900) and the Unix epoch; RFC 5905 section 6. */
const NTP_TO_UNIX_S = 2_208_988_800n;

/** What is announced for `tai`. Inside an inserted second `inLeapSecond` is true and TAI-UTC is still the old value. */
export function leapStateAt(table: LeapTable, tai: TaiInstant): LeapState {
  const index = stepIndexAt(table, tai);
  if (index < 0) return { kind: 'before-table' };
  const { taiUtcSeconds } = table.steps[index]!;
  if (tai >= table.expires) return { kind: 'expired', taiUtcSeconds };
  const next = table.steps[index + 1];
  const isInsertion = next !== undefined && next.taiUtcSeconds > taiUtcSeconds;
  // The inserted second 23:59:60 is the last second before the step takes effect.
  const inLeapSecond = isInsertion && tai >= next.fromTai - NANOS_PER_SECOND;
  return { kind: 'known', taiUtcSeconds, inLeapSecond };
}

/** The first step after `tai`, or undefined when the table knows of none. */
export function nextLeapAfter(table: LeapTable, tai: TaiInstant): NextLeap | undefined {
  const step = table.steps[stepIndexAt(table, tai) + 1];
  return step === undefined ? undefined : { atTai: step.fromTai, taiUtcSecondsAfter: step.taiUtcSeconds };
}

/** Unix nanoseconds (POSIX, so a leap second repeats) of a TAI instant, given TAI-UTC in whole seconds. */
export function unixNanosOf(tai: TaiInstant, taiUtcSeconds: number): bigint {
  return tai - BigInt(taiUtcSeconds) * NANOS_PER_SECOND;
}

/**
 * The TAI instant of a UTC second given as Unix seconds, or undefined where the table does not reach (before 1972, or past
 * its expiry). `isLeapSecond` tells a 23:59:60 from the 00:00:00 that has the same Unix seconds.
 */
export function taiOfUnixSeconds(table: LeapTable, unixSeconds: bigint, isLeapSecond: boolean): TaiInstant | undefined {
  // The steps' own offsets are tried from the newest: the first whose TAI lies at or after the step is the one in force.
  for (let i = table.steps.length - 1; i >= 0; i--) {
    const step = table.steps[i]!;
    const tai = taiInstant((unixSeconds + BigInt(step.taiUtcSeconds)) * NANOS_PER_SECOND);
    if (tai < step.fromTai) continue;
    const labelled = isLeapSecond ? taiInstant(tai - NANOS_PER_SECOND) : tai;
    return labelled < table.expires ? labelled : undefined;
  }
  return undefined;
}

export type LeapTableError = { readonly line: number; readonly problem: string };

/** Reads the text of a leap-seconds.list. Numbers are NTP seconds; `#@` carries the expiry. */
export function parseLeapSecondsList(text: string, source: string): LeapTable | LeapTableError {
  const steps: LeapStep[] = [];
  let expiresNtp: bigint | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const expiry = /^#@\s*(\d{1,12})$/.exec(line);
    if (expiry !== null) expiresNtp = BigInt(expiry[1]!);
    if (line === '' || line.startsWith('#')) continue;
    const entry = /^(\d{1,12})\s+(\d{1,4})(\s*#.*)?$/.exec(line);
    if (entry === null) return { line: index + 1, problem: 'not "<NTP seconds> <TAI-UTC>"' };
    const taiUtcSeconds = Number(entry[2]);
    const step = leapStep(BigInt(entry[1]!) - NTP_TO_UNIX_S, taiUtcSeconds);
    const previous = steps.at(-1);
    if (previous !== undefined) {
      if (step.fromTai <= previous.fromTai) return { line: index + 1, problem: 'steps are not in ascending order' };
      if (Math.abs(taiUtcSeconds - previous.taiUtcSeconds) !== 1)
        return { line: index + 1, problem: 'a step is one second' };
    }
    steps.push(step);
  }
  const last = steps.at(-1);
  if (last === undefined) return { line: 0, problem: 'no leap second in it' };
  if (expiresNtp === undefined) return { line: 0, problem: 'no expiry (#@) in it' };
  const expires = leapStep(expiresNtp - NTP_TO_UNIX_S, last.taiUtcSeconds).fromTai;
  return { source, steps, expires };
}

/** A step that takes effect when UTC reads `unixSeconds`; from then on TAI-UTC is `taiUtcSeconds`. */
export function leapStep(unixSeconds: bigint, taiUtcSeconds: number): LeapStep {
  return { fromTai: taiInstant((unixSeconds + BigInt(taiUtcSeconds)) * NANOS_PER_SECOND), taiUtcSeconds };
}

/**
 * The table this release was built with: the IERS list as Debian ships it in tzdata 2026f, valid until 2027-06-28.
 * The years before 1999 are left out: no device we read can name them truthfully.
 */
export const BUILT_IN_LEAP_TABLE: LeapTable = {
  source: 'built-in (IERS list of 2026-07, expires 2027-06-28)',
  steps: [
    leapStep(915_148_800n, 32), // 1999-01-01
    leapStep(1_136_073_600n, 33), // 2006-01-01
    leapStep(1_230_768_000n, 34), // 2009-01-01
    leapStep(1_341_100_800n, 35), // 2012-07-01
    leapStep(1_435_708_800n, 36), // 2015-07-01
    leapStep(1_483_228_800n, 37), // 2017-01-01
  ],
  expires: leapStep(1_814_140_800n, 37).fromTai, // 2027-06-28
};

/** How long the table still speaks: negative once it is expired. */
export function untilExpiry(table: LeapTable, tai: TaiInstant): Nanos {
  return (table.expires - tai) as Nanos;
}

function stepIndexAt(table: LeapTable, tai: TaiInstant): number {
  assert(table.steps.length > 0, 'a leap table has at least one step');
  let index = table.steps.length - 1;
  while (index >= 0 && tai < table.steps[index]!.fromTai) index--;
  return index;
}
