/**
 * The `Signer` port on libsodium: one key pair in guarded memory, overwritten on release.
 */

import sodium from 'sodium-native';
import { kidOf } from '../../core/attestation/cose-sign1.ts';
import { assert } from '../../core/assert.ts';
import type { Signer } from '../../ports/signer.ts';
import type { KeyPair } from './key-format.ts';

/** Takes over the pair: nobody else may use or zero its secret. */
export function sodiumSigner(key: KeyPair): Signer {
  let held: Buffer | undefined = key.secretKey;
  return {
    publicKey: key.publicKey,
    kid: kidOf(key.publicKey),
    sign(bytes) {
      assert(held !== undefined, 'a released key signs nothing');
      const signature = Buffer.alloc(sodium.crypto_sign_BYTES);
      sodium.crypto_sign_detached(signature, bytes as Buffer, held);
      return signature;
    },
    release() {
      if (held !== undefined) sodium.sodium_memzero(held);
      held = undefined;
    },
  };
}
