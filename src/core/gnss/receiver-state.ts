/**
 * How a receiver feels: folds its messages into what is known of fix, time, leap seconds, antenna, jamming and spoofing.
 *
 * The idea: every field keeps when it was last said, and one that has not been said lately is unknown, not good. A
 * receiver that repeats one epoch for ever (seen in the field) says nothing new: a message whose time of week has not
 * moved refreshes nothing. Where two messages speak of one thing, the worse word counts, and "unknown" counts for nothing.
 *
 * MON-RF, MON-HW, SEC-SIG and GSA carry no time, so a frozen copy of them cannot be told from a fresh one.
 * Whether a time is to be believed is decided in time-of-day.ts.
 */

import type { ReferenceHealth, SourceName } from '../clock/observation.ts';
import { millis, since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import { vouched } from './claim.ts';
import type { ReceivedMessage } from './decoder.ts';
import type { MonRf } from './ubx-mon.ts';
import type { FixName } from './ubx-names.ts';
import type { LeapSource, NavTimeLs } from './ubx-nav-time.ts';

/**
 * How long a word stays good. Fix and time: one epoch of 1 Hz may be missed, no more, because what health says is taken for
 * the present. The sky is often sent every fifth epoch, leap seconds as rarely as every five minutes.
 */
const FRESH_FOR = {
  epoch: millis(2_500),
  sky: millis(10_000),
  monitor: millis(15_000),
  leap: millis(600_000),
} as const satisfies Record<string, Nanos>;

type Freshness = keyof typeof FRESH_FOR;
type Fix = NonNullable<ReferenceHealth['fix']>;
type Antenna = NonNullable<ReferenceHealth['antenna']>;
type Jamming = NonNullable<ReferenceHealth['jamming']>;
type Spoofing = NonNullable<ReferenceHealth['spoofing']>;
type Said<T> = { readonly value: T; readonly at: MonoInstant };

/** What is known of the receiver's leap second count (GPS-UTC). */
export type LeapKnowledge = {
  /** `unstated`: the count came without its origin (NAV-TIMEGPS). */
  readonly source: LeapSource | 'unstated';
  /** Undefined when the receiver does not vouch for it. */
  readonly gpsUtcSeconds: number | undefined;
};

/** GPS time runs 19 s behind TAI, for good (both without leap seconds since 1980). */
export const TAI_GPS_SECONDS = 19;

/** What each kind of message last said of one thing. */
class Words<T> {
  readonly #said = new Map<string, Said<T>>();
  readonly #freshness: Freshness;

  constructor(freshness: Freshness) {
    this.#freshness = freshness;
  }

  say(by: string, value: T, at: MonoInstant): void {
    // Keys are our own names, and for GSA what a stranger wrote: bounded all the same.
    if (this.#said.size >= 16 && !this.#said.has(by)) this.#said.clear();
    this.#said.set(by, { value, at });
  }

  fresh(at: MonoInstant): T[] {
    return [...this.#said.values()]
      .filter((said) => since(at, said.at) <= FRESH_FOR[this.#freshness])
      .map((s) => s.value);
  }

  /** The newest word that is still fresh. */
  newest(at: MonoInstant): T | undefined {
    let newest: Said<T> | undefined;
    for (const said of this.#said.values()) if (newest === undefined || said.at >= newest.at) newest = said;
    return newest !== undefined && since(at, newest.at) <= FRESH_FOR[this.#freshness] ? newest.value : undefined;
  }
}

export class ReceiverState {
  readonly #fix = new Words<Fix>('epoch');
  /** One GSA per constellation, so that "none" of one of them says nothing of the others. */
  readonly #fixOfGsa = new Words<Fix>('epoch');
  readonly #timeValid = new Words<boolean>('epoch');
  readonly #satellites = new Words<number>('sky');
  readonly #leap = new Words<LeapKnowledge>('leap');
  readonly #antenna = new Words<Antenna>('monitor');
  readonly #jamming = new Words<Jamming>('monitor');
  readonly #spoofing = new Words<Spoofing>('monitor');
  /** Last epoch seen by message type: what makes a frozen message visible. */
  readonly #epochs = new Map<string, number>();
  /** Since when UTC has been called valid without a break. */
  #utcValidSince: MonoInstant | undefined;
  #utcValidLast: MonoInstant | undefined;

  observe({ message, lastArrival: at }: ReceivedMessage): void {
    if ('iTowMs' in message && !this.#hasMoved(message.type, message.iTowMs)) return;
    switch (message.type) {
      case 'NAV-PVT':
        this.#fix.say('NAV-PVT', fixOf(message.fix, message.isFixOk), at);
        this.#sayTime('NAV-PVT', message.utc.valid && message.isFullyResolved, at);
        this.#satellites.say('NAV-PVT', message.satellitesUsed, at);
        return;
      case 'NAV-STATUS':
        this.#fix.say('NAV-STATUS', fixOf(message.fix, message.isFixOk), at);
        this.#spoofing.say('NAV-STATUS', message.spoofing, at);
        return;
      case 'NAV-TIMEUTC':
        this.#sayTime('NAV-TIMEUTC', message.utc.valid && message.isTowValid && message.isWeekValid, at);
        return;
      case 'NAV-TIMEGPS':
        this.#timeValid.say('NAV-TIMEGPS', message.tow.valid && message.week.valid, at);
        this.#leap.say('NAV-TIMEGPS', { source: 'unstated', gpsUtcSeconds: vouched(message.leapSeconds) }, at);
        return;
      case 'NAV-TIMELS':
        this.#leap.say('NAV-TIMELS', leapOf(message), at);
        return;
      case 'NAV-SAT':
        this.#satellites.say('NAV-SAT', message.satellites.filter((s) => s.isUsed).length, at);
        return;
      case 'RMC': {
        const isValid = message.status === 'valid' && message.mode !== 'N';
        const text = message.time;
        if (text !== undefined && !this.#hasMoved(message.talker + 'RMC', dayTimeMs(text))) return;
        this.#fix.say('RMC', isValid ? '2d' : 'none', at);
        this.#sayTime('RMC', isValid, at);
        return;
      }
      case 'GGA':
        if (message.time !== undefined && !this.#hasMoved(message.talker + 'GGA', dayTimeMs(message.time))) return;
        this.#satellites.say('GGA', message.satellitesUsed ?? 0, at);
        // Quality 6, 7 and 8 are estimated, manual and simulated: no satellite is behind them.
        this.#fix.say('GGA', SATELLITE_QUALITIES.has(message.quality ?? 0) ? '2d' : 'none', at);
        return;
      case 'GSA':
        if (message.fix !== undefined) this.#fixOfGsa.say(message.systemId ?? message.talker, message.fix, at);
        return;
      case 'MON-RF':
        this.#antenna.say(
          'MON-RF',
          worst(
            ANTENNA_WORST_FIRST,
            message.blocks.map((b) => antennaOf(b.antenna)),
          ),
          at,
        );
        this.#jamming.say(
          'MON-RF',
          worst(
            JAMMING_WORST_FIRST,
            message.blocks.map((b) => b.jamming),
          ),
          at,
        );
        return;
      case 'MON-HW':
        this.#antenna.say('MON-HW', antennaOf(message.antenna), at);
        this.#jamming.say('MON-HW', message.jamming, at);
        return;
      case 'SEC-SIG':
        this.#jamming.say('SEC-SIG', message.isJammingDetectionOn ? message.jamming : 'unknown', at);
        this.#spoofing.say('SEC-SIG', message.isSpoofingDetectionOn ? message.spoofing : 'unknown', at);
        return;
      default:
        return;
    }
  }

  /** The best fix anyone lately spoke of, unless someone said that there is none; undefined: nobody spoke. */
  fixAt(at: MonoInstant): Fix | undefined {
    const words = this.#fix.fresh(at);
    if (words.includes('none')) return 'none';
    const all = [...words, ...this.#fixOfGsa.fresh(at)];
    return FIX_BEST_FIRST.find((fix) => all.includes(fix));
  }

  /** True only when everyone who lately spoke of time called it valid. */
  timeValidAt(at: MonoInstant): boolean | undefined {
    const words = this.#timeValid.fresh(at);
    return words.length === 0 ? undefined : words.every((isValid) => isValid);
  }

  /** NAV-TIMELS speaks of the count and of its origin; without it, a count of NAV-TIMEGPS has no stated origin. */
  leapAt(at: MonoInstant): LeapKnowledge | undefined {
    const words = this.#leap.fresh(at);
    return words.find((word) => word.source !== 'unstated') ?? words[0];
  }

  /** How long UTC has been called valid without a break; undefined when it is not now. */
  utcValidFor(at: MonoInstant): Nanos | undefined {
    const [first, last] = [this.#utcValidSince, this.#utcValidLast];
    if (first === undefined || last === undefined || since(at, last) > FRESH_FOR.epoch) return undefined;
    return since(at, first);
  }

  health(reference: SourceName, at: MonoInstant): ReferenceHealth {
    const leap = this.leapAt(at);
    const seconds = leap?.gpsUtcSeconds;
    return {
      kind: 'health',
      reference,
      at,
      fix: this.fixAt(at),
      timeValid: this.timeValidAt(at),
      taiUtcSeconds: seconds === undefined ? undefined : seconds + TAI_GPS_SECONDS,
      leapSource: leap === undefined ? undefined : leapOrigin(leap),
      satellitesUsed: this.#satellites.newest(at),
      antenna: worstOrUndefined(ANTENNA_WORST_FIRST, this.#antenna.fresh(at)),
      jamming: worstOrUndefined(JAMMING_WORST_FIRST, this.#jamming.fresh(at)),
      spoofing: worstOrUndefined(SPOOFING_WORST_FIRST, this.#spoofing.fresh(at)),
    };
  }

  #sayTime(by: string, isValid: boolean, at: MonoInstant): void {
    this.#timeValid.say(by, isValid, at);
    const isContinued = this.#utcValidLast !== undefined && since(at, this.#utcValidLast) <= FRESH_FOR.epoch;
    if (!isValid) this.#utcValidSince = undefined;
    else if (this.#utcValidSince === undefined || !isContinued) this.#utcValidSince = at;
    if (isValid) this.#utcValidLast = at;
  }

  #hasMoved(key: string, epochMs: number): boolean {
    if (this.#epochs.get(key) === epochMs) return false;
    // Keys are our own message types, and for NMEA two letters of a talker: bounded even when a stranger picks them.
    if (this.#epochs.size >= 64) this.#epochs.clear();
    this.#epochs.set(key, epochMs);
    return true;
  }
}

const SATELLITE_QUALITIES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
const FIX_BEST_FIRST: readonly Fix[] = ['3d', '2d', 'time-only', 'none'];

/** "Unknown" stands behind every word that says something, so it is only the answer when nobody knows. */
const ANTENNA_WORST_FIRST: readonly Antenna[] = ['short', 'open', 'ok', 'unknown'];
const JAMMING_WORST_FIRST: readonly Jamming[] = ['critical', 'warning', 'none', 'unknown'];
const SPOOFING_WORST_FIRST: readonly Spoofing[] = ['affirmed', 'indicated', 'none', 'unknown'];

const worst = <T>(worstFirst: readonly T[], words: readonly T[]): T =>
  worstFirst.find((word) => words.includes(word)) ?? worstFirst.at(-1)!;

const worstOrUndefined = <T>(worstFirst: readonly T[], words: readonly T[]): T | undefined =>
  words.length === 0 ? undefined : worst(worstFirst, words);

/** Dead reckoning alone tells no time; a fix the receiver itself does not call good is none. */
function fixOf(fix: FixName, isOk: boolean): Fix {
  if (!isOk) return 'none';
  if (fix === '3d-dead-reckoning') return '3d';
  return fix === '2d' || fix === '3d' || fix === 'time-only' ? fix : 'none';
}

function antennaOf(status: MonRf['blocks'][number]['antenna']): Antenna {
  return status === 'initialising' ? 'unknown' : status;
}

/** A count that is sent without being vouched for is no count, whoever it is said to come from. */
function leapOf(message: NavTimeLs): LeapKnowledge {
  return { source: message.leapSource, gpsUtcSeconds: vouched(message.leapSeconds) };
}

function leapOrigin({ source, gpsUtcSeconds }: LeapKnowledge): ReferenceHealth['leapSource'] {
  if (source === 'firmware') return 'default';
  if (source === 'unknown' || source === 'unstated' || gpsUtcSeconds === undefined) return 'unknown';
  return source === 'configured' || source === 'aided' ? 'configured' : 'satellites';
}

const dayTimeMs = (t: { hour: number; minute: number; second: number; fractionNs: number }): number =>
  ((t.hour * 60 + t.minute) * 60 + t.second) * 1_000 + Math.floor(t.fractionNs / 1_000_000);
