/** Addresses as peers tell them: what is taken can be dialled, compared and written; everything else is left. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf, parseAddress, peerNameIn } from '../../../src/io/gossip/addresses.ts';

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';

test('an address tells its host and whose it is', () => {
  const address = parseAddress(`/ip4/192.0.2.7/tcp/4001/p2p/${PEER}`);
  assert.ok(address !== undefined);
  assert.equal(hostOf(address), '192.0.2.7');
  assert.equal(peerNameIn(address), PEER);
  assert.equal(peerNameIn(parseAddress('/dns4/example.org/tcp/443/wss')!), undefined);
});

test('an address that would throw later is none', () => {
  // The first three are taken by `multiaddr` and throw when they are compared or dialled.
  const wrong = [
    `/ip4/10.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu140737488355328VU2WCqNjvq387JEYKDBj4kx6nXTN`,
    '/ip6/::1/tcp/4001/ws/p2p/{',
    `/ip4/10.0.0.1/tcp/1/p2p/${PEER.slice(0, -1)}`,
    '/ip4/10.0.0.1/tcp/65536',
    '/ip4/256.0.0.1/tcp/1',
    '/nothing',
    '',
    'example.org',
  ];
  for (const text of wrong) assert.equal(parseAddress(text), undefined, text);
});
