/**
 * Curve arithmetic by @noble/curves: what registration needs, and the offline verifier's second opinion.
 *
 * noble's verify is cofactored even when told to be strict, so alone it accepts more than the network does. For a key of
 * the prime-order subgroup the cofactorless equation holds exactly when the cofactored one does and R has no small-order
 * part: S B - k A lies in the subgroup, and R equals it. The second opinion checks just that, with code that shares
 * nothing with libsodium. It takes milliseconds: registration, audits and tests, never the hot path.
 */

import { ed25519 } from '@noble/curves/ed25519.js';
import type { IsPrimeOrder } from '../../core/attestation/key-registration.ts';
import { publicKeyFault, signatureFault } from '../../core/attestation/ed25519-rule.ts';
import type { CheckSignature } from '../../ports/signature-check.ts';

export const isPrimeOrder: IsPrimeOrder = (publicKey) => isTorsionFree(publicKey);

export const checkSignatureAgain: CheckSignature = ({ signature, message, publicKey }) => {
  if (publicKeyFault(publicKey) !== undefined) return false;
  if (signature.length !== 64 || signatureFault(signature) !== undefined) return false;
  if (!isTorsionFree(publicKey) || !isTorsionFree(signature.subarray(0, 32))) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
};

function isTorsionFree(encoded: Uint8Array): boolean {
  try {
    // Strict decoding: y < p and no sign on a zero x. The identity lies in every subgroup and generates none.
    const point = ed25519.Point.fromBytes(encoded, false);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}
