/** What the agent shows, as the alert rules want it. */

import type { AlertFacts, NetworkFacts, SourceFacts } from '../core/alerts/facts.ts';
import type { LeapTable } from '../core/time/leap-seconds.ts';
import { longerOf, since, ZERO, type MonoInstant, type Nanos, type TaiInstant } from '../core/time/nanos.ts';
import type { NetworkView, OrderStatusView } from '../ports/network-view.ts';
import type { MetersView, StatusView } from '../ports/view.ts';

export type AgentSnapshot = {
  readonly status: StatusView;
  readonly meters: MetersView;
  readonly commits: number;
  readonly commitsSlow: number;
  readonly freeBytes: number | undefined;
  /** The date where no interval tells it: unproven, and good enough for an expiry a month away. */
  readonly coarseNow: TaiInstant;
  readonly network: NetworkFacts | undefined;
};

export function alertFacts(snapshot: AgentSnapshot): AlertFacts {
  const { status, meters, commits, commitsSlow, freeBytes, coarseNow, network } = snapshot;
  const { time, attesting } = status;
  return {
    beats: meters.beats,
    beatsSkipped: meters.beatsSkipped,
    samplesDropped: status.inbox.dropped,
    commits,
    commitsSlow,
    isSimulated: status.simulated,
    state: time.state,
    reason: time.reason.code,
    // Who signs nothing by its role has been refused nothing.
    refusal: status.role === 'validator' ? attesting.reason?.code : undefined,
    guarantee: time.guarantee,
    limit: meters.limit,
    secondsUntilLimit: status.secondsUntilLimit,
    leapExpiresIn: expiresIn(meters.leapTable, time.latest ?? coarseNow),
    sources: sourceFacts(status, meters),
    checkpoint: meters.checkpoint,
    freeBytes,
    network,
  };
}

/** Every configured source; one without a verdict yet is neither false nor unusable. */
function sourceFacts({ sources }: StatusView, meters: MetersView): readonly SourceFacts[] {
  return meters.sources.map(({ name, age, phase }) => {
    const verdict = sources.find((source) => source.name === name)?.verdict;
    return { name, isFalseticker: verdict === 'falseticker', isUnusable: verdict === 'unusable', age, phase };
  });
}

const expiresIn = ({ expires, steps }: LeapTable, now: TaiInstant): Nanos | undefined =>
  steps.length === 0 ? undefined : since(expires, now);

/** Follows what the network's snapshots do not keep: since when a cosignature is missing, since when no slot was decided. */
export class NetworkFactsReader {
  readonly #view: NetworkView;
  #uncosignedSince: MonoInstant | undefined;
  #decided: { readonly slot: number | undefined; readonly at: MonoInstant } | undefined;

  constructor(view: NetworkView) {
    this.#view = view;
  }

  /** Undefined without a network. `latest` is the end of our interval now. */
  read(at: MonoInstant, latest: TaiInstant | undefined): NetworkFacts | undefined {
    const status = this.#view.network();
    if (!status.isNetworked) return undefined;
    const order = this.#view.orderStatus();
    return {
      peers: status.peers,
      latency: status.roundTripMedian,
      participation: status.validators.length === 0 ? undefined : status.heard.length / status.validators.length,
      isOwnTimeApart: status.timeAlarms.some(({ code }) => code === 'own-time-apart'),
      isOrderContradicted: order.contradictedSlot !== undefined,
      cosignatureAge: this.#cosignatureAge(at, status.self),
      finalityWait: this.#finalityWait(at, order, latest),
    };
  }

  #cosignatureAge(at: MonoInstant, self: number | undefined): Nanos | undefined {
    if (self === undefined) return undefined;
    const checkpoint = this.#view.lanes().find(({ validator }) => validator === self)?.checkpoint;
    const isCosigned = checkpoint?.cosigners.some((validator) => validator !== self) ?? false;
    this.#uncosignedSince = isCosigned ? undefined : (this.#uncosignedSince ?? at);
    return this.#uncosignedSince === undefined ? ZERO : since(at, this.#uncosignedSince);
  }

  /** How far the newest decided slot lies back, by our clock and by how long no other has come; whichever is longer. */
  #finalityWait(at: MonoInstant, order: OrderStatusView, latest: TaiInstant | undefined): Nanos {
    const { pool, decidedSlot: slot, decidedTai } = order;
    const isWaiting = pool.subjects > 0;
    if (!isWaiting || this.#decided === undefined || this.#decided.slot !== slot) this.#decided = { slot, at };
    if (!isWaiting) return ZERO;
    const stalled = since(at, this.#decided.at);
    return latest === undefined || decidedTai === undefined ? stalled : longerOf(stalled, since(latest, decidedTai));
  }
}
