/** What a multiaddr says of where a peer is: the IP address or name in it, and the identity at its end. */

import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr']);

/** The host part as text; the whole address where it has none (a relayed or local one). */
export function hostOf(address: Multiaddr): string {
  const host = address.getComponents().find(({ name }) => HOSTS.has(name));
  return host?.value ?? address.toString();
}

/** Where a socket is opened for an address: host, transport and port; undefined where the address does not say all three. */
export type Endpoint = { readonly host: string; readonly transport: 'tcp' | 'udp'; readonly port: number };

export function endpointOf(text: string): Endpoint | undefined {
  const [first, second] = parseAddress(text)?.getComponents() ?? [];
  if (first?.value === undefined || second?.value === undefined || !HOSTS.has(first.name)) return undefined;
  if (first.name === 'dnsaddr' || (second.name !== 'tcp' && second.name !== 'udp')) return undefined;
  return { host: first.value, transport: second.name, port: Number(second.value) };
}

/** The peer id at the end of a multiaddr, as text. */
export function peerNameIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value;
}

/**
 * The address in a text, or undefined. A multiaddr checks some parts of itself (an identity, an encoded path) only when its
 * bytes are asked for, and throws then: they are asked for here.
 */
export function parseAddress(text: string): Multiaddr | undefined {
  try {
    const address = multiaddr(multiaddr(text).bytes);
    if (address.getComponents().length === 0) return undefined;
    const name = peerNameIn(address);
    return name === undefined || parsePeerName(name) !== undefined ? address : undefined;
  } catch {
    return undefined;
  }
}

/** A libp2p identity in text, or undefined. */
function parsePeerName(text: string): string | undefined {
  try {
    return peerIdFromString(text).toString();
  } catch {
    return undefined;
  }
}
