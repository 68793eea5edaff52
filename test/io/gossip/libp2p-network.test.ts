/** Real hosts on 127.0.0.1: introductions, delivery with full validation, gossip to an archive, requests, discovery. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { multiaddr } from '@multiformats/multiaddr';
import { encodeFaultProof } from '../../../src/core/attestation/fault-proof.ts';
import { faultBetween } from '../../../src/core/attestation/fault.ts';
import { decodeSignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import { subjectOfNonce } from '../../../src/core/peers/time-exchange.ts';
import { decodeEntry } from '../../../src/core/log/entry.ts';
import { EMPTY_ROOT } from '../../../src/core/log/merkle.ts';
import { signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { LaneWriter, rigAgent, rigGenesis, startMesh, type RigAgent } from './network-rig.ts';

const rig = rigGenesis(4);
const deadline = (): AbortSignal => AbortSignal.timeout(20_000);

function statementIn(entry: Uint8Array) {
  const decoded = decodeEntry(entry);
  assert.ok(!isFault(decoded));
  const signed = decodeSignedStatement(decoded.statement);
  assert.ok(!isFault(signed));
  return signed;
}

describe('four validators and an archive on loopback', { timeout: 60_000 }, () => {
  let agents: RigAgent[];
  let archive: RigAgent;
  const lane = new LaneWriter(rig, rig.signers[0]!);

  before(async () => {
    const answerTime = (nonce: Uint8Array): Promise<Uint8Array> => {
      const answer = new LaneWriter(rig, rig.signers[1]!).next({
        kind: 'challenge-answer',
        subject: subjectOfNonce(nonce),
      });
      const entry = decodeEntry(answer);
      assert.ok(!isFault(entry));
      return Promise.resolve(entry.statement);
    };
    agents = await startMesh(rig, { answerTime });
    const pinned = agents.map(({ network }) => network.addresses()[0]!);
    archive = await rigAgent({ rig, position: undefined, options: { pinned } });
    await archive.start();
    await archive.until(() => archive.peers.size === 4);
  });
  after(async () => {
    await Promise.all([...agents, archive].map((agent) => agent.stop()));
  });

  test('each knows the others as validators by their hello', () => {
    for (const agent of agents) {
      const validators = agent.network.peers().filter(({ role }) => role === 'validator');
      assert.equal(validators.length, 3);
      assert.ok(validators.every(({ kid }) => kid !== undefined));
    }
    assert.ok(archive.network.peers().every(({ role }) => role === 'validator'));
    assert.equal(agents[0]!.network.peers().find(({ role }) => role === 'archive')?.kid, undefined);
  });

  test('statements reach validators by direct streams, in order, each judged in full', async () => {
    agents[0]!.network.publish('statements', lane.many(300));
    await Promise.all(agents.slice(1).map((agent) => agent.until(() => agent.statements.length >= 300)));
    for (const agent of agents.slice(1)) {
      assert.deepEqual(
        agent.statements.map(({ signed }) => signed.statement.seq),
        Array.from({ length: 300 }, (_, i) => BigInt(i)),
      );
      assert.ok(agent.statements.every(({ delay }) => delay !== undefined));
    }
    assert.equal(agents[0]!.statements.length, 0);
  });

  test('the archive gets statements by gossip', async () => {
    // Gossip drops what is published before the other side's subscription is known; each round is new statements.
    const publishing = setInterval(() => agents[0]!.network.publish('statements', lane.many(1)), 50);
    await archive.until(() => archive.statements.length > 0);
    clearInterval(publishing);
    assert.equal(archive.inbound.pipeline.counts.refusals().length, 0);
  });

  test('subjects and checkpoints arrive, and a fault proof reaches everyone', async () => {
    const subject = new Uint8Array(40).fill(5);
    const origin = originOf({ network: rig.network, kid: rig.signers[2]!.kid });
    const { publicKey } = rig.signers[2]!;
    const note = signCheckpoint(
      { origin, size: 0, root: EMPTY_ROOT },
      { sign: (bytes) => rig.signers[2]!.sign(bytes), publicKey },
    );
    const liar = rig.signers[3]!;
    const one = statementIn(new LaneWriter(rig, liar).next());
    const other = statementIn(new LaneWriter(rig, liar).next({ taiUtcSeconds: 38 }));
    const fault = faultBetween(one, other);
    assert.ok(fault !== undefined);
    const proof = new TextEncoder().encode(encodeFaultProof({ network: rig.network, shown: fault }));
    const origins = agents[2]!;
    origins.network.publish('subjects', [subject]);
    origins.network.publish('faults', [proof]);
    const announcing = setInterval(() => origins.network.publish('checkpoints', [note]), 50);
    const others = [agents[0]!, agents[1]!, agents[3]!];
    await Promise.all(others.map((a) => a.until(() => a.subjects.length > 0 && a.faults.length > 0)));
    await Promise.all([...others, archive].map((a) => a.until(() => a.checkpoints.length > 0)));
    clearInterval(announcing);
    await archive.until(() => archive.faults.length > 0);
    for (const agent of others) {
      assert.deepEqual(Uint8Array.from(agent.subjects[0]!), subject);
      assert.equal(Buffer.compare(agent.faults[0]!.kid, liar.kid), 0);
      assert.equal(Buffer.compare(agent.checkpoints[0]!.kid, rig.signers[2]!.kid), 0);
    }
  });

  test('time is asked and answered by a statement over the nonce', async () => {
    const nonce = new Uint8Array(32).fill(3);
    const bytes = await agents[0]!.network.askTime(agents[1]!.network.name, nonce, deadline());
    const signed = decodeSignedStatement(bytes);
    assert.ok(!isFault(signed));
    assert.deepEqual(Uint8Array.from(signed.statement.subject), Uint8Array.from(subjectOfNonce(nonce)));
  });

  test('ranges of a lane are asked and answered, long ones in part, missing ones not', async () => {
    const { kid } = rig.signers[1]!;
    const entries = new LaneWriter(rig, rig.signers[1]!).many(50);
    await agents[1]!.replicas.append(kid, 0, entries);
    const from = agents[0]!.network;
    const holder = agents[1]!.network.name;
    const sizes = await from.laneSizes(holder, deadline());
    assert.deepEqual(
      sizes.map((lane) => ({ ...lane, kid: Uint8Array.from(lane.kid) })),
      [{ kid: Uint8Array.from(kid), size: 50 }],
    );
    const got = await from.fetchRange(holder, { kid, from: 10, to: 60 }, deadline());
    assert.deepEqual(
      got.map((entry) => Uint8Array.from(entry)),
      entries.slice(10),
    );
    const none = from.fetchRange(holder, { kid, from: 50, to: 60 }, deadline());
    await assert.rejects(none, { code: 'range-unavailable' });
    const tooMany = from.fetchRange(holder, { kid, from: 0, to: LIMITS.rangeEntriesMax + 1 }, deadline());
    await assert.rejects(tooMany, { code: 'peer-no-answer' });
    await assert.rejects(async () => from.laneSizes('nobody', deadline()), { code: 'peer-unknown' });
  });

  test('who comes later is told the fault proofs that came before', async () => {
    const proofs = agents[2]!;
    const late = await rigAgent({ rig, position: undefined, options: { pinned: [proofs.network.addresses()[0]!] } });
    await late.start();
    await late.until(() => late.faults.length > 0);
    await late.stop();
  });

  test('a validator that was away is found again', async () => {
    const back = agents[1]!;
    await back.stop();
    await agents[0]!.until(() => !agents[0]!.peers.has(back.network.name));
    await back.start();
    await back.until(() => back.peers.size >= 1);
  });
});

describe('strangers', { timeout: 60_000 }, () => {
  let host: RigAgent;
  before(async () => {
    host = await rigAgent({ rig, position: 0, options: { helloWaitMs: 500 } });
    await host.start();
  });
  after(() => host.stop());

  const refusalOf = async (guest: RigAgent): Promise<unknown> => {
    const before = host.logged.length;
    const refused = (): unknown =>
      host.logged.slice(before).find(({ message }) => message === 'hello refused')?.fields['code'];
    await guest.start();
    await host.until(() => refused() !== undefined);
    await guest.stop();
    assert.equal(host.peers.size, 0);
    return refused();
  };
  const guest = (hello: NonNullable<Parameters<typeof rigAgent>[0]['hello']>): ReturnType<typeof rigAgent> =>
    rigAgent({ rig, position: 1, options: { pinned: [host.network.addresses()[0]!] }, hello });

  test('of another network are refused at the hello', async () => {
    assert.equal(await refusalOf(await guest({ network: new Uint8Array(32) })), 'hello-network');
  });
  test('that speak another protocol are refused', async () => {
    assert.equal(await refusalOf(await guest({ protocol: { min: 7, max: 8 } })), 'hello-protocol');
  });
  test('that show somebody else’s hello are refused', async () => {
    assert.equal(await refusalOf(await guest({ identity: new Uint8Array(38).fill(1) })), 'hello-identity');
  });
});

describe('a stranger', { timeout: 30_000 }, () => {
  test('that says nothing is let go after the wait, and what it sends unintroduced is not read', async (t) => {
    const host = await rigAgent({ rig, position: 0, options: { helloWaitMs: 500 } });
    t.after(() => host.stop());
    await host.start();
    const { createLibp2p } = await import('libp2p');
    const { tcp } = await import('@libp2p/tcp');
    const { noise } = await import('@chainsafe/libp2p-noise');
    const { yamux } = await import('@chainsafe/libp2p-yamux');
    const node = await createLibp2p({ transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] });
    const connection = await node.dial(multiaddr(host.network.addresses()[0]));
    const closed = new Promise((resolve) => connection.addEventListener('close', resolve));
    const stream = await connection.newStream('/momentd/direct/1');
    stream.send(Uint8Array.of(0, 0, 0, 1, 9));
    await closed;
    assert.equal(host.network.counters().refusedHellos.get('hello-missing'), 1);
    assert.equal(host.network.counters().receivedFrames, 0);
    await node.stop();
  });
});

test('above the direct mesh, validators relay what they hear for the first time', { timeout: 30_000 }, async (t) => {
  // Position 0 sends to 1, 2, 4, 8 ...; 3 hears it from 1.
  const large = rigGenesis(70);
  const agents: RigAgent[] = [];
  t.after(() => Promise.all(agents.map((agent) => agent.stop())));
  for (const position of [0, 1, 3]) {
    const pinned = agents.map(({ network }) => network.addresses()[0]!);
    const agent = await rigAgent({ rig: large, position, options: { pinned } });
    await agent.start();
    agents.push(agent);
  }
  await Promise.all(agents.map((agent) => agent.until(() => agent.peers.size === 2)));
  const [first, relay, last] = agents as [RigAgent, RigAgent, RigAgent];
  first.network.publish('statements', new LaneWriter(large, large.signers[0]!).many(10));
  await last.until(() => last.statements.length === 10);
  assert.equal(relay.statements.length, 10);
  assert.equal(first.network.counters().sentItems.statements, 10, 'the first sent to one, and that one passed it on');
  assert.equal(relay.network.counters().sentItems.statements, 10);
});

test('a newcomer that knows one peer is told of others', { timeout: 30_000 }, async (t) => {
  const agents = await startMesh(rigGenesis(3));
  t.after(() => Promise.all(agents.map((agent) => agent.stop())));
  const known = agents[2]!.network.addresses()[0]!;
  const newcomer = await rigAgent({ rig: rigGenesis(3), position: undefined, options: { pinned: [known] } });
  t.after(() => newcomer.stop());
  await newcomer.start();
  await newcomer.until(() => newcomer.peers.size === 3);
});
