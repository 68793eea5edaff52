/**
 * Gossip for those who are not on the direct streams: one topic per kind, one frame per message, our own verdicts.
 *
 * StrictNoSign: what travels is signed already, by keys that mean something. A message's id is the hash of topic and whole
 * content: an id taken from (author, seq) would let anyone block a valid message by sending a bad one first, and one
 * without the topic by sending it where it does not belong. Bounds: topics by list, RPC fields and bytes by number, and
 * an outbound buffer per peer beyond which its stream is reset (without it a stalled peer costs memory without end).
 */

import { gossipsub, TopicValidatorResult, StrictNoSign, type GossipSub, type Message } from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { hash } from 'node:crypto';
import { encodeFrame, FRAME_HEAD_BYTES, ITEM_HEAD_BYTES } from '../../core/propagation/frame.ts';
import { KIND_RULES, MESSAGE_KINDS, topicOf, type MessageKind } from '../../core/propagation/kinds.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Arrival, ArrivalOutcome, Peer } from '../../ports/network.ts';

/** Bytes of a message around its data: topic, lengths. */
const RPC_OVERHEAD_BYTES = 4_096;

/** The gossipsub service for a network, or for its validators alone a narrower mesh. */
export function gossipService(options: { readonly networkHex: string; readonly appScore: (peer: string) => number }) {
  const topics = MESSAGE_KINDS.map((kind) => topicOf(options.networkHex, kind));
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ topic, data }) => messageId(topic, data),
    fastMsgIdFn: ({ topic, data }) => messageId(topic, data ?? new Uint8Array()).toString('latin1'),
    allowedTopics: topics,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    floodPublish: false,
    doPX: true,
    // Fan-out 8 (requirement A11): what one node keeps in its mesh.
    D: 8,
    Dlo: 6,
    Dhi: 12,
    maxInboundDataLength: LIMITS.frameBytesMax + RPC_OVERHEAD_BYTES,
    maxOutboundBufferSize: LIMITS.streamBufferBytesMax,
    maxTopicBytesPerPeer: 16_384,
    decodeRpcLimits: {
      maxSubscriptions: 32,
      maxMessages: 64,
      maxIhaveMessageIDs: 2_000,
      maxIwantMessageIDs: 2_000,
      maxIdontwantMessageIDs: 2_000,
      maxControlMessages: 64,
      maxPeerInfos: 32,
    },
    scoreParams: {
      // Our own trust in a peer (0..1) weighs most; the library's counts of invalid messages come on top.
      appSpecificScore: options.appScore,
      appSpecificWeight: 50,
      IPColocationFactorWeight: -1,
      IPColocationFactorThreshold: 3,
      topics: Object.fromEntries(topics.map((topic) => [topic, TOPIC_SCORE])),
    },
    scoreThresholds: { gossipThreshold: -10, publishThreshold: -30, graylistThreshold: -60, acceptPXThreshold: 10 },
  });
}

/** Deliveries that were first count a little, invalid ones a lot; both are forgotten within minutes. */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 1,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 100,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.9,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 1_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.9,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.9,
} as const;

/** 20 bytes of SHA-256 over topic, a zero byte and the data. */
function messageId(topic: string, data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${topic}\0`), data]), 'buffer').subarray(0, 20);
}

export type GossipNeeds = {
  readonly pubsub: GossipSub;
  readonly networkHex: string;
  readonly peerNamed: (name: string) => Peer | undefined;
  readonly judge: (arrival: Arrival) => ArrivalOutcome | Promise<ArrivalOutcome>;
  readonly banned: (peer: PeerId) => void;
  readonly sent: (kind: MessageKind, items: number, bytes: number) => void;
};

type Box = { items: Uint8Array[]; bytes: number; timer: NodeJS.Timeout | undefined };

/** Publishing in batches, and judging what comes. */
export class Gossip {
  readonly #needs: GossipNeeds;
  readonly #boxes = new Map<MessageKind, Box>();

  constructor(needs: GossipNeeds) {
    this.#needs = needs;
  }

  /** Subscribes to the kinds; what comes is judged before it is passed on. */
  subscribe(kinds: readonly MessageKind[]): void {
    const { pubsub, networkHex } = this.#needs;
    for (const kind of kinds) {
      const topic = topicOf(networkHex, kind);
      pubsub.topicValidators.set(topic, (peer, message) => this.#validate(kind, peer, message));
      pubsub.subscribe(topic);
    }
  }

  /** Puts items into the kind's box; it goes out when it is full or its wait is over. Free when nobody listens. */
  publish(kind: MessageKind, items: readonly Uint8Array[]): void {
    const { pubsub, networkHex } = this.#needs;
    if (pubsub.getSubscribers(topicOf(networkHex, kind)).length === 0) return;
    const { batchItemsMax, batchBytesMax, gossipWait } = KIND_RULES[kind];
    const box = this.#boxOf(kind);
    for (const item of items) {
      const grown = box.bytes + ITEM_HEAD_BYTES + item.length;
      if (box.items.length >= batchItemsMax || (grown > batchBytesMax && box.items.length > 0)) this.#send(kind, box);
      box.items.push(item);
      box.bytes += ITEM_HEAD_BYTES + item.length;
    }
    if (gossipWait === 0n) this.#send(kind, box);
    else box.timer ??= setTimeout(() => this.#send(kind, box), Number(gossipWait / 1_000_000n));
  }

  stop(): void {
    for (const { timer } of this.#boxes.values()) clearTimeout(timer);
    this.#boxes.clear();
  }

  async #validate(topicKind: MessageKind, source: PeerId, { data }: Message): Promise<TopicValidatorResult> {
    const from = this.#needs.peerNamed(source.toString());
    // [IGNORE] Who has not said hello is not read; whoever sent it first may still be.
    if (from === undefined) return TopicValidatorResult.Ignore;
    const outcome = await this.#needs.judge({ from, way: 'gossip', topicKind, bytes: data });
    if (outcome.banned) this.#needs.banned(source);
    return RESULTS[outcome.kind];
  }

  #send(kind: MessageKind, box: Box): void {
    clearTimeout(box.timer);
    box.timer = undefined;
    if (box.items.length === 0) return;
    const bytes = encodeFrame({ kind, items: box.items });
    this.#needs.sent(kind, box.items.length, bytes.length);
    box.items = [];
    box.bytes = FRAME_HEAD_BYTES;
    // Fails when the node is stopping, or a peer's stream is full: gossip repeats, and lanes are fetched by range.
    void this.#needs.pubsub.publish(topicOf(this.#needs.networkHex, kind), bytes).catch(() => undefined);
  }

  #boxOf(kind: MessageKind): Box {
    const known = this.#boxes.get(kind);
    if (known !== undefined) return known;
    const box: Box = { items: [], bytes: FRAME_HEAD_BYTES, timer: undefined };
    this.#boxes.set(kind, box);
    return box;
  }
}

const RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;
