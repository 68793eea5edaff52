/**
 * The three checksums a receiver's stream carries, as pure functions of bytes.
 *
 * UBX: 8-bit Fletcher (RFC 1145's algorithm, modulo 256). NMEA 0183: exclusive or. RTCM3: CRC-24Q, polynomial 0x1864cfb.
 */

/** The two check bytes of a UBX frame, over `bytes[from..to)`. */
export function ubxChecksum(bytes: Uint8Array, from: number, to: number): readonly [a: number, b: number] {
  let a = 0;
  let b = 0;
  for (let i = from; i < to; i++) {
    a = (a + bytes[i]!) & 0xff;
    b = (b + a) & 0xff;
  }
  return [a, b];
}

/** Exclusive or of `bytes[from..to)`: what an NMEA sentence states after its `*`. */
export function nmeaChecksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= bytes[i]!;
  return sum;
}

const CRC24Q_POLYNOMIAL = 0x1864cfb;

const CRC24Q_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16;
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1;
    if ((crc & 0x1000000) !== 0) crc ^= CRC24Q_POLYNOMIAL;
  }
  return crc;
});

/** CRC-24Q over `bytes[from..to)`, initial value 0. */
export function crc24q(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffffff) ^ CRC24Q_TABLE[((crc >> 16) ^ bytes[i]!) & 0xff]!;
  return crc;
}

/** 0 to 15, or -1 for a byte that is no hexadecimal digit of either case. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}
