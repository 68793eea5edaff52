/**
 * The libp2p node: transports, encryption, multiplexing, discovery and services, with every bound stated.
 *
 * QUIC is loaded only where the operator installed its package: releases before 2.1.4 have known memory-exhaustion
 * advisories, so it is never a default. docs/spec/network.md section "Transports".
 */

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { bootstrap } from '@libp2p/bootstrap';
import type { GossipSub } from '@libp2p/gossipsub';
import { identify, type Identify } from '@libp2p/identify';
import type { ConnectionGater, Libp2p, PrivateKey, ServiceMap } from '@libp2p/interface';
import { kadDHT, type KadDHT } from '@libp2p/kad-dht';
import { mdns } from '@libp2p/mdns';
import { ping, type Ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import { CLASS_MAX } from '../../core/peers/connection-policy.ts';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { gossipService } from './gossip.ts';
import { noiseCipher } from './noise-cipher.ts';

export interface MomentdServices extends ServiceMap {
  readonly identify: Identify;
  readonly ping: Ping;
  readonly dht: KadDHT;
  readonly pubsub: GossipSub;
}

export type HostNode = Libp2p<MomentdServices>;

export type HostOptions = {
  /** Multiaddrs to listen on: /ip4/0.0.0.0/tcp/16178, /ip4/0.0.0.0/tcp/16178/ws ... */
  readonly listen: readonly string[];
  /** Multiaddrs to announce in place of those listened on. */
  readonly announce: readonly string[];
  /** First peers: multiaddrs, dnsaddr included. */
  readonly bootstrap: readonly string[];
  readonly mdns: boolean;
  /** Load QUIC; rejects at start where its package is not installed. */
  readonly quic: boolean;
  /** New connections per second from one address; behind one NAT several validators share one. */
  readonly connectionsPerSecondMax: number;
  readonly version: string;
};

export type HostNeeds = {
  readonly privateKey: PrivateKey;
  readonly networkHex: string;
  readonly gater: ConnectionGater;
  readonly appScore: (peer: string) => number;
  /** Peers that stand outside the classes: their number is added to what may be open. */
  readonly reservedMax: number;
};

type Transport = NonNullable<Libp2pOptions['transports']>[number];

export async function createHost(needs: HostNeeds, options: HostOptions): Promise<HostNode> {
  const { networkHex } = needs;
  const prefix = `/momentd/${networkHex.slice(0, 8)}`;
  return createLibp2p<MomentdServices>({
    start: false,
    privateKey: needs.privateKey,
    nodeInfo: { name: 'momentd', version: options.version },
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    transports: [
      tcp({ backlog: 16, maxConnections: connectionsMax(needs), inboundSocketInactivityTimeout: 120_000 }),
      webSockets(),
      ...(options.quic ? [await quicTransport()] : []),
    ],
    connectionEncrypters: [noise({ crypto: noiseCipher })],
    streamMuxers: [
      yamux({ maxInboundStreams: 64, streamOptions: { maxStreamWindowSize: LIMITS.streamBufferBytesMax } }),
    ],
    connectionGater: needs.gater,
    connectionManager: {
      maxConnections: connectionsMax(needs),
      maxIncomingPendingConnections: 16,
      inboundConnectionThreshold: options.connectionsPerSecondMax,
      maxParallelDials: LIMITS.dialsAtOnceMax,
      maxDialQueueLength: 64,
      maxPeerAddrsToDial: LIMITS.addressesPerPeerMax,
      // Lost peers are dialled by our own rules (dialer.ts).
      reconnectRetries: 0,
    },
    peerDiscovery: [
      ...(options.bootstrap.length > 0 ? [bootstrap({ list: [...options.bootstrap], tagTTL: Infinity })] : []),
      ...(options.mdns ? [mdns({ serviceTag: `_momentd-${networkHex.slice(0, 8)}._udp.local` })] : []),
    ],
    services: {
      identify: identify({ protocolPrefix: 'momentd', maxInboundStreams: 2, maxMessageSize: 8_192 }),
      ping: ping({ protocolPrefix: 'ipfs', maxInboundStreams: 2 }),
      // Every address is kept: validators of a test network live on private ones.
      dht: kadDHT({
        protocol: `${prefix}/kad/1`,
        clientMode: false,
        peerInfoMapper: (peer) => peer,
        maxInboundStreams: 8,
      }),
      pubsub: gossipService({ networkHex, appScore: needs.appScore }),
    },
  });
}

const connectionsMax = ({ reservedMax }: HostNeeds): number =>
  Object.values(CLASS_MAX).reduce((sum, count) => sum + count, 0) + reservedMax;

async function quicTransport(): Promise<Transport> {
  const name = '@chainsafe/libp2p-quic';
  try {
    const { quic } = (await import(name)) as { quic: () => Transport };
    return quic();
  } catch (cause) {
    throw new AgentError('network-listen', `QUIC was asked for and ${name} cannot be loaded: ${String(cause)}`, {
      cause,
    });
  }
}
