/** What a multiaddr says of where a peer is: the IP address or name in it, and the identity at its end. */

import type { Multiaddr } from '@multiformats/multiaddr';

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr']);

/** The host part as text; the whole address where it has none (a relayed or local one). */
export function hostOf(address: Multiaddr): string {
  const host = address.getComponents().find(({ name }) => HOSTS.has(name));
  return host?.value ?? address.toString();
}

/** The peer id at the end of a multiaddr, as text. */
export function peerNameIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value;
}
