/** What faces see of the membership: snapshots of its parts, put into the words of `ports/network-view.ts`. */

import type { Genesis } from '../../core/attestation/genesis.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { halfWidthOf } from '../../core/time/interval.ts';
import { isBefore, negate, seconds, shift, type MonoInstant, type Nanos } from '../../core/time/nanos.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { compare, type Comparison } from '../../core/ordering/order-position.ts';
import { decodeOrderEntry, type OrderEntry } from '../../core/ordering/order-entry.ts';
import type { Ordering } from '../../core/ordering/ordering.ts';
import { makeReceipt } from '../../core/ordering/receipt.ts';
import { countsOf } from '../../core/ordering/seen-interval.ts';
import { slotEnd, watermarkOf } from '../../core/ordering/slots.ts';
import type { Tick } from '../../core/ordering/tick.ts';
import { countFeatures, OWN_FEATURES, type FeatureCount } from '../../core/peers/features.ts';
import { networkHealth } from '../../core/peers/network-health.ts';
import type { Standing } from '../../core/peers/standing.ts';
import { isFault } from '../../core/verdict.ts';
import type { Interval } from '../../core/time/interval.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { KeptLanes, KeptLog } from '../../ports/kept-log.ts';
import type { LaneSearch } from '../../ports/lane-search.ts';
import type { Network, PeerView } from '../../ports/network.ts';
import type {
  CapabilitySearchView,
  FaultView,
  LaneStatusView,
  NetworkStatusView,
  NetworkView,
  OrderStatusView,
  PeerStatusView,
  PeerTimeView,
  SubjectView,
  Submission,
  TimeAlarmView,
  ValidatorView,
} from '../../ports/network-view.ts';
import { makeCertificate } from '../order/make-certificate.ts';
import type { Membership } from './membership.ts';

export type MembershipViewNeeds = {
  readonly membership: Membership;
  readonly genesis: Genesis;
  readonly network: Digest;
  /** Undefined for one who follows. */
  readonly self: number | undefined;
  readonly transport: Network;
  /** False without a `[network]` section. */
  readonly isNetworked: boolean;
  readonly standing: Standing;
  readonly lanes: KeptLanes;
  readonly orderLog: KeptLog;
  readonly orderTile: (path: string) => Promise<Uint8Array | undefined>;
  readonly ordering: Ordering;
  readonly tick: Tick | undefined;
  readonly search: Pick<LaneSearch, 'findSubject'>;
  readonly interval: () => Interval | undefined;
  readonly now: () => MonoInstant;
};

/** Whoever was heard within this takes part. */
const HEARD_WITHIN = seconds(60);

export class MembershipView implements NetworkView {
  readonly #needs: MembershipViewNeeds;
  readonly #validators: readonly ValidatorView[];

  constructor(needs: MembershipViewNeeds) {
    this.#needs = needs;
    this.#validators = needs.genesis.validators.map(({ name, region }, index) => ({
      index,
      name,
      region,
      kid: needs.membership.kids[index]!,
      isSelf: index === needs.self,
    }));
  }

  network(): NetworkStatusView {
    const { membership, transport, isNetworked, standing, now, self } = this.#needs;
    const counts = membership.inbound.pipeline.counts;
    const peers = transport.peers();
    const counters = isNetworked ? transport.counters() : undefined;
    const refused = new Map<string, number>();
    for (const { kind, code, count } of counts.refusals()) refused.set(`${kind} ${code}`, count);
    const accepted = (['faults', 'statements', 'subjects', 'checkpoints'] as const).reduce(
      (sum, kind) => sum + counts.acceptedOf(kind),
      0,
    );
    const heard = this.#heard();
    const roundTripMedian = medianOf(peers);
    return {
      isNetworked,
      identity: isNetworked ? transport.name : undefined,
      addresses: transport.addresses(),
      validators: this.#validators,
      self,
      heard,
      peers: peers.length,
      roundTripMedian,
      counters,
      inbound: { accepted, refused },
      banned: standing.banned(now()),
      faults: membership.faults.all().length,
      timeAlarms: membership.rounds.apart.map(({ code, who, since }) => ({
        code,
        since,
        who: who === undefined ? undefined : this.#validatorOf(peers.find(({ name }) => name === who)?.kid),
      })) satisfies TimeAlarmView[],
      features: this.#features(peers),
      health: networkHealth({
        peers: peers.length,
        latencyMs: roundTripMedian === undefined ? undefined : Number(roundTripMedian) / 1e6,
        participation: heard.length / this.#validators.length,
        dropped: membership.droppedShare,
      }),
    };
  }

  #features(peers: readonly PeerView[]): readonly FeatureCount[] {
    const { membership, self } = this.#needs;
    const own = self === undefined ? [] : [{ kid: membership.kids[self]!, features: OWN_FEATURES }];
    const heard = peers.flatMap(({ kid, features }) => (kid === undefined ? [] : [{ kid, features }]));
    return countFeatures([...heard, ...own], countsOf(this.#validators.length).q);
  }

  peers(): readonly PeerStatusView[] {
    const { transport, standing, membership } = this.#needs;
    const times = membership.times.latest();
    return transport.peers().map((peer) => {
      const exchange = times.get(peer.name);
      const time: PeerTimeView | undefined = exchange && {
        at: exchange.at,
        offset: exchange.finding.offset,
        forward: exchange.finding.forward,
        back: exchange.finding.back,
        guarantee: halfWidthOf(exchange.evidence.exchange.signed),
        isConsistent: exchange.finding.isConsistent,
      };
      return { ...peer, validator: this.#validatorOf(peer.kid), trust: standing.trustOf(peer.name), time };
    });
  }

  async findByCapability(capability: string, signal: AbortSignal): Promise<CapabilitySearchView> {
    const { offers, isComplete } = await this.#needs.transport.findByCapability(capability, signal);
    return { offers: offers.map((offer) => ({ ...offer, validator: this.#validatorOf(offer.kid) })), isComplete };
  }

  lanes(): readonly LaneStatusView[] {
    const { membership, lanes } = this.#needs;
    return this.#validators.map(({ index, kid }) => {
      const best = membership.cosigning.best(index);
      return {
        validator: index,
        size: lanes.lane(kid)?.size ?? 0,
        lastTai: membership.lastStored(index).tai,
        isFrozen: membership.keeping.isFrozen(kid),
        isCatchingUp: membership.keeping.isCatchingUp(kid),
        checkpoint: best && { size: best.checkpoint.size, root: best.checkpoint.root, cosigners: best.cosigners },
      };
    });
  }

  async laneFile(validator: number, path: string): Promise<Uint8Array | undefined> {
    const { membership, lanes } = this.#needs;
    const kid = this.#validators[validator]?.kid;
    if (kid === undefined) return undefined;
    if (path === 'checkpoint') return membership.cosigning.best(validator)?.note;
    return lanes.tile(kid, path);
  }

  faults(): readonly FaultView[] {
    return this.#needs.membership.faults.all();
  }

  faultProof(digest: Uint8Array): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#needs.membership.faults.proof(digest));
  }

  orderStatus(): OrderStatusView {
    const { ordering, orderLog, tick, genesis, membership, interval } = this.#needs;
    const { pool } = membership.desk;
    const now = interval();
    const decided = ordering.decidedSlot;
    return {
      size: BigInt(orderLog.size),
      decidedSlot: decided,
      decidedTai: decided === undefined ? undefined : slotEnd(decided, genesis.parameters),
      watermark: decided === undefined ? undefined : watermarkOf(decided, genesis.parameters),
      waiting: now === undefined ? { lanes: [], voters: [] } : ordering.waitingFor(now.earliest),
      contradictedSlot: ordering.contradictedSlot,
      pool: { subjects: pool.size, bytes: pool.bytes, evicted: pool.evicted },
      tick: {
        length: tick?.length ?? genesis.parameters.tick,
        waiting: tick?.waitingReports ?? 0,
        dropped: tick?.dropped ?? 0,
      },
    };
  }

  async order(from: bigint, limit: number): Promise<readonly OrderEntry[]> {
    const { orderLog } = this.#needs;
    if (from >= BigInt(orderLog.size)) return [];
    const first = Number(from);
    const entries = await orderLog.read(first, Math.min(first + limit, orderLog.size));
    return entries.map((bytes, i) => {
      const entry = decodeOrderEntry(bytes);
      // We wrote it; what is read may have been altered since.
      if (isFault(entry)) throw new AgentError('order-log-damaged', `entry ${first + i}: ${entry.detail}`);
      return entry;
    });
  }

  orderFile(path: string): Promise<Uint8Array | undefined> {
    return this.#needs.orderTile(path);
  }

  submit(submission: Submission, origin: string): ReturnType<NetworkView['submit']> {
    return this.#needs.membership.desk.submit(submission, origin);
  }

  submitRecord(record: Uint8Array, origin: string): ReturnType<NetworkView['submitRecord']> {
    return this.#needs.membership.desk.submitRecord(record, origin);
  }

  subject(id: Digest): Promise<SubjectView> {
    const { ordering, membership } = this.#needs;
    const position = ordering.positionOf(id);
    return Promise.resolve({ id, position, record: membership.desk.pool.get(id)?.record });
  }

  compare(a: Digest, b: Digest): Promise<Comparison> {
    const { ordering } = this.#needs;
    return Promise.resolve(compare(ordering.positionOf(a), ordering.positionOf(b)));
  }

  async certificate(id: Digest): Promise<Uint8Array | undefined> {
    const { ordering, membership, network, lanes, orderLog } = this.#needs;
    const parts = ordering.certificateParts(id);
    if (parts === undefined) return undefined;
    await membership.order.flushed();
    return makeCertificate({ network, lanes, kids: membership.kids, orderLog }, parts);
  }

  async receipt(id: Digest): Promise<Uint8Array | undefined> {
    const { membership, lanes, self, search } = this.#needs;
    // Only a validator reports.
    if (self === undefined) return undefined;
    const own = lanes.lane(membership.kids[self]!);
    // What was reported lately is remembered; what was reported long ago is found in the lane.
    const recent = membership.desk.ownReportOf(id);
    for (const seq of recent === undefined ? await search.findSubject(id) : [recent]) {
      const [entry] = (await own?.read(seq, seq + 1)) ?? [];
      const decoded = entry === undefined ? undefined : decodeEntry(entry);
      if (decoded === undefined || isFault(decoded) || decoded.body === null) continue;
      const receipt = makeReceipt(decoded.statement, decoded.body, id);
      if (receipt !== undefined) return receipt;
    }
    return undefined;
  }

  #heard(): number[] {
    const { membership, now } = this.#needs;
    const oldest = shift(now(), negate(HEARD_WITHIN));
    return this.#validators.flatMap(({ index }) => {
      const { heardAt } = membership.lastStored(index);
      return heardAt === undefined || isBefore(heardAt, oldest) ? [] : [index];
    });
  }

  #validatorOf(kid: Uint8Array | undefined): number | undefined {
    return kid === undefined ? undefined : this.#needs.membership.indexOf(kid);
  }
}

function medianOf(peers: readonly PeerView[]): Nanos | undefined {
  const measured = peers.flatMap(({ roundTrip }) => (roundTrip === undefined ? [] : [roundTrip]));
  measured.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return measured[Math.floor(measured.length / 2)];
}
