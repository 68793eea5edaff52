/** The batch verifier: right answers, in order, within its bound, and what becomes of a thread that ends. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { LIMITS } from '../../../src/core/limits.ts';
import { packClaims, unpackClaims } from '../../../src/io/keys/claim-batch.ts';
import { threadedVerifier } from '../../../src/io/keys/threaded-verifier.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { SignatureClaim } from '../../../src/ports/signature-check.ts';
import { ALICE, BOB, digestOf } from '../../core/attestation/actors.ts';

/** Claim i holds unless i is a multiple of 3. */
function claims(count: number): SignatureClaim[] {
  return Array.from({ length: count }, (_, i) => {
    const signer = i % 2 === 0 ? ALICE : BOB;
    const message = digestOf(`message ${i}`).subarray(0, i % 33);
    const signature = signer.sign(message);
    if (i % 3 === 0) signature[40]! ^= 1;
    return { publicKey: signer.publicKey, message, signature };
  });
}
const expected = (count: number): boolean[] => Array.from({ length: count }, (_, i) => i % 3 !== 0);

test('a block holds its claims', () => {
  const some = claims(40);
  assert.deepEqual(
    [...unpackClaims(packClaims(some))],
    some.map((claim) => ({ ...claim, signature: new Uint8Array(claim.signature) })),
  );
  assert.deepEqual([...unpackClaims(packClaims([]))], []);
});

test('few and many claims are answered, each in its place', async () => {
  const verifier = threadedVerifier({ threads: 2 });
  for (const count of [0, 1, LIMITS.verificationInlineClaimsMax, LIMITS.verificationInlineClaimsMax + 1, 300])
    assert.deepEqual(await verifier.check(claims(count)), expected(count));
  assert.equal(verifier.waitingClaims, 0);
  await verifier.stop();
});

test('answers come in the order of the calls, however long each takes', async () => {
  const verifier = threadedVerifier({ threads: 2 });
  const done: number[] = [];
  const sizes = [400, 17, 1, 200, 2];
  await Promise.all(
    sizes.map(async (size, i) => {
      assert.deepEqual(await verifier.check(claims(size)), expected(size));
      done.push(i);
    }),
  );
  assert.deepEqual(done, [0, 1, 2, 3, 4]);
  await verifier.stop();
});

test('claims of odd lengths do not hold and disturb no other', async () => {
  const verifier = threadedVerifier({ threads: 1 });
  const many = claims(40);
  many[5] = { ...many[5]!, signature: new Uint8Array(63) };
  many[7] = { ...many[7]!, publicKey: new Uint8Array(31) };
  const wanted = expected(40).with(5, false).with(7, false);
  assert.deepEqual(await verifier.check(many), wanted);
  await verifier.stop();
});

test('a full queue refuses at once and checks nothing; room comes back', async () => {
  const verifier = threadedVerifier({ threads: 1 });
  const [claim] = claims(2).slice(1);
  const most = Array.from({ length: LIMITS.verificationClaimsMax }, () => claim!);
  const first = verifier.check(most);
  assert.equal(verifier.waitingClaims, LIMITS.verificationClaimsMax);
  await assert.rejects(
    verifier.check([claim!]),
    (error) => error instanceof AgentError && error.code === 'verification-queue-full',
  );
  assert.ok((await first).every(Boolean));
  assert.equal(verifier.waitingClaims, 0);
  assert.deepEqual(await verifier.check([claim!]), [true]);
  await verifier.stop();
});

test('stopping refuses what waits and what comes, and may be repeated', async () => {
  const verifier = threadedVerifier({ threads: 2 });
  const lost = (error: unknown): boolean => error instanceof AgentError && error.code === 'verification-worker-lost';
  const waiting = assert.rejects(verifier.check(claims(500)), lost);
  await verifier.stop();
  await waiting;
  await verifier.stop();
  await assert.rejects(verifier.check(claims(1)), lost);
  assert.equal(verifier.waitingClaims, 0);
});

test('a thread without work is ended, and the next claims get another', async () => {
  const verifier = threadedVerifier({ threads: 1, idleMs: 1 });
  const started = once(process, 'worker');
  const answered = verifier.check(claims(100));
  const [first] = (await started) as [Worker];
  const ended = once(first, 'exit');
  assert.deepEqual(await answered, expected(100));
  await ended;
  const restarted = once(process, 'worker');
  assert.deepEqual(await verifier.check(claims(200)), expected(200));
  assert.notEqual((await restarted)[0], first);
  await verifier.stop();
});

test('a thread that ends loses what it had, and the next call gets a new one', async () => {
  const verifier = threadedVerifier({ threads: 1 });
  const lost = (error: unknown): boolean => error instanceof AgentError && error.code === 'verification-worker-lost';
  const started = once(process, 'worker');
  const waiting = assert.rejects(verifier.check(claims(500)), lost);
  const [first] = (await started) as [Worker];
  await first.terminate();
  await waiting;
  const restarted = once(process, 'worker');
  assert.deepEqual(await verifier.check(claims(100)), expected(100));
  const [second] = (await restarted) as [Worker];
  assert.notEqual(second, first);
  await verifier.stop();
});
