/**
 * SHA-256 (FIPS 180-4). The only file of core that names a Node module: `hash` is a pure function of its argument, and
 * OpenSSL's is twice as fast as one in JavaScript. The tidy test allows this import here and nowhere else in core.
 */

import { createHash, hash } from 'node:crypto';

export type Digest = Uint8Array;

export const SHA256_SIZE_BYTES = 32;

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Digest {
  return hash('sha256', bytes, 'buffer');
}

/** The digest of the parts one after another, without joining them first. */
export function sha256Of(...parts: readonly Uint8Array[]): Digest {
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return state.digest();
}
