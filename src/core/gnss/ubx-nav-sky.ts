/**
 * UBX navigation messages about the sky and the fix: NAV-STATUS, NAV-SAT, NAV-SIG.
 *
 * Offsets: u-blox F9 HPG 1.32 interface description sections 3.15.x; NAV-STATUS and NAV-SAT are the same in M8.
 */

import type { ByteReader } from './byte-reader.ts';
import {
  fixName,
  gnssName,
  satelliteHealth,
  signalQuality,
  spoofingState,
  type FixName,
  type GnssName,
  type SatelliteHealth,
  type SignalQuality,
  type SpoofingState,
} from './ubx-names.ts';

export type NavStatus = {
  readonly type: 'NAV-STATUS';
  readonly iTowMs: number;
  readonly fix: FixName;
  readonly isFixOk: boolean;
  readonly isDifferential: boolean;
  readonly isWeekSet: boolean;
  readonly isTowSet: boolean;
  readonly spoofing: SpoofingState;
  readonly timeToFirstFixMs: number;
  readonly uptimeMs: number;
};

/** 01 03, 16 bytes. */
export function readNavStatus(p: ByteReader): NavStatus {
  return {
    type: 'NAV-STATUS',
    iTowMs: p.u4(0),
    fix: fixName(p.u1(4)),
    isFixOk: p.bit(5, 0),
    isDifferential: p.bit(5, 1),
    isWeekSet: p.bit(5, 2),
    isTowSet: p.bit(5, 3),
    spoofing: spoofingState(p.bits(7, 3, 2)),
    timeToFirstFixMs: p.u4(8),
    uptimeMs: p.u4(12),
  };
}

export type Satellite = {
  readonly gnss: GnssName;
  readonly satelliteId: number;
  readonly cnoDbHz: number;
  /** -90 to 90; undefined when the receiver does not know it (it then sends -91). */
  readonly elevationDegrees: number | undefined;
  readonly azimuthDegrees: number | undefined;
  readonly residualDecimetres: number;
  readonly quality: SignalQuality;
  readonly isUsed: boolean;
  readonly health: SatelliteHealth;
};

export type NavSat = {
  readonly type: 'NAV-SAT';
  readonly iTowMs: number;
  readonly version: number;
  readonly satellites: readonly Satellite[];
};

/** 01 35, 8 + 12 n bytes. */
export function readNavSat(p: ByteReader): NavSat {
  const satellites: Satellite[] = [];
  for (let n = p.u1(5), at = 8; n > 0; n--, at += 12) {
    const elevation = p.i1(at + 3);
    const isPlaced = elevation >= -90 && elevation <= 90;
    const flags = p.u1(at + 8);
    satellites.push({
      gnss: gnssName(p.u1(at)),
      satelliteId: p.u1(at + 1),
      cnoDbHz: p.u1(at + 2),
      elevationDegrees: isPlaced ? elevation : undefined,
      azimuthDegrees: isPlaced ? p.i2(at + 4) : undefined,
      residualDecimetres: p.i2(at + 6),
      quality: signalQuality(flags),
      isUsed: (flags & 0x08) !== 0,
      health: satelliteHealth(flags >> 4),
    });
  }
  return { type: 'NAV-SAT', iTowMs: p.u4(0), version: p.u1(4), satellites };
}

export type Signal = {
  readonly gnss: GnssName;
  readonly satelliteId: number;
  readonly signalId: number;
  /** GLONASS frequency slot plus 7; meaningless for the others. */
  readonly frequencyId: number;
  readonly residualDecimetres: number;
  readonly cnoDbHz: number;
  readonly quality: SignalQuality;
  readonly health: SatelliteHealth;
  readonly isPseudorangeUsed: boolean;
};

export type NavSig = {
  readonly type: 'NAV-SIG';
  readonly iTowMs: number;
  readonly version: number;
  readonly signals: readonly Signal[];
};

/** 01 43, 8 + 16 n bytes. */
export function readNavSig(p: ByteReader): NavSig {
  const signals: Signal[] = [];
  for (let n = p.u1(5), at = 8; n > 0; n--, at += 16) {
    const flags = p.u2(at + 10);
    signals.push({
      gnss: gnssName(p.u1(at)),
      satelliteId: p.u1(at + 1),
      signalId: p.u1(at + 2),
      frequencyId: p.u1(at + 3),
      residualDecimetres: p.i2(at + 4),
      cnoDbHz: p.u1(at + 6),
      quality: signalQuality(p.u1(at + 7)),
      health: satelliteHealth(flags),
      isPseudorangeUsed: (flags & 0x08) !== 0,
    });
  }
  return { type: 'NAV-SIG', iTowMs: p.u4(0), version: p.u1(4), signals };
}
