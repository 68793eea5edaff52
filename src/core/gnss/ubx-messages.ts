/**
 * The table of UBX messages we read: class and id, name, the length the layout demands, and the reader.
 *
 * A frame whose checksum holds but whose length does not fit its layout is malformed, a value like any other; a message
 * not in the table is unknown, with its class, id and length.
 */

import type { ByteReader } from './byte-reader.ts';
import { readMonHw, readMonRf, readMonVer, type MonHw, type MonRf, type MonVer } from './ubx-mon.ts';
import { readNavSat, readNavSig, readNavStatus, type NavSat, type NavSig, type NavStatus } from './ubx-nav-sky.ts';
import {
  readNavClock,
  readNavEoe,
  readNavPvt,
  readNavTimeGps,
  readNavTimeLs,
  readNavTimeUtc,
  type NavClock,
  type NavEoe,
  type NavPvt,
  type NavTimeGps,
  type NavTimeLs,
  type NavTimeUtc,
} from './ubx-nav-time.ts';
import {
  readAck,
  readSecSigV1,
  readSecSigV2,
  readSecUniqid,
  type Ack,
  type SecSig,
  type SecUniqid,
} from './ubx-sec.ts';
import { readTimSvin, readTimTp, type TimSvin, type TimTp } from './ubx-tim.ts';

export type KnownUbx =
  | NavPvt
  | NavTimeGps
  | NavTimeUtc
  | NavTimeLs
  | NavClock
  | NavEoe
  | NavStatus
  | NavSat
  | NavSig
  | TimTp
  | TimSvin
  | MonRf
  | MonHw
  | MonVer
  | SecSig
  | SecUniqid
  | Ack;

/** A UBX message outside our table. */
export type UnknownUbx = {
  readonly type: 'unknown-ubx';
  readonly classId: number;
  readonly messageId: number;
  readonly payloadBytes: number;
};

/** A frame whose checksum holds and whose content does not fit its kind. */
export type Malformed = { readonly type: 'malformed'; readonly of: string; readonly problem: string };

type Layout = {
  readonly name: string;
  /** True when a payload of this many bytes can be read. Looks at counters in the payload where the length depends on them. */
  readonly fits: (sizeBytes: number, payload: ByteReader) => boolean;
  readonly read: (payload: ByteReader) => KnownUbx;
};

const exactly = (expected: number) => (size: number) => size === expected;
/** Newer firmware may append fields. */
const atLeast = (expected: number) => (size: number) => size >= expected;
/** A fixed part, then as many blocks as the counter at `countAt` says: no more and no fewer. */
const blocks = (fixed: number, countAt: number, block: number) => (size: number, p: ByteReader) =>
  size >= fixed && size === fixed + block * p.u1(countAt);

const key = (classId: number, messageId: number): number => (classId << 8) | messageId;

const LAYOUTS: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  [key(0x01, 0x03), { name: 'NAV-STATUS', fits: exactly(16), read: readNavStatus }],
  [key(0x01, 0x07), { name: 'NAV-PVT', fits: atLeast(84), read: readNavPvt }],
  [key(0x01, 0x20), { name: 'NAV-TIMEGPS', fits: exactly(16), read: readNavTimeGps }],
  [key(0x01, 0x21), { name: 'NAV-TIMEUTC', fits: exactly(20), read: readNavTimeUtc }],
  [key(0x01, 0x22), { name: 'NAV-CLOCK', fits: exactly(20), read: readNavClock }],
  [key(0x01, 0x26), { name: 'NAV-TIMELS', fits: exactly(24), read: readNavTimeLs }],
  [key(0x01, 0x35), { name: 'NAV-SAT', fits: blocks(8, 5, 12), read: readNavSat }],
  [key(0x01, 0x43), { name: 'NAV-SIG', fits: blocks(8, 5, 16), read: readNavSig }],
  [key(0x01, 0x61), { name: 'NAV-EOE', fits: exactly(4), read: readNavEoe }],
  [key(0x05, 0x00), { name: 'ACK-NAK', fits: exactly(2), read: readAck('ACK-NAK') }],
  [key(0x05, 0x01), { name: 'ACK-ACK', fits: exactly(2), read: readAck('ACK-ACK') }],
  [key(0x0a, 0x04), { name: 'MON-VER', fits: (size) => size >= 40 && (size - 40) % 30 === 0, read: readMonVer }],
  [key(0x0a, 0x09), { name: 'MON-HW', fits: exactly(60), read: readMonHw }],
  [key(0x0a, 0x38), { name: 'MON-RF', fits: blocks(4, 1, 24), read: readMonRf }],
  [key(0x0d, 0x01), { name: 'TIM-TP', fits: exactly(16), read: readTimTp }],
  [key(0x0d, 0x04), { name: 'TIM-SVIN', fits: exactly(28), read: readTimSvin }],
  [key(0x27, 0x03), { name: 'SEC-UNIQID', fits: (size, p) => size === (p.u1(0) === 2 ? 10 : 9), read: readSecUniqid }],
  [
    key(0x27, 0x09),
    { name: 'SEC-SIG', fits: fitsSecSig, read: (p) => (p.u1(0) === 1 ? readSecSigV1(p) : readSecSigV2(p)) },
  ],
]);

function fitsSecSig(size: number, p: ByteReader): boolean {
  if (size < 4) return false;
  return p.u1(0) === 1 ? size === 12 : p.u1(0) === 2 && size === 4 + 4 * p.u1(3);
}

/** Judges one verified UBX payload. */
export function readUbx(classId: number, messageId: number, payload: ByteReader): KnownUbx | UnknownUbx | Malformed {
  const layout = LAYOUTS.get(key(classId, messageId));
  const payloadBytes = payload.sizeBytes;
  // An empty payload is a poll, which a receiver never sends and a recording of both directions holds.
  if (layout === undefined || payloadBytes === 0) return { type: 'unknown-ubx', classId, messageId, payloadBytes };
  if (layout.fits(payloadBytes, payload)) return layout.read(payload);
  return { type: 'malformed', of: layout.name, problem: `a payload of ${payloadBytes} bytes does not fit the layout` };
}
