/**
 * Which connections there may be, as data and two questions: may this one come in, whom shall we dial.
 *
 * Requirement B5 gives the classes (8 outbound, 117 inbound, 1 feeler, 1 address fetch), C3 the targets (25 wanted, 50 at
 * most, 8 at least), C4 the connections per address (3), B6 the diversity: no two outbound connections into one address
 * group. C3's "50 at most" bounds what we seek; inbound places beyond it stay open to others up to their class. Pinned
 * peers and the validators of the epoch stand outside the classes: the program cannot do without them, and their number
 * is bounded by the genesis record. Nobody else can displace them.
 */

import { LIMITS } from '../limits.ts';
import { addressGroupOf, isSameGroup } from './address-group.ts';

export type ConnectionClass = 'outbound' | 'inbound' | 'feeler' | 'address-fetch';

export const CLASS_MAX: Readonly<Record<ConnectionClass, number>> = {
  outbound: 8,
  inbound: 117,
  feeler: 1,
  'address-fetch': 1,
};

export const PEERS_WANTED = 25;
export const PEERS_MAX = 50;
export const PEERS_MIN = 8;

/** How hungry for peers we are: starving asks every source at once, seeking dials, content waits, full looks for nobody. */
export type Appetite = 'starving' | 'seeking' | 'content' | 'full';

export function appetiteFor(peers: number): Appetite {
  if (peers < PEERS_MIN) return 'starving';
  if (peers < PEERS_WANTED) return 'seeking';
  return peers < PEERS_MAX ? 'content' : 'full';
}

export type OpenConnection = {
  /** Undefined until the peer has proven who it is. */
  readonly peer: string | undefined;
  readonly address: string;
  readonly class: ConnectionClass;
};

export type PolicyNeeds = {
  readonly open: readonly OpenConnection[];
  /** Pinned by the operator, or a validator of the epoch. */
  readonly isReserved: (peer: string) => boolean;
  readonly isBanned: (peer: string) => boolean;
};

export type PolicyOptions = { readonly connectionsPerAddressMax: number };

export const DEFAULT_POLICY: PolicyOptions = { connectionsPerAddressMax: 3 };

export type Admission =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'refused'; readonly because: 'banned' | 'address-full' | 'class-full' };

const WELCOME: Admission = { kind: 'welcome' };
const refused = (because: 'banned' | 'address-full' | 'class-full'): Admission => ({ kind: 'refused', because });

/**
 * May a connection from `address` come in? Asked twice: before the handshake, when `peer` is not known yet, and after it.
 * Before, an address is let in up to its share whoever it is; after, reserved peers pass where others find the class full.
 */
export function admitInbound(
  { open, isReserved, isBanned }: PolicyNeeds,
  options: PolicyOptions,
  { address, peer }: { readonly address: string; readonly peer: string | undefined },
): Admission {
  // [REJECT] A banned peer stays out until the ban runs out.
  if (peer !== undefined && isBanned(peer)) return refused('banned');
  if (peer !== undefined && isReserved(peer)) return WELCOME;
  const ofAddress = open.filter((c) => c.address === address && !(c.peer !== undefined && isReserved(c.peer)));
  // [REJECT] C4: no more than a handful of connections from one address.
  if (ofAddress.length >= options.connectionsPerAddressMax) return refused('address-full');
  const inbound = open.filter((c) => c.class === 'inbound' && !(c.peer !== undefined && isReserved(c.peer)));
  // [REJECT] B5: inbound places are counted.
  return inbound.length >= CLASS_MAX.inbound ? refused('class-full') : WELCOME;
}

export type Candidate = {
  readonly peer: string;
  readonly address: string;
  /** From score.ts. */
  readonly score: number;
  /** Not to be tried before its back-off has passed. */
  readonly isResting: boolean;
};

/**
 * Whom to dial now, best first. Reserved peers that are away come first and always. Others are dialled while we have
 * fewer outbound connections than the class allows and fewer peers than wanted, never two of one address group.
 */
export function choosePeersToDial(
  { open, isReserved, isBanned }: PolicyNeeds,
  candidates: readonly Candidate[],
): Candidate[] {
  const connected = new Set(open.map((c) => c.peer));
  const away = candidates.filter((c) => !connected.has(c.peer) && !isBanned(c.peer) && !c.isResting);
  const chosen = away.filter((c) => isReserved(c.peer)).slice(0, LIMITS.dialsAtOnceMax);
  const outbound = open.filter((c) => c.class === 'outbound' && !(c.peer !== undefined && isReserved(c.peer)));
  const groups = outbound.map((c) => addressGroupOf(c.address));
  const places = Math.min(CLASS_MAX.outbound - outbound.length, PEERS_WANTED - connected.size);
  let taken = 0;
  for (const candidate of away.filter((c) => !isReserved(c.peer)).sort((a, b) => b.score - a.score)) {
    if (taken >= places || chosen.length >= LIMITS.dialsAtOnceMax) break;
    const group = addressGroupOf(candidate.address);
    if (groups.some((other) => isSameGroup(other, group))) continue;
    groups.push(group);
    chosen.push(candidate);
    taken += 1;
  }
  return chosen;
}
