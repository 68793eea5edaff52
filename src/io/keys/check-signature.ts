/**
 * The `CheckSignature` port on libsodium: the hot path, cofactorless, and by itself already the network's rule.
 */

import sodium from 'sodium-native';
import type { CheckSignature } from '../../ports/signature-check.ts';

/** True when the signature holds for the key and the message. The lengths are those of Ed25519, else false. */
export const checkSignature: CheckSignature = ({ signature, message, publicKey }) => {
  if (signature.length !== sodium.crypto_sign_BYTES || publicKey.length !== sodium.crypto_sign_PUBLICKEYBYTES)
    return false;
  // libsodium takes any Uint8Array; its type declarations say Buffer.
  return sodium.crypto_sign_verify_detached(signature as Buffer, message as Buffer, publicKey as Buffer);
};
