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
import { BoundedMap } from '../../core/peers/bounded-map.ts';
import { appetiteFor, choosePeersToDial, type Candidate } from '../../core/peers/connection-policy.ts';
import { isBefore, shift, type MonoInstant } from '../../core/time/nanos.ts';
import { hostOf, parseAddress, peerNameIn } from './addresses.ts';
import { openConnection } from './gater.ts';
import type { HostNode } from './host.ts';

export type DialerNeeds = {
  readonly node: HostNode;
  readonly isReserved: (peer: string) => boolean;
  readonly isBanned: (peer: string) => boolean;
  readonly scoreOf: (peer: string) => number;
  readonly now: () => MonoInstant;
  readonly chance: () => number;
  /** Asks a connected peer for others. */
  readonly askForPeers: () => Promise<readonly string[]>;
};

type Known = { addresses: Multiaddr[]; failures: number; restsUntil: MonoInstant | undefined; isDialling: boolean };

const LOOK_EVERY_MS = 1_000;
/** Peers are asked for others at most this often, in looks. */
const LOOKS_PER_QUESTION = 30;

export class Dialer {
  readonly #needs: DialerNeeds;
  readonly #known = new BoundedMap<string, Known>({ sizeMax: LIMITS.addressBookMax });
  /** Addresses the operator named without saying whose they are. */
  readonly #anonymous: Multiaddr[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(needs: DialerNeeds, configured: readonly string[]) {
    this.#needs = needs;
    for (const text of configured) {
      const address = parseAddress(text);
      if (address === undefined || peerNameIn(address) !== undefined) this.learn(text);
      else if (this.#anonymous.length < LIMITS.dialsAtOnceMax) this.#anonymous.push(address);
    }
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Remembers an address for later. Text that is no multiaddr is left, and so is one that does not say whose it is: that
   * anyone may answer there is for the operator to decide, not for a peer that names places to an agent which is alone.
   */
  learn(text: string): void {
    const address = parseAddress(text);
    const name = address === undefined ? undefined : peerNameIn(address);
    if (address === undefined || name === undefined || name === this.#needs.node.peerId.toString()) return;
    const known = this.#knownOf(name);
    if (!known.addresses.some((other) => other.equals(address)) && known.addresses.length < LIMITS.dialsAtOnceMax)
      known.addresses.push(address);
  }

  /** A peer is there again, or was just lost: its back-off begins afresh. */
  met(name: string, address: Multiaddr | undefined): void {
    const known = this.#knownOf(name);
    known.failures = 0;
    known.restsUntil = undefined;
    if (address !== undefined)
      this.learn(peerNameIn(address) === undefined ? `${address.toString()}/p2p/${name}` : address.toString());
  }

  /** Dials whom the policy names now. */
  look(): void {
    const { node, isReserved, isBanned } = this.#needs;
    const open = node.getConnections().map(openConnection);
    for (const { peer } of choosePeersToDial({ open, isReserved, isBanned }, this.#candidates())) void this.#dial(peer);
    if (open.length === 0) for (const address of this.#anonymous) void node.dial(address).catch(() => undefined);
    const appetite = appetiteFor(new Set(open.map(({ peer }) => peer)).size);
    const isHungry = appetite === 'starving' || appetite === 'seeking';
    if (isHungry && open.length > 0 && this.#looks++ % LOOKS_PER_QUESTION === 0) void this.#askForPeers();
  }

  #candidates(): Candidate[] {
    const now = this.#needs.now();
    const candidates: Candidate[] = [];
    for (const [peer, known] of this.#known.entries()) {
      const address = known.addresses[0];
      if (address === undefined) continue;
      const isResting = known.isDialling || (known.restsUntil !== undefined && isBefore(now, known.restsUntil));
      candidates.push({ peer, address: hostOf(address), score: this.#needs.scoreOf(peer), isResting });
    }
    return candidates;
  }

  async #dial(peer: string): Promise<void> {
    const known = this.#knownOf(peer);
    known.isDialling = true;
    try {
      await this.#needs.node.dial(known.addresses, { signal: AbortSignal.timeout(LIMITS.requestWaitMsMax) });
      // It is `met` once its hello was accepted; a peer that hangs up before keeps its back-off.
      this.#rest(known);
    } catch {
      this.#rest(known);
    } finally {
      known.isDialling = false;
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

  #knownOf(name: string): Known {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const fresh: Known = { addresses: [], failures: 0, restsUntil: undefined, isDialling: false };
    this.#known.set(name, fresh);
    return fresh;
  }
}
