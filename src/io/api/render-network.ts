/** Views of the network and the order as the API writes them: names in snake case, nanoseconds and counts as text. */

import { toHex } from '../../core/codec/hex.ts';
import type { OrderEntry } from '../../core/ordering/order-entry.ts';
import type { Comparison, OrderPosition } from '../../core/ordering/order-position.ts';
import type { Bounds } from '../../core/peers/time-exchange.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import type { Interval } from '../../core/time/interval.ts';
import type {
  CapabilitySearchView,
  FaultView,
  LaneStatusView,
  NetworkStatusView,
  OrderStatusView,
  PeerStatusView,
  SubjectView,
  Submitted,
  ValidatorView,
} from '../../ports/network-view.ts';

const orNull = <T, R>(value: T | undefined, render: (value: T) => R): R | null =>
  value === undefined ? null : render(value);
const decimal = (value: bigint | number): string => value.toString();
const renderBounds = ({ least, most }: Bounds) => ({ least_ns: decimal(least), most_ns: decimal(most) });
const renderSeen = ({ earliest, latest }: Interval) => ({ earliest_ns: decimal(earliest), latest_ns: decimal(latest) });

export const renderNetwork = (view: NetworkStatusView) => ({
  networked: view.isNetworked,
  identity: view.identity ?? null,
  addresses: view.addresses,
  validators: view.validators.map(({ index, name, kid, region, isSelf }) => ({
    index,
    name,
    kid: toHex(kid),
    region,
    self: isSelf,
  })),
  self: view.self ?? null,
  heard: view.heard,
  peers: view.peers,
  round_trip_median_ns: orNull(view.roundTripMedian, decimal),
  traffic: orNull(view.counters, (counters) => ({
    sent_bytes: counters.sentBytes,
    received_bytes: counters.receivedBytes,
    received_frames: counters.receivedFrames,
    sent_items: counters.sentItems,
    dropped_items: counters.droppedItems,
  })),
  inbound: { accepted: view.inbound.accepted, refused: Object.fromEntries(view.inbound.refused) },
  banned: view.banned,
  faults: view.faults,
  time_alarms: view.timeAlarms.map(({ code, who, since }) => ({
    code,
    validator: who ?? null,
    since_mono_ns: decimal(since),
  })),
  features: view.features.map(({ feature, ready, isQuorum }) => ({ feature, ready, quorum: isQuorum })),
  health: { score: view.health.score, deductions: view.health.deductions },
});

export const renderPeer = (peer: PeerStatusView) => ({
  name: peer.name,
  address: peer.address,
  direction: peer.direction,
  role: peer.role,
  validator: peer.validator ?? null,
  kid: orNull(peer.kid, toHex),
  trust: peer.trust,
  round_trip_ns: orNull(peer.roundTrip, decimal),
  waiting_items: peer.waitingItems,
  waiting_bytes: peer.waitingBytes,
  time: orNull(peer.time, (time) => ({
    at_mono_ns: decimal(time.at),
    offset: renderBounds(time.offset),
    forward: renderBounds(time.forward),
    back: renderBounds(time.back),
    guarantee_ns: decimal(time.guarantee),
    consistent: time.isConsistent,
  })),
});

export const renderCapabilitySearch = (capability: string, { offers, isComplete }: CapabilitySearchView) => ({
  capability,
  complete: isComplete,
  offers: offers.map(({ name, addresses, check, role, validator, kid }) => ({
    name,
    addresses,
    check,
    role: role ?? null,
    validator: validator ?? null,
    kid: orNull(kid, toHex),
  })),
});

export const renderLane = (lane: LaneStatusView, validators: readonly ValidatorView[]) => ({
  validator: lane.validator,
  name: validators[lane.validator]!.name,
  kid: toHex(validators[lane.validator]!.kid),
  size: decimal(lane.size),
  last_tai_ns: orNull(lane.lastTai, decimal),
  frozen: lane.isFrozen,
  catching_up: lane.isCatchingUp,
  checkpoint: orNull(lane.checkpoint, ({ size, root, cosigners }) => ({
    size: decimal(size),
    root: toHex(root),
    cosigners,
  })),
});

export const renderFault = ({ code, validator, kid, digest }: FaultView) => ({
  code,
  validator: validator ?? null,
  kid: toHex(kid),
  digest: toHex(digest),
});

export const renderOrderEntry = (entry: OrderEntry) => ({
  index: decimal(entry.index),
  subject: toHex(entry.subject),
  moment_tai_ns: decimal(entry.moment),
  seen: renderSeen(entry.seen),
  slot: decimal(entry.slot),
  late: entry.isLate,
});

export const renderOrderStatus = (view: OrderStatusView) => ({
  size: decimal(view.size),
  decided_slot: orNull(view.decidedSlot, decimal),
  decided_tai_ns: orNull(view.decidedTai, decimal),
  watermark_tai_ns: orNull(view.watermark, decimal),
  waiting: view.waiting,
  contradicted_slot: orNull(view.contradictedSlot, decimal),
  pool: view.pool,
  tick: { length_ns: decimal(view.tick.length), waiting: view.tick.waiting, dropped: view.tick.dropped },
});

export const renderSubmitted = ({ id, record }: Submitted) => ({ id: toHex(id), record: toHex(record) });

export const renderSubject = ({ id, position, record }: SubjectView) => ({
  id: toHex(id),
  position: position.kind,
  seen: orNull(seenOf(position), renderSeen),
  reports: ('reports' in position ? position.reports : []).map(({ lane, seq, seen }) => ({
    validator: lane,
    seq: decimal(seq),
    seen: renderSeen(seen),
  })),
  entry: position.kind === 'final' ? renderOrderEntry(position.entry) : null,
  record: orNull(record, toHex),
  pooled: record !== undefined,
});

export function renderComparison(answer: Comparison, a: Digest, b: Digest) {
  const sides = { a: sideOf(answer, 'a', a), b: sideOf(answer, 'b', b) };
  switch (answer.kind) {
    case 'final':
      return { kind: answer.kind, relation: answer.relation, first: answer.first, assumption: null, ...sides };
    case 'provisional':
      return { kind: answer.kind, relation: answer.relation, first: null, assumption: answer.assumption, ...sides };
    case 'undecided':
      return { kind: answer.kind, relation: null, first: null, assumption: null, ...sides };
  }
}

function sideOf(answer: Comparison, side: 'a' | 'b', subject: Digest) {
  const common = { subject: toHex(subject) };
  switch (answer.kind) {
    case 'final':
      return { ...common, position: 'final', seen: renderSeen(answer[side].seen), index: decimal(answer[side].index) };
    case 'provisional':
      return { ...common, position: 'provisional', seen: renderSeen(answer[side]), index: null };
    case 'undecided':
      return { ...common, position: answer[side], seen: null, index: null };
  }
}

function seenOf(position: OrderPosition): Interval | undefined {
  if (position.kind === 'final') return position.entry.seen;
  return position.kind === 'provisional' ? position.seen : undefined;
}
