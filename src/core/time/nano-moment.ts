/**
 * The NanoMoment: unsigned 128-bit nanoseconds since 1970-01-01T00:00:00 UTC, as the ROKO network defines it.
 *
 * A derived value for the edges. It repeats during a positive leap second, so nothing is ever ordered by it.
 * JSON carries a decimal string; the wire form is 16 bytes little-endian.
 */

import { unixNanosOf } from './leap-seconds.ts';
import type { TaiInstant } from './nanos.ts';

const U128_LIMIT = 1n << 128n;

/** The NanoMoment of a TAI instant, or undefined before 1970 UTC. */
export function nanoMomentOf(tai: TaiInstant, taiUtcSeconds: number): bigint | undefined {
  const unixNanos = unixNanosOf(tai, taiUtcSeconds);
  return unixNanos < 0n ? undefined : unixNanos;
}

/** 16 bytes, little-endian; undefined outside 0..2^128-1. */
export function encodeNanoMoment(moment: bigint): Uint8Array | undefined {
  if (moment < 0n || moment >= U128_LIMIT) return undefined;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, moment), true);
  view.setBigUint64(8, moment >> 64n, true);
  return bytes;
}

/** The value of 16 little-endian bytes; undefined for any other length. */
export function decodeNanoMoment(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}
