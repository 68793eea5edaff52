/**
 * The validator's signing key, as the agent uses it.
 *
 * Contract: `sign` returns the 64-byte deterministic Ed25519 signature (RFC 8032 5.1.6) of the bytes; equal bytes give
 * equal signatures, so that a statement reserved before a crash is signed again as the same statement. It is synchronous
 * (tens of microseconds) and decides nothing: the guard has reserved what is signed. After `release` it must not be called.
 */

export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** First 8 bytes of SHA-256 of the public key. */
  readonly kid: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
  /** Overwrites the secret. May be called twice. */
  release(): void;
}
