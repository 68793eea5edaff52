/**
 * What a public key must show before the network counts its signatures.
 *
 * Three things, once: its bytes are canonical and not of small order (ed25519-rule.ts), it lies in the prime-order
 * subgroup (curve arithmetic, handed in), and its owner can sign with it. After that no signature by it can be read in
 * two ways. docs/spec/genesis.md, section "Key registration".
 */

import { encodeCbor } from '../codec/cbor.ts';
import { fault, type Fault } from '../verdict.ts';
import { publicKeyFault, signatureFault } from './ed25519-rule.ts';
import { SIGNATURE_SIZE_BYTES } from './cose-sign1.ts';
import type { CheckSignature } from './verify-statement.ts';

/** What a key is registered for. A key has one role in one network. */
export type KeyRole = 'validator';

/** True when the 32 bytes decode to a point of the prime-order subgroup. Never throws. */
export type IsPrimeOrder = (publicKey: Uint8Array) => boolean;

export type KeyClaim = {
  /** The network's name: its id does not exist before its keys do. */
  readonly networkName: string;
  readonly role: KeyRole;
  readonly publicKey: Uint8Array;
};

const DOMAIN = 'momentd key possession v1';

/**
 * The bytes the owner signs: CBOR `["momentd key possession v1", network name, role, public key]`. They begin with
 * 84 78 19, a Sig_structure with 84 6a, a signed note with text: no signature of one kind is ever one of another.
 */
export function possessionBytes({ networkName, role, publicKey }: KeyClaim): Uint8Array {
  return encodeCbor([DOMAIN, networkName, role, publicKey]);
}

/** The first reason not to register the key, or undefined. */
export function registrationFault(
  needs: { readonly checkSignature: CheckSignature; readonly isPrimeOrder: IsPrimeOrder },
  claim: KeyClaim,
  possession: Uint8Array,
): Fault | undefined {
  const { publicKey } = claim;
  // [REJECT] One encoding, and an order that is not a handful.
  const wrongKey = publicKeyFault(publicKey);
  if (wrongKey !== undefined) return fault(wrongKey, 'the public key');
  // [REJECT] A key with a small-order part verifies differently with and without the cofactor.
  if (!needs.isPrimeOrder(publicKey))
    return fault('key-mixed-order', 'the public key is not in the prime-order subgroup');
  // [REJECT] A key nobody has shown to hold may be somebody else's.
  const message = possessionBytes(claim);
  const proves =
    possession.length === SIGNATURE_SIZE_BYTES &&
    signatureFault(possession) === undefined &&
    needs.checkSignature({ publicKey, message, signature: possession });
  return proves ? undefined : fault('key-possession', 'the proof of possession does not hold');
}
