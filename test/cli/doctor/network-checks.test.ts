/** The doctor on a `[network]` section, against a server on loopback and ports that are closed. */

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkFirstPeers, checkNetwork } from '../../../src/cli/doctor/network-checks.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { endpointOf } from '../../../src/io/gossip/addresses.ts';
import { peerNameOf } from '../../../src/io/gossip/identity-key.ts';

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'momentd-doctor-net-'));
  t.after(() => rmSync(made, { recursive: true }));
  return join(made, 'identity.key');
}

/** A server on loopback and its port. */
async function listening(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => closed(server));
  return (server.address() as AddressInfo).port;
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await closed(server);
  return port;
}

const verdicts = async (...args: Parameters<typeof checkNetwork>): Promise<string[]> =>
  (await checkNetwork(...args)).map(({ subject, severity, code }) => `${subject}: ${severity} ${code}`);

test('an address that is free is well, and one that is taken fails unless the agent runs', async (t) => {
  const identity = folder(t);
  const [taken, free] = [await listening(t), await closedPort()];
  const listen = [`/ip4/127.0.0.1/tcp/${taken}`, `/ip4/127.0.0.1/tcp/${free}/ws`, '/ip4/192.0.2.1/tcp/0'];
  assert.deepEqual(await verdicts({ listen, pinned: [], identity }, false), [
    'network identity: ok check-passed',
    'listen address 1: fail network-listen',
    'listen address 2: ok check-passed',
    'listen address 3: fail network-listen',
  ]);
  assert.deepEqual((await verdicts({ listen: listen.slice(0, 2), pinned: [], identity }, true)).slice(1), [
    'listen address 1: ok check-passed',
    'listen address 2: warn network-listen',
  ]);
  const others = ['/ip4/127.0.0.1/udp/0/quic-v1', '/dnsaddr/example.test'];
  assert.deepEqual((await verdicts({ listen: others, pinned: [], identity }, false)).slice(1), [
    'listen address 1: ok check-passed',
    'listen address 2: warn check-not-made',
  ]);
});

test('a pinned peer that takes a connection is well, and one that does not is a warning with its address', async (t) => {
  const identity = folder(t);
  const there = `/ip4/127.0.0.1/tcp/${await listening(t)}/p2p/${PEER}`;
  const away = `/ip4/127.0.0.1/tcp/${await closedPort()}/p2p/${PEER}`;
  const [, good, bad, quic] = await checkNetwork(
    { listen: [], pinned: [there, away, `/ip4/127.0.0.1/udp/1/quic-v1/p2p/${PEER}`], identity },
    false,
  );
  assert.deepEqual([good!.severity, good!.detail], ['ok', `${there} takes connections`]);
  assert.deepEqual([bad!.severity, bad!.code, bad!.detail], ['warn', 'peer-not-reached', `${away}: ECONNREFUSED`]);
  assert.match(bad!.remedy, /firewalls/);
  assert.equal(quic!.code, 'check-not-made');
});

test('more peers than are tried at once are all tried, in their order', async (t) => {
  const port = await listening(t);
  const count = LIMITS.doctorPeersAtOnceMax + 3;
  const pinned = Array.from({ length: count }, () => `/ip4/127.0.0.1/tcp/${port}/p2p/${PEER}`);
  const told = await verdicts({ listen: [], pinned, identity: folder(t) }, false);
  assert.deepEqual(
    told.slice(1),
    Array.from({ length: count }, (_, i) => `pinned peer ${i + 1}: ok check-passed`),
  );
});

test('the identity key is looked at and not made; one that others may read fails', async (t) => {
  const identity = folder(t);
  const look = async () => (await checkNetwork({ listen: [], pinned: [], identity }, false))[0]!;
  assert.match((await look()).detail, /is made on the first start/);
  assert.ok(!existsSync(identity));
  const name = await peerNameOf(identity);
  assert.equal((await look()).detail, `this host is ${name}`);
  chmodSync(identity, 0o644);
  const open = await look();
  assert.deepEqual([open.severity, open.code], ['fail', 'network-identity']);
  assert.match(open.detail, /has mode 644, not 600/);
});

test('where a socket is opened for an address', () => {
  assert.deepEqual(endpointOf(`/dns4/a.example/tcp/16178/p2p/${PEER}`), {
    host: 'a.example',
    transport: 'tcp',
    port: 16_178,
  });
  assert.deepEqual(endpointOf('/ip6/::1/udp/5/quic-v1'), { host: '::1', transport: 'udp', port: 5 });
  for (const none of ['/dnsaddr/a.example', '/unix/tmp%2fx', `/p2p/${PEER}`, '/ip4/127.0.0.1', 'noise'])
    assert.equal(endpointOf(none), undefined, none);
});

test('who names nobody to begin with is told so; one name or mDNS is enough', () => {
  const alone = { pinned: [], bootstrap: [], mdns: false };
  assert.deepEqual([checkFirstPeers(alone).severity, checkFirstPeers(alone).code], ['warn', 'network-no-peers']);
  const place = ['/ip4/192.0.2.1/tcp/1'];
  for (const named of [{ pinned: place }, { bootstrap: place }, { mdns: true }])
    assert.equal(checkFirstPeers({ ...alone, ...named }).code, 'check-passed');
});
