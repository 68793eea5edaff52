/**
 * A sentence as pynmea2 parsed it, under our names, and ours reduced to what pynmea2 knows: it has no word for the system
 * and signal ids and the modes that NMEA 4.1 appended, and keeps microseconds of a time.
 */

import type { KnownNmea } from '../../src/core/gnss/nmea-messages.ts';
import type { NmeaTime } from '../../src/core/gnss/nmea-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `Infinity` stands for what we or pynmea2 did not read, so that a missing value never equals a zero. */
const number = (value: unknown): number | undefined =>
  value === undefined || value === null || value === '' ? undefined : Number(value);

/** 1e-9 degrees is a tenth of a millimetre: two ways of dividing by 60 agree to that. */
const degrees = (value: unknown): number | undefined => {
  const parsed = number(value);
  return parsed === undefined ? undefined : Math.round(parsed * 1e9) + 0;
};

const status = (value: unknown): string | undefined =>
  value === 'A' ? 'valid' : value === 'V' ? 'warning' : undefined;

const theirTime = (value: unknown): unknown => (Array.isArray(value) ? value : undefined);
const ourTime = (t: NmeaTime | undefined): unknown =>
  t === undefined ? undefined : [t.hour, t.minute, t.second, Math.floor(t.fractionNs / 1_000)];

/** pynmea2's reading. */
export function theirs(f: Fields): Fields {
  const at = { time: theirTime(f['timestamp']), latitude: degrees(f['latitude']), longitude: degrees(f['longitude']) };
  const head = { type: f['type'], talker: f['talker'] };
  switch (f['type']) {
    case 'RMC':
      return { ...head, ...at, status: status(f['status']), date: f['datestamp'] ?? undefined };
    case 'ZDA': {
      const zone = { zoneHours: number(f['local_zone']), zoneMinutes: number(f['local_zone_minutes']) };
      return {
        ...head,
        time: at.time,
        day: number(f['day']),
        month: number(f['month']),
        year: number(f['year']),
        ...zone,
      };
    }
    case 'GGA':
      return { ...head, ...at, quality: number(f['gps_qual']), ...countAndHeight(f, 'horizontal_dil') };
    case 'GNS':
      return { ...head, ...at, modes: f['mode_indicator'], ...countAndHeight(f, 'hdop') };
    case 'GLL':
      return { ...head, ...at, status: status(f['status']) };
    case 'GSA': {
      const ids = Array.from({ length: 12 }, (_, i) => number(f[`sv_id${String(i + 1).padStart(2, '0')}`]));
      const dilution = { pdop: number(f['pdop']), hdop: number(f['hdop']), vdop: number(f['vdop']) };
      return {
        ...head,
        fix: number(f['mode_fix_type']),
        satelliteIds: ids.filter((id) => id !== undefined),
        ...dilution,
      };
    }
    default: {
      const satellites = [1, 2, 3, 4].flatMap((n) => {
        // With fewer than four satellites the signal id of NMEA 4.1 stands where pynmea2 expects one more.
        const [id, isWhole] = [number(f[`sv_prn_num_${n}`]), (f['data'] as unknown[]).length >= 3 + 4 * n];
        if (id === undefined || !isWhole) return [];
        return [[id, number(f[`elevation_deg_${n}`]), number(f[`azimuth_${n}`]), number(f[`snr_${n}`])]];
      });
      const counts = [number(f['num_messages']), number(f['msg_num']), number(f['num_sv_in_view'])];
      return { ...head, counts, satellites };
    }
  }
}

function countAndHeight(f: Fields, hdop: string): Fields {
  return { satellitesUsed: number(f['num_sats']), hdop: number(f[hdop]), altitudeMetres: number(f['altitude']) };
}

/** Our reading in the same form. */
export function ours(m: KnownNmea): Fields {
  const head = { type: m.type, talker: m.talker };
  switch (m.type) {
    case 'RMC': {
      const { day, month, yearOfCentury = 0 } = m.date ?? {};
      // pynmea2 reads two digits with strptime: 69 and above are of the last century (POSIX).
      const year = yearOfCentury + (yearOfCentury >= 69 ? 1_900 : 2_000);
      const date = m.date === undefined ? undefined : [year, month, day];
      return { ...head, ...place(m), status: m.status, date };
    }
    case 'ZDA': {
      const { day, month, year, zoneHours, zoneMinutes } = m;
      return { ...head, time: ourTime(m.time), day, month, year, zoneHours, zoneMinutes };
    }
    case 'GGA':
    case 'GNS': {
      const { satellitesUsed, hdop, altitudeMetres } = m;
      const kind = m.type === 'GGA' ? { quality: m.quality } : { modes: m.modes };
      return { ...head, ...place(m), ...kind, satellitesUsed, hdop, altitudeMetres };
    }
    case 'GLL':
      return { ...head, ...place(m), status: m.status };
    case 'GSA': {
      const fix = m.fix === undefined ? undefined : ['none', '2d', '3d'].indexOf(m.fix) + 1;
      return { ...head, fix, satelliteIds: m.satelliteIds, pdop: m.pdop, hdop: m.hdop, vdop: m.vdop };
    }
    case 'GSV': {
      const satellites = m.satellites.map((s) => [s.satelliteId, s.elevationDegrees, s.azimuthDegrees, s.cnoDbHz]);
      return { ...head, counts: [m.parts, m.part, m.satellitesInView], satellites };
    }
  }
}

function place(m: Extract<KnownNmea, { readonly latitudeDegrees: unknown }>): Fields {
  return { time: ourTime(m.time), latitude: degrees(m.latitudeDegrees), longitude: degrees(m.longitudeDegrees) };
}
