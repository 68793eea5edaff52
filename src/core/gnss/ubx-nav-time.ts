/**
 * UBX navigation messages that tell time: NAV-PVT, NAV-TIMEGPS, NAV-TIMEUTC, NAV-TIMELS, NAV-CLOCK, NAV-EOE.
 *
 * Each literal below is the message's field table: name with unit, type, payload offset. Fields nothing here needs are left
 * out. Offsets: u-blox F9 HPG 1.32 interface description sections 3.15.x, equal in M8 (UBX-13003221) unless said.
 * What a time means, and whether it is to be believed, is left to time-of-day.ts.
 */

import type { ByteReader } from './byte-reader.ts';
import { claim, type Claim } from './claim.ts';
import { fixName, utcStandard, type FixName, type UtcStandard } from './ubx-names.ts';

/** A UTC date and time of day as the receiver spells it. `second` may be 60. */
export type UtcFields = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

export type NavPvt = {
  readonly type: 'NAV-PVT';
  /** GPS time of week of the epoch, milliseconds, rounded by the receiver. */
  readonly iTowMs: number;
  /** Valid when the receiver vouches for date and time. The true time is these fields plus `nanoNs`, which may be negative. */
  readonly utc: Claim<UtcFields>;
  readonly nanoNs: number;
  /** No ambiguity of whole seconds is left (leap seconds included, in the receiver's view). */
  readonly isFullyResolved: boolean;
  readonly isDateValid: boolean;
  readonly isTimeValid: boolean;
  /** The receiver's own belief: never a bound. */
  readonly timeAccuracyNs: number;
  readonly fix: FixName;
  readonly isFixOk: boolean;
  readonly isDifferential: boolean;
  readonly confirmedDate: boolean;
  readonly confirmedTime: boolean;
  readonly satellitesUsed: number;
  readonly longitudeE7: number;
  readonly latitudeE7: number;
  readonly heightMm: number;
  readonly heightAboveSeaMm: number;
  readonly horizontalAccuracyMm: number;
  readonly verticalAccuracyMm: number;
  readonly pdopCenti: number;
};

/** 01 07. 84 bytes up to protocol 14, 92 since; all we read lies in the first 78. */
export function readNavPvt(p: ByteReader): NavPvt {
  const [isDateValid, isTimeValid] = [p.bit(11, 0), p.bit(11, 1)];
  return {
    type: 'NAV-PVT',
    iTowMs: p.u4(0),
    utc: claim(isDateValid && isTimeValid, {
      year: p.u2(4),
      month: p.u1(6),
      day: p.u1(7),
      hour: p.u1(8),
      minute: p.u1(9),
      second: p.u1(10),
    }),
    nanoNs: p.i4(16),
    isFullyResolved: p.bit(11, 2),
    isDateValid,
    isTimeValid,
    timeAccuracyNs: p.u4(12),
    fix: fixName(p.u1(20)),
    isFixOk: p.bit(21, 0),
    isDifferential: p.bit(21, 1),
    confirmedDate: p.bit(22, 6),
    confirmedTime: p.bit(22, 7),
    satellitesUsed: p.u1(23),
    longitudeE7: p.i4(24),
    latitudeE7: p.i4(28),
    heightMm: p.i4(32),
    heightAboveSeaMm: p.i4(36),
    horizontalAccuracyMm: p.u4(40),
    verticalAccuracyMm: p.u4(44),
    pdopCenti: p.u2(76),
  };
}

export type NavTimeGps = {
  readonly type: 'NAV-TIMEGPS';
  readonly iTowMs: number;
  /** Time of week: `iTowMs` plus a remainder in nanoseconds that may be negative. */
  readonly tow: Claim<{ readonly ms: number; readonly remainderNs: number }>;
  /** GPS week, counted by the receiver through its rollovers. */
  readonly week: Claim<number>;
  /** GPS-UTC in seconds: 18 since 2017. */
  readonly leapSeconds: Claim<number>;
  readonly timeAccuracyNs: number;
};

/** 01 20, 16 bytes. */
export function readNavTimeGps(p: ByteReader): NavTimeGps {
  const iTowMs = p.u4(0);
  return {
    type: 'NAV-TIMEGPS',
    iTowMs,
    tow: claim(p.bit(11, 0), { ms: iTowMs, remainderNs: p.i4(4) }),
    week: claim(p.bit(11, 1), p.i2(8)),
    leapSeconds: claim(p.bit(11, 2), p.i1(10)),
    timeAccuracyNs: p.u4(12),
  };
}

export type NavTimeUtc = {
  readonly type: 'NAV-TIMEUTC';
  readonly iTowMs: number;
  readonly timeAccuracyNs: number;
  /** Valid when the receiver knows the leap seconds ("validUTC"). The true time is these fields plus `nanoNs`. */
  readonly utc: Claim<UtcFields>;
  readonly nanoNs: number;
  readonly isTowValid: boolean;
  readonly isWeekValid: boolean;
  readonly standard: UtcStandard;
};

/** 01 21, 20 bytes. */
export function readNavTimeUtc(p: ByteReader): NavTimeUtc {
  return {
    type: 'NAV-TIMEUTC',
    iTowMs: p.u4(0),
    timeAccuracyNs: p.u4(4),
    utc: claim(p.bit(19, 2), {
      year: p.u2(12),
      month: p.u1(14),
      day: p.u1(15),
      hour: p.u1(16),
      minute: p.u1(17),
      second: p.u1(18),
    }),
    nanoNs: p.i4(8),
    isTowValid: p.bit(19, 0),
    isWeekValid: p.bit(19, 1),
    standard: utcStandard(p.bits(19, 4, 4)),
  };
}

/** Where a receiver has its leap second count from. 0 is its firmware speaking, 255 is nobody: neither is the sky. */
const LEAP_SOURCES = ['firmware', 'gps-glonass', 'gps', 'sbas', 'beidou', 'galileo', 'aided', 'configured'] as const;
const LEAP_CHANGE_SOURCES = ['none', 'unknown', 'gps', 'sbas', 'beidou', 'galileo', 'glonass', 'navic'] as const;
export type LeapSource = (typeof LEAP_SOURCES)[number] | 'unknown';
export type LeapChangeSource = (typeof LEAP_CHANGE_SOURCES)[number];

export type NavTimeLs = {
  readonly type: 'NAV-TIMELS';
  readonly iTowMs: number;
  readonly version: number;
  readonly leapSource: LeapSource;
  /** GPS-UTC in seconds. */
  readonly leapSeconds: Claim<number>;
  readonly changeSource: LeapChangeSource;
  /** What the announced event adds to GPS-UTC: 1, -1, or 0 for no event known. */
  readonly changeSeconds: number;
  /** Until the event; negative when the event named is past. */
  readonly secondsToEvent: Claim<number>;
  /** Date of the event as GPS week and day of week, 1 is Sunday. */
  readonly eventWeek: number;
  readonly eventDay: number;
};

/** 01 26, 24 bytes. */
export function readNavTimeLs(p: ByteReader): NavTimeLs {
  return {
    type: 'NAV-TIMELS',
    iTowMs: p.u4(0),
    version: p.u1(4),
    leapSource: LEAP_SOURCES[p.u1(8)] ?? 'unknown',
    leapSeconds: claim(p.bit(23, 0), p.i1(9)),
    changeSource: LEAP_CHANGE_SOURCES[p.u1(10)] ?? 'unknown',
    changeSeconds: p.i1(11),
    secondsToEvent: claim(p.bit(23, 1), p.i4(12)),
    eventWeek: p.u2(16),
    eventDay: p.u2(18),
  };
}

export type NavClock = {
  readonly type: 'NAV-CLOCK';
  readonly iTowMs: number;
  readonly biasNs: number;
  readonly driftNsPerSecond: number;
  readonly timeAccuracyNs: number;
  readonly frequencyAccuracyPsPerSecond: number;
};

/** 01 22, 20 bytes. */
export function readNavClock(p: ByteReader): NavClock {
  return {
    type: 'NAV-CLOCK',
    iTowMs: p.u4(0),
    biasNs: p.i4(4),
    driftNsPerSecond: p.i4(8),
    timeAccuracyNs: p.u4(12),
    frequencyAccuracyPsPerSecond: p.u4(16),
  };
}

/** The last message of an epoch. */
export type NavEoe = { readonly type: 'NAV-EOE'; readonly iTowMs: number };

/** 01 61, 4 bytes. */
export function readNavEoe(p: ByteReader): NavEoe {
  return { type: 'NAV-EOE', iTowMs: p.u4(0) };
}
