/**
 * Signature claims as one block of bytes, the form in which they cross to a verification thread: the block is transferred,
 * so nothing is copied twice and no objects are cloned.
 *
 * Per claim: public key 32, signature 64, message length u32 (little-endian), message.
 */

import { PUBLIC_KEY_SIZE_BYTES, SIGNATURE_SIZE_BYTES } from '../../core/attestation/cose-sign1.ts';
import type { SignatureClaim } from '../../ports/signature-check.ts';

const LENGTH_AT = PUBLIC_KEY_SIZE_BYTES + SIGNATURE_SIZE_BYTES;
const HEAD_SIZE = LENGTH_AT + 4;

/** Every key and signature must have the length Ed25519 gives it. */
export function packClaims(claims: readonly SignatureClaim[]): Uint8Array<ArrayBuffer> {
  const size = claims.reduce((total, { message }) => total + HEAD_SIZE + message.length, 0);
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  let at = 0;
  for (const { publicKey, signature, message } of claims) {
    block.set(publicKey, at);
    block.set(signature, at + PUBLIC_KEY_SIZE_BYTES);
    view.setUint32(at + LENGTH_AT, message.length, true);
    block.set(message, at + HEAD_SIZE);
    at += HEAD_SIZE + message.length;
  }
  return block;
}

/** The claims of a block, as views of it. */
export function unpackClaims(block: Uint8Array): SignatureClaim[] {
  const claims: SignatureClaim[] = [];
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (let at = 0; at < block.length;) {
    const end = at + HEAD_SIZE + view.getUint32(at + LENGTH_AT, true);
    claims.push({
      publicKey: block.subarray(at, at + PUBLIC_KEY_SIZE_BYTES),
      signature: block.subarray(at + PUBLIC_KEY_SIZE_BYTES, at + LENGTH_AT),
      message: block.subarray(at + HEAD_SIZE, end),
    });
    at = end;
  }
  return claims;
}
