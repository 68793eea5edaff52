/**
 * Moves a recorded receiver stream to another date, so that an old recording can be replayed as now.
 *
 * Every field that tells time is shifted by one constant, whole seconds, and the checksums are mended; everything else,
 * noise and cut frames included, stays byte for byte. Satellite time and UTC are shifted apart where leap seconds lie
 * between the two dates, and the receiver's leap count with them. What comes out is made, not recorded: a receiver never
 * sent it.
 */

import { nmeaChecksum, ubxChecksum } from '../core/gnss/checksums.ts';
import { GnssDecoder, type GnssMessage } from '../core/gnss/decoder.ts';
import { FrameScanner } from '../core/gnss/frame-scanner.ts';
import { fullYear, nearestSecond, taiOfWeek, unixSecondsOfUtc } from '../core/gnss/gnss-epochs.ts';
import { asSent } from '../core/gnss/claim.ts';
import { BUILT_IN_LEAP_TABLE, leapStateAt, taiOfUnixSeconds, type LeapTable } from '../core/time/leap-seconds.ts';
import { millis, monoInstant, nanos, plus, seconds, since, type TaiInstant } from '../core/time/nanos.ts';
import { civilOfDays } from '../core/time/text.ts';

const WEEK_SECONDS = 604_800;
const WEEK_MS = WEEK_SECONDS * 1_000;
const DAY_SECONDS = 86_400;

/** How far each count moves, in seconds. */
type Shift = { readonly satellite: number; readonly utc: number; readonly leapSeconds: number };

/** NAV messages and where their iTOW stands. */
const TOW_AT: ReadonlyMap<number, number> = new Map([
  ...[0x01, 0x02, 0x03, 0x04, 0x06, 0x07, 0x11, 0x12, 0x20, 0x21, 0x22, 0x26, 0x30, 0x31, 0x32, 0x35, 0x43, 0x61].map(
    (id): [number, number] => [id, 0],
  ),
  [0x13, 4],
  [0x14, 4],
]);

/**
 * `recording` as if its first dated epoch had been at `start` (a whole TAI second); undefined when nothing in it tells a
 * date, or the leap table does not reach one of the two.
 */
export function retimed(
  recording: Uint8Array,
  start: TaiInstant,
  table: LeapTable = BUILT_IN_LEAP_TABLE,
): Uint8Array | undefined {
  const origin = firstEpochOf(recording, table);
  if (origin === undefined) return undefined;
  const [before, after] = [leapStateAt(table, origin), leapStateAt(table, start)];
  if (before.kind === 'before-table' || after.kind === 'before-table') return undefined;
  const satellite = Number(since(start, origin) / seconds(1));
  const leapSeconds = after.taiUtcSeconds - before.taiUtcSeconds;
  const shift: Shift = { satellite, utc: satellite - leapSeconds, leapSeconds };
  const moved = Uint8Array.from(recording);
  const scanner = new FrameScanner(({ kind, bytes, offset }) => {
    const frame = moved.subarray(offset, offset + bytes.length);
    if (kind === 'ubx') moveUbx(frame, shift);
    else if (kind === 'nmea') moveNmea(frame, shift);
  });
  scanner.push(recording, monoInstant(0n));
  scanner.end();
  return moved;
}

function firstEpochOf(recording: Uint8Array, table: LeapTable): TaiInstant | undefined {
  let first: TaiInstant | undefined;
  const decoder = new GnssDecoder(({ message }) => {
    first ??= epochOf(message, table);
  });
  decoder.push(recording, monoInstant(0n));
  decoder.end();
  return first;
}

function epochOf(m: GnssMessage, table: LeapTable): TaiInstant | undefined {
  switch (m.type) {
    case 'NAV-TIMEGPS': {
      if (!m.week.valid || !m.tow.valid) return undefined;
      const tow = plus(millis(m.tow.value.ms), nanos(m.tow.value.remainderNs));
      return nearestSecond(taiOfWeek('gps', m.week.value, tow)).second;
    }
    case 'NAV-PVT': {
      const unixSeconds = m.utc.valid ? unixSecondsOfUtc(asSent(m.utc)) : undefined;
      return unixSeconds === undefined ? undefined : taiOfUnixSeconds(table, unixSeconds, false);
    }
    case 'RMC': {
      if (m.time === undefined || m.date === undefined || m.status !== 'valid') return undefined;
      const { hour, minute, second } = m.time;
      const { day, month, yearOfCentury } = m.date;
      const year = fullYear(yearOfCentury, taiOfWeek('gps', 2_000, seconds(0)));
      const unixSeconds = unixSecondsOfUtc({ year, month, day, hour, minute, second });
      return unixSeconds === undefined ? undefined : taiOfUnixSeconds(table, unixSeconds, false);
    }
    default:
      return undefined;
  }
}

function moveUbx(frame: Uint8Array, shift: Shift): void {
  const view = new DataView(frame.buffer, frame.byteOffset + 6, frame.length - 8);
  const [classId, id] = [frame[2]!, frame[3]!];
  if (view.byteLength === 0) return;
  if (classId === 0x01) moveNav(id, view, shift);
  else if (classId === 0x0d && id === 0x01 && view.byteLength === 16) {
    const isUtc = (view.getUint8(14) & 1) === 1;
    moveWeek(view, { towAt: 0, weekAt: 12 }, isUtc ? shift.utc : shift.satellite);
  } else return;
  frame.set(ubxChecksum(frame, 2, frame.length - 2), frame.length - 2);
}

function moveNav(id: number, view: DataView, shift: Shift): void {
  const towAt = TOW_AT.get(id);
  if (towAt === undefined || view.byteLength < towAt + 4) return;
  if ((id === 0x20 || id === 0x06) && view.byteLength >= 16) moveWeek(view, { towAt: 0, weekAt: 8 }, shift.satellite);
  else view.setUint32(towAt, positiveModulo(view.getUint32(towAt, true) + shift.satellite * 1_000, WEEK_MS), true);
  if (id === 0x20) view.setInt8(10, view.getInt8(10) + shift.leapSeconds);
  if (id === 0x26 && view.byteLength >= 24) view.setInt8(9, view.getInt8(9) + shift.leapSeconds);
  if (id === 0x07 && view.byteLength >= 84) moveUtc(view, 4, shift.utc);
  if (id === 0x21 && view.byteLength >= 20) moveUtc(view, 12, shift.utc);
}

function moveWeek(view: DataView, { towAt, weekAt }: { towAt: number; weekAt: number }, bySeconds: number): void {
  const total = view.getUint16(weekAt, true) * WEEK_MS + view.getUint32(towAt, true) + bySeconds * 1_000;
  view.setUint16(weekAt, Math.floor(total / WEEK_MS), true);
  view.setUint32(towAt, positiveModulo(total, WEEK_MS), true);
}

/** Year (two bytes), month, day, hour, minute, second from `at`. */
function moveUtc(view: DataView, at: number, bySeconds: number): void {
  const [month, day, hour, minute, second] = [2, 3, 4, 5, 6].map((i) => view.getUint8(at + i)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const unixSeconds = unixSecondsOfUtc({ year: view.getUint16(at, true), month, day, hour, minute, second });
  if (unixSeconds === undefined) return;
  const moved = utcOf(Number(unixSeconds) + bySeconds);
  view.setUint16(at, moved.year, true);
  [moved.month, moved.day, moved.hour, moved.minute, moved.second].forEach((value, i) =>
    view.setUint8(at + 2 + i, value),
  );
}

function utcOf(unixSeconds: number) {
  const { year, month, day } = civilOfDays(BigInt(Math.floor(unixSeconds / DAY_SECONDS)));
  const ofDay = positiveModulo(unixSeconds, DAY_SECONDS);
  const clock = { hour: Math.floor(ofDay / 3_600), minute: Math.floor(ofDay / 60) % 60, second: ofDay % 60 };
  return { year: Number(year), month: Number(month), day: Number(day), ...clock };
}

/** The field with the time of day, by sentence; and what else holds the date. */
const NMEA_TIME_FIELD: Readonly<Record<string, number>> = { RMC: 1, ZDA: 1, GGA: 1, GNS: 1, GLL: 5, GST: 1, GBS: 1 };

function moveNmea(frame: Uint8Array, shift: Shift): void {
  const fields = String.fromCharCode(...frame.subarray(1, frame.length - 3)).split(',');
  const kind = fields[0]!.slice(2);
  const timeField = NMEA_TIME_FIELD[kind];
  const time = timeField === undefined ? undefined : fields[timeField];
  if (fields[0]!.length !== 5 || time === undefined || timeField === undefined || !/^\d{6}/.test(time)) return;
  const [hour, minute, second] = [0, 2, 4].map((i) => Number(time.slice(i, i + 2))) as [number, number, number];
  const date = dateOf(kind, fields);
  const unixSeconds = unixSecondsOfUtc({ ...date, hour, minute, second });
  if (unixSeconds === undefined) return;
  const moved = utcOf(Number(unixSeconds) + shift.utc);
  fields[timeField] = `${two(moved.hour)}${two(moved.minute)}${two(moved.second)}${time.slice(6)}`;
  if (kind === 'RMC' && fields[9] !== '') fields[9] = `${two(moved.day)}${two(moved.month)}${two(moved.year % 100)}`;
  if (kind === 'ZDA' && fields[4] !== '')
    [fields[2], fields[3], fields[4]] = [two(moved.day), two(moved.month), `${moved.year}`];
  const text = fields.join(',');
  if (text.length !== frame.length - 4) return;
  for (let i = 0; i < text.length; i++) frame[1 + i] = text.charCodeAt(i);
  const sum = nmeaChecksum(frame, 1, frame.length - 3)
    .toString(16)
    .toUpperCase()
    .padStart(2, '0');
  frame.set([sum.charCodeAt(0), sum.charCodeAt(1)], frame.length - 2);
}

/** Sentences without a date get a day of their own: only their time of day is written back. */
function dateOf(kind: string, fields: readonly string[]): { year: number; month: number; day: number } {
  const rmc = /^(\d\d)(\d\d)(\d\d)$/.exec(kind === 'RMC' ? (fields[9] ?? '') : '');
  if (rmc !== null) {
    const year = fullYear(Number(rmc[3]), taiOfWeek('gps', 2_000, seconds(0)));
    return { year, month: Number(rmc[2]), day: Number(rmc[1]) };
  }
  if (kind === 'ZDA' && fields[4] !== '')
    return { year: Number(fields[4]), month: Number(fields[3]), day: Number(fields[2]) };
  return { year: 2_000, month: 1, day: 1 };
}

const two = (value: number): string => String(value).padStart(2, '0');
const positiveModulo = (value: number, modulus: number): number => ((value % modulus) + modulus) % modulus;
