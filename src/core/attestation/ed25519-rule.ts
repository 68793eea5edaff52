/**
 * The Ed25519 acceptance rule of this network, as far as bytes alone decide it.
 *
 * RFC 8032 leaves verifiers a choice (cofactored or not, small orders, second encodings), so two honest programs can
 * disagree about a crafted signature. The rule is the smallest common acceptance set, libsodium's: S < L, R and A
 * canonical and not of small order, and the cofactorless equation. This file decides everything but the equation; what
 * passes here is judged alike by every library we know. docs/spec/statement.md, section "Signature".
 */

import { assert } from '../assert.ts';
import type { Code } from '../codes.ts';
import { PUBLIC_KEY_SIZE_BYTES, SIGNATURE_SIZE_BYTES } from './cose-sign1.ts';

/** The field prime, RFC 8032 section 5.1. */
const P = (1n << 255n) - 19n;

/** The order of the base point, RFC 8032 section 5.1. */
const L = (1n << 252n) + 27742317777372353535851937790883648493n;

/** The curve's d = -121665/121666, RFC 8032 section 5.1. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** y of two of the four points of order 8; the other two have -y. */
const ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;

// A point doubles to y = 0 (order 4) exactly when x^2 = -y^2; on the curve that is d y^4 + 2 y^2 - 1 = 0.
assert((D * ORDER_8_Y ** 4n + 2n * ORDER_8_Y ** 2n - 1n) % P === 0n, 'the constant is the y of a point of order 8');

/** The y coordinates of the eight points whose order divides 8: identity, order 2, order 4 (two points), order 8 (four). */
const SMALL_ORDER_YS: readonly Uint8Array[] = [1n, P - 1n, 0n, ORDER_8_Y, P - ORDER_8_Y].map(littleEndian);

const P_BYTES = littleEndian(P);
const L_BYTES = littleEndian(L);

/** Why no key can make these 64 bytes a valid signature, or undefined. */
export function signatureFault(signature: Uint8Array): Code | undefined {
  assert(signature.length === SIGNATURE_SIZE_BYTES, 'an Ed25519 signature is 64 bytes');
  // [REJECT] S < L: S + L would sign the same message under another name.
  if (!isBelow(signature, 32, L_BYTES)) return 'signature-s-range';
  // [REJECT] R has one encoding only.
  if (!isCanonicalPoint(signature)) return 'signature-r-not-canonical';
  // [REJECT] A small-order R takes part in signatures that hold for many messages.
  if (isSmallOrder(signature)) return 'signature-r-small-order';
  return undefined;
}

/** Why 32 bytes cannot be a registered key, as far as bytes alone tell; prime order is checked with curve arithmetic. */
export function publicKeyFault(publicKey: Uint8Array): Code | undefined {
  if (publicKey.length !== PUBLIC_KEY_SIZE_BYTES) return 'key-not-canonical';
  if (!isCanonicalPoint(publicKey)) return 'key-not-canonical';
  if (isSmallOrder(publicKey)) return 'key-small-order';
  return undefined;
}

/**
 * True when y < p. (A zero x with the sign bit set is a second encoding too; those points, y = 1 and y = -1, are of
 * small order and refused as such whatever their sign.)
 */
function isCanonicalPoint(encoded: Uint8Array): boolean {
  return isBelow(encoded, 0, P_BYTES, 0x7f);
}

function isSmallOrder(encoded: Uint8Array): boolean {
  return SMALL_ORDER_YS.some((y) => {
    // Bytes of honest points differ in the first byte 251 times of 256, so this rarely goes on.
    for (let i = 0; i < 31; i++) if (encoded[i] !== y[i]) return false;
    return (encoded[31]! & 0x7f) === y[31];
  });
}

/** The little-endian number of 32 bytes at `at`, its top byte masked, is less than `bound`. */
function isBelow(bytes: Uint8Array, at: number, bound: Uint8Array, topMask = 0xff): boolean {
  const top = bytes[at + 31]! & topMask;
  if (top !== bound[31]) return top < bound[31]!;
  for (let i = 30; i >= 0; i--) if (bytes[at + i] !== bound[i]) return bytes[at + i]! < bound[i]!;
  return false;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
