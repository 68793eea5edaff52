/**
 * From a receiver's messages to the second they name, or a refusal with its reason.
 *
 * A time of day labels a pulse: `previous` for messages about the epoch that has just passed (NAV-*, RMC, ZDA), `next` for
 * TIM-TP, which foretells. Nothing is corrected by guessing: a date that only makes sense with 1,024 weeks added, a UTC
 * label without proof of the leap second count behind it, a label inside the ambiguity of a leap second are all refused.
 *
 * Two kinds of label: those in satellite time (NAV-TIMEGPS; TIM-TP with GPS, Galileo or BeiDou base) are TAI but for a
 * constant. Those in UTC (NAV-PVT, NAV-TIMEUTC, RMC, ZDA; TIM-TP with UTC or GLONASS base) are whole seconds wrong while
 * the receiver uses an old leap second count, which after a cold start lasts until subframe 4 page 18 has come: 12.5 min.
 *
 * Which pulse carries the label is left to pairing.ts.
 */

import type { Code } from '../codes.ts';
import { leapStateAt, nextLeapAfter, taiOfUnixSeconds, type LeapTable } from '../time/leap-seconds.ts';
import {
  isBefore,
  magnitude,
  millis,
  nanos,
  plus,
  seconds,
  shift,
  since,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';
import { secondsAndNanos } from '../time/parts.ts';
import { vouched } from './claim.ts';
import type { ReceivedMessage } from './decoder.ts';
import { fullYear, nearestSecond, taiOfWeek, unixSecondsOfUtc, unixSecondsOfWeek } from './gnss-epochs.ts';
import type { NmeaTime } from './nmea-fields.ts';
import type { Rmc, Zda } from './nmea-time.ts';
import { TAI_GPS_SECONDS, type ReceiverState } from './receiver-state.ts';
import type { NavPvt, NavTimeGps, NavTimeUtc, UtcFields } from './ubx-nav-time.ts';
import type { TimTp } from './ubx-tim.ts';

/** A second a receiver names for one of its pulses. */
export type TimeOfDay = {
  readonly kind: 'time-of-day';
  /** A whole second of TAI. */
  readonly second: TaiInstant;
  /** Which pulse it labels, seen from the message's arrival. */
  readonly which: 'previous' | 'next';
  /** The message it came from: `NAV-TIMEGPS`, `GNRMC`. */
  readonly source: string;
  /** How late the pulse will be against the second, in picoseconds, when the receiver foretold it. */
  readonly sawtoothPs: bigint | undefined;
  readonly firstArrival: MonoInstant;
  readonly lastArrival: MonoInstant;
};

/** Why a message that speaks of time was not believed. */
export type TimeRefusal = {
  readonly kind: 'refusal';
  readonly code: Code;
  readonly source: string;
  readonly detail: string;
  readonly lastArrival: MonoInstant;
};

export type TimeOfDayRules = {
  readonly leapTable: LeapTable;
  /** No true time is before this: the later of the build date and the last attested time. */
  readonly plausibleFrom: TaiInstant;
  /**
   * +1: a positive qErr means that the pulse comes late by it. u-blox does not state the sign; oscillatord adds qErr to
   * (own pulse - receiver's pulse), which is this reading. A receiver measured to be the other way takes -1.
   */
  readonly sawtoothSign: 1 | -1;
  /** How long UTC must have been valid without a break before a receiver that never tells its leap source is believed. */
  readonly utcSettling: Nanos;
};

/** 12.5 minutes for the almanac pages that carry the leap second count (IS-GPS-200 20.3.3.5.1.6), and a fifth more. */
export const UTC_SETTLING_DEFAULT: Nanos = seconds(900);

/** A receiver's own clock may stand this far off the second it labels (u-blox lets it run to 1 ms before it steps it). */
const OFF_SECOND_MAX = millis(10);

/** A receiver that admits to more does not know the time well enough to be asked. Less proves nothing. */
const TIME_ACCURACY_NS_MAX = 1_000_000;

/** Half a period of the slowest clock a timing receiver has made pulses from (10 MHz); the M8T's is 21 ns in all. */
const SAWTOOTH_PS_MAX = 50_000;

/** A ten-bit GPS week returns after 1,024 weeks: a date that far ahead of the earliest plausible one is no date. */
const ROLLOVER = seconds(1_024 * 604_800);

type Label = { readonly tai: TaiInstant; readonly scale: 'satellite' | 'utc'; readonly isLeapSecond: boolean };
type Problem = { readonly code: Code; readonly detail: string };
type Judged = Label | Problem;

const problem = (code: Code, detail: string): Problem => ({ code, detail });
const isProblem = (judged: Judged): judged is Problem => 'code' in judged;

/**
 * What `received` says of a pulse. Undefined for messages that tell no date. `state` has already observed the message.
 */
export function timeOfDayOf(
  received: ReceivedMessage,
  state: ReceiverState,
  rules: TimeOfDayRules,
): TimeOfDay | TimeRefusal | undefined {
  const { message, firstArrival, lastArrival } = received;
  const source = 'talker' in message ? message.talker + message.type : message.type;
  const label = labelOf(received, state, rules);
  if (label === undefined) return undefined;
  const judged = isProblem(label) ? label : judge(label, lastArrival, state, rules);
  if (isProblem(judged)) return { kind: 'refusal', ...judged, source, lastArrival };
  const { second } = nearestSecond(judged.tai);
  const quantisation = message.type === 'TIM-TP' ? sawtoothOf(message) : undefined;
  return {
    kind: 'time-of-day',
    second,
    which: message.type === 'TIM-TP' ? 'next' : 'previous',
    source,
    sawtoothPs: quantisation === undefined ? undefined : BigInt(quantisation * rules.sawtoothSign),
    firstArrival,
    lastArrival,
  };
}

/** Undefined when the receiver does not vouch for it, or when it is no sawtooth. */
function sawtoothOf(message: TimTp): number | undefined {
  const picoseconds = vouched(message.quantisationErrorPs);
  return picoseconds !== undefined && Math.abs(picoseconds) <= SAWTOOTH_PS_MAX ? picoseconds : undefined;
}

/** What the message itself states, by its own validity flags. */
function labelOf(received: ReceivedMessage, state: ReceiverState, rules: TimeOfDayRules): Judged | undefined {
  const { message } = received;
  switch (message.type) {
    case 'NAV-PVT':
      return labelOfPvt(message, rules);
    case 'NAV-TIMEGPS':
      return labelOfTimeGps(message);
    case 'NAV-TIMEUTC':
      return labelOfTimeUtc(message, rules);
    case 'TIM-TP':
      return labelOfPulse(message, rules);
    case 'RMC':
      return labelOfRmc(message, rules);
    case 'ZDA':
      return labelOfZda(message, hasFix(state, received.lastArrival), rules);
    default:
      return undefined;
  }
}

function labelOfPvt(m: NavPvt, rules: TimeOfDayRules): Judged {
  const utc = vouched(m.utc);
  if (utc === undefined || !m.isFullyResolved)
    return problem('reference-time-invalid', 'date, time or resolution not valid');
  if (!m.isFixOk) return problem('reference-no-fix', 'gnssFixOK is not set');
  return labelOfUtc(utc, nanos(m.nanoNs), m.timeAccuracyNs, rules);
}

function labelOfTimeUtc(m: NavTimeUtc, rules: TimeOfDayRules): Judged {
  const utc = vouched(m.utc);
  if (utc === undefined || !m.isTowValid || !m.isWeekValid)
    return problem('reference-time-invalid', 'validTOW, validWKN or validUTC is not set');
  return labelOfUtc(utc, nanos(m.nanoNs), m.timeAccuracyNs, rules);
}

function labelOfTimeGps(m: NavTimeGps): Judged {
  const [tow, week] = [vouched(m.tow), vouched(m.week)];
  if (tow === undefined || week === undefined)
    return problem('reference-time-invalid', 'towValid or weekValid is not set');
  if (m.timeAccuracyNs > TIME_ACCURACY_NS_MAX) return problem('tod-inaccurate', `tAcc is ${m.timeAccuracyNs} ns`);
  const tai = taiOfWeek('gps', week, plus(millis(tow.ms), nanos(tow.remainderNs)));
  return { tai, scale: 'satellite', isLeapSecond: false };
}

function labelOfPulse(m: TimTp, rules: TimeOfDayRules): Judged {
  // A pulse train that is not on whole seconds is not one we can label (towSubMs is a fraction of a millisecond).
  if (m.towMs % 1_000 !== 0 || m.towSubMs !== 0)
    return problem('tod-off-second', `towMS ${m.towMs}, towSubMS ${m.towSubMs}`);
  if (!m.isPulseLocked) return problem('reference-time-invalid', 'the pulse is not locked to satellite time');
  switch (m.base) {
    case 'gps':
    case 'galileo':
    case 'beidou':
      return { tai: taiOfWeek(m.base, m.week, millis(m.towMs)), scale: 'satellite', isLeapSecond: false };
    case 'utc':
    case 'glonass': {
      if (!m.isUtcAvailable) return problem('reference-time-invalid', 'UTC is not available');
      const unixSeconds = unixSecondsOfWeek(m.base, m.week, m.towMs / 1_000);
      return labelOfUnixSeconds(unixSeconds, false, rules);
    }
    case 'navic':
    case 'unknown':
      return problem('tod-time-base-unknown', `the time base of the pulse is ${m.base}`);
  }
}

function labelOfRmc(m: Rmc, rules: TimeOfDayRules): Judged {
  // [REJECT] Under status V a receiver may send the time of its battery-backed clock.
  if (m.status !== 'valid') return problem('reference-no-fix', 'status is not A');
  if (m.mode !== undefined && !'ADFPR'.includes(m.mode)) return problem('reference-no-fix', `mode is ${m.mode}`);
  if (m.time === undefined || m.date === undefined) return problem('reference-time-invalid', 'no time or no date');
  const { day, month, yearOfCentury } = m.date;
  return labelOfNmea(m.time, { year: fullYear(yearOfCentury, rules.plausibleFrom), month, day }, rules);
}

function labelOfZda(m: Zda, hasFix: boolean, rules: TimeOfDayRules): Judged {
  // [REJECT] ZDA has no validity of its own: somebody else must lately have said that there is a fix.
  if (!hasFix) return problem('reference-no-fix', 'no other sentence says that there is a fix');
  const { time, year, month, day } = m;
  if (time === undefined || year === undefined || month === undefined || day === undefined)
    return problem('reference-time-invalid', 'no time or no date');
  return labelOfNmea(time, { year, month, day }, rules);
}

function labelOfNmea(t: NmeaTime, date: Pick<UtcFields, 'year' | 'month' | 'day'>, rules: TimeOfDayRules): Judged {
  const utc = { ...date, hour: t.hour, minute: t.minute, second: t.second };
  return labelOfUtc(utc, nanos(t.fractionNs), 0, rules);
}

function labelOfUtc(utc: UtcFields, fraction: Nanos, timeAccuracyNs: number, rules: TimeOfDayRules): Judged {
  if (timeAccuracyNs > TIME_ACCURACY_NS_MAX) return problem('tod-inaccurate', `tAcc is ${timeAccuracyNs} ns`);
  const unixSeconds = unixSecondsOfUtc(utc);
  if (unixSeconds === undefined) return problem('tod-date-impossible', JSON.stringify(utc));
  const label = labelOfUnixSeconds(unixSeconds, utc.second === 60, rules);
  return isProblem(label) ? label : { ...label, tai: shift(label.tai, fraction) };
}

function labelOfUnixSeconds(unixSeconds: bigint, isLeapSecond: boolean, rules: TimeOfDayRules): Judged {
  const tai = taiOfUnixSeconds(rules.leapTable, unixSeconds, isLeapSecond);
  if (tai !== undefined) return { tai, scale: 'utc', isLeapSecond };
  return unixSeconds < secondsAndNanos(rules.plausibleFrom).seconds
    ? problem('source-date-implausible', `Unix second ${unixSeconds} is before the leap second table`)
    : problem('leap-table-expired', `Unix second ${unixSeconds} is after the leap second table`);
}

/** What must hold of every label, whoever stated it. */
function judge(label: Label, at: MonoInstant, state: ReceiverState, rules: TimeOfDayRules): Judged {
  const { second, off } = nearestSecond(label.tai);
  if (magnitude(off) > OFF_SECOND_MAX) return problem('tod-off-second', `${off} ns off the second`);
  if (isBefore(second, rules.plausibleFrom) || since(second, rules.plausibleFrom) >= ROLLOVER)
    return problem(
      'source-date-implausible',
      `${second} ns TAI is not within 1,024 weeks after ${rules.plausibleFrom}`,
    );
  if (state.fixAt(at) === 'none') return problem('reference-no-fix', 'the receiver reports no fix');
  const leap = state.leapAt(at);
  const isDefault = leap !== undefined && (leap.source === 'firmware' || leap.source === 'unknown');
  const stated = isDefault ? undefined : leap?.gpsUtcSeconds;
  const table = leapStateAt(rules.leapTable, second);
  // A count that disagrees means an outdated table or a wrong date (a rolled-over week lands among other leap seconds).
  if (stated !== undefined && table.kind === 'known' && stated + TAI_GPS_SECONDS !== table.taiUtcSeconds)
    return problem(
      'tai-utc-disagrees',
      `the receiver says ${stated + TAI_GPS_SECONDS} s, the table ${table.taiUtcSeconds} s`,
    );
  return label.scale === 'satellite' ? label : judgeUtc(label, second, at, state, rules);
}

function judgeUtc(
  label: Label,
  second: TaiInstant,
  at: MonoInstant,
  state: ReceiverState,
  rules: TimeOfDayRules,
): Judged {
  const leap = state.leapAt(at);
  if (leap === undefined || leap.source === 'unstated') {
    // Nobody said where the count is from (every NMEA receiver): time must tell.
    const settled = state.utcValidFor(at);
    if (settled === undefined || settled < rules.utcSettling)
      return problem(
        'leap-source-unproven',
        'the origin of the leap second count is not told, and UTC has not settled',
      );
  } else if (leap.source === 'firmware' || leap.source === 'unknown' || leap.gpsUtcSeconds === undefined)
    return problem('leap-source-unproven', `srcOfCurrLs is ${leap.source}`);
  // Receivers differ in what they call an inserted second. Only :60 says which one it is, and only where the table has one.
  const table = leapStateAt(rules.leapTable, second);
  const isUnclear = label.isLeapSecond
    ? !(table.kind === 'known' && table.inLeapSecond)
    : isNearLeap(rules.leapTable, second);
  return isUnclear ? problem('source-leap-ambiguous', 'the label lies at a leap second') : label;
}

function hasFix(state: ReceiverState, at: MonoInstant): boolean {
  const fix = state.fixAt(at);
  return fix !== undefined && fix !== 'none';
}

/** Within two seconds of a step, on either side. */
function isNearLeap(table: LeapTable, second: TaiInstant): boolean {
  const next = nextLeapAfter(table, shift(second, seconds(-3)));
  return next !== undefined && since(next.atTai, second) <= seconds(2);
}
