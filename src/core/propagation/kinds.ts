/**
 * The kinds of message, and how each one travels: strategy, priority, batch, queue, drop rule, retry (design section 7).
 *
 * This table is the policy; the rest of this folder and io/gossip only carry it out. Three ways: *structured*, long-lived
 * direct streams between the validators of the epoch, frames full and fastest peers first; *gossip*, a mesh for everyone
 * else and for announcements; *flooding*, to every peer at once, for what must arrive whatever it costs. Measured per
 * delivery on one core: gossip 0.3 to 1.2 ms, a direct stream 79 us, batched 24 us.
 *
 * A cut vote is a statement and keeps its place in its lane: were it to overtake the statements before it, its reader
 * would see a gap. So votes travel as statements.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { millis, seconds, type Nanos } from '../time/nanos.ts';
import type { Quota } from '../peers/quotas.ts';

/** In the order of their priority: what waits longest in a full queue is last. */
export const MESSAGE_KINDS = ['faults', 'statements', 'subjects', 'checkpoints'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

export type Strategy = 'structured' | 'gossip' | 'flooding';

/** How a receiver that missed an item comes by it. */
export type Repair =
  /** A gap in a lane is fetched by range. */
  | 'range'
  /** The sender keeps the newest and offers them to every validator that connects. */
  | 'reoffer'
  /** The next one replaces it. */
  | 'none';

export type KindRule = {
  /** First byte of a frame. Never reused. */
  readonly wire: number;
  readonly toValidators: Strategy;
  readonly toOthers: Strategy;
  readonly itemBytesMax: number;
  /** A frame is closed when it holds this many items or bytes, or when its first item has waited this long. */
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  readonly batchWait: Nanos;
  /** How long what nobody waits for (a heartbeat at rest) may wait where an overlay passes it on: there all lanes come together in one frame. */
  readonly relayWait: Nanos;
  /** The same for gossip, where a message costs most: long enough to fill one, short against what its readers need. */
  readonly gossipWait: Nanos;
  /** Outbound queue of one peer. */
  readonly queueItemsMax: number;
  /** What goes when the queue is full. Drops are counted per kind. */
  readonly whenFull: 'drop-oldest' | 'drop-newest';
  readonly repair: Repair;
  /** Items kept for `reoffer`. */
  readonly keptMax: number;
  /** Older items are not worth sending (requirement C5: 30 minutes). */
  readonly ageMax: Nanos;
  /** What one peer may send. On gossip a peer passes on what many said, so there it is multiplied by the validators. */
  readonly quota: Quota;
};

const KIB = 1_024;
const MIB = 1_048_576;

export const KIND_RULES: Readonly<Record<MessageKind, KindRule>> = {
  faults: {
    wire: 1,
    toValidators: 'flooding',
    toOthers: 'flooding',
    itemBytesMax: 65_536,
    batchItemsMax: 1,
    batchBytesMax: 65_536 + KIB,
    batchWait: millis(0),
    relayWait: millis(0),
    gossipWait: millis(0),
    queueItemsMax: 64,
    whenFull: 'drop-newest',
    repair: 'reoffer',
    keptMax: 64,
    ageMax: seconds(1_800),
    // Each proof is news once per liar; nobody has hundreds.
    quota: { items: { perSecond: 2, burst: 64 }, bytes: { perSecond: 128 * KIB, burst: 2 * MIB } },
  },
  statements: {
    wire: 2,
    toValidators: 'structured',
    toOthers: 'gossip',
    itemBytesMax: LIMITS.laneEntryBytesMax,
    batchItemsMax: 256,
    batchBytesMax: 64 * KIB + KIB,
    batchWait: millis(0),
    relayWait: millis(250),
    gossipWait: millis(100),
    queueItemsMax: 8_192,
    // The receiver sees the gap and fetches the range; what is newest tells it how far to fetch.
    whenFull: 'drop-oldest',
    repair: 'range',
    keptMax: 0,
    ageMax: seconds(1_800),
    // A tick every 10 ms is 100 a second; votes, heartbeats and checkpoints are a handful more.
    quota: { items: { perSecond: 250, burst: 1_000 }, bytes: { perSecond: 8 * MIB, burst: 16 * MIB } },
  },
  subjects: {
    wire: 3,
    toValidators: 'structured',
    toOthers: 'gossip',
    itemBytesMax: 16 * KIB,
    batchItemsMax: 512,
    batchBytesMax: 64 * KIB,
    batchWait: millis(2),
    relayWait: millis(2),
    gossipWait: millis(50),
    queueItemsMax: 8_192,
    whenFull: 'drop-newest',
    repair: 'reoffer',
    keptMax: 1_024,
    ageMax: seconds(60),
    quota: { items: { perSecond: 10_000, burst: 20_000 }, bytes: { perSecond: 8 * MIB, burst: 16 * MIB } },
  },
  checkpoints: {
    wire: 4,
    toValidators: 'gossip',
    toOthers: 'gossip',
    itemBytesMax: 8 * KIB,
    batchItemsMax: 64,
    batchBytesMax: 64 * KIB,
    batchWait: millis(100),
    relayWait: millis(100),
    gossipWait: millis(100),
    queueItemsMax: 256,
    whenFull: 'drop-oldest',
    repair: 'none',
    keptMax: 0,
    ageMax: seconds(1_800),
    quota: { items: { perSecond: 2, burst: 64 }, bytes: { perSecond: 16 * KIB, burst: 512 * KIB } },
  },
};

/** The kind a frame's first byte names. */
export function kindOfWire(wire: number): MessageKind | undefined {
  return MESSAGE_KINDS.find((kind) => KIND_RULES[kind].wire === wire);
}

/** `/momentd/<first 8 hex digits of the network id>/<kind>` */
export function topicOf(networkHex: string, kind: MessageKind): string {
  return `/momentd/${networkHex.slice(0, 8)}/${kind}`;
}

for (const kind of MESSAGE_KINDS) {
  const rule = KIND_RULES[kind];
  assert(rule.itemBytesMax < rule.batchBytesMax, `${kind}: the largest item fits a frame`);
  assert(rule.batchBytesMax <= LIMITS.frameBytesMax, `${kind}: a full frame is one a reader takes`);
  assert(rule.batchItemsMax <= LIMITS.frameItemsMax, `${kind}: a full frame has no more items than a reader takes`);
  assert(rule.keptMax > 0 === (rule.repair === 'reoffer'), `${kind}: what is offered again is kept`);
}
