/**
 * What the agent needs of the network, and what the network asks of the agent.
 *
 * The network carries bytes: it finds peers, keeps connections, frames and queues, and hands over what arrives. What a
 * message means, whether it holds and who is to blame is the agent's: `NetworkHandlers` answers with values. Real hosts
 * (io/gossip) and a test's in-memory ones implement it alike.
 */

import type { Hello } from '../core/peers/hello.ts';
import type { MessageKind } from '../core/propagation/kinds.ts';
import type { Nanos } from '../core/time/nanos.ts';

/** A peer's libp2p identity as text. It names a connection's other end, never a validator. */
export type PeerName = string;

/** A connected peer whose hello was accepted. */
export type Peer = {
  readonly name: PeerName;
  /** Its network address as text, without port. */
  readonly address: string;
  readonly hello: Hello;
  /** The kid of its statement key where it is a registered validator; undefined otherwise. */
  readonly kid: Uint8Array | undefined;
};

export type Way = 'direct' | 'gossip';

/** One frame as it came. */
export type Arrival = {
  readonly from: Peer;
  readonly way: Way;
  /** The kind its topic carries; undefined on direct streams, which carry every kind. */
  readonly topicKind: MessageKind | undefined;
  /** A frame (core/propagation/frame.ts), at most LIMITS.frameBytesMax. */
  readonly bytes: Uint8Array;
};

/** What became of a frame, for passing on and for the connection. */
export type ArrivalOutcome = {
  /** `accept`: pass it on. `ignore`: do not, nobody is to blame. `reject`: do not, the sender broke a rule. */
  readonly kind: 'accept' | 'ignore' | 'reject';
  /** The sender's conduct has just brought a ban: end the connection. */
  readonly banned: boolean;
  /** Items that were new and hold, for an overlay to relay; empty unless some are. */
  readonly fresh: readonly Uint8Array[];
  /** Nobody waits for them: relayed, they may wait for company. Absent: they may not. */
  readonly isPatient?: boolean;
};

export type LaneSize = { readonly kid: Uint8Array; readonly size: number };

/** A range of a lane, `from` included and `to` not. */
export type LaneRange = { readonly kid: Uint8Array; readonly from: number; readonly to: number };

/**
 * The agent's side. Contract: no handler throws or rejects, whatever the bytes; `judge` may answer later, and answers of
 * one peer's frames come in the order of the frames.
 */
export interface NetworkHandlers {
  judge(arrival: Arrival): ArrivalOutcome | Promise<ArrivalOutcome>;
  /** May this peer ask for one more of these now? A refusal is answered with nothing. */
  admitRequest(request: 'time' | 'lanes' | 'peers', from: Peer): boolean;
  /** The bytes of the kind-2 statement that answers the nonce; undefined when no answer can be signed now. */
  answerTime(nonce: Uint8Array, from: Peer): Promise<Uint8Array | undefined>;
  /** A hello or an answer broke a rule; true when the peer is now banned. */
  blame(peer: PeerName, offence: 'malformed' | 'unsolicited'): boolean;
  joined(peer: Peer): void;
  left(peer: Peer): void;
}

/** Lanes that are stored here: our own and those we follow. Implemented by storage. */
export interface LaneReplicas {
  /** What is durable. */
  sizes(): readonly LaneSize[];
  /** Entries [from, to) as far as they are there: fewer, or none, when they are not. */
  read(range: LaneRange): Promise<readonly Uint8Array[]>;
  /**
   * Adds verified entries to a lane we follow, the first at index `from`. When it resolves all are durable, so a catch-up
   * that is killed resumes after them. Rejects with AgentError when `from` is not the lane's size.
   */
  append(kid: Uint8Array, from: number, entries: readonly Uint8Array[]): Promise<void>;
}

export type PeerView = {
  readonly name: PeerName;
  readonly address: string;
  readonly direction: 'inbound' | 'outbound';
  readonly role: Hello['role'];
  readonly kid: Uint8Array | undefined;
  /** Changes of rules its hello says it is ready for. */
  readonly features: readonly string[];
  readonly roundTrip: Nanos | undefined;
  readonly waitingItems: number;
  readonly waitingBytes: number;
};

/** Counters since the start. */
export type NetworkCounters = {
  readonly sentItems: Readonly<Record<MessageKind, number>>;
  readonly droppedItems: Readonly<Record<MessageKind, number>>;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly receivedFrames: number;
  /** Hellos refused, by code. */
  readonly refusedHellos: ReadonlyMap<string, number>;
};

/**
 * What a record in the DHT led to. The record is anyone's word; the hello is signed by its speaker. `confirmed`: the accepted
 * hello says the same; `denied`: it does not; `unverified`: no hello was had, because nobody answered there or time ran out.
 */
export type CapabilityOffer = {
  readonly name: PeerName;
  /** Where the record says it is: multiaddrs with its identity. */
  readonly addresses: readonly string[];
  readonly check: 'confirmed' | 'denied' | 'unverified';
  /** Of its hello; undefined while unverified. */
  readonly role: Hello['role'] | undefined;
  readonly kid: Uint8Array | undefined;
};

export type CapabilitySearch = {
  readonly offers: readonly CapabilityOffer[];
  /** False where the search was cut short: there may be more. */
  readonly isComplete: boolean;
};

export interface Network {
  /** Acquires sockets and begins to look for peers. Rejects with AgentError `network-listen` or `network-identity`. */
  start(handlers: NetworkHandlers): Promise<void>;
  /** Ends every connection. May be called twice. */
  stop(): Promise<void>;
  /** Our own libp2p identity. */
  readonly name: PeerName;
  /** Addresses others can dial, with the identity. */
  addresses(): readonly string[];
  /**
   * Sends items the way their kind goes. Never waits: what does not fit the queues is dropped by the kind's rule and
   * counted. Items must not be changed afterwards.
   */
  publish(kind: MessageKind, items: readonly Uint8Array[]): void;
  peers(): readonly PeerView[];
  counters(): NetworkCounters;
  /** Remembers a multiaddr and dials it when the policy allows. Text that is no address is left. */
  connect(address: string): void;
  /** Ends the connection with a peer. */
  disconnect(peer: PeerName): void;
  /** The lanes a peer holds. Rejects with AgentError `peer-unknown` or `peer-no-answer`. */
  laneSizes(peer: PeerName, signal: AbortSignal): Promise<readonly LaneSize[]>;
  /** Some first part of a range: at least one entry. Rejects like `laneSizes`, or with `range-unavailable`. */
  fetchRange(peer: PeerName, range: LaneRange, signal: AbortSignal): Promise<readonly Uint8Array[]>;
  /** One question of a nonce chain; the bytes of the answer, unjudged. Rejects like `laneSizes`. */
  askTime(peer: PeerName, nonce: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Other peers that are said to offer a capability, connected or not, and what their own hello says of it. Bounded in
   * number; never rejects: when `signal` fires or the DHT does not answer, what was found until then is the answer.
   */
  findByCapability(capability: string, signal: AbortSignal): Promise<CapabilitySearch>;
}
