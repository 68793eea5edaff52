/**
 * Who signs in these tests: keys from fixed seeds, statements from a template, envelopes from any payload bytes.
 */

import { sealPayload } from '../../../src/core/attestation/cose-sign1.ts';
import { keyringOf } from '../../../src/core/attestation/keyring.ts';
import { encodeStatement, zeroDigest, type Statement } from '../../../src/core/attestation/statement.ts';
import {
  decodeSignedStatement,
  type SignedStatement,
  type StatementJudge,
} from '../../../src/core/attestation/verify-statement.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../../src/io/keys/sodium-signer.ts';
import type { Signer } from '../../../src/ports/signer.ts';

/** 32 bytes that depend on the label only. */
export const digestOf = (label: string): Uint8Array => new Uint8Array(sha256(new TextEncoder().encode(label)));

export const signerOf = (name: string): Signer => sodiumSigner(keyOfSeed(Buffer.from(digestOf(`seed of ${name}`))));

export const NETWORK = digestOf('network');
export const ALICE = signerOf('alice');
export const BOB = signerOf('bob');
export const STRANGER = signerOf('stranger');

export const JUDGE: StatementJudge = {
  network: NETWORK,
  keyOf: keyringOf([ALICE.publicKey, BOB.publicKey])!,
  checkSignature,
};

/** A reports statement at seq 5; override what the test is about. */
export function statement(overrides: Partial<Statement> = {}): Statement {
  return {
    network: NETWORK,
    epoch: 0n,
    seq: 5n,
    previous: digestOf('previous'),
    kind: 'reports',
    time: { tai: taiInstant(1_790_000_000_123_456_789n), guarantee: nanos(850n) },
    subject: digestOf('subject'),
    taiUtcSeconds: 37,
    evidence: digestOf('evidence'),
    ...overrides,
  };
}

export const heartbeat = (overrides: Partial<Statement> = {}): Statement =>
  statement({ kind: 'heartbeat', subject: zeroDigest(), ...overrides });

export const signPayload = (payload: Uint8Array, signer: Signer = ALICE): Uint8Array =>
  sealPayload({ kid: signer.kid, sign: (bytes) => signer.sign(bytes) }, payload).bytes;

export function sign(unsigned: Statement, signer: Signer = ALICE): SignedStatement {
  const signed = decodeSignedStatement(signPayload(encodeStatement(unsigned), signer));
  if (isFault(signed)) throw new Error(signed.detail);
  return signed;
}
