/** What the JSON-RPC reads need of a network, from its view. Instants are told as Unix nanoseconds by the leap second table. */

import { leapStateAt, type LeapTable } from '../../core/time/leap-seconds.ts';
import { nanoMomentOf } from '../../core/time/nano-moment.ts';
import type { TaiInstant } from '../../core/time/nanos.ts';
import type { NetworkView } from '../../ports/network-view.ts';
import type { RpcNetwork } from './rpc-methods.ts';

/** Undefined where no network is configured: a network of our own lane alone is no mesh. */
export function rpcNetwork(view: NetworkView, leapTable: LeapTable): RpcNetwork | undefined {
  if (!view.network().isNetworked) return undefined;
  const unixNanos = (tai: TaiInstant | undefined): bigint | undefined => {
    if (tai === undefined) return undefined;
    const leap = leapStateAt(leapTable, tai);
    // An expired table knows nothing of the leap seconds since; a Unix time that may be a second off is not told.
    return leap.kind === 'known' ? nanoMomentOf(tai, leap.taiUtcSeconds) : undefined;
  };
  return {
    peerCount: () => view.network().peers,
    subjectMoment: async (id) => {
      const { position } = await view.subject(id);
      return position.kind === 'final' ? unixNanos(position.entry.moment) : undefined;
    },
    watermark: () => unixNanos(view.orderStatus().watermark),
  };
}
