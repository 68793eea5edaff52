/**
 * The network port on libp2p: direct streams between validators, gossip for the rest, requests, and who is connected.
 *
 * It carries out what core/propagation and core/peers decide and what the handlers answer; no rule of the network is
 * stated here. Starting acquires, stopping releases in reverse, both may be called twice. docs/spec/network.md.
 */

import type { Connection, PrivateKey, Stream } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { toHex } from '../../core/codec/hex.ts';
import { LIMITS } from '../../core/limits.ts';
import { AddressPatience } from '../../core/peers/address-patience.ts';
import { DEFAULT_POLICY, type PolicyOptions } from '../../core/peers/connection-policy.ts';
import type { Hello } from '../../core/peers/hello.ts';
import { KIND_RULES, kindOfWire, MESSAGE_KINDS, type MessageKind } from '../../core/propagation/kinds.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import type { Verdict } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Log } from '../../ports/log.ts';
import type * as port from '../../ports/network.ts';
import { hostOf } from './addresses.ts';
import { fetchOrSeek } from './archive-search.ts';
import { capabilityPublisher } from './capabilities.ts';
import { searchCapability } from './capability-search.ts';
import { Counters } from './counters.ts';
import { Dialer } from './dialer.ts';
import { DirectLink } from './direct-link.ts';
import { readFrames } from './direct-reader.ts';
import { spareWindowUpdates } from './window-updates.ts';
import { connectionGater } from './gater.ts';
import { Gossip } from './gossip.ts';
import { createHost, type HostNode, type HostOptions } from './host.ts';
import { HELLO_PROTOCOL, Introductions } from './introductions.ts';
import { connectionOf, PeerTable, roundTripOf, type Entry } from './peer-table.ts';
import * as requests from './request-protocols.ts';
import { Sender } from './sender.ts';

export type NetworkNeeds = {
  readonly privateKey: PrivateKey;
  readonly lanes: port.LaneReplicas;
  /** Our hello for this libp2p identity, signed now. */
  readonly ownHello: (identity: Uint8Array) => Uint8Array;
  readonly judgeHello: (bytes: Uint8Array, identity: Uint8Array) => Verdict<Hello>;
  /** The position of a statement key among the epoch's validators. */
  readonly positionOf: (publicKey: Uint8Array) => number | undefined;
  readonly kidOf: (publicKey: Uint8Array) => Uint8Array;
  readonly trustOf: (peer: string) => number;
  readonly isBanned: (peer: string) => boolean;
  readonly now: () => MonoInstant;
  readonly chance: () => number;
  readonly log: Log;
};

export type NetworkOptions = HostOptions & {
  readonly network: Uint8Array;
  /** Ours, where we are a validator. */
  readonly position: number | undefined;
  readonly validatorCount: number;
  /** Kinds we have no use for: they are not asked for by gossip. */
  readonly unread?: readonly MessageKind[];
  readonly capabilities: readonly string[];
  /** Multiaddrs with identity that are always kept connected. */
  readonly pinned: readonly string[];
  readonly policy?: PolicyOptions;
  readonly helloWaitMs?: number;
};

export const DIRECT_PROTOCOL = '/momentd/direct/1';

export class Libp2pNetwork implements port.Network {
  readonly name: string;
  readonly #needs: NetworkNeeds;
  readonly #options: NetworkOptions;
  readonly #networkHex: string;
  readonly #table: PeerTable;
  readonly #counters = new Counters();
  readonly #patience = new AddressPatience();
  readonly #sender: Sender;
  readonly #publishCapabilities: (node: HostNode) => Promise<void>;
  readonly #fetchRange: port.Network['fetchRange'];
  #node: HostNode | undefined;
  #handlers: port.NetworkHandlers | undefined;
  #introductions: Introductions | undefined;
  #gossip: Gossip | undefined;
  #dialer: Dialer | undefined;

  constructor(needs: NetworkNeeds, options: NetworkOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#networkHex = toHex(options.network);
    this.name = peerIdFromPrivateKey(needs.privateKey).toString();
    const pinned = options.pinned.map((address) => /\/p2p\/([^/]+)$/.exec(address)?.[1]);
    this.#table = new PeerTable(pinned.filter((name) => name !== undefined));
    const ask: port.Network['fetchRange'] = async (...[peer, range, signal]) =>
      requests.askRange(this.#connectionTo(peer), range, signal);
    this.#publishCapabilities = capabilityPublisher(needs, options);
    this.#fetchRange = fetchOrSeek(ask, { network: this, now: needs.now, log: needs.log });
    this.#sender = new Sender({ table: this.#table, gossip: () => this.#gossip, now: needs.now }, options);
  }

  // ---- life

  async start(handlers: port.NetworkHandlers): Promise<void> {
    if (this.#node !== undefined) return;
    const { log, isBanned, trustOf } = this.#needs;
    const gater = connectionGater(
      {
        connections: () => this.#node?.getConnections() ?? [],
        isReserved: (peer) => this.#table.isReserved(peer),
        isBanned,
        patience: this.#patience,
        now: this.#needs.now,
        refused: (because) => log.write('debug', 'connection refused', { because }),
      },
      this.#options.policy ?? DEFAULT_POLICY,
    );
    const node = await createHost(
      {
        privateKey: this.#needs.privateKey,
        networkHex: this.#networkHex,
        gater,
        // 0 for full trust, -1 for none: strangers are neither liked nor disliked.
        appScore: (peer) => trustOf(peer) - 1,
        reservedMax: this.#options.validatorCount + this.#table.pinnedCount,
      },
      this.#options,
    );
    this.#node = node;
    this.#handlers = handlers;
    this.#introductions = this.#makeIntroductions(node);
    await this.#register(node, handlers, this.#introductions);
    try {
      await node.start();
    } catch (cause) {
      await this.stop();
      throw new AgentError('network-listen', `listening on ${this.#options.listen.join(', ')}: ${String(cause)}`, {
        cause,
      });
    }
    this.#gossip = this.#startGossip(node, handlers);
    this.#dialer = this.#startDialer(node);
    void this.#publishCapabilities(node);
  }

  async stop(): Promise<void> {
    const node = this.#node;
    if (node === undefined) return;
    this.#dialer?.stop();
    this.#gossip?.stop();
    this.#sender.stop();
    this.#table.clear();
    await node.stop();
    this.#node = undefined;
  }

  #makeIntroductions(node: HostNode): Introductions {
    const { ownHello, judgeHello, log, positionOf, kidOf } = this.#needs;
    return new Introductions(
      {
        ownHello: () => ownHello(node.peerId.toMultihash().bytes),
        judge: judgeHello,
        kidOf: ({ role, publicKey }) =>
          role === 'validator' && positionOf(publicKey) !== undefined ? kidOf(publicKey) : undefined,
        accepted: (peer, connection) => this.#joined(peer, connection),
        refused: (connection, code, detail) => {
          this.#counters.refusedHello(code);
          this.#patience.charge(hostOf(connection.remoteAddr), this.#needs.now());
          const peer = connection.remotePeer.toString();
          log.write('info', 'hello refused', { peer, address: connection.remoteAddr.toString(), code, detail });
          void connection.close().catch(() => undefined);
        },
      },
      { waitMs: this.#options.helloWaitMs ?? LIMITS.requestWaitMsMax },
    );
  }

  async #register(node: HostNode, handlers: port.NetworkHandlers, introductions: Introductions): Promise<void> {
    node.addEventListener('connection:open', ({ detail }) => introductions.opened(detail));
    node.addEventListener('connection:close', ({ detail }) => this.#connectionClosed(detail));
    // One of each at a time, and one more while the old one is going.
    const two = { maxInboundStreams: 2 };
    await node.handle(HELLO_PROTOCOL, (stream, connection) => introductions.answer(stream, connection), two);
    await node.handle(DIRECT_PROTOCOL, (stream, connection) => this.#readDirect(stream, connection), two);
    await requests.registerAnswers(node, {
      handlers,
      lanes: this.#needs.lanes,
      offeredAddresses: () => this.#offeredAddresses(),
      peerOf: (connection) => introductions.peerOf(connection),
    });
  }

  #startGossip(node: HostNode, handlers: port.NetworkHandlers): Gossip {
    const gossip = new Gossip({
      pubsub: node.services.pubsub,
      networkHex: this.#networkHex,
      peerNamed: (name) => this.#table.get(name)?.peer,
      judge: (arrival) => {
        this.#counters.received(arrival.bytes.length);
        return handlers.judge(arrival);
      },
      banned: (peer) => this.disconnect(peer.toString()),
      sent: (kind, items, bytes) => this.#counters.sent(kind, items, bytes),
    });
    const { position, unread = [] } = this.#options;
    // What comes over direct streams need not come by gossip as well.
    const isGossiped = (kind: MessageKind): boolean =>
      KIND_RULES[kind][position === undefined ? 'toOthers' : 'toValidators'] !== 'structured';
    gossip.subscribe(MESSAGE_KINDS.filter((kind) => isGossiped(kind) && !unread.includes(kind)));
    return gossip;
  }

  #startDialer(node: HostNode): Dialer {
    const { isBanned, now, chance } = this.#needs;
    const dialer = new Dialer(
      {
        node,
        isReserved: (peer) => this.#table.isReserved(peer),
        isBanned,
        now,
        chance,
        askForPeers: () => this.#askSomeoneForPeers(),
      },
      [...this.#options.pinned, ...this.#options.bootstrap],
    );
    node.addEventListener('peer:discovery', ({ detail }) => {
      for (const address of detail.multiaddrs) dialer.learn(`${address.toString()}/p2p/${detail.id.toString()}`);
    });
    dialer.start();
    return dialer;
  }

  // ---- peers

  #joined(peer: port.Peer, connection: Connection): void {
    const isNew = this.#table.add(peer, connection, () => ({
      link: new DirectLink(DIRECT_PROTOCOL, {
        connection: () => connectionOf(this.#table.get(peer.name)),
        sent: (kind, items, bytes) => this.#counters.sent(kind, items, bytes),
        openWaitMs: LIMITS.requestWaitMsMax,
      }),
      position: peer.kid === undefined ? undefined : this.#needs.positionOf(peer.hello.publicKey),
    }));
    this.#dialer?.met(peer.name, connection.direction === 'outbound' ? connection.remoteAddr : undefined);
    if (!isNew) return;
    this.#handlers?.joined(peer);
    if (isPowerOfTwo(this.#table.size) && this.#node !== undefined) void this.#publishCapabilities(this.#node);
    this.#sender.offerAgain(peer.name);
  }

  #connectionClosed(connection: Connection): void {
    this.#introductions?.closed(connection);
    const gone = this.#table.remove(connection);
    if (gone === undefined) return;
    this.#counters.leftBehind(gone.link.queue);
    this.#handlers?.left(gone.peer);
  }

  async #readDirect(stream: Stream, connection: Connection): Promise<void> {
    const peer = await this.#introductions!.peerOf(connection);
    if (peer === undefined || stream.status !== 'open') return stream.abort(new Error('not introduced'));
    spareWindowUpdates(stream);
    readFrames(stream, {
      judge: (bytes) => this.#judgeDirect(peer, bytes),
      broken: () => {
        // The stream cannot be read on; the connection stays until its peer is banned, so that coming back costs no handshake.
        stream.abort(new Error('not frames'));
        if (this.#handlers!.blame(peer.name, 'malformed')) this.disconnect(peer.name);
      },
    });
  }

  #judgeDirect(from: port.Peer, bytes: Uint8Array): port.ArrivalOutcome | Promise<port.ArrivalOutcome> {
    this.#counters.received(bytes.length);
    const outcome = this.#handlers!.judge({ from, way: 'direct', topicKind: undefined, bytes });
    return outcome instanceof Promise
      ? outcome.then((settled) => this.#settled(from, bytes, settled))
      : this.#settled(from, bytes, outcome);
  }

  #settled(from: port.Peer, frame: Uint8Array, outcome: port.ArrivalOutcome): port.ArrivalOutcome {
    if (outcome.banned) this.disconnect(from.name);
    const kind = kindOfWire(frame[0]!);
    if (kind !== undefined) this.#sender.relay(kind, outcome, from.name);
    return outcome;
  }

  disconnect(peer: string): void {
    for (const connection of this.#node?.getConnections() ?? [])
      if (connection.remotePeer.toString() === peer) connection.abort(new Error('disconnected'));
  }

  /** Dials an address now, beside what the dialer does by itself. */
  connect(address: string): void {
    this.#dialer?.learn(address);
    this.#dialer?.look();
  }

  // ---- sending

  publish(kind: MessageKind, items: readonly Uint8Array[]): void {
    this.#sender.publish(kind, items);
  }

  // ---- asking

  laneSizes(peer: string, signal: AbortSignal): Promise<readonly port.LaneSize[]> {
    return requests.askLaneSizes(this.#connectionTo(peer), signal);
  }

  fetchRange(peer: string, range: port.LaneRange, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    return this.#fetchRange(peer, range, signal);
  }

  askTime(peer: string, nonce: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return requests.askTime(this.#connectionTo(peer), nonce, signal);
  }

  async findByCapability(capability: string, signal: AbortSignal): Promise<port.CapabilitySearch> {
    const [node, introductions] = [this.#node, this.#introductions];
    if (node === undefined || introductions === undefined) return { offers: [], isComplete: false };
    const table = this.#table;
    const needs = {
      node,
      helloOf: (name: string) => table.get(name)?.peer,
      introduced: (connection: Connection) => introductions.peerOf(connection),
      isReserved: (name: string) => table.isReserved(name),
    };
    return searchCapability(needs, { network: this.#options.network, capability }, signal);
  }

  async #askSomeoneForPeers(): Promise<readonly string[]> {
    const entries = [...this.#table.all()];
    const entry = entries[Math.floor(this.#needs.chance() * entries.length)];
    if (entry === undefined) return [];
    const signal = AbortSignal.timeout(LIMITS.requestWaitMsMax);
    return requests.askPeers(this.#connectionTo(entry.peer.name), signal);
  }

  #connectionTo(peer: string): Connection {
    const connection = connectionOf(this.#table.get(peer));
    if (connection === undefined) throw new AgentError('peer-unknown', `${peer} is not connected`);
    return connection;
  }

  // ---- views

  addresses(): readonly string[] {
    return (this.#node?.getMultiaddrs() ?? []).map(String);
  }

  /** Where we dialled peers ourselves: those addresses worked. */
  #offeredAddresses(): readonly string[] {
    const dialled: string[] = [];
    for (const entry of this.#table.all()) {
      const connection = connectionOf(entry);
      if (connection?.direction !== 'outbound') continue;
      const text = connection.remoteAddr.toString();
      dialled.push(text.includes('/p2p/') ? text : `${text}/p2p/${entry.peer.name}`);
    }
    return dialled;
  }

  peers(): readonly port.PeerView[] {
    return [...this.#table.all()].map(peerView);
  }

  counters(): port.NetworkCounters {
    return this.#counters.view((kind) => {
      let dropped = 0;
      for (const { link } of this.#table.all()) dropped += link.queue.droppedOf(kind);
      return dropped;
    });
  }
}

/** Whenever we know twice as many: the first peer is joined before the DHT has taken it up. */
const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

function peerView(entry: Entry): port.PeerView {
  const { peer, link } = entry;
  return {
    name: peer.name,
    address: peer.address,
    direction: connectionOf(entry)?.direction ?? 'inbound',
    role: peer.hello.role,
    kid: peer.kid,
    features: peer.hello.features,
    roundTrip: roundTripOf(entry),
    waitingItems: link.queue.waitingItems,
    waitingBytes: link.queue.waitingBytes,
  };
}
