/**
 * Checks of the `[network]` section: whether its addresses can be listened on, whether the identity key is private, and
 * whether pinned peers take a connection. A connection is opened and closed at once; nothing is said on it.
 */

import { createSocket } from 'node:dgram';
import { createConnection, createServer, isIPv6 } from 'node:net';
import { LIMITS } from '../../core/limits.ts';
import type { Config } from '../../io/config/config.ts';
import { endpointOf, type Endpoint } from '../../io/gossip/addresses.ts';
import { peerNameIn } from '../../io/gossip/identity-key.ts';
import { finding, findingOf, notMade, passed, type Finding } from './finding.ts';

type Section = NonNullable<Config['network']>;
type NetworkSection = Pick<Section, 'listen' | 'pinned' | 'identity'>;

/** Whoever knows nobody to begin with is alone until somebody else dials it, which nobody does for one who follows. */
export function checkFirstPeers({ pinned, bootstrap, mdns }: Pick<Section, 'pinned' | 'bootstrap' | 'mdns'>): Finding {
  const subject = 'first peers';
  const count = pinned.length + bootstrap.length;
  if (count === 0 && !mdns)
    return finding(subject, 'warn', 'network-no-peers', 'pinned and bootstrap are empty, and mdns is off');
  return passed(subject, `${count} named${mdns ? ', others by mDNS' : ''}`);
}

export async function checkNetwork(
  { listen, pinned, identity }: NetworkSection,
  agentRuns: boolean,
): Promise<readonly Finding[]> {
  const findings = [await checkIdentityKey(identity)];
  // One after another: two addresses may differ in their family only.
  for (const [i, address] of listen.entries())
    findings.push(await checkListen(numbered('listen address', i, listen), address, agentRuns));
  for (let i = 0; i < pinned.length; i += LIMITS.doctorPeersAtOnceMax) {
    const round = pinned.slice(i, i + LIMITS.doctorPeersAtOnceMax);
    const looks = round.map((address, n) => checkPeer(numbered('pinned peer', i + n, pinned), address));
    findings.push(...(await Promise.all(looks)));
  }
  return findings;
}

const numbered = (what: string, index: number, { length }: readonly string[]): string =>
  length === 1 ? what : `${what} ${index + 1}`;

async function checkIdentityKey(path: string): Promise<Finding> {
  const subject = 'network identity';
  try {
    const name = await peerNameIn(path);
    return passed(subject, name === undefined ? `${path} is made on the first start` : `this host is ${name}`);
  } catch (error) {
    return findingOf(subject, error);
  }
}

async function checkListen(subject: string, address: string, agentRuns: boolean): Promise<Finding> {
  const endpoint = endpointOf(address);
  if (endpoint === undefined) return notMade(subject, `${address} names no port of this host`);
  const refusal = await (endpoint.transport === 'tcp' ? listenTcp(endpoint) : bindUdp(endpoint));
  if (agentRuns && refusal === 'EADDRINUSE') return passed(subject, `${address} is taken while the agent runs`);
  if (refusal !== undefined) return finding(subject, 'fail', 'network-listen', `${address}: ${refusal}`);
  // Any port would do, so that this one is free says nothing of the agent.
  if (agentRuns && endpoint.port !== 0) {
    const detail = `${address} is free although the agent runs: it was started with another configuration`;
    return finding(subject, 'warn', 'network-listen', detail);
  }
  return passed(subject, `${address} is free`);
}

/** Why the port cannot be listened on; undefined when it can. */
function listenTcp({ host, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', (error) => resolve(reasonOf(error)))
      .listen({ host, port, ipv6Only: isIPv6(host) }, () => server.close(() => resolve(undefined)));
  });
}

function bindUdp({ host, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const isV6 = isIPv6(host);
    const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6 });
    socket
      .once('error', (error) => {
        socket.close();
        resolve(reasonOf(error));
      })
      .bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

/** That a peer is away is its operator's to mend: a warning here, because this validator signs without it. */
async function checkPeer(subject: string, address: string): Promise<Finding> {
  const endpoint = endpointOf(address);
  if (endpoint?.transport !== 'tcp') return notMade(subject, `${address}: only a TCP connection can be tried`);
  const refusal = await connectTo(endpoint);
  return refusal === undefined
    ? passed(subject, `${address} takes connections`)
    : finding(subject, 'warn', 'peer-not-reached', `${address}: ${refusal}`);
}

function connectTo({ host, port }: Endpoint): Promise<string | undefined> {
  const waitMs = LIMITS.doctorPeerWaitMsMax;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(waitMs);
    const probe = createConnection({ host, port, signal });
    probe
      .once('connect', () => {
        probe.destroy();
        resolve(undefined);
      })
      .once('error', (error) => resolve(signal.aborted ? `no answer in ${waitMs} ms` : reasonOf(error)));
  });
}

const reasonOf = (error: Error): string => ('code' in error ? String(error.code) : error.message);
