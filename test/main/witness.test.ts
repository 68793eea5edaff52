/** The witness as the agent runs it: whom it cosigns, what it refuses, that it signs no time it does not have, forks kept. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { decodeFaultProof, encodeFaultProof, verifyFaultProof } from '../../src/core/attestation/fault-proof.ts';
import type { LaneFault } from '../../src/core/attestation/fault.ts';
import { keyringOf } from '../../src/core/attestation/keyring.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { signCheckpoint, type Checkpoint } from '../../src/core/log/checkpoint.ts';
import { originOf } from '../../src/core/log/origin.ts';
import { encodeAddCheckpoint } from '../../src/core/log/witness.ts';
import { monoInstant } from '../../src/core/time/nanos.ts';
import { isFault } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { openWitness } from '../../src/main/witness.ts';
import type { AgentView, TimeView } from '../../src/ports/view.ts';

const NETWORK = sha256(new TextEncoder().encode('a network for tests'));
const us = sodiumSigner(keyOfSeed(Buffer.alloc(32, 1)));
const other = sodiumSigner(keyOfSeed(Buffer.alloc(32, 2)));
const stranger = sodiumSigner(keyOfSeed(Buffer.alloc(32, 3)));
const judge = { network: NETWORK, keyOf: keyringOf([us.publicKey, other.publicKey])!, checkSignature };
const NO_TIME = { code: 'clock-starting', sentence: '', remedy: '' } as const;

async function witness(t: TestContext, hasTime = true) {
  const nanoMoment = hasTime ? 1_795_000_000_000_000_000n : undefined;
  const stateDir = await mkdtemp(join(tmpdir(), 'momentd-witness-'));
  t.after(() => rm(stateDir, { recursive: true }));
  const now = { asOf: monoInstant(0n), state: 'locked', reason: NO_TIME, nanoMoment } as TimeView;
  const view = { now: () => now } as unknown as AgentView;
  const faults: LaneFault[] = [];
  const verified = new Set<number>([1]);
  const isVerified = (_kid: Uint8Array, { size }: Checkpoint): Promise<boolean> => Promise.resolve(verified.has(size));
  const fork = (fault: LaneFault): number => faults.push(fault);
  const { addCheckpoint, cosignedSize } = await openWitness({ judge, signer: us, view, stateDir, isVerified, fork });
  return { add: addCheckpoint, cosignedSize, faults };
}

/** The first checkpoint of a lane, as the witness call carries it. */
function first(signer: typeof us, root: number, size = 1): Uint8Array {
  const checkpoint = {
    origin: originOf({ network: NETWORK, kid: signer.kid }),
    size,
    root: new Uint8Array(32).fill(root),
  };
  const sign = (bytes: Uint8Array): Uint8Array => signer.sign(bytes);
  const note = signCheckpoint(checkpoint, { sign, publicKey: signer.publicKey });
  return encodeAddCheckpoint({ oldSize: 0, proof: [], note });
}

test('another validator of the network is cosigned, at the second of our interval', async (t) => {
  const { add } = await witness(t);
  const answer = await add(first(other, 7));
  assert.ok('status' in answer);
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.body, /^— momentd\//);
  const blob = Buffer.from(answer.body.trim().split(' ').at(-1)!, 'base64');
  assert.equal(blob.readBigUInt64BE(4), 1_795_000_000n);
});

test('a stranger, ourselves and noise are refused', async (t) => {
  const { add } = await witness(t);
  for (const [body, status] of [
    [first(stranger, 7), 404],
    [first(us, 7), 404],
    [new Uint8Array(0), 400],
    [Buffer.from('old 0\n\nnot a note'), 400],
  ] as const) {
    const answer = await add(body);
    assert.equal('status' in answer && answer.status, status);
  }
});

test('without an interval no time is signed', async (t) => {
  const { add } = await witness(t, false);
  assert.deepEqual(await add(first(other, 7)), { refused: 'clock-starting' });
});

test('what was not verified here is not cosigned, whoever proves it consistent', async (t) => {
  const { add, cosignedSize } = await witness(t);
  assert.deepEqual(await add(first(other, 7, 2)), { refused: 'witness-unverified' });
  assert.equal(cosignedSize(originOf({ network: NETWORK, kid: other.kid })), 0);
  const answer = await add(first(other, 7));
  assert.equal('status' in answer && answer.status, 200);
  assert.equal(cosignedSize(originOf({ network: NETWORK, kid: other.kid })), 1);
});

test('two histories of one size are handed on as a fault that convicts', async (t) => {
  const { add, faults } = await witness(t);
  await add(first(other, 7));
  const forged = Buffer.from(first(other, 8))
    .toString()
    .replace(/^old 0/, 'old 1');
  const answer = await add(Buffer.from(forged));
  assert.equal('status' in answer && answer.status, 409);
  assert.equal(faults.length, 1);
  const proof = decodeFaultProof(Buffer.from(encodeFaultProof({ network: NETWORK, shown: faults[0]! })));
  assert.ok(!isFault(proof));
  assert.equal(verifyFaultProof(judge, proof).kind, 'accept');
});
