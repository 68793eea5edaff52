/**
 * The agent's side of the network, put together: quotas, standing and the pipeline behind the `NetworkHandlers` port.
 *
 * What happens to accepted messages is given by the judges; who asks for time or ranges is held to the quotas below.
 */

import { Quotas, type Quota } from '../../core/peers/quotas.ts';
import type { Standing } from '../../core/peers/standing.ts';
import { TokenBucket, type Rate } from '../../core/peers/token-bucket.ts';
import { BoundedMap } from '../../core/peers/bounded-map.ts';
import { LIMITS } from '../../core/limits.ts';
import { quotaTable, type QuotaKey } from '../../core/propagation/quota-table.ts';
import type { Log } from '../../ports/log.ts';
import type { NetworkHandlers, Peer } from '../../ports/network.ts';
import { InboundPipeline, type PipelineNeeds } from './pipeline.ts';

export type InboundNeeds = Omit<PipelineNeeds, 'quotas'> & {
  readonly standing: Standing;
  readonly log: Log;
  readonly answerTime: NetworkHandlers['answerTime'];
  readonly joined: (peer: Peer) => void;
  readonly left: (peer: Peer) => void;
};

export type InboundOptions = {
  readonly validatorCount: number;
  /** Connections one address may have: its quotas are those of as many peers. */
  readonly peersPerAddress: number;
  /** In place of the table of kinds.ts. */
  readonly quotas?: Readonly<Record<QuotaKey, Quota>>;
};

type RequestKind = Parameters<NetworkHandlers['admitRequest']>[0];

/** An answer to a question of time costs a statement of ours; a range up to 1 MiB; addresses nearly nothing. */
const REQUEST_RATES: Readonly<Record<RequestKind, Rate>> = {
  time: { perSecond: 1, burst: 10 },
  lanes: { perSecond: 20, burst: 128 },
  peers: { perSecond: 1, burst: 2 },
};

export type Inbound = { readonly pipeline: InboundPipeline; readonly handlers: NetworkHandlers };

export function inboundOf(needs: InboundNeeds, options: InboundOptions): Inbound {
  const perPeer = options.quotas ?? quotaTable(options.validatorCount);
  const quotas = new Quotas<QuotaKey>({ perPeer, peersPerAddress: options.peersPerAddress });
  const pipeline = new InboundPipeline({ ...needs, quotas });
  const requests = new BoundedMap<string, TokenBucket>({ sizeMax: LIMITS.quotaBucketsMax });
  const handlers: NetworkHandlers = {
    judge: (arrival) => pipeline.judge(arrival),
    admitRequest: (request, from) => {
      const now = needs.now();
      const key = `${request} ${from.name}`;
      const bucket = requests.get(key) ?? new TokenBucket(REQUEST_RATES[request], now);
      requests.set(key, bucket);
      if (bucket.take(1, now)) return true;
      // [IGNORE] Above its quota nobody is answered, and pressing is held against the peer.
      needs.standing.offend(from.name, 'over-quota', now);
      return false;
    },
    answerTime: needs.answerTime,
    blame: (peer, offence) => needs.standing.offend(peer, offence, needs.now()),
    joined: needs.joined,
    left: needs.left,
  };
  return { pipeline, handlers };
}
