/**
 * Statements delivered per second between four validators in separate processes, three ways in one run:
 *
 *     ours     direct streams through the whole pipeline: hello, quota, duplicates, every rule, libsodium
 *     direct   bare libp2p streams with the same batches, envelope and signature checked, nothing else
 *     gossip   bare gossipsub, StrictNoSign, one statement a message, nothing validated
 *
 * Each publishes as fast as the slowest of the others takes it (a window of undelivered statements, told over IPC alike in
 * all three). Printed: deliveries per second, CPU per delivery, and the ratios design section 11 asks for (>= 5 and >= 0.8).
 *
 *     node bench/gossip.ts [--validators 4] [--seconds 5] [--json]
 */

import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { gossipsub, StrictNoSign } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { hash } from 'node:crypto';
import { decodeCoseSign1, kidOf, sigStructure } from '../src/core/attestation/cose-sign1.ts';
import { decodeEntry } from '../src/core/log/entry.ts';
import { encodeFrame, decodeFrame } from '../src/core/propagation/frame.ts';
import { FrameReader, LENGTH_BYTES, writeLength } from '../src/core/propagation/frame-reader.ts';
import { quotaTable } from '../src/core/propagation/quota-table.ts';
import type { Quota } from '../src/core/peers/quotas.ts';
import { isFault } from '../src/core/verdict.ts';
import { checkSignature } from '../src/io/keys/check-signature.ts';
import { LaneWriter, rigAgent, rigGenesis, type RigGenesis } from '../test/io/gossip/network-rig.ts';
import { figure, say, tellFigures } from './figures.ts';

const MODES = ['gossip', 'direct', 'ours'] as const;
type Mode = (typeof MODES)[number];

/** What one process runs: publish a batch, say what came from whom. */
type Node = {
  readonly addresses: () => readonly string[];
  readonly connect: (addresses: readonly string[]) => Promise<void>;
  readonly publish: (entries: readonly Uint8Array[]) => void;
  /** Statements received and, where the mode validates, valid. */
  readonly received: () => number;
  readonly stop: () => Promise<void>;
};

type ToChild =
  | { readonly kind: 'connect'; readonly addresses: readonly string[] }
  | { readonly kind: 'go' }
  | { readonly kind: 'progress'; readonly leastReceived: number }
  | { readonly kind: 'mark' }
  | { readonly kind: 'stop' };
type ToParent =
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'received'; readonly count: number; readonly published: number }
  | { readonly kind: 'mark'; readonly count: number; readonly cpuMicros: number };

const BATCH = 64;
/** Undelivered statements per publisher: enough to fill frames; gossipsub, which queues without end, gets less. */
const WINDOW: Readonly<Record<Mode, number>> = { gossip: 256, direct: 2_048, ours: 2_048 };

// ---- one process

async function child(mode: Mode, index: number, validators: number, folder: string): Promise<void> {
  const rig = rigGenesis(validators);
  const entries = unpackAll(readFileSync(join(folder, `${index}`)));
  const node = mode === 'ours' ? await ours(rig, index) : mode === 'direct' ? await direct(rig) : await gossip();
  const tell = (message: ToParent): void => void process.send!(message);
  let published = 0;
  let leastReceived = 0;
  let isRunning = false;
  const pump = (): void => {
    while (isRunning && published - leastReceived + BATCH <= WINDOW[mode] && published + BATCH <= entries.length) {
      node.publish(entries.slice(published, published + BATCH));
      published += BATCH;
    }
  };
  const report = setInterval(() => tell({ kind: 'received', count: node.received(), published }), 5);
  process.on('message', (message: ToChild) => {
    if (message.kind === 'connect') void node.connect(message.addresses).then(() => tell({ kind: 'connected' }));
    if (message.kind === 'go') isRunning = true;
    if (message.kind === 'progress') leastReceived = message.leastReceived;
    if (message.kind === 'mark') {
      const { user, system } = process.cpuUsage();
      tell({ kind: 'mark', count: node.received(), cpuMicros: user + system });
    }
    if (message.kind === 'stop') {
      clearInterval(report);
      isRunning = false;
      void node.stop().then(() => process.exit(0));
    }
    pump();
  });
  tell({ kind: 'listening', address: node.addresses()[0]! });
}

async function ours(rig: RigGenesis, position: number): Promise<Node> {
  const much: Quota = {
    items: { perSecond: 1_000_000, burst: 1_000_000 },
    bytes: { perSecond: 1_000_000_000, burst: 1_000_000_000 },
  };
  const quotas = Object.fromEntries(Object.keys(quotaTable(4)).map((key) => [key, much])) as ReturnType<
    typeof quotaTable
  >;
  const agent = await rigAgent({ rig, position, quotas });
  await agent.start();
  let received = 0;
  const taken = agent.statements;
  return {
    addresses: () => agent.network.addresses(),
    connect: async (addresses) => {
      for (const address of addresses) agent.network.connect(address);
      await agent.until(() => agent.peers.size === rig.signers.length - 1);
    },
    publish: (entries) => agent.network.publish('statements', entries),
    received: () => {
      received += taken.length;
      taken.length = 0;
      return received;
    },
    stop: () => agent.stop(),
  };
}

const bareTransport = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 1_000 },
};

async function direct(rig: RigGenesis): Promise<Node> {
  const node = await createLibp2p(bareTransport);
  const keys = new Map(rig.signers.map(({ publicKey }) => [kidText(kidOf(publicKey)), publicKey]));
  let received = 0;
  const take = (frameBytes: Uint8Array): void => {
    const frame = decodeFrame(frameBytes);
    if (isFault(frame)) throw new Error(frame.detail);
    for (const item of frame.items) if (signatureHolds(item, keys)) received += 1;
  };
  const streams: Awaited<ReturnType<typeof node.dialProtocol>>[] = [];
  await node.handle('/bench/1', (stream) => {
    const reader = new FrameReader({ bytesMax: 1_000_000 });
    stream.addEventListener('message', ({ data }) => reader.push(data.subarray()).frames.forEach(take));
  });
  return {
    addresses: () => node.getMultiaddrs().map(String),
    connect: async (addresses) => {
      for (const address of addresses) streams.push(await node.dialProtocol(multiaddr(address), '/bench/1'));
    },
    publish: (entries) => {
      const bytes = encodeFrame({ kind: 'statements', items: entries }, LENGTH_BYTES);
      writeLength(bytes);
      for (const stream of streams) if (stream.status === 'open') stream.send(bytes);
    },
    received: () => received,
    stop: async () => node.stop(),
  };
}

const kidText = (kid: Uint8Array): string => Buffer.from(kid).toString('latin1');

function signatureHolds(entry: Uint8Array, keys: ReadonlyMap<string, Uint8Array>): boolean {
  const decoded = decodeEntry(entry);
  const envelope = isFault(decoded) ? decoded : decodeCoseSign1(decoded.statement);
  if (isFault(envelope)) return false;
  const publicKey = keys.get(kidText(envelope.kid));
  const { signature } = envelope;
  return publicKey !== undefined && checkSignature({ publicKey, message: sigStructure(envelope), signature });
}

async function gossip(): Promise<Node> {
  const node = await createLibp2p({
    ...bareTransport,
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: StrictNoSign,
        msgIdFn: ({ data }) => hash('sha256', data, 'buffer'),
        fastMsgIdFn: ({ data }) => hash('sha256', data!, 'buffer').toString('latin1'),
        allowPublishToZeroTopicPeers: true,
        emitSelf: false,
      }),
    },
  });
  const { pubsub } = node.services;
  let received = 0;
  pubsub.addEventListener('message', () => (received += 1));
  pubsub.subscribe('bench');
  return {
    addresses: () => node.getMultiaddrs().map(String),
    connect: async (addresses) => {
      for (const address of addresses) await node.dial(multiaddr(address));
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (pubsub.getSubscribers('bench').length < addresses.length) return;
          pubsub.removeEventListener('gossipsub:heartbeat', look);
          resolve();
        };
        pubsub.addEventListener('gossipsub:heartbeat', look);
      });
    },
    publish: (entries) => {
      for (const entry of entries) void pubsub.publish('bench', entry);
    },
    received: () => received,
    stop: async () => node.stop(),
  };
}

// ---- the parent

type Result = { readonly mode: Mode; readonly deliveriesPerSecond: number; readonly cpuMicrosPerDelivery: number };

async function measure(mode: Mode, validators: number, seconds: number, folder: string): Promise<Result> {
  const children = Array.from({ length: validators }, (_, index) =>
    fork(fileURLToPath(import.meta.url), ['--child', mode, `${index}`, `${validators}`, folder]),
  );
  try {
    const addresses = await Promise.all(children.map(async (c) => (await nextOf(c, 'listening')).address));
    // Everyone dials everyone: bare streams are one-way, as ours are.
    for (const [i, c] of children.entries()) {
      c.send({ kind: 'connect', addresses: addresses.filter((_, j) => j !== i) } satisfies ToChild);
      await nextOf(c, 'connected');
    }
    relayProgress(children);
    for (const c of children) c.send({ kind: 'go' } satisfies ToChild);
    await pause(1_500);
    const first = await marks(children);
    const from = performance.now();
    await pause(seconds * 1_000);
    const second = await marks(children);
    const elapsed = (performance.now() - from) / 1_000;
    const deliveries = second.count - first.count;
    return {
      mode,
      deliveriesPerSecond: deliveries / elapsed,
      cpuMicrosPerDelivery: (second.cpuMicros - first.cpuMicros) / deliveries,
    };
  } finally {
    for (const c of children) c.send({ kind: 'stop' } satisfies ToChild);
    await Promise.all(children.map((c) => new Promise((resolve) => c.once('exit', resolve))));
  }
}

/** Signs every validator's statements once, for all three modes: more than any of them can publish in the time. */
function writeLanes(validators: number, seconds: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'momentd-bench-'));
  const rig = rigGenesis(validators);
  const count = Math.ceil(((seconds + 3) * 12_000) / validators / BATCH) * BATCH;
  for (const [i, signer] of rig.signers.entries()) {
    const lane = new LaneWriter(rig, signer).many(count);
    writeFileSync(join(folder, `${i}`), Buffer.concat(lane.flatMap((entry) => [lengthOf(entry), entry])));
  }
  return folder;
}

function lengthOf(entry: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(entry.length);
  return length;
}

function unpackAll(file: Buffer): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const end = at + 2 + file.readUInt16BE(at);
    entries.push(Uint8Array.from(file.subarray(at + 2, end)));
    at = end;
  }
  return entries;
}

/** A publisher may be `WINDOW` ahead of what each of the others has on average received from it. */
function relayProgress(children: readonly ChildProcess[]): void {
  const published = children.map(() => 0);
  const received = children.map(() => 0);
  for (const [i, c] of children.entries())
    c.on('message', (message: ToParent) => {
      if (message.kind !== 'received') return;
      published[i] = message.published;
      received[i] = message.count;
      const all = published.reduce((sum, count) => sum + count, 0);
      // The slowest reader's backlog over all publishers, shared among them.
      const backlog = Math.max(...received.map((count, j) => all - published[j]! - count)) / (children.length - 1);
      if (c.connected)
        c.send({
          kind: 'progress',
          leastReceived: Math.max(0, message.published - Math.ceil(backlog)),
        } satisfies ToChild);
    });
}

async function marks(children: readonly ChildProcess[]): Promise<{ count: number; cpuMicros: number }> {
  const all = children.map((c) => nextOf(c, 'mark'));
  for (const c of children) c.send({ kind: 'mark' } satisfies ToChild);
  const sum = { count: 0, cpuMicros: 0 };
  for (const { count, cpuMicros } of await Promise.all(all)) {
    sum.count += count;
    sum.cpuMicros += cpuMicros;
  }
  return sum;
}

function nextOf<K extends ToParent['kind']>(c: ChildProcess, kind: K): Promise<Extract<ToParent, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`a benchmark process ended with ${code}`));
    const look = (message: ToParent): void => {
      if (message.kind !== kind) return;
      c.off('message', look);
      c.off('exit', gone);
      resolve(message as Extract<ToParent, { kind: K }>);
    };
    c.on('message', look);
    c.on('exit', gone);
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      validators: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const validators = Number(values.validators);
  const seconds = Number(values.seconds);
  const folder = writeLanes(validators, seconds);
  const results: Result[] = [];
  for (const mode of MODES) {
    const result = await measure(mode, validators, seconds, folder);
    results.push(result);
    say(
      `${mode.padEnd(7)} ${result.deliveriesPerSecond.toFixed(0).padStart(7)} deliveries/s  ${result.cpuMicrosPerDelivery.toFixed(0).padStart(5)} us CPU per delivery`,
    );
  }
  rmSync(folder, { recursive: true });
  const rate = (mode: Mode): number => results.find((r) => r.mode === mode)!.deliveriesPerSecond;
  const ratios = { overGossip: rate('ours') / rate('gossip'), overDirect: rate('ours') / rate('direct') };
  say(
    `ours / gossip ${ratios.overGossip.toFixed(2)} (target 5)   ours / direct+verification ${ratios.overDirect.toFixed(2)} (target 0.8)`,
  );
  const delivered = {
    what: `statements delivered, ${validators} validators`,
    value: rate('ours'),
    unit: 'deliveries/s',
  };
  figure({ ...delivered, baseline: 'bare gossipsub', ratio: ratios.overGossip, target: '>= 5' });
  figure({ ...delivered, baseline: 'bare streams and verification', ratio: ratios.overDirect, target: '>= 0.8' });
  for (const { mode, cpuMicrosPerDelivery } of results)
    figure({ what: `processor time of a delivery, ${mode}`, value: cpuMicrosPerDelivery, unit: 'us' });
  tellFigures('gossip');
}

const at = process.argv.indexOf('--child');
if (at < 0) await main();
else {
  const [mode, index, validators, folder] = process.argv.slice(at + 1);
  await child(mode as Mode, Number(index), Number(validators), folder!);
}
