/**
 * Who offers a capability: first what the DHT says, then what its peers themselves say.
 *
 * A provider record is unsigned, and anyone may put one that names anybody. So whoever is not connected is visited: one at a
 * time, as the policy's feeler, for as long as it takes to exchange hellos. What the hello says is signed by its speaker and
 * bound to the identity that the connection proved; that alone makes an offer `confirmed`.
 */

import type { Connection, PeerInfo } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { LIMITS } from '../../core/limits.ts';
import { publishedCapabilities } from '../../core/peers/hello.ts';
import type { CapabilityOffer, CapabilitySearch, Peer } from '../../ports/network.ts';
import { peerNameIn } from './addresses.ts';
import { capabilityKey } from './capabilities.ts';
import type { HostNode } from './host.ts';

export type CapabilitySearchNeeds = {
  readonly node: Pick<HostNode, 'peerId' | 'contentRouting' | 'dial' | 'getConnections'>;
  /** A connected peer whose hello was accepted. */
  readonly helloOf: (name: string) => Peer | undefined;
  /** Settles once the other end was introduced, or refused. */
  readonly introduced: (connection: Connection) => Promise<Peer | undefined>;
  /** Kept connected: a visit to it is not ended. */
  readonly isReserved: (name: string) => boolean;
};

export type Sought = { readonly network: Uint8Array; readonly capability: string };

export async function searchCapability(
  needs: CapabilitySearchNeeds,
  { network, capability }: Sought,
  signal: AbortSignal,
): Promise<CapabilitySearch> {
  const { found, isComplete } = await providersOf(needs, capabilityKey(network, capability), signal);
  const offers: CapabilityOffer[] = [];
  for (const provider of found) {
    const name = provider.id.toString();
    const peer = needs.helloOf(name) ?? (await visit(needs, provider, signal));
    const check =
      peer === undefined
        ? 'unverified'
        : publishedCapabilities(peer.hello).includes(capability)
          ? 'confirmed'
          : 'denied';
    offers.push({ name, addresses: placesOf(provider), check, role: peer?.hello.role, kid: peer?.kid });
  }
  return { offers, isComplete: isComplete && !signal.aborted };
}

async function providersOf(
  { node }: CapabilitySearchNeeds,
  key: ReturnType<typeof capabilityKey>,
  signal: AbortSignal,
): Promise<{ readonly found: Iterable<PeerInfo>; readonly isComplete: boolean }> {
  const found = new Map<string, PeerInfo>();
  const walk = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.capabilityWalkMsMax)]);
  try {
    for await (const provider of node.contentRouting.findProviders(key, { signal: walk })) {
      const name = provider.id.toString();
      if (provider.id.equals(node.peerId) || found.has(name)) continue;
      if (found.size >= LIMITS.capabilityOffersMax) return { found: found.values(), isComplete: false };
      found.set(name, provider);
    }
    return { found: found.values(), isComplete: true };
  } catch {
    // The world's failure, or our own patience: what was found until then stands.
    return { found: found.values(), isComplete: false };
  }
}

/** Exchanges hellos with whoever is there; undefined when nobody acceptable answers in time. */
async function visit(needs: CapabilitySearchNeeds, provider: PeerInfo, signal: AbortSignal): Promise<Peer | undefined> {
  const { node, introduced, isReserved } = needs;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.capabilityVisitMsMax)]);
  if (patience.aborted) return undefined;
  const open = new Set(node.getConnections());
  let connection: Connection | undefined;
  try {
    const places = placesOf(provider).map((place) => multiaddr(place));
    connection = await node.dial(places.length === 0 ? provider.id : places, { signal: patience });
    return await Promise.race([introduced(connection), abortOf(patience)]);
  } catch {
    // Nobody is there, or it is banned here.
    return undefined;
  } finally {
    if (connection !== undefined && !open.has(connection) && !isReserved(provider.id.toString()))
      void connection.close().catch(() => undefined);
  }
}

const abortOf = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    // One that fired already tells nobody again.
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

/** As the record says, each with the identity sought; an address of somebody else is none of it. */
function placesOf({ id, multiaddrs }: PeerInfo): readonly string[] {
  const name = id.toString();
  const places = multiaddrs.slice(0, LIMITS.addressesPerPeerMax).flatMap((address) => {
    const named = peerNameIn(address);
    if (named === undefined) return [`${address.toString()}/p2p/${name}`];
    return named === name ? [address.toString()] : [];
  });
  return [...new Set(places)];
}
