/** Whom the dialer dials: an address says whose it is, unless the operator wrote it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import type { Multiaddr } from '@multiformats/multiaddr';
import { monoInstant } from '../../../src/core/time/nanos.ts';
import { Dialer } from '../../../src/io/gossip/dialer.ts';
import type { HostNode } from '../../../src/io/gossip/host.ts';

const nameOfSomebody = async (): Promise<string> => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString();

test('of the addresses that peers tell, only those with an identity are dialled', async () => {
  const [self, known] = await Promise.all([nameOfSomebody(), nameOfSomebody()]);
  const dialled: string[] = [];
  const node = {
    peerId: { toString: () => self },
    getConnections: () => [],
    dial: (to: Multiaddr | Multiaddr[]) => {
      dialled.push(...[to].flat().map(String));
      return Promise.reject(new Error('nobody there'));
    },
  } as unknown as HostNode;
  const dialer = new Dialer(
    {
      node,
      isReserved: () => false,
      isBanned: () => false,
      now: () => monoInstant(1n),
      chance: () => 0.5,
      askForPeers: () => Promise.resolve([]),
    },
    ['/ip4/192.0.2.1/tcp/1', '/dns4/first.example/tcp/1', 'no address'],
  );
  for (const told of ['/ip4/192.0.2.66/tcp/22', '/dnsaddr/victim.example', '/ip4/192.0.2.66/udp/53', 'noise'])
    dialer.learn(told);
  dialer.learn(`/ip4/192.0.2.7/tcp/1/p2p/${known}`);
  dialer.learn(`/ip4/192.0.2.8/tcp/1/p2p/${self}`);
  dialer.look();
  assert.deepEqual(dialled.sort(), [
    '/dns4/first.example/tcp/1',
    '/ip4/192.0.2.1/tcp/1',
    `/ip4/192.0.2.7/tcp/1/p2p/${known}`,
  ]);
});
