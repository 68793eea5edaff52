/**
 * The peers that are introduced, each with its connections and its link; and who is reserved.
 *
 * Two hosts that dial each other at once have two connections for a while; the peer is there as long as one is.
 */

import type { Connection } from '@libp2p/interface';
import { BoundedMap } from '../../core/peers/bounded-map.ts';
import { LIMITS } from '../../core/limits.ts';
import { millis, type Nanos } from '../../core/time/nanos.ts';
import type { Peer } from '../../ports/network.ts';
import type { DirectLink } from './direct-link.ts';

export type Entry = {
  readonly peer: Peer;
  readonly connections: Set<Connection>;
  readonly link: DirectLink;
  /** Of its key in the genesis record, where it is a validator's: found once, asked with every frame. */
  readonly position: number | undefined;
};

export class PeerTable {
  readonly #entries = new Map<string, Entry>();
  readonly #pinned: ReadonlySet<string>;
  /** Identities that have shown a validator's hello, connected or not. */
  readonly #validators = new BoundedMap<string, true>({ sizeMax: LIMITS.validatorsMax });

  constructor(pinned: Iterable<string>) {
    this.#pinned = new Set(pinned);
  }

  isReserved(name: string): boolean {
    return this.#pinned.has(name) || this.#validators.peek(name) === true;
  }

  get pinnedCount(): number {
    return this.#pinned.size;
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  all(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a connection; true when the peer is new. */
  add(peer: Peer, connection: Connection, make: () => Pick<Entry, 'link' | 'position'>): boolean {
    if (peer.kid !== undefined) this.#validators.set(peer.name, true);
    const known = this.#entries.get(peer.name);
    if (known !== undefined) {
      known.connections.add(connection);
      return false;
    }
    this.#entries.set(peer.name, { peer, connections: new Set([connection]), ...make() });
    return true;
  }

  /** Takes a connection away; returns the entry when it was its last. */
  remove(connection: Connection): Entry | undefined {
    const name = connection.remotePeer.toString();
    const entry = this.#entries.get(name);
    if (entry?.connections.delete(connection) !== true || entry.connections.size > 0) return undefined;
    this.#entries.delete(name);
    entry.link.close();
    return entry;
  }

  clear(): void {
    for (const { link } of this.#entries.values()) link.close();
    this.#entries.clear();
  }
}

/** Some open connection of a peer. */
export function connectionOf(entry: Entry | undefined): Connection | undefined {
  for (const connection of entry?.connections ?? []) if (connection.status === 'open') return connection;
  return undefined;
}

/** The round trip libp2p's own pings measured last; undefined before the first. */
export function roundTripOf(entry: Entry): Nanos | undefined {
  const rtt = connectionOf(entry)?.rtt;
  return rtt === undefined ? undefined : millis(Math.ceil(rtt));
}
