/** A newcomer whose ranges nobody connected has: it finds an archive by itself, at most so often, and only one that says it is one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, seconds, shift } from '../../../src/core/time/nanos.ts';
import { fetchOrSeek } from '../../../src/io/gossip/archive-search.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { CapabilityOffer, PeerView } from '../../../src/ports/network.ts';
import { LaneWriter, rigAgent, rigGenesis, type RigAgent } from './network-rig.ts';

const offer = (name: string, check: CapabilityOffer['check']): CapabilityOffer => ({
  name,
  addresses: [`/ip4/192.0.2.1/tcp/1/p2p/${name}`],
  check,
  role: undefined,
  kid: undefined,
});

function seeking(code: 'range-unavailable' | 'peer-no-answer') {
  let now = monoInstant(0n);
  const dialled: string[] = [];
  let searches = 0;
  const settled = Promise.withResolvers<undefined>();
  const fetch = fetchOrSeek(() => Promise.reject(new AgentError(code, 'not here')), {
    now: () => now,
    log: { write: () => undefined },
    network: {
      peers: () => [{ name: 'here' } as PeerView],
      connect: (address) => {
        dialled.push(address.split('/p2p/')[1]!);
        if (dialled.length === 2) settled.resolve(undefined);
      },
      findByCapability: (capability) => {
        assert.equal(capability, 'archive');
        searches += 1;
        return Promise.resolve({
          isComplete: true,
          offers: [
            offer('liar', 'denied'),
            offer('hearsay', 'unverified'),
            offer('here', 'confirmed'),
            offer('one', 'confirmed'),
            offer('two', 'confirmed'),
            offer('three', 'confirmed'),
          ],
        });
      },
    },
  });
  const ask = () => fetch('here', { kid: new Uint8Array(8), from: 0, to: 1 }, AbortSignal.timeout(1_000));
  return {
    ask,
    dialled,
    settled: settled.promise,
    searches: () => searches,
    pass: () => (now = shift(now, seconds(60))),
  };
}

/** Looks until the DHT of this agent leads to somebody who offers it. */
async function known({ network }: RigAgent, capability: string): Promise<void> {
  const look = () => network.findByCapability(capability, AbortSignal.timeout(LIMITS.capabilitySearchMsMax));
  while ((await look()).offers.length === 0);
}

test('two archives that say so themselves are connected to, and one search a minute is made', async () => {
  const { ask, dialled, settled, searches, pass } = seeking('range-unavailable');
  await assert.rejects(ask(), { code: 'range-unavailable' });
  await assert.rejects(ask(), { code: 'range-unavailable' });
  await settled;
  assert.deepEqual([dialled, searches()], [['one', 'two'], 1]);
  pass();
  await assert.rejects(ask(), { code: 'range-unavailable' });
  assert.equal(searches(), 2);
});

test('a peer that does not answer is no reason to look for archives', async () => {
  const { ask, searches } = seeking('peer-no-answer');
  await assert.rejects(ask(), { code: 'peer-no-answer' });
  assert.equal(searches(), 0);
});

test(
  'on loopback: what a validator has pruned comes from an archive that nobody named',
  { timeout: 60_000 },
  async (t) => {
    const rig = rigGenesis(2);
    const hub = await rigAgent({ rig, position: 0, options: { capabilities: ['gnss'] } });
    t.after(() => hub.stop());
    await hub.start();
    const options = { pinned: hub.network.addresses().slice(0, 1), capabilities: ['archive'] };
    const archive = await rigAgent({ rig, position: undefined, options, hello: { capabilities: ['archive'] } });
    t.after(() => archive.stop());
    await archive.start();
    const { kid } = rig.signers[0]!;
    const entries = new LaneWriter(rig, rig.signers[0]!).many(3);
    await archive.replicas.append(kid, 0, entries);
    hub.replicas.read = () => Promise.reject(new AgentError('lane-pruned', 'the beginning went'));
    await archive.until(() => archive.peers.has(hub.network.name));
    await known(hub, 'archive');

    const newcomer: RigAgent = await rigAgent({ rig, position: 1, options: { pinned: options.pinned } });
    t.after(() => newcomer.stop());
    await newcomer.start();
    await newcomer.until(() => newcomer.peers.has(hub.network.name));
    // From now on its DHT has somebody to ask.
    await known(newcomer, 'gnss');
    const range = { kid, from: 0, to: 3 };
    const asked = newcomer.network.fetchRange(hub.network.name, range, AbortSignal.timeout(20_000));
    await assert.rejects(asked, { code: 'range-unavailable' });
    await newcomer.until(() => newcomer.peers.has(archive.network.name));
    const got = await newcomer.network.fetchRange(archive.network.name, range, AbortSignal.timeout(20_000));
    assert.deepEqual(
      got.map((entry) => Uint8Array.from(entry)),
      entries,
    );
  },
);
