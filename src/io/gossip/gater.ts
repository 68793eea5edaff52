/**
 * The connection gater: the policy of core/peers asked at each step of a connection, before anything is spent on it.
 *
 * By address when the socket opens, by identity once the handshake proved it. Outbound dials to banned peers are refused.
 */

import type { Connection, ConnectionGater } from '@libp2p/interface';
import { admitInbound, type OpenConnection, type PolicyOptions } from '../../core/peers/connection-policy.ts';
import { hostOf } from './addresses.ts';

export type GaterNeeds = {
  readonly connections: () => readonly Connection[];
  readonly isReserved: (peer: string) => boolean;
  readonly isBanned: (peer: string) => boolean;
  readonly refused: (because: string) => void;
};

export function connectionGater(needs: GaterNeeds, options: PolicyOptions): ConnectionGater {
  const denies = (address: string, peer: string | undefined): boolean => {
    const open = needs.connections().map(openConnection);
    const admission = admitInbound({ ...needs, open }, options, { address, peer });
    if (admission.kind === 'refused') needs.refused(admission.because);
    return admission.kind === 'refused';
  };
  return {
    denyDialPeer: (peer) => needs.isBanned(peer.toString()),
    denyInboundConnection: ({ remoteAddr }) => denies(hostOf(remoteAddr), undefined),
    denyInboundEncryptedConnection: (peer, { remoteAddr }) => denies(hostOf(remoteAddr), peer.toString()),
  };
}

export function openConnection(connection: Connection): OpenConnection {
  return {
    peer: connection.remotePeer.toString(),
    address: hostOf(connection.remoteAddr),
    class: connection.direction === 'inbound' ? 'inbound' : 'outbound',
  };
}
