/**
 * Who can sign in a simulated network. Bulk runs use a stand-in that only this process can check; a run with real Ed25519
 * hands in another scheme. Both give keys and signatures of the same size and canonical form, so the code under test is one.
 */

import type { CheckSignature } from '../../core/attestation/verify-statement.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { toHex } from '../../core/codec/hex.ts';
import { sha256, sha256Of } from '../../core/codec/sha256.ts';

export type SimKey = { readonly publicKey: Uint8Array; readonly sign: (bytes: Uint8Array) => Uint8Array };

export type SignatureScheme = {
  readonly name: string;
  /** The same key for the same label. */
  readonly keyOf: (label: string) => SimKey;
  readonly checkSignature: CheckSignature;
};

const utf8 = new TextEncoder();

/**
 * A keyed hash in the form of a signature: whoever lacks the secret cannot make it, and this scheme remembers the secrets
 * of the keys it gave out. R and S have their high bits cleared, so that the network's rule of canonical form passes.
 */
export function standInScheme(): SignatureScheme {
  const secrets = new Map<string, Uint8Array>();
  const signWith = (secret: Uint8Array, message: Uint8Array): Uint8Array => {
    const signature = new Uint8Array(64);
    const half = sha256Of(secret, message);
    signature.set(half, 0);
    signature.set(half, 32);
    signature[31]! &= 0x3f;
    signature[63]! &= 0x0f;
    return signature;
  };
  return {
    name: 'stand-in',
    keyOf(label) {
      const secret = sha256(utf8.encode(`secret of ${label}`));
      const publicKey = sha256(secret).slice();
      publicKey[31]! &= 0x3f;
      secrets.set(toHex(publicKey), secret);
      return { publicKey, sign: (bytes) => signWith(secret, bytes) };
    },
    checkSignature({ publicKey, message, signature }) {
      const secret = secrets.get(toHex(publicKey));
      return secret !== undefined && compareBytes(signWith(secret, message), signature) === 0;
    },
  };
}
