/**
 * Public keys by kid. A kid is eight bytes of a hash: a hint that finds a key, never a proof that it is the right one.
 */

import { kidOf } from './cose-sign1.ts';

/** The registered key that has this kid, or undefined. */
export type KeyOf = (kid: Uint8Array) => Uint8Array | undefined;

/** One lookup table over registered keys; undefined when two keys share a kid (their owners must choose others). */
export function keyringOf(publicKeys: Iterable<Uint8Array>): KeyOf | undefined {
  const keys = new Map<bigint, Uint8Array>();
  for (const key of publicKeys) {
    const index = indexOf(kidOf(key));
    if (keys.has(index)) return undefined;
    keys.set(index, key);
  }
  return (kid) => keys.get(indexOf(kid));
}

/** Eight bytes as one number: the cheapest key of a Map. */
function indexOf(kid: Uint8Array): bigint {
  return new DataView(kid.buffer, kid.byteOffset, kid.byteLength).getBigUint64(0);
}
