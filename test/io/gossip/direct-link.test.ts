/** A link whose peer does not read: it waits, its queue drops by the rules, and it goes on when the peer does. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection, Stream } from '@libp2p/interface';
import { decodeFrame } from '../../../src/core/propagation/frame.ts';
import { LENGTH_BYTES } from '../../../src/core/propagation/frame-reader.ts';
import { KIND_RULES } from '../../../src/core/propagation/kinds.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { DirectLink } from '../../../src/io/gossip/direct-link.ts';
import { identityKey } from '../../../src/io/gossip/identity-key.ts';
import { rigAgent, rigGenesis } from './network-rig.ts';

/** A stream that takes `room` frames and then asks for a pause. */
function stallingStream(room: number) {
  const sent: Uint8Array[] = [];
  let left = room;
  let drained = Promise.withResolvers<undefined>();
  const stream = {
    status: 'open',
    send: (bytes: Uint8Array) => {
      sent.push(bytes);
      left -= 1;
      return left > 0;
    },
    onDrain: () => drained.promise,
    abort: () => {
      stream.status = 'aborted';
    },
  };
  const drain = (more: number): void => {
    left = more;
    drained.resolve(undefined);
    drained = Promise.withResolvers();
  };
  return { stream: stream as unknown as Stream, sent, drain };
}

const item = (i: number): Uint8Array => Uint8Array.of(i >> 16, (i >> 8) & 0xff, i & 0xff);
const numberIn = (bytes: Uint8Array): number => (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a stalled peer costs one queue and one frame, and gets the newest when it reads again', async () => {
  const { stream, sent, drain } = stallingStream(1);
  const connection = { newStream: () => Promise.resolve(stream) } as unknown as Connection;
  const link = new DirectLink('/test/1', { connection: () => connection, sent: () => undefined, openWaitMs: 1_000 });
  const count = 50_000;
  for (let i = 0; i < count; i++) {
    link.queue.put('statements', item(i));
    if (i % 1_000 === 0) {
      link.flush();
      await settle();
    }
  }
  assert.equal(sent.length, 1, 'nothing is written while the peer does not read');
  assert.equal(link.queue.waitingItems, KIND_RULES.statements.queueItemsMax);
  const dropped = link.queue.droppedOf('statements');
  drain(1_000);
  await settle();
  assert.ok(link.queue.isEmpty);
  const numbers = sent.flatMap((bytes) => {
    const frame = decodeFrame(bytes.subarray(LENGTH_BYTES));
    assert.ok(!isFault(frame));
    return frame.items.map(numberIn);
  });
  assert.equal(numbers.length + dropped, count);
  assert.equal(numbers.at(-1), count - 1);
  link.close();
  link.queue.put('statements', item(1));
  link.flush();
  assert.equal(numbers.length + dropped, count);
});

test('a link that cannot be opened keeps what waits for the next try', async () => {
  const { stream, sent } = stallingStream(10);
  let tries = 0;
  const connection = {
    newStream: () => (tries++ === 0 ? Promise.reject(new Error('full')) : Promise.resolve(stream)),
  } as unknown as Connection;
  const link = new DirectLink('/test/1', { connection: () => connection, sent: () => undefined, openWaitMs: 1_000 });
  link.queue.put('statements', item(1));
  link.flush();
  await settle();
  assert.equal(sent.length, 0);
  link.flush();
  await settle();
  assert.equal(sent.length, 1);
});

test('the identity key is made once with mode 0600, read again, and refused when others may read it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'momentd-identity-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'identity');
  const made = await identityKey(path);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.ok((await identityKey(path)).equals(made));
  await chmod(path, 0o644);
  await assert.rejects(identityKey(path), { code: 'network-identity' });
  await writeFile(join(folder, 'junk'), 'no key', { mode: 0o600 });
  await assert.rejects(identityKey(join(folder, 'junk')), { code: 'network-identity' });
  await assert.rejects(identityKey(join(folder, 'missing', 'identity')), { code: 'network-identity' });
});

test('two hosts meet over WebSocket as over TCP; an address in use is told', { timeout: 20_000 }, async (t) => {
  const rig = rigGenesis(2);
  const host = await rigAgent({ rig, position: 0, options: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] } });
  t.after(() => host.stop());
  await host.start();
  const address = host.network.addresses()[0]!;
  assert.match(address, /\/ws\//);
  const guest = await rigAgent({ rig, position: 1, options: { pinned: [address] } });
  t.after(() => guest.stop());
  await guest.start();
  await host.until(() => host.peers.size === 1);
  const port = /\/tcp\/(\d+)\//.exec(address)![1]!;
  const third = await rigAgent({ rig, position: 1, options: { listen: [`/ip4/127.0.0.1/tcp/${port}`] } });
  await assert.rejects(third.start(), { code: 'network-listen' });
  const quic = await rigAgent({ rig, position: 1, options: { quic: true } });
  await assert.rejects(quic.start(), { code: 'network-listen' });
});
