/**
 * The connection gater: the policy of core/peers asked at each step of a connection, before anything is spent on it.
 *
 * By address when the socket opens, by identity once the handshake proved it. Outbound dials to banned peers are refused.
 */

import type { Connection, ConnectionGater } from '@libp2p/interface';
import { admitInbound, type OpenConnection, type PolicyOptions } from '../../core/peers/connection-policy.ts';
import type { AddressPatience } from '../../core/peers/address-patience.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import { hostOf } from './addresses.ts';

export type GaterNeeds = {
  readonly connections: () => readonly Connection[];
  readonly isReserved: (peer: string) => boolean;
  readonly isBanned: (peer: string) => boolean;
  readonly patience: AddressPatience;
  readonly now: () => MonoInstant;
  readonly refused: (because: string) => void;
};

export function connectionGater(needs: GaterNeeds, options: PolicyOptions): ConnectionGater {
  const denies = (address: string, peer: string | undefined): boolean => {
    const open = needs.connections().map(openConnection);
    const admission = admitInbound({ ...needs, open }, options, { address, peer });
    if (admission.kind === 'welcome') return false;
    // Only what cost us a handshake is charged: at the socket the peer is not known yet.
    if (peer !== undefined) needs.patience.charge(address, needs.now());
    needs.refused(admission.because);
    return true;
  };
  return {
    denyDialPeer: (peer) => needs.isBanned(peer.toString()),
    denyInboundConnection: ({ remoteAddr }) => {
      const address = hostOf(remoteAddr);
      return needs.patience.isExhausted(address, needs.now()) || denies(address, undefined);
    },
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
