/**
 * The time inside a statement: an RFC 9581 extended time (tag 1001) with key -8, "Guarantee", as the hard half-width.
 *
 * `1001({1: s, -1: 1, -8: {1: s, -9: ns}, -9: ns})` plus -2 (PTP clockClass) and -4 (PTP clockAccuracy) where they are
 * known. Key -1 is always 1: TAI with the PTP epoch. docs/spec/statement.md section "Time" has the bytes.
 */

import { assert } from '../assert.ts';
import { isMap, isTag, type CborKey, type CborValue } from '../codec/cbor.ts';
import { halfWidthOf, intervalAround, midpointOf, type Interval } from '../time/interval.ts';
import { longerOf, nanos, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { nanosOfParts, secondsAndNanos, taiOfParts } from '../time/parts.ts';
import { fault, type Fault } from '../verdict.ts';

/** True time at the instant of signing was in `[tai - guarantee, tai + guarantee]`. */
export type AttestedTime = {
  readonly tai: TaiInstant;
  /** Half-width, at least 1 ns: an instant is a whole number of nanoseconds, so no narrower claim can be meant. */
  readonly guarantee: Nanos;
  /** IEEE 1588-2019 table 4; undefined where no PTP clock stands behind the time. */
  readonly clockClass?: number;
  /** IEEE 1588-2019 table 5, 0x17 (1 ps) to 0x31 (worse than 10 s); undefined where it is not known. */
  readonly clockAccuracy?: number;
};

const EXTENDED_TIME_TAG = 1001n;

/** Keys of RFC 9581 section 3. */
const BASE_SECONDS = 1n;
const TIMESCALE = -1n;
const CLOCK_CLASS = -2n;
const CLOCK_ACCURACY = -4n;
const GUARANTEE = -8n;
const NANOSECONDS = -9n;

/** Timescale 1: TAI counted from 1970-01-01T00:00:00 TAI. */
const TAI = 1n;

const FRACTION_MAX = 999_999_999n;
const SECONDS_MAX = 9_223_372_036n; // (2^63 - 1) ns in whole seconds
const I64_MAX = (1n << 63n) - 1n;
const CLOCK_CLASS_MAX = 255n;
const CLOCK_ACCURACY_MIN = 0x17n;
const CLOCK_ACCURACY_MAX = 0x31n;

/** Both ends must lie in 0..2^63-1 ns, so that they fit in a signed 64-bit field everywhere. */
export function isRepresentable({ tai, guarantee }: AttestedTime): boolean {
  return guarantee >= 1n && tai >= guarantee && tai + guarantee <= I64_MAX;
}

/** The narrowest time whose interval encloses `estimate`: an odd width grows by 1 ns at the later end. */
export function attestedTimeOf(estimate: Interval): Pick<AttestedTime, 'tai' | 'guarantee'> {
  return { tai: midpointOf(estimate), guarantee: longerOf(halfWidthOf(estimate), nanos(1n)) };
}

export const intervalOfTime = (time: AttestedTime): Interval => intervalAround(time.tai, time.guarantee);

export function encodeTime(time: AttestedTime): CborValue {
  assert(isRepresentable(time), 'an attested time is a positive interval of representable instants');
  const base = secondsAndNanos(time.tai);
  const width = secondsAndNanos(time.guarantee);
  const map = new Map<CborKey, CborValue>([
    [BASE_SECONDS, base.seconds],
    [TIMESCALE, TAI],
    [
      GUARANTEE,
      new Map<CborKey, CborValue>([
        [BASE_SECONDS, width.seconds],
        [NANOSECONDS, width.fraction],
      ]),
    ],
    [NANOSECONDS, base.fraction],
  ]);
  if (time.clockClass !== undefined) map.set(CLOCK_CLASS, BigInt(time.clockClass));
  if (time.clockAccuracy !== undefined) map.set(CLOCK_ACCURACY, BigInt(time.clockAccuracy));
  return { tag: EXTENDED_TIME_TAG, value: map };
}

export function decodeTime(value: CborValue): AttestedTime | Fault {
  if (!isTag(value) || value.tag !== EXTENDED_TIME_TAG || !isMap(value.value))
    return fault('statement-time', 'key 6 is not a map under tag 1001');
  const map = value.value;
  const clockClass = map.get(CLOCK_CLASS);
  const clockAccuracy = map.get(CLOCK_ACCURACY);
  const size = 4 + (clockClass === undefined ? 0 : 1) + (clockAccuracy === undefined ? 0 : 1);
  if (map.size !== size) return fault('statement-time', 'the time holds other keys than 1, -1, -8, -9, -2, -4');
  if (map.get(TIMESCALE) !== TAI) return fault('statement-time', 'the timescale is not TAI');
  const base = readParts(map);
  const width = map.get(GUARANTEE);
  if (base === undefined) return fault('statement-time', 'the time is not whole seconds and nanoseconds in range');
  if (width === undefined || !isMap(width) || width.size !== 2)
    return fault('statement-time', 'the guarantee is not a map of keys 1 and -9');
  const half = readParts(width);
  if (half === undefined) return fault('statement-time', 'the guarantee is not whole seconds and nanoseconds in range');
  if (!isWithin(clockClass, 0n, CLOCK_CLASS_MAX)) return fault('statement-time', 'clockClass is not in 0..255');
  if (!isWithin(clockAccuracy, CLOCK_ACCURACY_MIN, CLOCK_ACCURACY_MAX))
    return fault('statement-time', 'clockAccuracy is not in 0x17..0x31');
  const time: AttestedTime = {
    tai: taiOfParts(base),
    guarantee: nanosOfParts(half),
    ...(clockClass !== undefined && { clockClass: Number(clockClass) }),
    ...(clockAccuracy !== undefined && { clockAccuracy: Number(clockAccuracy) }),
  };
  if (!isRepresentable(time)) return fault('statement-interval', 'the interval is empty or leaves 0..2^63-1 ns of TAI');
  return time;
}

function readParts(map: ReadonlyMap<CborKey, CborValue>): { seconds: bigint; fraction: bigint } | undefined {
  const seconds = map.get(BASE_SECONDS);
  const fraction = map.get(NANOSECONDS);
  if (typeof seconds !== 'bigint' || seconds < 0n || seconds > SECONDS_MAX) return undefined;
  if (typeof fraction !== 'bigint' || fraction < 0n || fraction > FRACTION_MAX) return undefined;
  return { seconds, fraction };
}

/** An absent value passes; a present one must be an integer in the range. */
function isWithin(value: CborValue | undefined, least: bigint, most: bigint): value is bigint | undefined {
  return value === undefined || (typeof value === 'bigint' && value >= least && value <= most);
}
