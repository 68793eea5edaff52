/**
 * COSE_Sign1 (RFC 9052 section 4.2) as we use it: one algorithm, one header, no choice left to the signer.
 *
 * Tag 18, protected header exactly `{1: -8, 4: kid}` (EdDSA; kid = first 8 bytes of SHA-256 of the public key),
 * unprotected header empty, external_aad empty, a 64-byte Ed25519 signature. Nothing in the envelope varies but kid,
 * payload and signature, so it is read by position: the bytes are these or they are refused. Signed is the
 * Sig_structure; its SHA-256 is the identity of what was signed, because many signatures fit one message.
 */

import { assert } from '../assert.ts';
import { sha256, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';

export const KID_SIZE_BYTES = 8;
export const SIGNATURE_SIZE_BYTES = 64;
export const PUBLIC_KEY_SIZE_BYTES = 32;

/** One envelope taken apart; the arrays are views of `bytes`. */
export type CoseSign1 = {
  readonly bytes: Uint8Array;
  readonly kid: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

/** Makes the 64-byte Ed25519 signature of `bytes`. */
export type Sign = (bytes: Uint8Array) => Uint8Array;

/** d2 tag 18, 84 array of 4. */
const OPENING = Uint8Array.of(0xd2, 0x84);
/** 4d bytes(13), a2 map(2), 01 27 alg EdDSA, 04 48 kid of 8 bytes; the kid follows. */
const PROTECTED = Uint8Array.of(0x4d, 0xa2, 0x01, 0x27, 0x04, 0x48);
const UNPROTECTED = 0xa0;
/** 58 40: bytes(64). */
const SIGNATURE_HEAD = Uint8Array.of(0x58, 0x40);
/** 84 array of 4, 6a text(10), "Signature1". */
const CONTEXT = Uint8Array.of(0x84, 0x6a, 0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31);
const EXTERNAL_AAD = 0x40;

const KID_AT = OPENING.length + PROTECTED.length;
const UNPROTECTED_AT = KID_AT + KID_SIZE_BYTES;
const PAYLOAD_HEAD_AT = UNPROTECTED_AT + 1;
const TAIL_SIZE = SIGNATURE_HEAD.length + SIGNATURE_SIZE_BYTES;

/** The first 8 bytes of SHA-256 of the 32-byte public key. */
export const kidOf = (publicKey: Uint8Array): Uint8Array => sha256(publicKey).slice(0, KID_SIZE_BYTES);

/** The bytes that are signed: `["Signature1", protected, h'', payload]`. */
export function sigStructure(parts: { readonly kid: Uint8Array; readonly payload: Uint8Array }): Uint8Array {
  const { kid, payload } = parts;
  assert(kid.length === KID_SIZE_BYTES, 'a kid is 8 bytes');
  const head = bytesHead(payload.length);
  const out = new Uint8Array(CONTEXT.length + PROTECTED.length + KID_SIZE_BYTES + 1 + head.length + payload.length);
  out.set(CONTEXT, 0);
  out.set(PROTECTED, CONTEXT.length);
  let at = CONTEXT.length + PROTECTED.length;
  out.set(kid, at);
  at += KID_SIZE_BYTES;
  out[at] = EXTERNAL_AAD;
  out.set(head, at + 1);
  out.set(payload, at + 1 + head.length);
  return out;
}

/**
 * The Sig_structure of an envelope that was taken apart: what both have in common stands in both in the same order, so it is
 * copied in one piece. Half a microsecond less per statement than making it of its parts.
 */
export function signedBytesOf({ bytes, payload }: CoseSign1): Uint8Array {
  const end = payload.byteOffset - bytes.byteOffset + payload.length;
  const out = new Uint8Array(CONTEXT.length + end - OPENING.length);
  out.set(CONTEXT, 0);
  out.set(bytes.subarray(OPENING.length, end), CONTEXT.length);
  out[CONTEXT.length + UNPROTECTED_AT - OPENING.length] = EXTERNAL_AAD;
  return out;
}

/** SHA-256 of the Sig_structure: the identity of a statement, whatever signature it carries. */
export function identityOf(parts: { readonly kid: Uint8Array; readonly payload: Uint8Array }): Digest {
  return sha256(sigStructure(parts));
}

export function encodeCoseSign1(parts: Omit<CoseSign1, 'bytes'>): Uint8Array {
  const { kid, payload, signature } = parts;
  assert(kid.length === KID_SIZE_BYTES, 'a kid is 8 bytes');
  assert(signature.length === SIGNATURE_SIZE_BYTES, 'an Ed25519 signature is 64 bytes');
  assert(payload.length <= LIMITS.cosePayloadBytesMax, 'a payload fits the bound its readers keep');
  const head = bytesHead(payload.length);
  const out = new Uint8Array(PAYLOAD_HEAD_AT + head.length + payload.length + TAIL_SIZE);
  out.set(OPENING, 0);
  out.set(PROTECTED, OPENING.length);
  out.set(kid, KID_AT);
  out[UNPROTECTED_AT] = UNPROTECTED;
  out.set(head, PAYLOAD_HEAD_AT);
  out.set(payload, PAYLOAD_HEAD_AT + head.length);
  out.set(SIGNATURE_HEAD, out.length - TAIL_SIZE);
  out.set(signature, out.length - SIGNATURE_SIZE_BYTES);
  return out;
}

/** Signs `payload` and returns the envelope with the identity of what was signed. */
export function sealPayload(needs: { readonly kid: Uint8Array; readonly sign: Sign }, payload: Uint8Array): Sealed {
  const toBeSigned = sigStructure({ kid: needs.kid, payload });
  const bytes = encodeCoseSign1({ kid: needs.kid, payload, signature: needs.sign(toBeSigned) });
  return { bytes, id: sha256(toBeSigned) };
}

export type Sealed = { readonly bytes: Uint8Array; readonly id: Digest };

/** Takes an envelope apart, or says which part of it is not as it must be. Judges no signature. */
export function decodeCoseSign1(bytes: Uint8Array): CoseSign1 | Fault {
  // [REJECT] Tag 18 over an array of four.
  if (!hasAt(bytes, 0, OPENING)) return fault('cose-envelope', 'does not begin with d2 84, tag 18 and an array of 4');
  // [REJECT] The protected header is exactly {1: -8, 4: kid of 8 bytes}.
  if (!hasAt(bytes, OPENING.length, PROTECTED) || bytes.length < UNPROTECTED_AT)
    return fault('cose-protected', 'the protected header is not {1: -8, 4: an 8-byte kid}');
  // [REJECT] Nothing rides along unsigned.
  if (bytes[UNPROTECTED_AT] !== UNPROTECTED) return fault('cose-unprotected', 'the unprotected header is not empty');
  const payload = readBytes(bytes, PAYLOAD_HEAD_AT);
  // [REJECT] The payload is an embedded byte string with the shortest length, and a 64-byte signature ends the input.
  if (payload === undefined || payload.end + TAIL_SIZE !== bytes.length || !hasAt(bytes, payload.end, SIGNATURE_HEAD))
    return fault('cose-envelope', 'not a payload byte string followed by a 64-byte signature and the end');
  return {
    bytes,
    kid: bytes.subarray(KID_AT, UNPROTECTED_AT),
    payload: bytes.subarray(payload.start, payload.end),
    signature: bytes.subarray(payload.end + SIGNATURE_HEAD.length),
  };
}

function hasAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** The head of a CBOR byte string of `length` bytes, shortest form. */
function bytesHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length);
  if (length <= 0xff) return Uint8Array.of(0x58, length);
  return Uint8Array.of(0x59, length >> 8, length & 0xff);
}

/** Where a byte string that begins at `at` has its content; undefined when it is none, too long or not shortest. */
function readBytes(bytes: Uint8Array, at: number): { start: number; end: number } | undefined {
  const head = bytes[at];
  if (head === undefined) return undefined;
  if (head >= 0x40 && head < 0x58) return { start: at + 1, end: at + 1 + (head & 0x1f) };
  const high = bytes[at + 1];
  if (head === 0x58 && high !== undefined && high >= 24) return { start: at + 2, end: at + 2 + high };
  const low = bytes[at + 2];
  if (head !== 0x59 || high === undefined || low === undefined || high === 0) return undefined;
  const length = (high << 8) | low;
  return length > LIMITS.cosePayloadBytesMax ? undefined : { start: at + 3, end: at + 3 + length };
}
