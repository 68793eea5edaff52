/** A report's signature: valid for its bytes, its network and its purpose, and for nothing else. */

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { decodeCoseSign1, encodeCoseSign1, sigStructure } from '../../../src/core/attestation/cose-sign1.ts';
import { decodeSignedStatement, verifyStatement } from '../../../src/core/attestation/verify-statement.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../../src/core/codec/cbor.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { openSeal, reportSigStructure, sealReport, type SealJudge } from '../../../src/core/report/seal.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { ALICE, digestOf, JUDGE, NETWORK, signPayload, STRANGER } from '../attestation/actors.ts';

const FILE = new TextEncoder().encode('{\n  "momentd_report": 1\n}\n');
const judge: SealJudge = { network: NETWORK, keyOf: JUDGE.keyOf, checkSignature };
const seal = (signer = ALICE, file = FILE, network = NETWORK): Uint8Array =>
  sealReport({ kid: signer.kid, network, sign: (bytes) => signer.sign(bytes) }, file);
const faultOf = (bytes: Uint8Array, over: Partial<SealJudge> = {}, file = FILE): string | undefined => {
  const opened = openSeal({ ...judge, ...over }, bytes, file);
  return isFault(opened) ? opened.fault : undefined;
};
/** A seal with another payload, properly signed for the purpose. */
function sealOf(payload: CborValue): Uint8Array {
  const bytes = encodeCbor(payload);
  const { kid } = ALICE;
  return encodeCoseSign1({ kid, payload: bytes, signature: ALICE.sign(reportSigStructure({ kid, payload: bytes })) });
}

test('a seal opens for the file it was made of', () => {
  const opened = openSeal(judge, seal(), FILE);
  assert.ok(!isFault(opened));
  assert.equal(toHex(opened.kid), toHex(ALICE.kid));
  assert.equal(toHex(opened.digest), toHex(sha256(FILE)));
  assert.equal(faultOf(seal(), { network: undefined }), undefined, 'with a key alone the network is believed');
});

test('node:crypto verifies it over the structure of RFC 9052 with our external_aad', () => {
  const { payload, signature, kid } = decodeCoseSign1(seal()) as Exclude<
    ReturnType<typeof decodeCoseSign1>,
    { fault: string }
  >;
  const header = Buffer.concat([Buffer.from('a2012704', 'hex'), Buffer.from([0x48]), kid]);
  const aad = Buffer.from('momentd report v1');
  const message = Buffer.concat([
    Buffer.from('846a5369676e617475726531', 'hex'),
    Buffer.from([0x40 | header.length]),
    header,
    Buffer.from([0x40 | aad.length]),
    aad,
    Buffer.from([0x58, payload.length]),
    payload,
  ]);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), ALICE.publicKey]);
  assert.ok(verify(undefined, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature));
});

test('what is wrong with a seal has one code each', () => {
  assert.equal(faultOf(seal(), {}, new TextEncoder().encode('{}')), 'report-digest');
  assert.equal(faultOf(seal(), { network: digestOf('other') }), 'report-network');
  assert.equal(faultOf(seal(STRANGER)), 'key-unknown');
  assert.equal(faultOf(seal().slice(1)), 'cose-envelope');
  const altered = seal();
  altered[altered.length - 40]! ^= 1;
  assert.equal(faultOf(altered), 'signature-invalid');
  for (const payload of [
    [2n, NETWORK, sha256(FILE)],
    [1n, NETWORK],
    [1n, NETWORK, sha256(FILE), 0n],
    [1n, NETWORK.slice(1), sha256(FILE)],
    new Map<bigint, CborValue>([[0n, 1n]]),
  ] as readonly CborValue[])
    assert.equal(faultOf(sealOf(payload)), 'report-seal-format');
});

test('neither can be taken for the other: a seal is no statement, and a statement’s signature seals nothing', () => {
  assert.ok(isFault(decodeSignedStatement(seal())));
  assert.notEqual(verifyStatement(JUDGE, seal()).kind, 'accept');
  // The right payload, signed as a statement is.
  const asStatement = signPayload(encodeCbor([1n, NETWORK, sha256(FILE)]));
  assert.equal(faultOf(asStatement), 'signature-invalid');
  const { kid, payload } = decodeCoseSign1(seal()) as Exclude<ReturnType<typeof decodeCoseSign1>, { fault: string }>;
  assert.notDeepEqual(sigStructure({ kid, payload }), reportSigStructure({ kid, payload }));
  assert.equal('fault' in decodeCbor(payload), false);
});
