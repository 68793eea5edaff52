/**
 * What a u-blox timing receiver sends in one second, made from the second it is and the trouble it is in.
 *
 * With a wrong leap second count its UTC is wrong by as much, as a real one's is; its satellite time never is.
 */

import * as frames from '../../../src/sim/receiver-frames.ts';
import type { Burst } from './receiver-on-pty.ts';

export type Mood = {
  /** MON-RF: 1 none, 3 critical. */
  readonly jamming: number;
  /** SEC-SIG: 1 none, 2 indicated, 3 affirmed. */
  readonly spoofing: number;
  /** NAV-TIMELS: GPS-UTC in seconds and where it is from (0 firmware, 2 GPS). */
  readonly leap: { readonly source: number; readonly gpsUtcSeconds: number };
  /** Whether it says the satellites' time besides UTC; a receiver set to UTC names its pulses in UTC alone. */
  readonly tellsSatelliteTime: boolean;
};

export const WELL: Mood = {
  jamming: 1,
  spoofing: 1,
  leap: { source: 2, gpsUtcSeconds: 18 },
  tellsSatelliteTime: true,
};

/** TAI-GPS, and GPS's first second on the count that TAI runs by here. */
const TAI_GPS = 19n;
const GPS_EPOCH = 315_964_800n;
const WEEK = 604_800n;

const weekOf = (seconds: bigint): { readonly week: number; readonly towMs: number } => ({
  week: Number(seconds / WEEK),
  towMs: Number(seconds % WEEK) * 1_000,
});

/** The burst of a receiver in this mood. */
export function burstOf(mood: Mood): Burst {
  const { leap, jamming, spoofing, tellsSatelliteTime } = mood;
  return (second) => {
    const gps = second - TAI_GPS - GPS_EPOCH;
    const utc = gps - BigInt(leap.gpsUtcSeconds);
    const { week, towMs: iTowMs } = weekOf(gps);
    const next = weekOf((tellsSatelliteTime ? gps : utc) + 1n);
    const date = new Date(Number(utc + GPS_EPOCH) * 1_000);
    const time = {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
    return Buffer.concat([
      frames.navPvt({ ...time, iTowMs }),
      frames.navStatus({ iTowMs }),
      ...(tellsSatelliteTime ? [frames.navTimeGps({ iTowMs, week, leapSeconds: leap.gpsUtcSeconds })] : []),
      frames.navTimeUtc({ ...time, iTowMs }),
      frames.navTimeLs({ iTowMs, source: leap.source, leapSeconds: leap.gpsUtcSeconds }),
      frames.monRf({ jamming }),
      frames.secSig({ version: 2, spoofing }),
      // About the pulse to come, in the scale that the pulse is set to.
      frames.timTp({ ...next, base: tellsSatelliteTime ? 0 : 'utc' }),
    ]);
  };
}
