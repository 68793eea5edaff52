/**
 * Verifying signatures, as the agent needs it.
 *
 * Contract of `CheckSignature`: the cofactorless Ed25519 equation, for a key that passed registration and a signature that
 * passed `signatureFault`; a value for every input, never a throw. Two implementations that differ on one input are a bug.
 */

import type { CheckSignature, SignatureClaim } from '../core/attestation/verify-statement.ts';

export type { CheckSignature, SignatureClaim };

/**
 * Checks many claims off the event loop. Contract: the answer has one boolean per claim, in the order of the claims;
 * answers of successive calls arrive in the order of the calls; a full queue rejects with code `verification-queue-full`
 * and checks nothing. `stop` finishes or rejects what is waiting and may be called twice.
 */
export interface BatchVerifier {
  check(claims: readonly SignatureClaim[]): Promise<readonly boolean[]>;
  /** Claims accepted and not yet answered. */
  readonly waitingClaims: number;
  stop(): Promise<void>;
}
