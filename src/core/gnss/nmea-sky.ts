/**
 * NMEA sentences about the fix and the sky: GSA (who is used) and GSV (who is in view).
 *
 * Field numbers: NMEA 0183 version 4.11 section 8.3; the system and signal ids at their ends came with 4.10.
 */

import type { NmeaFields } from './nmea-fields.ts';

export type Gsa = {
  readonly type: 'GSA';
  readonly talker: string;
  readonly selection: 'automatic' | 'manual' | undefined;
  readonly fix: 'none' | '2d' | '3d' | undefined;
  readonly satelliteIds: readonly number[];
  readonly pdop: number | undefined;
  readonly hdop: number | undefined;
  readonly vdop: number | undefined;
  /** 1 GPS, 2 GLONASS, 3 Galileo, 4 BeiDou, 5 QZSS, 6 NavIC. */
  readonly systemId: string | undefined;
};

const FIX_OF_DIGIT: Readonly<Record<string, Gsa['fix']>> = { 1: 'none', 2: '2d', 3: '3d' };

export function readGsa(talker: string, f: NmeaFields): Gsa {
  const satelliteIds: number[] = [];
  for (let index = 3; index <= 14; index++) {
    const id = f.whole(index);
    if (id !== undefined) satelliteIds.push(id);
  }
  const selection = f.letter(1, 'AM');
  return {
    type: 'GSA',
    talker,
    selection: selection === undefined ? undefined : selection === 'A' ? 'automatic' : 'manual',
    fix: FIX_OF_DIGIT[f.letter(2, '123') ?? ''],
    satelliteIds,
    pdop: f.decimal(15),
    hdop: f.decimal(16),
    vdop: f.decimal(17),
    systemId: f.text(18),
  };
}

export type SatelliteInView = {
  readonly satelliteId: number;
  readonly elevationDegrees: number | undefined;
  readonly azimuthDegrees: number | undefined;
  readonly cnoDbHz: number | undefined;
};

export type Gsv = {
  readonly type: 'GSV';
  readonly talker: string;
  /** Which sentence of how many. */
  readonly part: number | undefined;
  readonly parts: number | undefined;
  readonly satellitesInView: number | undefined;
  readonly satellites: readonly SatelliteInView[];
  readonly signalId: string | undefined;
};

export function readGsv(talker: string, f: NmeaFields): Gsv {
  const satellites: SatelliteInView[] = [];
  // Four fields a satellite, at most four satellites; a field left over is the signal id.
  const blocks = Math.min(4, Math.floor((f.count - 4) / 4));
  for (let block = 0, at = 4; block < blocks; block++, at += 4) {
    const satelliteId = f.whole(at);
    if (satelliteId === undefined) continue;
    satellites.push({
      satelliteId,
      elevationDegrees: f.signed(at + 1),
      azimuthDegrees: f.whole(at + 2),
      cnoDbHz: f.whole(at + 3),
    });
  }
  return {
    type: 'GSV',
    talker,
    part: f.whole(2),
    parts: f.whole(1),
    satellitesInView: f.whole(3),
    satellites,
    signalId: (f.count - 4) % 4 === 1 ? f.text(f.count - 1) : undefined,
  };
}
