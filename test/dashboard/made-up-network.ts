/**
 * A network of four validators as faces see it, made up and coherent: a peer that agrees, one whose clock stands apart, one that was
 * never asked for the time; lanes with and without cosignatures; an order with runs of concurrent subjects.
 */

import { sha256 } from '../../src/core/codec/sha256.ts';
import type { OrderEntry } from '../../src/core/ordering/order-entry.ts';
import { interval } from '../../src/core/time/interval.ts';
import { micros, millis, monoInstant, nanos, shift, type Nanos, type TaiInstant } from '../../src/core/time/nanos.ts';
import type { LaneStatusView, NetworkStatusView, NetworkView, PeerStatusView } from '../../src/ports/network-view.ts';

const digestOf = (text: string) => sha256(new TextEncoder().encode(text));
const kidOf = (index: number): Uint8Array => digestOf(`key ${index}`).slice(0, 8);

/** Between the first sights of two neighbours in the order, and how wide each was seen: every fourth run overlaps. */
const STEPS: readonly Nanos[] = [millis(40), millis(9), millis(4), millis(55)];
const SEEN_FOR = millis(12);

export const ORDER_SIZE = 57;

export function madeUpNetwork(begin: TaiInstant): NetworkView {
  const entries = orderFrom(begin);
  return {
    network: () => STATUS,
    peers: () => PEERS,
    lanes: () => LANES,
    faults: () => [],
    orderStatus: () => ({
      size: BigInt(ORDER_SIZE),
      decidedSlot: 40,
      decidedTai: entries.at(-1)!.seen.latest,
      watermark: entries.at(-1)!.moment,
      waiting: { lanes: [3], voters: [] },
      contradictedSlot: undefined,
      pool: { subjects: 2, bytes: 200, evicted: 0 },
      tick: { length: millis(10), waiting: 0, dropped: 0 },
    }),
    order: (from, limit) => Promise.resolve(entries.slice(Number(from), Number(from) + limit)),
    ...UNASKED,
  };
}

function orderFrom(begin: TaiInstant): readonly OrderEntry[] {
  let earliest = begin;
  return Array.from({ length: ORDER_SIZE }, (_, index): OrderEntry => {
    earliest = shift(earliest, STEPS[index % STEPS.length]!);
    return {
      index,
      subject: digestOf(`subject ${index}`),
      moment: shift(earliest, millis(5)),
      seen: interval(earliest, shift(earliest, SEEN_FOR)),
      slot: 40,
      isLate: index === ORDER_SIZE - 3,
    };
  });
}

const STATUS: NetworkStatusView = {
  isNetworked: true,
  identity: '12D3KooWourselves',
  addresses: ['/ip4/127.0.0.1/tcp/4001'],
  validators: ['amber', 'birch', 'cedar', 'dune'].map((name, index) => ({
    index,
    name,
    kid: kidOf(index),
    region: 'EU',
    isSelf: index === 0,
  })),
  self: 0,
  heard: [0, 1, 2],
  peers: 3,
  roundTripMedian: micros(740),
  counters: undefined,
  inbound: { accepted: 4_000, refused: new Map() },
  banned: [],
  faults: 0,
  timeAlarms: [{ code: 'peer-time-apart', who: 2, since: monoInstant(5n) }],
  features: [{ feature: 'wider-ticks', ready: 3, isQuorum: true }],
  health: { score: 65, deductions: [{ cause: 'peers', points: 35 }] },
};

const peer = (index: number, roundTrip: Nanos, time: PeerStatusView['time']): PeerStatusView => ({
  name: `12D3KooWmadeUpPeer000000${index}`,
  address: `/ip4/127.0.0.${index + 1}/tcp/4001`,
  direction: 'outbound',
  role: 'validator',
  kid: kidOf(index),
  features: [],
  validator: index,
  roundTrip,
  waitingItems: 0,
  waitingBytes: 0,
  trust: 0.9,
  time,
});

const heard = (least: Nanos, most: Nanos, isConsistent: boolean): PeerStatusView['time'] => ({
  at: monoInstant(10n),
  offset: { least, most },
  forward: { least: nanos(0n), most: micros(400) },
  back: { least: nanos(0n), most: micros(400) },
  guarantee: nanos(240n),
  isConsistent,
});

export const PEERS: readonly PeerStatusView[] = [
  peer(1, micros(610), heard(micros(-280), micros(330), true)),
  peer(2, micros(740), heard(micros(900), micros(1_640), false)),
  peer(3, micros(1_900), undefined),
];

const LANES: readonly LaneStatusView[] = [0, 1, 2, 3].map((validator) => ({
  validator,
  size: 4_210 - validator * 7,
  lastTai: undefined,
  isFrozen: validator === 2,
  isCatchingUp: validator === 3,
  checkpoint:
    validator === 3
      ? undefined
      : {
          size: 4_200,
          root: digestOf(`root ${validator}`),
          cosigners: [0, 1, 2, 3].filter((at) => at < validator + 2 && at !== validator),
        },
}));

const unasked = (): never => {
  throw new Error('the page asked for what it does not show');
};
const UNASKED = {
  findByCapability: unasked,
  laneFile: unasked,
  faultProof: unasked,
  orderFile: unasked,
  submit: unasked,
  submitRecord: unasked,
  subject: unasked,
  compare: unasked,
  certificate: unasked,
  receipt: unasked,
};
