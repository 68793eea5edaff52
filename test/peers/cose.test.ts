/**
 * A COSE library that is not ours (@auth0/cose) verifies a statement, and refuses an altered one. It runs in a process of
 * its own, because COSE libraries in one process share a global table of CBOR tags.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeStatement } from '../../src/core/attestation/statement.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { ALICE, BOB, sign, statement } from '../core/attestation/actors.ts';

const program = fileURLToPath(new URL('./verify-with-cose.mjs', import.meta.url));

/** What the foreign library finds: the payload in hexadecimal, or its error. */
function verifyElsewhere(bytes: Uint8Array, publicKey: Uint8Array): { payload?: string; kid?: string; error?: string } {
  const run = spawnSync(process.execPath, [program, toHex(bytes), toHex(publicKey)], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as ReturnType<typeof verifyElsewhere>;
}

test('a foreign COSE library verifies our statement and reads our payload and key id', () => {
  const signed = sign(statement());
  const found = verifyElsewhere(signed.bytes, ALICE.publicKey);
  assert.deepEqual(found, { payload: toHex(encodeStatement(statement())), kid: toHex(ALICE.kid) });
});

test('it refuses an altered statement, and one by another key', () => {
  const signed = sign(statement());
  const altered = signed.bytes.slice();
  altered[40]! ^= 1;
  assert.match(verifyElsewhere(altered, ALICE.publicKey).error ?? '', /verif|signature/i);
  assert.match(verifyElsewhere(signed.bytes, BOB.publicKey).error ?? '', /verif|signature/i);
});
