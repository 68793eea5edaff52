/**
 * UBX monitoring messages: MON-RF and MON-HW (antenna, jamming), MON-VER (what the receiver is).
 *
 * Offsets: u-blox F9 HPG 1.32 interface description 3.14.x; MON-HW from M8 (UBX-13003221) 32.16.3.
 */

import type { ByteReader } from './byte-reader.ts';
import {
  antennaPower,
  antennaStatus,
  jammingState,
  type AntennaPower,
  type AntennaStatus,
  type JammingState,
} from './ubx-names.ts';

export type RfBlock = {
  readonly blockId: number;
  readonly jamming: JammingState;
  readonly antenna: AntennaStatus;
  readonly antennaPower: AntennaPower;
  readonly noisePerMs: number;
  /** Automatic gain control, 0 to 8,191. */
  readonly agcCount: number;
  /** Continuous-wave interference, 0 (none) to 255 (strong). */
  readonly jammingIndicator: number;
};

export type MonRf = { readonly type: 'MON-RF'; readonly version: number; readonly blocks: readonly RfBlock[] };

/** 0a 38, 4 + 24 n bytes. */
export function readMonRf(p: ByteReader): MonRf {
  const blocks: RfBlock[] = [];
  for (let n = p.u1(1), at = 4; n > 0; n--, at += 24) {
    blocks.push({
      blockId: p.u1(at),
      jamming: jammingState(p.bits(at + 1, 0, 2)),
      antenna: antennaStatus(p.u1(at + 2)),
      antennaPower: antennaPower(p.u1(at + 3)),
      noisePerMs: p.u2(at + 12),
      agcCount: p.u2(at + 14),
      jammingIndicator: p.u1(at + 16),
    });
  }
  return { type: 'MON-RF', version: p.u1(0), blocks };
}

export type MonHw = {
  readonly type: 'MON-HW';
  readonly noisePerMs: number;
  readonly agcCount: number;
  readonly antenna: AntennaStatus;
  readonly antennaPower: AntennaPower;
  readonly jamming: JammingState;
  readonly jammingIndicator: number;
};

/** 0a 09, 60 bytes (68 on Antaris, whose later fields lie elsewhere: not read). */
export function readMonHw(p: ByteReader): MonHw {
  return {
    type: 'MON-HW',
    noisePerMs: p.u2(16),
    agcCount: p.u2(18),
    antenna: antennaStatus(p.u1(20)),
    antennaPower: antennaPower(p.u1(21)),
    jamming: jammingState(p.bits(22, 2, 2)),
    jammingIndicator: p.u1(45),
  };
}

export type MonVer = {
  readonly type: 'MON-VER';
  readonly software: string;
  readonly hardware: string;
  /** Lines such as `PROTVER=27.10` and `MOD=ZED-F9P`. */
  readonly extensions: readonly string[];
};

/** 0a 04, 40 + 30 n bytes: text padded with zeros. */
export function readMonVer(p: ByteReader): MonVer {
  const extensions: string[] = [];
  for (let at = 40; at + 30 <= p.sizeBytes; at += 30) extensions.push(p.text(at, 30));
  return { type: 'MON-VER', software: p.text(0, 30), hardware: p.text(30, 10), extensions };
}
