/** Catching up 10,000 statements from several real hosts, one of which lies, killed on the way and resumed. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { catchUp, type CatchUpNeeds } from '../../../src/agent/inbound/catch-up.ts';
import type { EntryJudge } from '../../../src/agent/inbound/lane-entries.ts';
import { keyOfGenesis } from '../../../src/core/attestation/genesis.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { LaneRange } from '../../../src/ports/network.ts';
import { LaneWriter, MemoryReplicas, rigAgent, rigGenesis, type RigAgent } from '../../io/gossip/network-rig.ts';

const rig = rigGenesis(4);
const SIZE = 10_000;
const { kid } = rig.signers[3]!;
const lane = new LaneWriter(rig, rig.signers[3]!).many(SIZE);
const judge: EntryJudge = {
  network: rig.network,
  keyOf: keyOfGenesis(rig.genesis),
  checkSignature,
  batch: undefined,
};

type Told = { readonly needs: CatchUpNeeds; readonly blamed: [string, string][]; stored: number };

function needsOf(network: CatchUpNeeds['network'], replicas: MemoryReplicas): Told {
  const told: Told = {
    blamed: [],
    stored: 0,
    needs: {
      network,
      replicas,
      judge,
      stored: (_kid, entries) => {
        told.stored += entries.length;
      },
      blame: (peer, { fault }) => told.blamed.push([peer, fault]),
    },
  };
  return told;
}

const holds = async (replicas: MemoryReplicas, entries: readonly Uint8Array[]): Promise<void> => {
  const got = await replicas.read({ kid, from: 0, to: SIZE });
  assert.equal(got.length, entries.length);
  assert.ok(got.every((entry, i) => Buffer.compare(entry, entries[i]!) === 0));
};

test(
  '10,000 statements from three hosts, a liar among them, killed half way and resumed',
  { timeout: 90_000 },
  async (t) => {
    const hosts: RigAgent[] = [];
    t.after(() => Promise.all(hosts.map((host) => host.stop())));
    for (const position of [0, 1, 2]) {
      const host = await rigAgent({ rig, position });
      const held = position === 1 ? lane.map((entry, i) => (i % 1_000 === 999 ? spoiled(entry) : entry)) : lane;
      await host.replicas.append(kid, 0, held);
      await host.start();
      hosts.push(host);
    }
    const pinned = hosts.map(({ network }) => network.addresses()[0]!);
    const late = await rigAgent({ rig, position: 3, options: { pinned } });
    t.after(() => late.stop());
    await late.start();
    await late.until(() => late.peers.size === 3);
    const peers = hosts.map(({ network }) => network.name);

    // Killed: storage takes no more, and everything under way is dropped.
    const kill = new AbortController();
    late.replicas.onAppend = (from) => {
      if (from > SIZE / 2) kill.abort(new Error('killed'));
    };
    const first = needsOf(late.network, late.replicas);
    await assert.rejects(catchUp(first.needs, kid, peers, kill.signal), /killed/);
    assert.ok(first.stored > SIZE / 2 && first.stored < SIZE, `${first.stored} stored before it was killed`);

    late.replicas.onAppend = () => undefined;
    const second = needsOf(late.network, late.replicas);
    const before = late.replicas.sizes()[0]!.size;
    const outcome = await catchUp(second.needs, kid, peers, AbortSignal.timeout(60_000));
    assert.deepEqual(outcome, { kind: 'done', size: SIZE });
    assert.equal(before + second.stored, SIZE, 'nothing was fetched and stored twice');
    await holds(late.replicas, lane);
    // Every range of the liar's has a false entry, and it is the only one that is blamed.
    const blamed = [...first.blamed, ...second.blamed];
    assert.ok(blamed.length > 0);
    assert.ok(blamed.every(([peer, fault]) => peer === peers[1] && fault === 'signature-invalid'));
  },
);

/** One bit of the signature is turned: the shape holds, the equation does not. */
function spoiled(entry: Uint8Array): Uint8Array {
  const bytes = entry.slice();
  bytes[bytes.length - 20]! ^= 1;
  return bytes;
}

// ---- without hosts

const nothingThere = (): AgentError => new AgentError('range-unavailable', 'nothing there');

/** A network that answers from lanes in memory; each may be short, absent or false. */
function networkOf(hosts: Readonly<Record<string, readonly Uint8Array[]>>): CatchUpNeeds['network'] {
  return {
    laneSizes: (peer) => Promise.resolve([{ kid, size: hosts[peer]!.length }]),
    fetchRange: (peer, { from, to }: LaneRange) => {
      const entries = hosts[peer]!.slice(from, to);
      return entries.length > 0 ? Promise.resolve(entries) : Promise.reject(nothingThere());
    },
  };
}

const run = async (hosts: Readonly<Record<string, readonly Uint8Array[]>>) => {
  const replicas = new MemoryReplicas();
  const told = needsOf(networkOf(hosts), replicas);
  const outcome = await catchUp(told.needs, kid, Object.keys(hosts), AbortSignal.timeout(30_000));
  return { outcome, told, replicas };
};

test('with nobody to ask, or nobody who has more, there is nothing to do', async () => {
  assert.deepEqual((await run({})).outcome, { kind: 'done', size: 0 });
  assert.deepEqual((await run({ a: [] })).outcome, { kind: 'done', size: 0 });
});

test('when only a liar has the rest, it stops at what holds and says so', async () => {
  const false_ = [...lane.slice(0, 1_500), spoiled(lane[1_500]!), ...lane.slice(1_501, 2_500)];
  const { outcome, told, replicas } = await run({ honest: lane.slice(0, 1_200), liar: false_ });
  assert.equal(outcome.kind, 'stuck');
  assert.ok(outcome.size >= 1_200 && outcome.size <= 1_500);
  assert.deepEqual(told.blamed, [['liar', 'signature-invalid']]);
  await holds(replicas, lane.slice(0, outcome.size));
});

test('a lane with a hole, an entry twice, another lane’s entry or a false beginning is not taken', async () => {
  const other = new LaneWriter(rig, rig.signers[2]!).many(5);
  const wrong: readonly [string, readonly Uint8Array[], number, string][] = [
    ['a hole', [...lane.slice(0, 5), ...lane.slice(6, 10)], 5, 'lane-step-seq'],
    ['an entry twice', [...lane.slice(0, 5), lane[4]!], 5, 'lane-step-seq'],
    ['another lane', [...lane.slice(0, 5), other[0]!], 5, 'lane-step-signer'],
    ['a false beginning', lane.slice(3, 8), 0, 'lane-step-seq'],
    ['bytes', [...lane.slice(0, 2), Uint8Array.of(1, 2, 3)], 2, 'lane-entry-format'],
  ];
  for (const [why, held, size, code] of wrong) {
    const { outcome, told } = await run({ peer: held });
    assert.equal(outcome.kind, 'stuck', why);
    assert.equal(outcome.size, size, why);
    assert.deepEqual(told.blamed, [['peer', code]], why);
  }
});

test('a peer that takes every question and never answers holds nothing up', async () => {
  const { laneSizes, fetchRange } = networkOf({ silent: lane.slice(0, 30), mute: [], honest: lane.slice(0, 20) });
  const unanswered = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new AgentError('peer-no-answer', 'no whole message in time')));
    });
  const replicas = new MemoryReplicas();
  const network: CatchUpNeeds['network'] = {
    laneSizes: (peer, signal) => (peer === 'mute' ? unanswered(signal) : laneSizes(peer, signal)),
    fetchRange: (peer, range, signal) => (peer === 'silent' ? unanswered(signal) : fetchRange(peer, range, signal)),
  };
  const { needs, blamed } = needsOf(network, replicas);
  const never = new AbortController().signal;
  const outcome = await catchUp({ ...needs, answerWaitMs: 20 }, kid, ['silent', 'mute', 'honest'], never);
  assert.deepEqual([outcome.kind, outcome.size], ['stuck', 20], 'what the honest one has is stored');
  assert.deepEqual(blamed, [], 'silence proves nothing');
  assert.equal(getEventListeners(never, 'abort').length, 0, 'a signal that lives on keeps nothing of it');
});

test('a mistake of our own is not taken for a silent peer', async () => {
  for (const broken of ['laneSizes', 'fetchRange'] as const) {
    const network = { ...networkOf({ a: lane.slice(0, 5) }), [broken]: () => Promise.reject(new TypeError('ours')) };
    const { needs } = needsOf(network, new MemoryReplicas());
    await assert.rejects(catchUp(needs, kid, ['a'], AbortSignal.timeout(30_000)), /ours/, broken);
  }
});

test('storage that fails ends the catch-up with its own error', async () => {
  const replicas = new MemoryReplicas();
  replicas.onAppend = () => {
    throw new Error('disk full');
  };
  const told = needsOf(networkOf({ a: lane.slice(0, 50) }), replicas);
  await assert.rejects(catchUp(told.needs, kid, ['a'], AbortSignal.timeout(30_000)), /disk full/);
});
