/** What the ROKO-compatible reads need of the network, taken from its view; instants as Unix nanoseconds. */

import type { GenesisParameters } from '../core/attestation/genesis.ts';
import { nanoMomentOf } from '../core/time/nano-moment.ts';
import { negate, shift, type TaiInstant } from '../core/time/nanos.ts';
import type { RpcNetwork } from '../io/api/rpc-methods.ts';
import type { NetworkView } from '../ports/network-view.ts';
import type { AgentView } from '../ports/view.ts';

export function rpcNetworkOf(
  view: NetworkView,
  agent: Pick<AgentView, 'now'>,
  { tickMax }: Pick<GenesisParameters, 'tickMax'>,
): RpcNetwork {
  const unix = (tai: TaiInstant): bigint | undefined => {
    const { taiUtcSeconds } = agent.now();
    return taiUtcSeconds === undefined ? undefined : nanoMomentOf(tai, taiUtcSeconds);
  };
  return {
    peerCount: () => view.network().peers,
    subjectMoment: async (id) => {
      const { position } = await view.subject(id);
      return position.kind === 'final' ? unix(position.entry.moment) : undefined;
    },
    // Whatever becomes final after a decided slot comes after the slot's end less the longest tick.
    watermark: () => {
      const { decidedTai } = view.orderStatus();
      return decidedTai === undefined ? undefined : unix(shift(decidedTai, negate(tickMax)));
    },
  };
}
