/** Wraps a payload into a UBX frame: `b5 62 class id length payload checksum`. */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { ubxChecksum } from './checksums.ts';

export function ubxFrame(classId: number, messageId: number, payload: Uint8Array): Uint8Array {
  assert(payload.length <= LIMITS.gnssUbxPayloadBytesMax, 'we write no frame that we would not read');
  const frame = new Uint8Array(payload.length + 8);
  frame.set([0xb5, 0x62, classId, messageId, payload.length & 0xff, payload.length >> 8]);
  frame.set(payload, 6);
  frame.set(ubxChecksum(frame, 2, frame.length - 2), frame.length - 2);
  return frame;
}
