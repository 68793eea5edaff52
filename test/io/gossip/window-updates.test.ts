/** Window updates are spared on real Yamux streams, and a sender still never runs out of window. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p, type Libp2p } from 'libp2p';
import { spareWindowUpdates } from '../../../src/io/gossip/window-updates.ts';

const PROTOCOL = '/momentd-test/1';
const SMALL = 100;
const LARGE = 60_000;

const node = (): Promise<Libp2p> =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });

/** Reads a stream, and says when so many bytes have come and how often the stream sent an update since it is spared. */
function reading(stream: Stream): { until: (bytes: number) => Promise<void>; readonly updates: () => number } {
  const windowed = stream as Stream & { sendWindowUpdate: () => void };
  const send = windowed.sendWindowUpdate.bind(windowed);
  let [updates, received] = [0, 0];
  let arrived = (): void => undefined;
  windowed.sendWindowUpdate = () => {
    updates += 1;
    send();
  };
  assert.ok(spareWindowUpdates(stream), 'the fields of a Yamux stream are named as they were');
  stream.addEventListener('message', ({ data }) => {
    received += data.byteLength;
    arrived();
  });
  const until = (bytes: number): Promise<void> =>
    new Promise((resolve) => {
      arrived = () => (received >= bytes ? resolve() : undefined);
      arrived();
    });
  return { until, updates: () => updates };
}

test('small frames are not answered one by one, and many windows of bytes pass', { timeout: 60_000 }, async () => {
  const [from, to] = [await node(), await node()];
  try {
    const opened = new Promise<Stream>((resolve) => void to.handle(PROTOCOL, resolve));
    const stream = await from.dialProtocol(to.getMultiaddrs(), PROTOCOL);
    const reader = reading(await opened);
    for (let i = 1; i <= 100; i++) {
      stream.send(new Uint8Array(SMALL));
      await reader.until(i * SMALL);
    }
    assert.equal(reader.updates(), 0, 'of 100 frames that together are far from half a window');
    for (let i = 1; i <= 50; i++) {
      if (!stream.send(new Uint8Array(LARGE))) await stream.onDrain();
      await reader.until(100 * SMALL + i * LARGE);
    }
    const updates = reader.updates();
    assert.ok(updates > 0 && updates <= 50, `${updates} updates for 50 frames of 60 kB`);
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
});

test('a stream of another kind is left as it is', () => {
  const other = { recvWindow: 262_144 } as unknown as Stream;
  assert.equal(spareWindowUpdates(other), false);
  assert.deepEqual(Object.keys(other), ['recvWindow']);
});
