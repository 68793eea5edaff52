/** Proof files against their vectors, and that what is read would be written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLaneProof, encodeLaneProof, verifyLaneProof } from '../../../src/core/log/lane-proof.ts';
import { decodeVerifierKey } from '../../../src/core/log/signed-note.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { readVectors } from '../attestation/vector-file.ts';

const file = readVectors<{ proof: string }, { code: string | null }>('lane-proof.json');
const key = decodeVerifierKey(file['vkey'] as string);
assert.ok(!isFault(key));

for (const { name, input, expect, why } of file.vectors)
  test(`lane proof: ${name}`, () => {
    const bytes = new TextEncoder().encode(input.proof);
    const proof = decodeLaneProof(bytes);
    if (!isFault(proof)) assert.deepEqual(encodeLaneProof(proof), bytes, 'a proof file has one encoding');
    const found = isFault(proof) ? proof : verifyLaneProof(proof, { key, check: checkSignature });
    assert.equal(isFault(found) ? found.fault : null, expect.code, why);
  });
