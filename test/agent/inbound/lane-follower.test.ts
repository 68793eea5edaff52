/** A lane as it grows: in order, with gaps, twice, forked, while storage is slow or fails. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedStatement } from '../../../src/agent/inbound/judge-statement.ts';
import { LaneFollower } from '../../../src/agent/inbound/lane-follower.ts';
import type { LaneFault } from '../../../src/core/attestation/fault.ts';
import { decodeSignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import { decodeEntry } from '../../../src/core/log/entry.ts';
import { taiInstant, nanos } from '../../../src/core/time/nanos.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { LaneWriter, MemoryReplicas, RIG_NOW, rigGenesis } from '../../io/gossip/network-rig.ts';

const rig = rigGenesis(4);
const author = rig.signers[1]!;
const entries = new LaneWriter(rig, author).many(20);

function received(entry: Uint8Array): ReceivedStatement {
  const decoded = decodeEntry(entry);
  assert.ok(!isFault(decoded));
  const signed = decodeSignedStatement(decoded.statement);
  assert.ok(!isFault(signed));
  return { signed, body: decoded.body, reports: undefined, entry, delay: undefined };
}

const all = entries.map(received);

async function followed(replicas = new MemoryReplicas()) {
  const told = { stored: 0, gaps: [] as bigint[], faults: [] as LaneFault[], failures: [] as unknown[] };
  const follower = new LaneFollower(author.kid, {
    replicas,
    stored: (_kid, stored) => {
      told.stored += stored.length;
    },
    gap: (_kid, seen) => told.gaps.push(seen),
    fault: (fault) => told.faults.push(fault),
    failed: (error) => told.failures.push(error),
  });
  await follower.start();
  return { follower, told, replicas };
}

test('what continues the lane is stored, whatever order it comes in, and what is there already is nothing', async () => {
  const { follower, told, replicas } = await followed();
  follower.offer([all[1]!, all[0]!, all[2]!]);
  await follower.settled();
  follower.offer([all[2]!, all[3]!, all[3]!]);
  await follower.settled();
  assert.equal(follower.size, 4);
  assert.equal(told.stored, 4);
  assert.deepEqual([told.gaps, told.faults, told.failures], [[], [], []]);
  assert.deepEqual(await replicas.read({ kid: author.kid, from: 0, to: 9 }), entries.slice(0, 4));
});

test('a gap is told once, and closed when the catch-up has stored what was missing', async () => {
  const { follower, told, replicas } = await followed();
  follower.offer([all[0]!, all[5]!]);
  await follower.settled();
  follower.offer([all[6]!, all[7]!]);
  await follower.settled();
  assert.deepEqual(told.gaps, [5n]);
  assert.equal(follower.size, 1);
  await replicas.append(author.kid, 1, entries.slice(1, 8));
  await follower.reload();
  follower.offer([all[8]!]);
  await follower.settled();
  assert.equal(follower.size, 9);
  follower.offer([all[15]!]);
  await follower.settled();
  assert.deepEqual(told.gaps, [5n, 15n]);
});

test('it goes on from where the stored lane ends', async () => {
  const replicas = new MemoryReplicas();
  await replicas.append(author.kid, 0, entries.slice(0, 10));
  const { follower, told } = await followed(replicas);
  follower.offer(all.slice(8, 12));
  await follower.settled();
  assert.equal(follower.size, 12);
  assert.equal(told.stored, 2);
});

const contradictions: readonly [string, () => Uint8Array, LaneFault['code']][] = [
  ['another statement for a number that is taken', () => branch(5, { taiUtcSeconds: 38 }), 'E1'],
  [
    'a time that does not rise',
    () => branch(6, { time: { tai: taiInstant(RIG_NOW.earliest - 10_000n), guarantee: nanos(5n) } }),
    'E2',
  ],
  ['a link to something else', () => branch(6, { previous: new Uint8Array(32).fill(1) }), 'E4'],
];

/** The lane up to `at`, and there another statement than the lane's. */
function branch(at: number, change: Parameters<LaneWriter['next']>[0]): Uint8Array {
  const writer = new LaneWriter(rig, author);
  writer.many(at);
  return writer.next(change);
}

for (const [why, make, code] of contradictions)
  test(`${why} is a proof, and freezes the lane`, async () => {
    const { follower, told } = await followed();
    follower.offer(all.slice(0, 6));
    await follower.settled();
    follower.offer([received(make())]);
    await follower.settled();
    assert.deepEqual(
      told.faults.map((fault) => fault.code),
      [code],
    );
    assert.equal(follower.isFrozen, true);
    follower.offer(all.slice(6, 8));
    await follower.settled();
    assert.equal(follower.size, 6, 'nothing is stored after it');
  });

test('storage that fails is told, and nothing is counted as stored', async () => {
  const { follower, told, replicas } = await followed();
  replicas.onAppend = () => {
    throw new Error('disk full');
  };
  follower.offer(all.slice(0, 3));
  await follower.settled();
  assert.equal(follower.size, 0);
  assert.equal(told.stored, 0);
  assert.match(String(told.failures[0]), /disk full/);
  replicas.onAppend = () => undefined;
  follower.offer(all.slice(0, 3));
  await follower.settled();
  assert.equal(follower.size, 3);
});

/** Appends take a while, of one writer at a time, as those of a lane directory. */
class OneWriter extends MemoryReplicas {
  #isWriting = false;

  override async append(kid: Uint8Array, from: number, added: readonly Uint8Array[]): Promise<void> {
    assert.ok(!this.#isWriting, 'a lane is written by one call at a time');
    this.#isWriting = true;
    await new Promise((resolve) => setImmediate(resolve));
    this.#isWriting = false;
    await super.append(kid, from, added);
  }
}

test('a copy that grew by another way is followed from where it ends, and whoever holds it writes alone', async () => {
  const replicas = new OneWriter();
  const { follower, told } = await followed(replicas);
  await replicas.append(author.kid, 0, entries.slice(0, 5));
  follower.offer(all.slice(0, 3));
  follower.offer([all[5]!]);
  await follower.settled();
  assert.equal(told.failures.length, 1);
  assert.match(String(told.failures[0]), /has 5 entries, not 0/);
  assert.equal(follower.size, 6);
  // The same, and a catch-up takes it over just then.
  await replicas.append(author.kid, 6, entries.slice(6, 8));
  follower.offer([all[6]!]);
  follower.offer([all[8]!]);
  await follower.hold();
  await replicas.append(author.kid, 8, entries.slice(8, 10));
  await follower.reload();
  follower.offer([all[10]!]);
  await follower.settled();
  assert.equal(follower.size, 11);
  assert.equal(told.failures.length, 2);
  assert.deepEqual(await replicas.read({ kid: author.kid, from: 0, to: 20 }), entries.slice(0, 11));
});

test('what comes beyond a gap, and while a catch-up writes, follows once the lane is that long', async () => {
  const { follower, told, replicas } = await followed();
  follower.offer([all[0]!, all[3]!, all[2]!]);
  await follower.settled();
  assert.deepEqual([follower.size, told.gaps], [1, [2n]]);
  await follower.hold();
  follower.offer([all[5]!, all[4]!]);
  await replicas.append(author.kid, 1, entries.slice(1, 3));
  assert.equal(follower.size, 1, 'it is not written while another writes');
  await follower.reload();
  assert.equal(follower.size, 6);
  assert.equal(told.stored, 4, 'one before the gap, three after it');
  assert.deepEqual(told.gaps, [2n], 'nothing is missing any more');
  assert.deepEqual(await replicas.read({ kid: author.kid, from: 0, to: 9 }), entries.slice(0, 6));
});

test('a statement that was only overtaken closes the gap by itself', async () => {
  const { follower, told } = await followed();
  follower.offer([all[1]!]);
  await follower.settled();
  follower.offer([all[0]!]);
  await follower.settled();
  assert.deepEqual([follower.size, told.gaps], [2, [1n]]);
});

test('what waits beyond a gap is bounded, and forgotten when nobody has what is missing', async () => {
  const { follower, told } = await followed();
  const { laneWaitingEntriesMax } = LIMITS;
  const many = new LaneWriter(rig, author).many(laneWaitingEntriesMax + 10).map(received);
  follower.offer(many.slice(1, -5));
  await follower.settled();
  follower.offer(many.slice(0, 1));
  await follower.settled();
  assert.equal(follower.size, 0, 'there was no room for what was missing: it is fetched');
  follower.forget();
  follower.offer(many.slice(0, 2));
  await follower.settled();
  assert.equal(follower.size, 2);
  assert.deepEqual(told.gaps, [1n]);
});

test('frozen by what waited, it stores nothing more', async () => {
  const { follower, told, replicas } = await followed();
  follower.offer([all[0]!, received(branch(3, { taiUtcSeconds: 38 }))]);
  await follower.settled();
  await follower.hold();
  await replicas.append(author.kid, 1, entries.slice(1, 6));
  await follower.reload();
  assert.deepEqual(
    told.faults.map(({ code }) => code),
    ['E1'],
  );
  follower.offer([all[6]!]);
  await follower.settled();
  assert.equal(follower.size, 6);
});
