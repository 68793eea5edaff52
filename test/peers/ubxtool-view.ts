/**
 * What `ubxtool -v 2` prints, as values: its frames and the numbers in them under their own names; and our messages in
 * the same names, so that the two can be laid side by side. Enumerations are compared as the numbers ubxtool prints.
 */

import { asSent, type Claim } from '../../src/core/gnss/claim.ts';
import type { GnssMessage } from '../../src/core/gnss/decoder.ts';
import type { UtcFields } from '../../src/core/gnss/ubx-nav-time.ts';

export type Frame = { readonly name: string; pick(keys: readonly string[]): Record<string, unknown> };

/** Splits ubxtool's output at its headings. */
export function framesOf(output: string): Frame[] {
  const frames: Frame[] = [];
  for (const block of output.split(/^UBX-/m).slice(1)) {
    const [heading = '', ...lines] = block.split('\n');
    const body = lines.join('\n');
    frames.push({
      name: heading.replace(/:.*/, ''),
      pick: (keys) => Object.fromEntries(keys.map((key) => [key, valueIn(body, key)])),
    });
  }
  return frames;
}

/** `key value`, `key:value`; repeated keys (one per satellite) as a list under `key[]`. */
function valueIn(body: string, key: string): unknown {
  // Some messages pad the clock with zeros, some do not.
  if (key === 'utc') return /\b[tT]ime\s+(\d+\/\d+\/\d+ \d+:\d+:\d+)/.exec(body)?.[1]?.replace(/\b0(?=\d)/g, '');
  if (key === 'text')
    return [...body.matchAll(/(?:swVersion|hwVersion|extension) (.*)/g)].map((match) => match[1]!.trim());
  if (key === 'ack')
    return /Class x([0-9a-f]+) .*ID x([0-9a-f]+)/i
      .exec(body)
      ?.slice(1)
      .map((hex) => Number.parseInt(hex, 16));
  const isList = key.endsWith('[]');
  const pattern = new RegExp(`(?<![\\w])${isList ? key.slice(0, -2) : key}[ :]+(?:0x|x)?(-?[0-9a-f]+)`, 'g');
  const values = [...body.matchAll(pattern)].map((match) =>
    /[ :](?:0x|x)/.test(match[0]) ? Number.parseInt(match[1]!, 16) : Number(match[1]),
  );
  return isList ? values : values[0];
}

const bit = (isSet: boolean, index: number): number => (isSet ? 1 << index : 0);
const utcText = (u: Claim<UtcFields>): string => {
  const { year, month, day, hour, minute, second } = asSent(u);
  return `${year}/${month}/${day} ${hour}:${minute}:${second}`;
};

const FIXES = ['none', 'dead-reckoning', '2d', '3d', '3d-dead-reckoning', 'time-only'];
const GNSS = ['gps', 'sbas', 'galileo', 'beidou', 'imes', 'qzss', 'glonass', 'navic'];
const LEAP_SOURCES = ['firmware', 'gps-glonass', 'gps', 'sbas', 'beidou', 'galileo', 'aided', 'configured'];
const CHANGE_SOURCES = ['none', 'unknown', 'gps', 'sbas', 'beidou', 'galileo', 'glonass', 'navic'];
const sourceNumber = (names: readonly string[], name: string): number =>
  names.includes(name) ? names.indexOf(name) : 255;

/** Our reading under ubxtool's names; undefined for messages that are not compared. */
export function fieldsOf(m: GnssMessage): Record<string, unknown> | undefined {
  switch (m.type) {
    case 'NAV-PVT':
      return {
        iTOW: m.iTowMs,
        utc: utcText(m.utc),
        tAcc: m.timeAccuracyNs,
        nano: m.nanoNs,
        fixType: FIXES.indexOf(m.fix),
        numSV: m.satellitesUsed,
        lon: m.longitudeE7,
        lat: m.latitudeE7,
        height: m.heightMm,
        hMSL: m.heightAboveSeaMm,
        hAcc: m.horizontalAccuracyMm,
        vAcc: m.verticalAccuracyMm,
        pDOP: m.pdopCenti,
      };
    case 'NAV-STATUS':
      return { iTOW: m.iTowMs, fix: FIXES.indexOf(m.fix), ttff: m.timeToFirstFixMs, msss: m.uptimeMs };
    case 'NAV-TIMEGPS': {
      const { ms, remainderNs } = asSent(m.tow);
      const valid = bit(m.tow.valid, 0) | bit(m.week.valid, 1) | bit(m.leapSeconds.valid, 2);
      return {
        iTOW: ms,
        fTOW: remainderNs,
        week: asSent(m.week),
        leapS: asSent(m.leapSeconds),
        tAcc: m.timeAccuracyNs,
        valid,
      };
    }
    case 'NAV-TIMEUTC':
      return { iTOW: m.iTowMs, tAcc: m.timeAccuracyNs, nano: m.nanoNs, utc: utcText(m.utc) };
    case 'NAV-TIMELS':
      return {
        iTOW: m.iTowMs,
        version: m.version,
        srcOfCurrLs: sourceNumber(LEAP_SOURCES, m.leapSource),
        currLs: asSent(m.leapSeconds),
        srcOfLsChange: sourceNumber(CHANGE_SOURCES, m.changeSource),
        lsChange: m.changeSeconds,
        timeToLsEvent: asSent(m.secondsToEvent),
        dateOfLsGpsWn: m.eventWeek,
        dateOfLsGpsDn: m.eventDay,
        valid: bit(m.leapSeconds.valid, 0) | bit(m.secondsToEvent.valid, 1),
      };
    case 'NAV-CLOCK':
      return {
        iTOW: m.iTowMs,
        clkB: m.biasNs,
        clkD: m.driftNsPerSecond,
        tAcc: m.timeAccuracyNs,
        fAcc: m.frequencyAccuracyPsPerSecond,
      };
    case 'NAV-EOE':
      return { iTOW: m.iTowMs };
    case 'NAV-SAT':
      return {
        iTOW: m.iTowMs,
        version: m.version,
        numSvs: m.satellites.length,
        'gnssId[]': m.satellites.map((s) => GNSS.indexOf(s.gnss)),
        'svid[]': m.satellites.map((s) => s.satelliteId),
        'cno[]': m.satellites.map((s) => s.cnoDbHz),
        'elev[]': m.satellites.map((s) => s.elevationDegrees ?? -91),
        'azim[]': m.satellites.map((s) => s.azimuthDegrees ?? 0),
        'prRes[]': m.satellites.map((s) => s.residualDecimetres),
      };
    case 'NAV-SIG':
      return {
        iTOW: m.iTowMs,
        version: m.version,
        numSigs: m.signals.length,
        'gnssId[]': m.signals.map((s) => GNSS.indexOf(s.gnss)),
        'svId[]': m.signals.map((s) => s.satelliteId),
        'sigId[]': m.signals.map((s) => s.signalId),
        'freqId[]': m.signals.map((s) => s.frequencyId),
        'prRes[]': m.signals.map((s) => s.residualDecimetres),
        'cno[]': m.signals.map((s) => s.cnoDbHz),
      };
    case 'TIM-TP': {
      const raim = ['not-available', 'inactive', 'active', 'unknown'].indexOf(m.raim);
      const isUtc = m.base === 'utc';
      const tail = bit(!m.quantisationErrorPs.valid, 4) | bit(!m.isPulseLocked, 5);
      const flags = bit(isUtc, 0) | bit(m.isUtcAvailable, 1) | (raim << 2) | tail;
      return { towMS: m.towMs, towSubMS: m.towSubMs, qErr: asSent(m.quantisationErrorPs), week: m.week, flags };
    }
    case 'TIM-SVIN':
      return {
        dur: m.durationSeconds,
        meanX: m.meanXCm,
        meanY: m.meanYCm,
        meanZ: m.meanZCm,
        meanV: m.varianceMm2,
        obs: m.observations,
        valid: Number(m.isValid),
        active: Number(m.isActive),
      };
    case 'MON-VER':
      return { text: [m.software, m.hardware, ...m.extensions].map((line) => line.trim()) };
    case 'SEC-UNIQID':
      return { version: m.version, uniqueId: Number.parseInt(m.chipId, 16) };
    case 'ACK-ACK':
    case 'ACK-NAK':
      return { ack: [m.classId, m.messageId] };
    default:
      return undefined;
  }
}
