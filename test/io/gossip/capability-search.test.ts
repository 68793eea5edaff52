/** Who offers a capability: real hosts on 127.0.0.1, then the search alone against a DHT that is made up. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Connection, PeerInfo } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { LIMITS } from '../../../src/core/limits.ts';
import type { Hello } from '../../../src/core/peers/hello.ts';
import { searchCapability, type CapabilitySearchNeeds } from '../../../src/io/gossip/capability-search.ts';
import type { CapabilityOffer, Peer } from '../../../src/ports/network.ts';
import { rigAgent, rigGenesis, type RigAgent } from './network-rig.ts';

describe('a validator, an archive, one that only pretends, and one that asks, on loopback', { timeout: 60_000 }, () => {
  const rig = rigGenesis(2);
  const agents: RigAgent[] = [];
  let [hub, archive, pretender, seeker]: RigAgent[] = [];
  const add = async (setup: Omit<Parameters<typeof rigAgent>[0], 'rig'>): Promise<RigAgent> => {
    const pinned = agents.slice(0, 1).flatMap(({ network }) => network.addresses().slice(0, 1));
    const agent = await rigAgent({ rig, ...setup, options: { pinned, ...setup.options } });
    agents.push(agent);
    await agent.start();
    if (agents.length > 1) await agent.until(() => agent.peers.size > 0);
    return agent;
  };
  before(async () => {
    hub = await add({ position: 0 });
    archive = await add({
      position: undefined,
      options: { capabilities: ['archive'] },
      hello: { capabilities: ['archive'] },
    });
    pretender = await add({ position: undefined, options: { capabilities: ['archive', 'gnss'] } });
    seeker = await add({ position: 1 });
  });
  after(() => Promise.all(agents.map((agent) => agent.stop())));

  /** Looks again until the DHT has taken up so many records. */
  const offersOf = async (capability: string, count: number): Promise<Map<string, CapabilityOffer>> => {
    for (;;) {
      const signal = AbortSignal.timeout(LIMITS.capabilitySearchMsMax);
      const { offers } = await seeker!.network.findByCapability(capability, signal);
      if (offers.length >= count) return new Map(offers.map((offer) => [offer.name, offer]));
    }
  };

  test('whose hello says the same is confirmed, whose does not is denied', async () => {
    const offers = await offersOf('archive', 2);
    assert.equal(offers.size, 2);
    const { check, role, addresses } = offers.get(archive!.network.name)!;
    assert.deepEqual([check, role], ['confirmed', 'archive']);
    assert.ok(addresses.every((address) => address.endsWith(`/p2p/${archive!.network.name}`)));
    assert.equal(offers.get(pretender!.network.name)!.check, 'denied');
  });

  test('who is gone is unverified, and what nobody offers has no offers', async () => {
    const { name } = pretender!.network;
    let left: CapabilityOffer | undefined;
    // Its record may have been with itself alone when it went: then it comes back, and goes again.
    while (left === undefined) {
      await pretender!.start();
      await pretender!.until(() => pretender!.peers.has(hub!.network.name));
      assert.ok((await offersOf('gnss', 1)).has(name));
      await pretender!.stop();
      await Promise.all([hub!, seeker!].map((agent) => agent.until(() => !agent.peers.has(name))));
      const search = await seeker!.network.findByCapability('gnss', AbortSignal.timeout(LIMITS.capabilitySearchMsMax));
      left = search.offers.find((offer) => offer.name === name);
    }
    assert.deepEqual([left.check, left.role, left.kid], ['unverified', undefined, undefined]);
    const none = await seeker!.network.findByCapability('time-card', AbortSignal.timeout(LIMITS.capabilitySearchMsMax));
    assert.deepEqual(none.offers, []);
  });
});

const name = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'));
const self = await name();
const NETWORK = new Uint8Array(32);
const sought = { network: NETWORK, capability: 'region:EU' };

/** A DHT that names these, each of whom says this hello when visited; undefined: nothing is ever said. */
async function madeUp(
  count: number,
  says: (index: number) => Pick<Hello, 'capabilities' | 'region' | 'role'> | undefined,
) {
  const found: PeerInfo[] = [];
  for (let i = 0; i < count; i++)
    found.push({ id: await name(), multiaddrs: [multiaddr(`/ip4/192.0.2.${i + 1}/tcp/1`)] });
  const dialled: string[] = [];
  const closed: string[] = [];
  let open = 0;
  let openMax = 0;
  const indexOf = (peer: string): number => found.findIndex(({ id }) => id.toString() === peer);
  const needs: CapabilitySearchNeeds = {
    node: {
      peerId: self,
      contentRouting: {
        findProviders: async function* () {
          await Promise.resolve();
          yield* [{ id: self, multiaddrs: [] }, ...found, ...found];
        },
      } as unknown as CapabilitySearchNeeds['node']['contentRouting'],
      getConnections: () => [],
      dial: (places) => {
        const text = String((places as readonly unknown[])[0]);
        dialled.push(text);
        openMax = Math.max(openMax, ++open);
        const peer = text.split('/p2p/')[1]!;
        const close = (): Promise<void> => {
          closed.push(peer);
          open -= 1;
          return Promise.resolve();
        };
        return Promise.resolve({ remotePeer: found[indexOf(peer)]!.id, close } as unknown as Connection);
      },
    },
    helloOf: () => undefined,
    introduced: (connection) => {
      const hello = says(indexOf(connection.remotePeer.toString()));
      return hello === undefined
        ? new Promise<undefined>(() => undefined)
        : Promise.resolve({ hello, kid: undefined } as unknown as Peer);
    },
    isReserved: (peer) => peer === found[1]?.id.toString(),
  };
  return { needs, found, dialled, closed, openMax: () => openMax };
}

test('each is visited once, one at a time, under its own name, and let go unless it is reserved', async () => {
  const dht = await madeUp(3, (index) => ({ role: 'light', capabilities: [], region: index === 2 ? 'NA' : 'EU' }));
  const { offers, isComplete } = await searchCapability(dht.needs, sought, AbortSignal.timeout(10_000));
  assert.equal(isComplete, true);
  assert.deepEqual(
    offers.map(({ check }) => check),
    ['confirmed', 'confirmed', 'denied'],
  );
  assert.deepEqual(
    dht.dialled,
    dht.found.map(({ id, multiaddrs }) => `${multiaddrs[0]!.toString()}/p2p/${id.toString()}`),
  );
  assert.deepEqual(dht.closed, [dht.found[0]!.id.toString(), dht.found[2]!.id.toString()]);
  assert.equal(dht.openMax(), 2, 'the reserved one stays open');
});

test('an address that a record gives to another identity is not dialled', async () => {
  const dht = await madeUp(1, () => ({ role: 'light', capabilities: [], region: 'EU' }));
  const stranger = `/ip4/192.0.2.9/tcp/1/p2p/${self.toString()}`;
  dht.found[0]!.multiaddrs.unshift(multiaddr(stranger));
  const { offers } = await searchCapability(dht.needs, sought, AbortSignal.timeout(10_000));
  assert.ok(!offers[0]!.addresses.includes(stranger));
  assert.equal(dht.dialled.length, 1);
  assert.ok(!dht.dialled.includes(stranger));
});

test('no more are looked at than allowed, and the answer says that there are more', async () => {
  const dht = await madeUp(LIMITS.capabilityOffersMax + 1, () => ({ role: 'light', capabilities: [], region: 'EU' }));
  const { offers, isComplete } = await searchCapability(dht.needs, sought, AbortSignal.timeout(10_000));
  assert.deepEqual([offers.length, isComplete], [LIMITS.capabilityOffersMax, false]);
});

test('when time runs out the rest is unverified, and nobody else is visited', async () => {
  const dht = await madeUp(3, () => undefined);
  const ending = new AbortController();
  const search = searchCapability(dht.needs, sought, ending.signal);
  while (dht.dialled.length === 0) await new Promise((resolve) => setImmediate(resolve));
  ending.abort();
  const { offers, isComplete } = await search;
  assert.deepEqual(
    offers.map(({ check }) => check),
    ['unverified', 'unverified', 'unverified'],
  );
  assert.deepEqual([isComplete, dht.dialled.length], [false, 1]);
});
