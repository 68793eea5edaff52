/** Key registration: the exact bytes of the proof of possession, and what it is bound to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sigStructure } from '../../../src/core/attestation/cose-sign1.ts';
import { possessionBytes, registrationFault, type KeyClaim } from '../../../src/core/attestation/key-registration.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { isPrimeOrder } from '../../../src/io/keys/second-opinion.ts';
import { ALICE, BOB } from './actors.ts';

const needs = { checkSignature, isPrimeOrder };
const claim: KeyClaim = { networkName: 'test', role: 'validator', publicKey: ALICE.publicKey };

test('the bytes are those of the specification, and never those of a statement', () => {
  const expected =
    '847819' + '6d6f6d656e7464206b657920706f7373657373696f6e207631' + '6474657374' + '6976616c696461746f72' + '5820';
  assert.equal(toHex(possessionBytes(claim)), expected + toHex(ALICE.publicKey));
  const signed = sigStructure({ kid: ALICE.kid, payload: new Uint8Array() });
  assert.notDeepEqual(possessionBytes(claim).subarray(0, 2), signed.subarray(0, 2));
});

test('an honest proof registers the key', () => {
  assert.equal(registrationFault(needs, claim, ALICE.sign(possessionBytes(claim))), undefined);
});

test('a proof for another name, by another key, of another length or altered does not', () => {
  const proof = ALICE.sign(possessionBytes(claim));
  const wrong: [string, KeyClaim, Uint8Array][] = [
    ['another name', { ...claim, networkName: 'tes' }, proof],
    ["another's key", { ...claim, publicKey: BOB.publicKey }, proof],
    ["another's signature", claim, BOB.sign(possessionBytes(claim))],
    ['too short', claim, proof.subarray(1)],
    ['empty', claim, new Uint8Array()],
    ['altered', claim, new Uint8Array(proof).with(3, proof[3]! ^ 1)],
    ['S out of range', claim, new Uint8Array(proof).fill(0xff, 32)],
  ];
  for (const [name, made, possession] of wrong)
    assert.equal(registrationFault(needs, made, possession)?.fault, 'key-possession', name);
});

test('the key is judged before the proof', () => {
  const proof = ALICE.sign(possessionBytes(claim));
  const keys: [Uint8Array, string][] = [
    [new Uint8Array(32).fill(0xff), 'key-not-canonical'],
    [new Uint8Array(31), 'key-not-canonical'],
    [new Uint8Array(32), 'key-small-order'],
    [new Uint8Array(32).fill(2, 0, 1), 'key-mixed-order'],
  ];
  for (const [publicKey, code] of keys)
    assert.equal(registrationFault(needs, { ...claim, publicKey }, proof)?.fault, code);
});
