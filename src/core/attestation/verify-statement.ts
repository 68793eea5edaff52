/**
 * One signed statement judged alone: bytes in, verdict out. Length, shape, rules, key, signature, in that order.
 *
 * What two statements of a lane owe each other is lane-rules.ts; what the evidence owes the interval is core/clock.
 */

import { sha256, type Digest } from '../codec/sha256.ts';
import { compareBytes } from '../codec/cbor.ts';
import { LIMITS } from '../limits.ts';
import { accept, fault, ignore, isFault, reject, rejectFault, type Fault, type Verdict } from '../verdict.ts';
import { decodeCoseSign1, signedBytesOf } from './cose-sign1.ts';
import { signatureFault } from './ed25519-rule.ts';
import type { KeyOf } from './keyring.ts';
import { decodeStatement, type Statement } from './statement.ts';

/**
 * The cofactorless Ed25519 equation for a registered key and a signature that passed `signatureFault`. Never throws.
 */
export type CheckSignature = (claim: SignatureClaim) => boolean;

export type SignatureClaim = {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

/** A signed statement taken apart. The arrays are views of `bytes`, save `id` and `toBeSigned`. */
export type SignedStatement = {
  readonly bytes: Uint8Array;
  readonly kid: Uint8Array;
  readonly signature: Uint8Array;
  readonly statement: Statement;
  /** The Sig_structure: what the signature covers. */
  readonly toBeSigned: Uint8Array;
  /** SHA-256 of the Sig_structure: the statement's identity, and what the next statement carries as `previous`. */
  readonly id: Digest;
};

export type StatementJudge = {
  readonly network: Digest;
  readonly keyOf: KeyOf;
  readonly checkSignature: CheckSignature;
};

/** Shape and the statement's own rules; no key, no network, no signature is looked at. */
export function decodeSignedStatement(bytes: Uint8Array): SignedStatement | Fault {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.signedStatementBytesMax)
    return fault('statement-too-long', `${bytes.length} bytes of signed statement`);
  const envelope = decodeCoseSign1(bytes);
  if (isFault(envelope)) return envelope;
  const statement = decodeStatement(envelope.payload);
  if (isFault(statement)) return statement;
  const toBeSigned = signedBytesOf(envelope);
  const { kid, signature } = envelope;
  return { bytes, kid, signature, statement, toBeSigned, id: sha256(toBeSigned) };
}

/** Everything one statement owes on its own. An accepted statement was signed by the registered key its kid names. */
export function verifyStatement(judge: StatementJudge, bytes: Uint8Array): Verdict<SignedStatement> {
  const signed = decodeSignedStatement(bytes);
  if (isFault(signed)) return rejectFault(signed);
  const prepared = prepareStatement(judge, signed);
  if (prepared.kind !== 'accept') return prepared;
  return settleStatement(signed, judge.checkSignature(prepared.value));
}

/**
 * All of `verifyStatement` but the curve arithmetic: accepted is the claim that is left to check. For callers that check
 * many claims at once elsewhere; they end with `settleStatement`.
 */
export function prepareStatement(
  judge: Pick<StatementJudge, 'network' | 'keyOf'>,
  signed: SignedStatement,
): Verdict<SignatureClaim> {
  const { kid, signature, statement, toBeSigned } = signed;
  // [REJECT] A statement of another network says nothing here.
  if (compareBytes(statement.network, judge.network) !== 0)
    return reject('statement-network', 'key 1 is not the network we judge for');
  const publicKey = judge.keyOf(kid);
  // [IGNORE] A key we do not know may belong to an epoch we have not seen.
  if (publicKey === undefined) return ignore('key-unknown', 'no registered key has this kid');
  const wrong = signatureFault(signature);
  if (wrong !== undefined) return reject(wrong, 'the signature is outside the accepted set whatever the key');
  return accept({ publicKey, message: toBeSigned, signature });
}

/** The verdict once the equation has been checked. */
export function settleStatement(signed: SignedStatement, holds: boolean): Verdict<SignedStatement> {
  // [REJECT] The equation must hold.
  return holds ? accept(signed) : reject('signature-invalid', 'the signature does not fit the key and the bytes');
}
