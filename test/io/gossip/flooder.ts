/**
 * A validator gone bad: says an honest hello, then sends ten times its quota of what it is told to, and comes back for
 * more whenever it is thrown out. Runs inside a test or, forked, in a process of its own.
 */

import { multiaddr } from '@multiformats/multiaddr';
import { fileURLToPath } from 'node:url';
import { encodeFrame } from '../../../src/core/propagation/frame.ts';
import { LENGTH_BYTES, writeLength } from '../../../src/core/propagation/frame-reader.ts';
import { introducedStranger, LaneWriter, rigGenesis, type RigGenesis, type Stranger } from './network-rig.ts';

export const FLOODS = ['valid', 'invalid', 'oversized'] as const;
export type Flood = (typeof FLOODS)[number];

const ITEMS_PER_FRAME = 50;

/** Frames as they go on the wire; enough that none comes twice within the duplicates' memory. */
export function floodFrames(rig: RigGenesis, position: number, kind: Flood, count: number): Uint8Array[] {
  const lane = new LaneWriter(rig, rig.signers[position]!);
  return Array.from({ length: count }, () => {
    if (kind === 'oversized') return Uint8Array.of(0x7f, 0xff, 0xff, 0xff, ...new Uint8Array(1_000));
    const items = lane.many(ITEMS_PER_FRAME);
    // The last bytes are the body's null and, before it, the signature's end.
    if (kind === 'invalid') for (const item of items) item[item.length - 20]! ^= 1;
    const framed = encodeFrame({ kind: 'statements', items }, LENGTH_BYTES);
    writeLength(framed);
    return framed;
  });
}

export type FloodTally = { sentItems: number; connections: number; refusedConnections: number };

/** Sends at `itemsPerSecond` until `signal` fires. */
export async function flood(
  rig: RigGenesis,
  options: {
    readonly position: number;
    readonly kind: Flood;
    readonly address: string;
    readonly itemsPerSecond: number;
    readonly frames: readonly Uint8Array[];
    readonly signal: AbortSignal;
  },
): Promise<FloodTally> {
  const tally: FloodTally = { sentItems: 0, connections: 0, refusedConnections: 0 };
  const stopped = new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve()));
  let stranger: Stranger | undefined;
  let next = 0;
  const isOver = (): boolean => options.signal.aborted;
  while (!isOver()) {
    try {
      // The first time it makes a host; then it comes back as the same identity, which is what a ban is for.
      stranger =
        stranger === undefined
          ? await introducedStranger(rig, options.position, options.address)
          : await stranger.again();
      tally.connections += 1;
    } catch {
      tally.refusedConnections += 1;
      await Promise.race([tick(200), stopped]);
      continue;
    }
    const { connection } = stranger;
    while (connection.status === 'open' && !isOver()) {
      const stream = await connection.newStream('/momentd/direct/1').catch(() => undefined);
      while (stream?.status === 'open' && !isOver()) {
        const frame = options.frames[next++ % options.frames.length]!;
        try {
          if (!stream.send(frame)) await Promise.race([stream.onDrain(), stranger.closed, stopped]);
        } catch {
          break;
        }
        tally.sentItems += ITEMS_PER_FRAME;
        await Promise.race([tick((1_000 * ITEMS_PER_FRAME) / options.itemsPerSecond), stranger.closed, stopped]);
      }
      await Promise.race([tick(20), stopped]);
    }
    if (!isOver()) await Promise.race([stranger.closed, tick(200), stopped]);
  }
  await stranger?.stop();
  return tally;
}

/** The pace of the flood, not a wait for anything. */
const tick = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Forked: `flooder.ts <validators> <position> <kind> <address> <items per second>` until told to stop.
if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [validators, position, kind, address, itemsPerSecond] = process.argv.slice(2) as [
    string,
    string,
    Flood,
    string,
    string,
  ];
  const rig = rigGenesis(Number(validators));
  const controller = new AbortController();
  const frames = floodFrames(rig, Number(position), kind, 400);
  process.on('message', (message) => {
    if (message === 'stop') controller.abort();
    if (message !== 'go') return;
    void flood(rig, {
      position: Number(position),
      kind,
      address: multiaddr(address).toString(),
      itemsPerSecond: Number(itemsPerSecond),
      frames,
      signal: controller.signal,
    }).then((tally) => {
      process.send!(tally);
      process.disconnect();
    });
  });
  process.send('ready');
}
