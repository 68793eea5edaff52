/** Lanes kept while they grow: what is only on its way is not fetched, what is missing is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LaneKeeping } from '../../../src/agent/network/lane-keeping.ts';
import type { ReceivedStatement } from '../../../src/agent/inbound/judge-statement.ts';
import { keyOfGenesis } from '../../../src/core/attestation/genesis.ts';
import { decodeSignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import { decodeEntry } from '../../../src/core/log/entry.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import type { KeptLanes, KeptLog } from '../../../src/ports/kept-log.ts';
import type { LaneRange, PeerView } from '../../../src/ports/network.ts';
import { LaneWriter, MemoryReplicas, rigGenesis } from '../../io/gossip/network-rig.ts';

const rig = rigGenesis(4);
const author = rig.signers[1]!;
const entries = new LaneWriter(rig, author).many(40);
const all = entries.map((entry): ReceivedStatement => {
  const decoded = decodeEntry(entry);
  assert.ok(!isFault(decoded));
  const signed = decodeSignedStatement(decoded.statement);
  assert.ok(!isFault(signed));
  return { signed, body: decoded.body, reports: undefined, entry, delay: undefined };
});

/** A copy whose disk takes as long as the test says. */
class SlowCopy extends MemoryReplicas implements KeptLanes {
  #held: PromiseWithResolvers<undefined> | undefined;

  stall(): () => void {
    const held = Promise.withResolvers<undefined>();
    this.#held = held;
    return () => {
      this.#held = undefined;
      held.resolve(undefined);
    };
  }

  override async append(kid: Uint8Array, from: number, added: readonly Uint8Array[]): Promise<void> {
    await this.#held?.promise;
    await super.append(kid, from, added);
  }

  get size(): number {
    return this.sizes()[0]?.size ?? 0;
  }

  lane(): KeptLog {
    const range = (from: number, to: number): LaneRange => ({ kid: author.kid, from, to });
    return {
      size: this.size,
      read: async (from, to) => [...(await this.read(range(from, to)))],
      hashes: () => Promise.reject(new Error('no proofs here')),
      rootAt: () => Promise.reject(new Error('no roots here')),
    };
  }

  tile(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** A keeper of one lane, and a peer that has the first `peerHas` entries of it. */
async function kept(mayWait: () => boolean = () => false) {
  const copy = new SlowCopy();
  const peer = { has: 0, asked: [] as LaneRange[], holding: undefined as Promise<undefined> | undefined };
  const keeping = new LaneKeeping(
    {
      network: {
        peers: () => [{ name: 'peer' } as PeerView],
        laneSizes: () => Promise.resolve([{ kid: author.kid, size: peer.has }]),
        fetchRange: async (_peer, range) => {
          peer.asked.push(range);
          await peer.holding;
          return entries.slice(range.from, range.to);
        },
      },
      lanes: copy,
      judge: { network: rig.network, keyOf: keyOfGenesis(rig.genesis), checkSignature, batch: undefined },
      log: { write: () => undefined },
      stored: (_kid, from, stored) => {
        assert.equal(from + stored.length, copy.size);
        for (const look of waiting) look();
      },
      fault: ({ code }) => assert.fail(`an honest lane is no proof of ${code}`),
      mayWait,
      blame: (_peer, { detail }) => assert.fail(detail),
    },
    [author.kid],
  );
  const waiting = new Set<() => void>();
  const reached = (size: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (copy.size >= size) resolve();
      };
      waiting.add(look);
      look();
    });
  await keeping.start();
  return { keeping, copy, peer, reached };
}

test('a lane that grows is not fetched, however often a beat falls into an append', async () => {
  const { keeping, copy, peer, reached } = await kept();
  for (let at = 0; at < entries.length; at += 2) {
    const goOn = copy.stall();
    keeping.offer(all.slice(at, at + 2));
    peer.has = at + 2;
    keeping.askAround();
    keeping.beat();
    goOn();
    await reached(at + 2);
    keeping.beat();
  }
  assert.deepEqual(peer.asked, []);
  await keeping.stop();
});

test('what comes while a range is fetched follows it at once', async () => {
  const { keeping, copy, peer, reached } = await kept();
  keeping.offer(all.slice(0, 2));
  await reached(2);
  const arrived = Promise.withResolvers<undefined>();
  peer.holding = arrived.promise;
  peer.has = 6;
  keeping.offer(all.slice(5, 6));
  while (peer.asked.length === 0) await new Promise(setImmediate);
  keeping.offer(all.slice(6, 20));
  arrived.resolve(undefined);
  await reached(20);
  assert.equal(copy.size, 20);
  assert.ok(
    peer.asked.every(({ from, to }) => from === 2 && to <= 6),
    'one gap was fetched, and nothing that came by itself',
  );
  await keeping.stop();
});

test('the end of a lane that nobody says any more is fetched after two beats', async () => {
  const { keeping, peer, reached } = await kept();
  peer.has = 3;
  keeping.askAround();
  await new Promise(setImmediate);
  keeping.beat();
  assert.deepEqual(peer.asked, []);
  keeping.beat();
  await reached(3);
  assert.deepEqual(
    peer.asked.map(({ from }) => from),
    [0],
  );
  await keeping.stop();
});

test('what nobody can show is forgotten, with what would follow it', async () => {
  const { keeping, peer, reached } = await kept();
  keeping.offer(all.slice(0, 1));
  await reached(1);
  peer.has = 1;
  keeping.offer(all.slice(3, 5));
  while (keeping.isCatchingUp(author.kid)) await new Promise(setImmediate);
  for (let beat = 0; beat < 3; beat++) keeping.beat();
  assert.equal(keeping.isCatchingUp(author.kid), false, 'it is not asked for again');
  assert.deepEqual(peer.asked, []);
  // The lane goes on once what was missing is there after all.
  peer.has = 6;
  keeping.offer(all.slice(5, 6));
  keeping.beat();
  keeping.beat();
  await reached(6);
  await keeping.stop();
});

test('what nobody waits for is stored together, at its turn and not before', async () => {
  const { keeping, copy, peer, reached } = await kept(() => true);
  const appends: number[] = [];
  const append = copy.append.bind(copy);
  copy.append = (kid, from, added) => {
    appends.push(added.length);
    return append(kid, from, added);
  };
  for (const statement of all.slice(0, 3)) keeping.offer([statement]);
  // A peer that has as much as was heard has nothing that is missing here.
  peer.has = 3;
  await keeping.joined('peer');
  assert.equal(copy.size, 0);
  for (let beat = 0; beat < LIMITS.lanePatienceBeats; beat++) keeping.beat();
  await reached(3);
  assert.deepEqual(appends, [3]);
  assert.deepEqual(peer.asked, []);
  await keeping.stop();
});

test('one word that matters takes all that waits along, and so does an order that has become busy', async () => {
  let isAtRest = true;
  const { keeping, copy, reached } = await kept(() => isAtRest);
  keeping.offer(all.slice(0, 3));
  isAtRest = false;
  keeping.offer(all.slice(3, 4));
  await reached(4);
  isAtRest = true;
  keeping.offer(all.slice(4, 6));
  assert.equal(copy.size, 4);
  isAtRest = false;
  keeping.beat();
  await reached(6);
  await keeping.stop();
});

test('a lane that says much at rest is stored before its turn, and what waits is stored at the end', async () => {
  const { keeping, copy, reached } = await kept(() => true);
  const many = entries.length - 1;
  assert.ok(many < LIMITS.lanePatientEntriesMax);
  keeping.offer([...all.slice(0, many), ...Array.from({ length: LIMITS.lanePatientEntriesMax - many }, () => all[0]!)]);
  await reached(many);
  keeping.offer(all.slice(many));
  assert.equal(copy.size, many);
  await keeping.stop();
  assert.equal(copy.size, entries.length);
});
