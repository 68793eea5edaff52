/**
 * Keeps the connections there should be: pinned peers and validators always, others while we want more.
 *
 * libp2p does not dial a lost peer again by itself, so this does, by the rules of core/peers: who (connection-policy.ts)
 * and when (back-off.ts). Peers to try come from the configuration, from discovery, and from peers that are asked for
 * others while we have fewer than we want.
 */

import type { Multiaddr } from '@multiformats/multiaddr';
import { LIMITS } from '../../core/limits.ts';
import { backOff } from '../../core/peers/back-off.ts';
import { appetiteFor, choosePeersToDial, type Candidate } from '../../core/peers/connection-policy.ts';
import { isBefore, shift, type MonoInstant } from '../../core/time/nanos.ts';
import { AddressBook, scoreOfKnown, type Known } from './address-book.ts';
import { hostOf, parseAddress, peerNameIn } from './addresses.ts';
import { openConnection } from './gater.ts';
import type { HostNode } from './host.ts';

export type DialerNeeds = {
  readonly node: HostNode;
  readonly isReserved: (peer: string) => boolean;
  readonly isBanned: (peer: string) => boolean;
  readonly now: () => MonoInstant;
  readonly chance: () => number;
  /** Asks a connected peer for others. */
  readonly askForPeers: () => Promise<readonly string[]>;
};

const LOOK_EVERY_MS = 1_000;
/** Peers are asked for others at most this often, in looks. */
const LOOKS_PER_QUESTION = 30;

export class Dialer {
  readonly #needs: DialerNeeds;
  readonly #book: AddressBook;
  /** Addresses the operator named without saying whose they are. */
  readonly #anonymous: readonly Multiaddr[];
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(needs: DialerNeeds, configured: readonly string[]) {
    this.#needs = needs;
    this.#book = new AddressBook(needs.node.peerId.toString(), configured, needs.isReserved);
    this.#anonymous = configured
      .map(parseAddress)
      .filter((address) => address !== undefined && peerNameIn(address) === undefined)
      .slice(0, LIMITS.dialsAtOnceMax) as Multiaddr[];
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Remembers an address that somebody told; one that does not say whose it is, is left. */
  learn(text: string): void {
    this.#book.learn(text, 'told');
  }

  /** A peer was introduced: its back-off begins afresh. `address` is where we reached it, undefined where it came to us. */
  met(name: string, address: Multiaddr | undefined): void {
    const known = this.#book.of(name);
    known.failures = 0;
    known.restsUntil = undefined;
    if (address === undefined) return;
    known.answers += 1;
    const text = address.toString();
    this.#book.learn(peerNameIn(address) === undefined ? `${text}/p2p/${name}` : text, 'proven');
  }

  /** Dials whom the policy names now. */
  look(): void {
    const { node, isReserved, isBanned } = this.#needs;
    const connections = node.getConnections();
    for (const { remotePeer, rtt } of connections) {
      const known = rtt === undefined ? undefined : this.#book.peek(remotePeer.toString());
      if (known !== undefined) known.roundTripMs = rtt;
    }
    const open = connections.map(openConnection);
    for (const { peer } of choosePeersToDial({ open, isReserved, isBanned }, this.#candidates())) void this.#dial(peer);
    if (open.length === 0) for (const address of this.#anonymous) void this.#tryAnonymous(address);
    const appetite = appetiteFor(new Set(open.map(({ peer }) => peer)).size);
    const isHungry = appetite === 'starving' || appetite === 'seeking';
    if (isHungry && open.length > 0 && this.#looks++ % LOOKS_PER_QUESTION === 0) void this.#askForPeers();
  }

  #candidates(): Candidate[] {
    const now = this.#needs.now();
    const candidates: Candidate[] = [];
    for (const [peer, known] of this.#book.entries()) {
      const first = known.places[0];
      if (first === undefined) continue;
      const isResting = known.isDialling || (known.restsUntil !== undefined && isBefore(now, known.restsUntil));
      candidates.push({ peer, address: hostOf(first.address), score: scoreOfKnown(known), isResting });
    }
    return candidates;
  }

  async #dial(peer: string): Promise<void> {
    const known = this.#book.of(peer);
    const addresses = known.places.map(({ address }) => address);
    known.isDialling = true;
    known.dials += 1;
    try {
      await this.#needs.node.dial(addresses, { signal: AbortSignal.timeout(LIMITS.requestWaitMsMax) });
    } catch {
      // Whoever is away is tried again, later and later.
    } finally {
      // It is `met` once its hello was accepted; a peer that hangs up before keeps its back-off.
      this.#rest(known);
      known.isDialling = false;
    }
  }

  async #tryAnonymous(address: Multiaddr): Promise<void> {
    try {
      await this.#needs.node.dial(address, { signal: AbortSignal.timeout(LIMITS.requestWaitMsMax) });
    } catch {
      // The next look tries again, until somebody is there.
    }
  }

  #rest(known: Known): void {
    known.failures += 1;
    known.restsUntil = shift(this.#needs.now(), backOff(known.failures, this.#needs.chance()));
  }

  async #askForPeers(): Promise<void> {
    try {
      for (const address of await this.#needs.askForPeers()) this.learn(address);
    } catch {
      // The next look asks another.
    }
  }
}
