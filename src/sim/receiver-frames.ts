/**
 * Frames as a receiver would send them, made by us: for simulation, tests and replays, never taken for recordings.
 *
 * Each builder takes the fields that matter and fills the rest with a healthy receiver's values. What cannot be found in
 * any recording (an announced leap second, jamming, spoofing, a firmware leap count) is made here. Layouts are those the
 * decoder reads; docs of the fields are with the decoder in core/gnss.
 */

import { nmeaChecksum } from '../core/gnss/checksums.ts';
import { ubxFrame } from '../core/gnss/ubx-frame.ts';

/** `$` text `*` checksum and a line end, for the text between `$` and `*`. */
export function nmea(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`$${text}`);
  const sum = nmeaChecksum(bytes, 1, bytes.length).toString(16).toUpperCase().padStart(2, '0');
  return new TextEncoder().encode(`$${text}*${sum}\r\n`);
}

type Write = (view: DataView) => void;

function payloadOf(sizeBytes: number, write: Write): Uint8Array {
  const payload = new Uint8Array(sizeBytes);
  write(new DataView(payload.buffer));
  return payload;
}

export type UtcTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

export function navPvt(
  f: UtcTime & {
    readonly iTowMs: number;
    readonly nanoNs?: number;
    /** Bits: 1 date, 2 time, 4 fully resolved. */
    readonly valid?: number;
    readonly fixType?: number;
    readonly isFixOk?: boolean;
    readonly timeAccuracyNs?: number;
    readonly satellitesUsed?: number;
  },
): Uint8Array {
  const write: Write = (v) => {
    v.setUint32(0, f.iTowMs, true);
    v.setUint16(4, f.year, true);
    [f.month, f.day, f.hour, f.minute, f.second, f.valid ?? 7].forEach((value, i) => v.setUint8(6 + i, value));
    v.setUint32(12, f.timeAccuracyNs ?? 25, true);
    v.setInt32(16, f.nanoNs ?? 0, true);
    v.setUint8(20, f.fixType ?? 3);
    v.setUint8(21, (f.isFixOk ?? true) ? 1 : 0);
    v.setUint8(23, f.satellitesUsed ?? 12);
  };
  return ubxFrame(0x01, 0x07, payloadOf(92, write));
}

/** `spoofing`: 0 unknown or off, 1 none, 2 indicated, 3 multiple indications. */
export function navStatus(f: {
  readonly iTowMs: number;
  readonly gpsFix?: number;
  readonly isFixOk?: boolean;
  readonly spoofing?: number;
}): Uint8Array {
  const write: Write = (v) => {
    v.setUint32(0, f.iTowMs, true);
    v.setUint8(4, f.gpsFix ?? 3);
    v.setUint8(5, 0x0c | ((f.isFixOk ?? true) ? 1 : 0));
    v.setUint8(7, (f.spoofing ?? 1) << 3);
  };
  return ubxFrame(0x01, 0x03, payloadOf(16, write));
}

export function navTimeGps(f: {
  readonly iTowMs: number;
  readonly week: number;
  readonly remainderNs?: number;
  readonly leapSeconds?: number;
  /** Bits: 1 time of week, 2 week, 4 leap seconds. */
  readonly valid?: number;
  readonly timeAccuracyNs?: number;
}): Uint8Array {
  const write: Write = (v) => {
    v.setUint32(0, f.iTowMs, true);
    v.setInt32(4, f.remainderNs ?? 0, true);
    v.setInt16(8, f.week, true);
    v.setInt8(10, f.leapSeconds ?? 18);
    v.setUint8(11, f.valid ?? 7);
    v.setUint32(12, f.timeAccuracyNs ?? 25, true);
  };
  return ubxFrame(0x01, 0x20, payloadOf(16, write));
}

export function navTimeUtc(
  f: UtcTime & {
    readonly iTowMs: number;
    readonly nanoNs?: number;
    /** Bits: 1 time of week, 2 week, 4 UTC. */
    readonly valid?: number;
    readonly timeAccuracyNs?: number;
  },
): Uint8Array {
  const write: Write = (v) => {
    v.setUint32(0, f.iTowMs, true);
    v.setUint32(4, f.timeAccuracyNs ?? 25, true);
    v.setInt32(8, f.nanoNs ?? 0, true);
    v.setUint16(12, f.year, true);
    [f.month, f.day, f.hour, f.minute, f.second].forEach((value, i) => v.setUint8(14 + i, value));
    v.setUint8(19, f.valid ?? 0x37);
  };
  return ubxFrame(0x01, 0x21, payloadOf(20, write));
}

/** A healthy default: 18 s from GPS, no event known. `source` 0 is the firmware, 255 nobody. */
export function navTimeLs(f: {
  readonly iTowMs: number;
  readonly source?: number;
  readonly leapSeconds?: number;
  readonly changeSource?: number;
  readonly changeSeconds?: number;
  readonly secondsToEvent?: number;
  readonly eventWeek?: number;
  readonly eventDay?: number;
  /** Bits: 1 current count, 2 time to event. */
  readonly valid?: number;
}): Uint8Array {
  const write: Write = (v) => {
    v.setUint32(0, f.iTowMs, true);
    v.setUint8(8, f.source ?? 2);
    v.setInt8(9, f.leapSeconds ?? 18);
    v.setUint8(10, f.changeSource ?? 0);
    v.setInt8(11, f.changeSeconds ?? 0);
    v.setInt32(12, f.secondsToEvent ?? 0, true);
    v.setUint16(16, f.eventWeek ?? 0, true);
    v.setUint16(18, f.eventDay ?? 0, true);
    v.setUint8(23, f.valid ?? 1);
  };
  return ubxFrame(0x01, 0x26, payloadOf(24, write));
}

export function navSat(f: {
  readonly iTowMs: number;
  readonly satellites: number;
  readonly used?: number;
}): Uint8Array {
  const write: Write = (v) => {
    v.setUint32(0, f.iTowMs, true);
    v.setUint8(4, 1);
    v.setUint8(5, f.satellites);
    for (let n = 0, at = 8; n < f.satellites; n++, at += 12) {
      v.setUint8(at + 1, n + 1);
      v.setUint8(at + 2, 40);
      v.setInt8(at + 3, 45);
      v.setInt16(at + 4, (n * 30) % 360, true);
      v.setUint32(at + 8, n < (f.used ?? f.satellites) ? 0x1f : 0x17, true);
    }
  };
  return ubxFrame(0x01, 0x35, payloadOf(8 + 12 * f.satellites, write));
}

/** `base`: the low half of refInfo (0 GPS, 1 GLONASS, 2 BeiDou, 3 Galileo, 15 unknown), or UTC. */
export function timTp(f: {
  readonly towMs: number;
  readonly week: number;
  readonly towSubMs?: number;
  readonly quantisationErrorPs?: number;
  readonly isQuantisationErrorValid?: boolean;
  readonly base?: number | 'utc';
  readonly isUtcAvailable?: boolean;
  readonly isLocked?: boolean;
}): Uint8Array {
  const base = f.base ?? 0;
  const write: Write = (v) => {
    v.setUint32(0, f.towMs, true);
    v.setUint32(4, f.towSubMs ?? 0, true);
    v.setInt32(8, f.quantisationErrorPs ?? 0, true);
    v.setUint16(12, f.week, true);
    const flags = [base === 'utc', f.isUtcAvailable ?? true, false, true];
    const tail = [!(f.isQuantisationErrorValid ?? true), !(f.isLocked ?? true)];
    v.setUint8(
      14,
      [...flags, ...tail].reduce((byte, isSet, bit) => byte | (isSet ? 1 << bit : 0), 0),
    );
    v.setUint8(15, base === 'utc' ? 0x3f : base);
  };
  return ubxFrame(0x0d, 0x01, payloadOf(16, write));
}

/** One RF block. `jamming`: 0 off, 1 none, 2 warning, 3 critical; `antenna`: 2 good, 3 short, 4 open. */
export function monRf(f: { readonly jamming?: number; readonly antenna?: number } = {}): Uint8Array {
  const write: Write = (v) => {
    v.setUint8(1, 1);
    v.setUint8(5, f.jamming ?? 1);
    v.setUint8(6, f.antenna ?? 2);
    v.setUint8(7, 1);
    v.setUint16(16, 90, true);
    v.setUint16(18, 4_000, true);
    v.setUint8(20, (f.jamming ?? 1) > 1 ? 200 : 10);
  };
  return ubxFrame(0x0a, 0x38, payloadOf(28, write));
}

/** SEC-SIG with both detectors on. `jamming` as in MON-RF; `spoofing`: 1 none, 2 indicated, 3 affirmed. */
export function secSig(f: {
  readonly version: 1 | 2;
  readonly jamming?: number;
  readonly spoofing?: number;
}): Uint8Array {
  const [jamming, spoofing] = [f.jamming ?? 1, f.spoofing ?? 1];
  const write: Write = (v) => {
    v.setUint8(0, f.version);
    if (f.version === 1) {
      v.setUint8(4, 1 | (jamming << 1));
      v.setUint8(8, 1 | (spoofing << 1));
    } else {
      v.setUint8(1, 1 | (jamming << 1) | 0x08 | (spoofing << 4));
      v.setUint8(3, 1);
      v.setUint32(4, 1_575_420 | (jamming > 1 ? 0x100_0000 : 0), true);
    }
  };
  return ubxFrame(0x27, 0x09, payloadOf(f.version === 1 ? 12 : 8, write));
}

/** The receiver's answer to a message it was sent. */
export function ack(isAccepted: boolean, classId: number, messageId: number): Uint8Array {
  return ubxFrame(0x05, isAccepted ? 0x01 : 0x00, Uint8Array.of(classId, messageId));
}
