/**
 * The machine stops in the middle of every disk operation of pruning, and the disk keeps as little, as much or as torn a part of
 * what was not synced as it may. Each time the lane is as it was or pruned as recorded, an audit accounts for every byte, the
 * hashes of all entries are there, and the validator goes on signing where it was.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEntry } from '../../src/core/log/entry.ts';
import { leafHash } from '../../src/core/log/merkle.ts';
import { PRUNE_RECORD_FILE } from '../../src/core/log/prune-record.ts';
import { hashAt, tilePath } from '../../src/core/log/tiles.ts';
import { verifyLane } from '../../src/core/log/verify-lane.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import { MachineStopped, SimDisk, type Survival } from '../../src/sim/disk.ts';
import { filesOf, judge, owner } from './lane-fixture.ts';
import { commit, History, LANE, standInSignature, startOn, type Running } from './world.ts';

const SIZE = 1_800;

/** A validator's state with a checkpoint of enough entries to prune some. */
async function grown(): Promise<{ files: Map<string, Uint8Array>; history: History }> {
  const disk = new SimDisk();
  const history = new History();
  const running = await startOn(disk, history, true);
  for (let left = SIZE; left > 0; left -= 600) await commit(running, history, 600);
  await running.protocol.checkpoint();
  await running.close();
  return { files: disk.snapshot(), history };
}

async function pruneTwice(running: Running): Promise<void> {
  assert.equal(await running.lane.prune(256, standInSignature), false);
  assert.equal(await running.lane.prune(768, standInSignature), false);
}

function checkPruned(disk: SimDisk, running: Running, history: History): void {
  const { lane } = running;
  const files = new Map(
    [...disk.snapshot((path) => path.startsWith(`${LANE}/`) && !path.endsWith('.new'))].map(([path, bytes]) => [
      path.slice(LANE.length + 1),
      bytes,
    ]),
  );
  const report = verifyLane({ files: filesOf(files), owner, judge });
  assert.deepEqual(report.findings, []);
  assert.equal(report.firstKept, lane.firstKept);
  assert.ok([0, 256, 768].includes(lane.firstKept), `${lane.firstKept}`);
  for (let index = 0; index < lane.firstKept / 256; index++)
    assert.equal(files.has(tilePath({ level: 'entries', index, width: 256 })), false, 'what was recorded is finished');
  // The audit compared the hashes with the checkpoint; of some entries that are gone, that they are theirs.
  for (let index = 0; index < 768; index += 13) {
    const statement = Buffer.from(history.acknowledged.get(index)!, 'hex');
    const leaves = files.get(tilePath({ level: 0, index: Math.floor(index / 256), width: 256 }))!;
    assert.deepEqual(hashAt(leaves, index % 256), leafHash(encodeEntry({ statement, body: null })));
  }
}

const base = await grown();

function restored(): { disk: SimDisk; history: History } {
  const disk = new SimDisk();
  disk.restore(base.files);
  const history = new History();
  for (const [index, statement] of base.history.acknowledged) history.acknowledged.set(index, statement);
  for (const [seq, messages] of base.history.signed) history.signed.set(seq, new Set(messages));
  // Its clock goes on after what is in the lane.
  history.drafts(SIZE);
  return { disk, history };
}

const SURVIVALS: readonly Survival[] = [
  { kind: 'nothing' },
  { kind: 'everything' },
  { kind: 'first', share: 0.5 },
  {
    kind: 'scattered',
    keeps: (
      (at) => () =>
        (at = (at * 5 + 3) % 16) > 6
    )(1),
  },
];

test('stopped at every step of pruning, it is undone or finished, and signing goes on', async (t) => {
  const probe = restored();
  const started = await startOn(probe.disk, probe.history, false);
  const first = probe.disk.steps;
  await pruneTwice(started);
  const steps = probe.disk.steps;
  const seen = new Set<number>();
  let runs = 0;
  for (let step = first + 1; step <= steps; step++) {
    const { disk, history } = restored();
    const running = await startOn(disk, history, false);
    disk.stopAt(step);
    await assert.rejects(pruneTwice(running), MachineStopped, `step ${step} was reached`);
    const survival = SURVIVALS[step % SURVIVALS.length]!;
    try {
      const after = disk.crash(survival);
      const again = await startOn(after, history, false);
      checkPruned(after, again, history);
      seen.add(again.lane.firstKept);
      await commit(again, history, 2);
      await again.protocol.checkpoint();
      await again.lane.prune(768, standInSignature);
      assert.equal(again.lane.firstKept, 768);
      await assert.rejects(again.lane.read(700, 900), { code: 'lane-pruned' });
      assert.equal((await again.lane.read(768, 800)).length, 32);
      await again.close();
    } catch (error) {
      throw new Error(`stopped at step ${step} of ${steps}, ${survival.kind}`, { cause: error });
    }
    runs += 1;
  }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [0, 256, 768],
  );
  t.diagnostic(`${runs} crashes`);
  assert.ok(runs > 15, `${runs} crashes`);
});

test('a disk that lies about the record never leaves a lane whose missing entries are taken for pruned', async () => {
  const { disk: honest } = restored();
  const disk = new SimDisk({ liesAbout: (path) => path.includes(PRUNE_RECORD_FILE) });
  disk.restore(honest.snapshot());
  const { history } = restored();
  const running = await startOn(disk, history, false);
  await running.lane.prune(512, standInSignature);
  const after = disk.crash({ kind: 'nothing' });
  // The name is there and its bytes are not: that is no record.
  await assert.rejects(startOn(after, history, false), { code: 'lane-damaged' });
});

test('a step that meets a full or failing disk leaves the lane readable and signing unharmed', async () => {
  const probe = restored();
  const started = await startOn(probe.disk, probe.history, false);
  const first = probe.disk.steps;
  await started.lane.prune(512, standInSignature);
  for (let step = first + 1; step <= probe.disk.steps; step++)
    for (const failure of ['disk-full', 'disk-failed'] as const) {
      const { disk, history } = restored();
      const running = await startOn(disk, history, false);
      disk.failAt(step, failure);
      await assert.rejects(running.lane.prune(512, standInSignature), AgentError);
      await commit(running, history, 2);
      await running.protocol.checkpoint();
      await running.close();
      const again = await startOn(disk.crash({ kind: 'everything' }), history, false);
      await again.lane.prune(512, standInSignature);
      assert.equal(again.lane.firstKept, 512);
      await again.close();
    }
});

test('no more is pruned than the checkpoint and the guard allow, and nothing that is damaged', async () => {
  const { disk, history } = restored();
  const running = await startOn(disk, history, false);
  await assert.rejects(running.lane.prune(1_024, standInSignature), { code: 'lane-prune-range' });
  await assert.rejects(running.lane.prune(100, standInSignature), { code: 'lane-prune-range' });
  assert.equal(await running.lane.prune(0, standInSignature), false);
  assert.equal(running.lane.firstKept, 0);
  const path = `${LANE}/${tilePath({ level: 'entries', index: 1, width: 256 })}`;
  const bytes = (await disk.read(path))!;
  bytes[300]! ^= 1;
  disk.restore(new Map([[path, bytes]]));
  await assert.rejects(running.lane.prune(512, standInSignature), { code: 'lane-damaged' });
  assert.equal(running.lane.firstKept, 0);
  assert.equal(await disk.read(`${LANE}/${PRUNE_RECORD_FILE}`), undefined);
  await commit(running, history, 1);
});
