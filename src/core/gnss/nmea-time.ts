/**
 * NMEA sentences that tell time or date: RMC, ZDA, and with a time of day only GGA, GNS, GLL.
 *
 * Field numbers: NMEA 0183 version 4.11 section 8.3. A two-digit year is kept as sent: its century is decided where a
 * plausible date is known. ZDA has no validity field at all, so nothing here says it is valid.
 */

import type { NmeaFields, NmeaTime } from './nmea-fields.ts';

/** Of RMC and GLL: `A` is valid, `V` is a warning, under which the time may come from a battery-backed clock. */
export type NmeaStatus = 'valid' | 'warning' | undefined;

type Sentence<Type extends string> = {
  readonly type: Type;
  /** Two letters: GP, GN, GL, GA, GB and others. */
  readonly talker: string;
};

export type Rmc = Sentence<'RMC'> & {
  readonly time: NmeaTime | undefined;
  readonly status: NmeaStatus;
  readonly latitudeDegrees: number | undefined;
  readonly longitudeDegrees: number | undefined;
  readonly date: { readonly day: number; readonly month: number; readonly yearOfCentury: number } | undefined;
  /** A autonomous, D differential, E estimated, F and R real-time kinematic, M manual, N none, P precise, S simulated. */
  readonly mode: string | undefined;
};

export function readRmc(talker: string, f: NmeaFields): Rmc {
  return {
    type: 'RMC',
    talker,
    time: f.time(1),
    status: statusOf(f, 2),
    latitudeDegrees: f.degrees(3),
    longitudeDegrees: f.degrees(5),
    date: f.date(9),
    mode: f.letter(12, MODES),
  };
}

export type Zda = Sentence<'ZDA'> & {
  readonly time: NmeaTime | undefined;
  readonly day: number | undefined;
  readonly month: number | undefined;
  readonly year: number | undefined;
  readonly zoneHours: number | undefined;
  readonly zoneMinutes: number | undefined;
};

export function readZda(talker: string, f: NmeaFields): Zda {
  return {
    type: 'ZDA',
    talker,
    time: f.time(1),
    day: f.whole(2),
    month: f.whole(3),
    year: f.whole(4),
    zoneHours: f.signed(5),
    zoneMinutes: f.signed(6),
  };
}

export type Gga = Sentence<'GGA'> & {
  readonly time: NmeaTime | undefined;
  readonly latitudeDegrees: number | undefined;
  readonly longitudeDegrees: number | undefined;
  /** 0 no fix, 1 fix, 2 differential, 3 precise, 4 and 5 real-time kinematic, 6 estimated, 7 manual, 8 simulated. */
  readonly quality: number | undefined;
  readonly satellitesUsed: number | undefined;
  readonly hdop: number | undefined;
  readonly altitudeMetres: number | undefined;
};

export function readGga(talker: string, f: NmeaFields): Gga {
  return {
    type: 'GGA',
    talker,
    time: f.time(1),
    latitudeDegrees: f.degrees(2),
    longitudeDegrees: f.degrees(4),
    quality: f.whole(6),
    satellitesUsed: f.whole(7),
    hdop: f.decimal(8),
    altitudeMetres: f.decimal(9),
  };
}

export type Gns = Sentence<'GNS'> & {
  readonly time: NmeaTime | undefined;
  readonly latitudeDegrees: number | undefined;
  readonly longitudeDegrees: number | undefined;
  /** One mode letter per constellation, as in RMC. */
  readonly modes: string | undefined;
  readonly satellitesUsed: number | undefined;
  readonly hdop: number | undefined;
  readonly altitudeMetres: number | undefined;
};

export function readGns(talker: string, f: NmeaFields): Gns {
  return {
    type: 'GNS',
    talker,
    time: f.time(1),
    latitudeDegrees: f.degrees(2),
    longitudeDegrees: f.degrees(4),
    modes: f.text(6),
    satellitesUsed: f.whole(7),
    hdop: f.decimal(8),
    altitudeMetres: f.decimal(9),
  };
}

export type Gll = Sentence<'GLL'> & {
  readonly latitudeDegrees: number | undefined;
  readonly longitudeDegrees: number | undefined;
  readonly time: NmeaTime | undefined;
  readonly status: NmeaStatus;
  readonly mode: string | undefined;
};

export function readGll(talker: string, f: NmeaFields): Gll {
  return {
    type: 'GLL',
    talker,
    latitudeDegrees: f.degrees(1),
    longitudeDegrees: f.degrees(3),
    time: f.time(5),
    status: statusOf(f, 6),
    mode: f.letter(7, MODES),
  };
}

const MODES = 'ADEFMNPRS';

function statusOf(f: NmeaFields, index: number): NmeaStatus {
  const letter = f.letter(index, 'AV');
  return letter === undefined ? undefined : letter === 'A' ? 'valid' : 'warning';
}
