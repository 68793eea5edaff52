/**
 * Each disk operation of a validator's life fails once. A full disk stops signing and signing resumes; after a failed sync
 * nothing is signed until a restart. Never a second signature for one sequence number, never an acknowledged one lost.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import { SimDisk, type Failure } from '../../src/sim/disk.ts';
import { checkLane, commit, History, startOn, type Running } from './world.ts';

type Told = { readonly refusals: string[]; readonly signedAfterStop: number };

/** Ten commits and two checkpoints, whatever the disk says; what the agent was told. */
async function carryOn(running: Running, history: History): Promise<Told> {
  const refusals: string[] = [];
  let signedAtStop: number | undefined;
  for (let round = 0; round < 10; round++) {
    const outcome = await running.protocol.commit(history.drafts(1 + (round % 3)));
    if (outcome.kind === 'committed') history.acknowledge([...outcome.resumed, ...outcome.statements]);
    else {
      refusals.push(outcome.code);
      if (outcome.code !== 'disk-full') signedAtStop ??= history.signed.size;
    }
    if (round % 4 === 3) await running.protocol.checkpoint().catch((error: unknown) => refusals.push(codeOf(error)));
  }
  // What the last commit reserved on a full disk is in the lane after the next one.
  if (refusals.length > 0 && refusals.every((code) => code === 'disk-full')) await commit(running, history, 1);
  return { refusals, signedAfterStop: signedAtStop === undefined ? 0 : history.signed.size - signedAtStop };
}

function codeOf(error: unknown): string {
  if (error instanceof AgentError) return error.code;
  throw error;
}

async function stepsOfLife(): Promise<{ setUp: number; all: number }> {
  const disk = new SimDisk();
  const history = new History();
  const running = await startOn(disk, history, true);
  const setUp = disk.steps;
  await carryOn(running, history);
  return { setUp, all: disk.steps };
}

async function failAtEveryStep(failure: Failure, judge: (told: Told, history: History) => void): Promise<number> {
  const { setUp, all } = await stepsOfLife();
  for (let step = setUp + 1; step <= all; step++) {
    const history = new History();
    const disk = new SimDisk();
    const running = await startOn(disk, history, true);
    disk.failAt(step, failure);
    try {
      judge(await carryOn(running, history), history);
      const again = await startOn(disk.crash({ kind: 'nothing' }), history, false);
      await checkLane(again, history);
      await commit(again, history, 2);
      await checkLane(again, history);
    } catch (error) {
      throw new Error(`step ${step} of ${all} failed with ${failure}`, { cause: error });
    }
  }
  return all - setUp;
}

test('a write that finds the disk full: signing resumes by itself, and nothing is lost or doubled', async () => {
  let refused = 0;
  const steps = await failAtEveryStep('disk-full', ({ refusals, signedAfterStop }, history) => {
    refused += refusals.includes('disk-full') ? 1 : 0;
    // A name change cannot find the disk full; it fails otherwise and stops the store.
    if (refusals.every((code) => code === 'disk-full')) assert.equal(history.acknowledged.size, history.signed.size);
    else assert.equal(signedAfterStop, 0);
    assert.ok(refusals.length <= 10);
  });
  assert.ok(refused > 20 && steps > 60, `${refused} of ${steps} steps met a full disk`);
});

test('a sync that fails stops signing until a restart', async () => {
  let stopped = 0;
  await failAtEveryStep('disk-sync-failed', ({ refusals, signedAfterStop }) => {
    stopped += refusals.length > 0 ? 1 : 0;
    assert.equal(signedAfterStop, 0, 'nothing is signed after a failed sync');
  });
  assert.ok(stopped > 30, `${stopped} lives met it`);
});

test('any other failure stops signing until a restart', async () => {
  await failAtEveryStep('disk-failed', ({ signedAfterStop }) => assert.equal(signedAfterStop, 0));
});

test('on a small disk signing stops before the disk is full, and a reservation still fits', async () => {
  const history = new History();
  const capacityBytes = 2 * LIMITS.guardSlotBytes + LIMITS.diskHeadroomBytes + 3_000_000;
  const disk = new SimDisk({ capacityBytes });
  const running = await startOn(disk, history, true);
  const { refusals } = await carryOn(running, history);
  assert.deepEqual(refusals, [], 'ten small commits fit');
  const body = Buffer.alloc(60_000, 1);
  const large = () =>
    Array.from({ length: 10 }, () => history.draft({ kind: 'checkpoint', subject: sha256(body), body }));
  let outcome = await running.protocol.commit(large());
  for (let round = 0; round < 20 && outcome.kind === 'committed'; round++) {
    history.acknowledge([...outcome.resumed, ...outcome.statements]);
    outcome = await running.protocol.commit(large());
  }
  assert.ok(outcome.kind === 'refused' && outcome.code === 'disk-full');
  // Space is asked for once per MiB, so a batch and a MiB may have gone below the line, and no more.
  assert.ok((await disk.freeBytes()) > LIMITS.diskHeadroomBytes - 2 * LIMITS.guardSlotBytes);
  await checkLane(running, history);
});
