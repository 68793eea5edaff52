/**
 * What faces (API, CLI, metrics, alerts) may see of the network around the agent and of the order it works out.
 *
 * Snapshots and bounded pages, plain data, like `view.ts`. Validators are named by their index in the genesis record. An
 * agent without a `[network]` section has a view all the same: a network of its own lane, with no peers.
 */

import type { FeatureCount } from '../core/peers/features.ts';
import type { LaneFault } from '../core/attestation/fault.ts';
import type { Region } from '../core/attestation/genesis.ts';
import type { Digest } from '../core/codec/sha256.ts';
import type { OrderEntry } from '../core/ordering/order-entry.ts';
import type { Comparison, OrderPosition } from '../core/ordering/order-position.ts';
import type { Bounds } from '../core/peers/time-exchange.ts';
import type { NetworkHealth } from '../core/peers/network-health.ts';
import type { MonoInstant, Nanos, TaiInstant } from '../core/time/nanos.ts';
import type { Verdict } from '../core/verdict.ts';
import type { CapabilityOffer, NetworkCounters, PeerView } from './network.ts';

/** One validator of the genesis record. */
export type ValidatorView = {
  readonly index: number;
  readonly name: string;
  readonly kid: Uint8Array;
  readonly region: Region;
  readonly isSelf: boolean;
};

/** What the latest nonce exchange with a validator said of its clock against ours. */
export type PeerTimeView = {
  readonly at: MonoInstant;
  /** The middle of its interval less true time, by our clock. */
  readonly offset: Bounds;
  /** How long the question and the answer can have travelled. */
  readonly forward: Bounds;
  readonly back: Bounds;
  /** Half the width of its interval. */
  readonly guarantee: Nanos;
  /** False when no instant lies in its interval and in ours. */
  readonly isConsistent: boolean;
};

export type PeerStatusView = PeerView & {
  /** Index of the validator it speaks for; undefined for other roles. */
  readonly validator: number | undefined;
  /** 0..1, what its conduct left of our trust. */
  readonly trust: number;
  readonly time: PeerTimeView | undefined;
};

export type CapabilityOfferView = CapabilityOffer & {
  /** Index of the validator it speaks for; undefined for other roles, and while unverified. */
  readonly validator: number | undefined;
};

export type CapabilitySearchView = {
  readonly offers: readonly CapabilityOfferView[];
  /** False where the search was cut short: there may be more. */
  readonly isComplete: boolean;
};

/** A lane as it is stored here. */
export type LaneStatusView = {
  readonly validator: number;
  /** Entries that are durable here. */
  readonly size: number;
  readonly lastTai: TaiInstant | undefined;
  /** The validator contradicted itself: nothing more is taken from it. */
  readonly isFrozen: boolean;
  readonly isCatchingUp: boolean;
  /** The newest checkpoint of its validator that fits what is stored; undefined when none has been seen. */
  readonly checkpoint:
    | {
        readonly size: number;
        readonly root: Digest;
        /** Validators whose cosignatures on it are held here, ascending. */
        readonly cosigners: readonly number[];
      }
    | undefined;
};

export type FaultView = {
  readonly code: LaneFault['code'];
  /** The validator convicted; undefined for a key that is not in the record. */
  readonly validator: number | undefined;
  readonly kid: Uint8Array;
  /** SHA-256 of the proof file. */
  readonly digest: Digest;
};

/** Whom finality waits for, validator indexes. */
export type WaitingView = {
  /** Lanes that have not passed the end of the next slot. */
  readonly lanes: readonly number[];
  /** Voters whose vote on the first undecided slot has not been seen. */
  readonly voters: readonly number[];
};

export type OrderStatusView = {
  /** Final entries. */
  readonly size: bigint;
  readonly decidedSlot: number | undefined;
  /** End of the newest decided slot. */
  readonly decidedTai: TaiInstant | undefined;
  /** T_C of that slot: whatever becomes final later has a later instant than this. */
  readonly watermark: TaiInstant | undefined;
  readonly waiting: WaitingView;
  /** The slot at which a decided cut was not ours: nothing becomes final here any more. */
  readonly contradictedSlot: number | undefined;
  /** Subjects that are known and not final. */
  readonly pool: { readonly subjects: number; readonly bytes: number; readonly evicted: number };
  /** Reports that wait for their statement, and how many could not be made. */
  readonly tick: { readonly length: Nanos; readonly waiting: number; readonly dropped: number };
};

/** A validator that stands outside what n - f voices agree on; `who` undefined: we do. */
export type TimeAlarmView = {
  readonly code: 'peer-time-apart' | 'own-time-apart';
  readonly who: number | undefined;
  readonly since: MonoInstant;
};

/** Counts since the start; histograms are kept by whoever listens (`NetworkWatch`). */
export type NetworkStatusView = {
  /** False when no network is configured: there are no peers and will be none. */
  readonly isNetworked: boolean;
  /** Our libp2p identity and the addresses others can dial; empty without a network. */
  readonly identity: string | undefined;
  readonly addresses: readonly string[];
  readonly validators: readonly ValidatorView[];
  readonly self: number | undefined;
  /** Validators, ourselves included, whose statement was stored here within the last minute. */
  readonly heard: readonly number[];
  readonly peers: number;
  /** Median round trip to connected peers. */
  readonly roundTripMedian: Nanos | undefined;
  readonly counters: NetworkCounters | undefined;
  /** Inbound items by what became of them. */
  readonly inbound: { readonly accepted: number; readonly refused: ReadonlyMap<string, number> };
  readonly banned: readonly string[];
  readonly faults: number;
  readonly timeAlarms: readonly TimeAlarmView[];
  /** Changes of rules that validators heard now, ourselves included, say they are ready for. */
  readonly features: readonly FeatureCount[];
  readonly health: NetworkHealth;
};

export type SubjectView = {
  readonly id: Digest;
  readonly position: OrderPosition;
  /** The record while it is in the pool. */
  readonly record: Uint8Array | undefined;
};

/** What a client asks to have timestamped. */
export type Submission = {
  /** SHA-256 of the content. */
  readonly digest: Digest;
  /** 0 to 32 bytes. */
  readonly sender: Uint8Array;
  /** 0..255. */
  readonly priority: number;
  /** When the sender says it was made; undefined: now. */
  readonly claimed: TaiInstant | undefined;
};

export type Submitted = { readonly id: Digest; readonly record: Uint8Array };

export interface NetworkView {
  network(): NetworkStatusView;
  /** Bounded by the connection policy. */
  peers(): readonly PeerStatusView[];
  /** Other peers that are said to offer a capability; unverified where their own signed word was not had. Never rejects. */
  findByCapability(capability: string, signal: AbortSignal): Promise<CapabilitySearchView>;
  /** One per validator, in the order of their indexes. */
  lanes(): readonly LaneStatusView[];
  /** A file of a followed lane by its tlog-tiles path; undefined where there is none. */
  laneFile(validator: number, path: string): Promise<Uint8Array | undefined>;
  /** Newest first, at most a bounded number. */
  faults(): readonly FaultView[];
  /** The proof file; undefined when it is not kept here. */
  faultProof(digest: Uint8Array): Promise<Uint8Array | undefined>;
  orderStatus(): OrderStatusView;
  /** Up to `limit` final entries from `from` upwards. */
  order(from: bigint, limit: number): Promise<readonly OrderEntry[]>;
  /** A file of the order log by its tlog-tiles path. */
  orderFile(path: string): Promise<Uint8Array | undefined>;
  /** Takes a subject from a client: into the pool, on to the others, into our next report. */
  submit(submission: Submission, origin: string): Verdict<Submitted>;
  /** A ready-made record, as `encodeSubject` writes it. */
  submitRecord(record: Uint8Array, origin: string): Verdict<Submitted>;
  subject(id: Digest): Promise<SubjectView>;
  compare(a: Digest, b: Digest): Promise<Comparison>;
  /** The portable certificate of a final subject; undefined while there is none. */
  certificate(id: Digest): Promise<Uint8Array | undefined>;
  /** Our own report of a subject with its proof; undefined while we have not reported it. */
  receipt(id: Digest): Promise<Uint8Array | undefined>;
}

/** What happens, for metrics, alerts and event streams: called as it happens, must not throw. */
export type NetworkEvent =
  | { readonly kind: 'peer-joined' | 'peer-left'; readonly name: string; readonly validator: number | undefined }
  | { readonly kind: 'subject-accepted'; readonly id: Digest }
  /** Our own first report of a subject became durable, this long after we first saw it. */
  | { readonly kind: 'subject-reported'; readonly id: Digest; readonly took: Nanos }
  /** Final entries that were just added; `took` is from our first sight of each, undefined where we had none. */
  | {
      readonly kind: 'order-grew';
      readonly slot: number;
      readonly entries: readonly OrderEntry[];
      readonly took: readonly (Nanos | undefined)[];
      /** How long after the slot's end it was decided, by our clock. */
      readonly finality: Nanos | undefined;
    }
  | { readonly kind: 'order-contradicted'; readonly slot: number }
  /** One-way delay of a statement, as an upper bound. */
  | { readonly kind: 'statement-heard'; readonly validator: number; readonly delay: Nanos | undefined }
  | { readonly kind: 'fault-proven'; readonly fault: FaultView }
  | { readonly kind: 'cosigned'; readonly validator: number; readonly size: number; readonly cosigners: number }
  | { readonly kind: 'time-alarm'; readonly alarm: TimeAlarmView; readonly isRaised: boolean };

export type NetworkWatch = (event: NetworkEvent) => void;
