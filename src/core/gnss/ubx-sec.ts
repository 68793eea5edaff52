/**
 * UBX security and acknowledgement messages: SEC-SIG (two layouts under one id), SEC-UNIQID, ACK-ACK and ACK-NAK.
 *
 * Offsets: u-blox F9 HPG 1.32 interface description 3.17 (SEC-SIG version 1, SEC-UNIQID version 1), F9 TIM 2.20 and
 * X20 HPG 2.00 (SEC-SIG version 2, SEC-UNIQID version 2).
 */

import type { ByteReader } from './byte-reader.ts';
import { jammingState, spoofingState, type JammingState, type SpoofingState } from './ubx-names.ts';

export type SecSig = {
  readonly type: 'SEC-SIG';
  readonly version: 1 | 2;
  readonly isJammingDetectionOn: boolean;
  readonly jamming: JammingState;
  readonly isSpoofingDetectionOn: boolean;
  readonly spoofing: SpoofingState;
  /** Version 2: the centre frequencies watched, and which of them are jammed. */
  readonly frequencies: readonly { readonly kiloHertz: number; readonly isJammed: boolean }[];
};

/** 27 09 version 1, 12 bytes. */
export function readSecSigV1(p: ByteReader): SecSig {
  return {
    type: 'SEC-SIG',
    version: 1,
    isJammingDetectionOn: p.bit(4, 0),
    jamming: jammingState(p.bits(4, 1, 2)),
    isSpoofingDetectionOn: p.bit(8, 0),
    spoofing: spoofingState(p.bits(8, 1, 3)),
    frequencies: [],
  };
}

/** 27 09 version 2, 4 + 4 n bytes. */
export function readSecSigV2(p: ByteReader): SecSig {
  const frequencies = [];
  for (let n = p.u1(3), at = 4; n > 0; n--, at += 4) {
    const word = p.u4(at);
    frequencies.push({ kiloHertz: word & 0xff_ffff, isJammed: (word & 0x100_0000) !== 0 });
  }
  return {
    type: 'SEC-SIG',
    version: 2,
    isJammingDetectionOn: p.bit(1, 0),
    jamming: jammingState(p.bits(1, 1, 2)),
    isSpoofingDetectionOn: p.bit(1, 3),
    spoofing: spoofingState(p.bits(1, 4, 3)),
    frequencies,
  };
}

/** The chip's identity: five bytes in version 1, six in version 2, as hexadecimal. */
export type SecUniqid = { readonly type: 'SEC-UNIQID'; readonly version: number; readonly chipId: string };

/** 27 03, 9 or 10 bytes. */
export function readSecUniqid(p: ByteReader): SecUniqid {
  return { type: 'SEC-UNIQID', version: p.u1(0), chipId: p.hex(4, p.sizeBytes - 4) };
}

/** The receiver's answer to a configuration message, naming what it answers. */
export type Ack = {
  readonly type: 'ACK-ACK' | 'ACK-NAK';
  readonly classId: number;
  readonly messageId: number;
};

/** 05 01 and 05 00, 2 bytes. */
export function readAck(type: Ack['type']): (p: ByteReader) => Ack {
  return (p) => ({ type, classId: p.u1(0), messageId: p.u1(1) });
}
