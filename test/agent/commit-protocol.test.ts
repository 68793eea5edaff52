/** The commit protocol in fair weather: places, links, times, bodies, and what a restart returns. Foul weather is test/crash. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { decodeSignedStatement } from '../../src/core/attestation/verify-statement.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { decodeEntry } from '../../src/core/log/entry.ts';
import { nanos, shift } from '../../src/core/time/nanos.ts';
import { isFault } from '../../src/core/verdict.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import { checkLane, commit, History, NETWORK, startOn } from '../crash/world.ts';

test('statements of a batch are chained, placed and stored with their bodies and evidence', async () => {
  const history = new History();
  const running = await startOn(new SimDisk(), history, true);
  const body = Buffer.from('what the subject names');
  const [plain, full] = [history.draft(), history.draft({ kind: 'checkpoint', subject: sha256(body), body })];
  const outcome = await running.protocol.commit([plain, full]);
  assert.ok(outcome.kind === 'committed');
  assert.deepEqual(outcome.resumed, []);
  assert.deepEqual(
    outcome.statements.map(({ index, statement }) => [index, statement.seq]),
    [
      [0, 0n],
      [1, 1n],
    ],
  );
  const [first, second] = outcome.statements;
  assert.equal(toHex(second!.statement.previous), toHex(first!.id));
  assert.equal(toHex(second!.statement.evidence), toHex(sha256(full.evidence)));
  assert.equal(toHex(second!.statement.network), toHex(NETWORK));
  const entry = decodeEntry((await running.lane.read(1, 2))[0]!);
  assert.ok(!isFault(entry));
  assert.deepEqual(Buffer.from(entry.body!), body);
  assert.deepEqual(entry.statement, second!.bytes);
  const signed = decodeSignedStatement(second!.bytes);
  assert.ok(!isFault(signed) && toHex(signed.id) === toHex(second!.id));
  assert.equal(running.protocol.head.size, 2);
  assert.equal(running.protocol.head.time, full.time.tai);
});

test('a statement that is not later than the last is refused, and nothing is reserved for it', async () => {
  const history = new History();
  const running = await startOn(new SimDisk(), history, true);
  await commit(running, history, 1);
  const last = running.protocol.head.time!;
  const before = running.guard.record;
  const at = (by: bigint) => history.draft({ time: { tai: shift(last, nanos(by)), guarantee: nanos(1) } });
  for (const drafts of [[at(0n)], [at(-1n)], [at(5n), at(5n)], [at(6n), at(2n)]]) {
    const outcome = await running.protocol.commit(drafts);
    assert.ok(outcome.kind === 'refused' && outcome.code === 'time-not-after-last');
  }
  assert.equal(running.guard.record, before);
  assert.equal((await running.protocol.commit([at(1n), at(2n)])).kind, 'committed');
});

test('an epoch that goes back, and two commits at once, are mistakes of ours', async () => {
  const history = new History();
  const running = await startOn(new SimDisk(), history, true);
  assert.equal((await running.protocol.commit([history.draft({ epoch: 3n })])).kind, 'committed');
  await assert.rejects(running.protocol.commit([history.draft({ epoch: 2n })]), /never go back/);
  const one = running.protocol.commit([history.draft({ epoch: 3n })]);
  await assert.rejects(running.protocol.commit([history.draft({ epoch: 3n })]), /one commit at a time/);
  assert.equal((await one).kind, 'committed');
});

test('starting again returns the whole last batch, once signed and no other', async () => {
  const disk = new SimDisk();
  const history = new History();
  const first = await startOn(disk, history, true);
  await commit(first, history, 2);
  const outcome = await first.protocol.commit(history.drafts(3));
  assert.ok(outcome.kind === 'committed');
  await first.close();
  const second = await startOn(disk, history, false);
  const protocol = new CommitProtocol({ ...second, signer: history.signer() }, { network: NETWORK });
  const returned = await protocol.start();
  assert.deepEqual(
    returned.map(({ bytes }) => toHex(bytes)),
    outcome.statements.map(({ bytes }) => toHex(bytes)),
  );
  await checkLane(second, history);
});

test('another key or network cannot use the guard and the lane', async () => {
  const disk = new SimDisk();
  const history = new History();
  const running = await startOn(disk, history, true);
  await commit(running, history, 1);
  const network = sha256(Buffer.from('another network'));
  const other = new CommitProtocol({ ...running, signer: history.signer() }, { network });
  await assert.rejects(other.start(), { code: 'guard-other-validator' });
});

test('a checkpoint is signed once for a size and covers what is durable', async () => {
  const history = new History();
  const running = await startOn(new SimDisk(), history, true);
  await commit(running, history, 3);
  const note = await running.protocol.checkpoint();
  assert.deepEqual(await running.protocol.checkpoint(), note);
  assert.equal(Buffer.from(note).toString().split('\n')[1], '3');
  assert.deepEqual(running.lane.lastCheckpoint, note);
  assert.equal(running.lane.entriesSinceCheckpoint, 0);
});
