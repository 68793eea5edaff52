/**
 * How far the order has come, as a file of our own: what a start reads in place of every lane from its beginning.
 *
 *     magic || network id || state || Ed25519 signature
 *
 * It is derived from the lanes: while they are whole it is worth nothing but time, and whoever doubts it removes it. The
 * signature is by this agent's own key over CBOR `["momentd order snapshot v1", network, SHA-256 of everything before it]`,
 * so nobody without the key can make us vote for another order by writing this file; its array of three tells those bytes
 * from everything else the key signs. The magic names the version of state and rules: whoever changes what is saved, or what
 * the lanes lead to, counts it up (a test holds the bytes) and goes on reading the old one, because a pruned lane has nothing
 * else to start from. docs/spec/ordering.md, "Snapshot".
 */

import { compareBytes, encodeCbor } from '../codec/cbor.ts';
import { wholeOf, type Pieces } from '../codec/pieces.ts';
import { sha256, Sha256, SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { SIGNATURE_SIZE_BYTES, type Sign } from '../attestation/cose-sign1.ts';
import type { CheckSignature } from '../attestation/verify-statement.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';

const DOMAIN = 'momentd order snapshot v1';
const MAGIC = new TextEncoder().encode(`${DOMAIN}\n`);
const HEAD_BYTES = MAGIC.length + SHA256_SIZE_BYTES;
/** What a snapshot has beside the state. */
export const SEAL_BYTES = HEAD_BYTES + SIGNATURE_SIZE_BYTES;

export const sealSnapshot = (sign: Sign, network: Digest, state: Uint8Array): Uint8Array =>
  wholeOf(sealingSnapshot(sign, network, [state]));

/** The same, a chunk of the state at a time: copying and hashing all of it at once would hold the loop up. */
export function* sealingSnapshot(sign: Sign, network: Digest, chunks: readonly Uint8Array[]): Pieces<Uint8Array> {
  const stateBytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(HEAD_BYTES + stateBytes + SIGNATURE_SIZE_BYTES);
  const hash = new Sha256();
  let at = 0;
  for (const part of [MAGIC, network, ...chunks]) {
    bytes.set(part, at);
    hash.update(part);
    at += part.length;
    yield;
  }
  bytes.set(sign(signedBytes(network, hash.digest())), at);
  return bytes;
}

/** The state of a snapshot that this key made for this network. */
export function openSnapshot(
  needs: { readonly network: Digest; readonly publicKey: Uint8Array; readonly checkSignature: CheckSignature },
  bytes: Uint8Array,
): Uint8Array | Fault {
  // [REJECT] Length before shape.
  if (bytes.length < HEAD_BYTES + SIGNATURE_SIZE_BYTES || bytes.length > LIMITS.orderSnapshotBytesMax)
    return fault('order-snapshot-format', `${bytes.length} bytes`);
  // [REJECT] Another format.
  if (compareBytes(bytes.subarray(0, MAGIC.length), MAGIC) !== 0)
    return fault('order-snapshot-format', `it does not begin with "${DOMAIN}"`);
  const content = bytes.subarray(0, -SIGNATURE_SIZE_BYTES);
  const signature = bytes.slice(-SIGNATURE_SIZE_BYTES);
  const message = signedBytes(needs.network, sha256(content));
  // [REJECT] Nobody but we may say where our order stands.
  if (!needs.checkSignature({ publicKey: needs.publicKey, message, signature }))
    return fault(
      'order-snapshot-signature',
      'it was altered, cut short, or made by another key or for another network',
    );
  return content.subarray(HEAD_BYTES);
}

const signedBytes = (network: Digest, content: Digest): Uint8Array => encodeCbor([DOMAIN, network, content]);
