/**
 * How much each peer may send of each kind of message: items and bytes per second, with a burst.
 *
 * Requirement C4 gives 100 messages and 1 MiB a minute for everything; a validator's own statements alone are more, so the
 * figures stand per kind in core/propagation/kinds.ts. There is a bucket per (kind, peer) and one per (kind, address): many
 * identities behind one address share the address's. The maps are bounded; who was idle longest is forgotten, and comes
 * back with a full bucket, so the bound must exceed the connections that can be open (asserted).
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import type { MonoInstant } from '../time/nanos.ts';
import { BoundedMap } from './bounded-map.ts';
import { TokenBucket, type Rate } from './token-bucket.ts';

/** What a peer may send of one kind. */
export type Quota = { readonly items: Rate; readonly bytes: Rate };

export type Sender = { readonly peer: string; readonly address: string };

export type QuotaOptions<Kind extends string> = {
  readonly perPeer: Readonly<Record<Kind, Quota>>;
  /** How many peers' worth one address gets: the connections allowed from it. */
  readonly peersPerAddress: number;
};

type Pair = { readonly items: TokenBucket; readonly bytes: TokenBucket };

export class Quotas<Kind extends string> {
  readonly #options: QuotaOptions<Kind>;
  readonly #peers = new BoundedMap<string, Pair>({ sizeMax: LIMITS.quotaBucketsMax });
  readonly #addresses = new BoundedMap<string, Pair>({ sizeMax: LIMITS.quotaBucketsMax });

  constructor(options: QuotaOptions<Kind>) {
    assert(Number.isInteger(options.peersPerAddress) && options.peersPerAddress > 0, 'an address may have a peer');
    this.#options = options;
  }

  /**
   * How many of `items` (their sizes in bytes, in order) fit the quotas of sender and address; that many are charged. What
   * does not fit costs nothing: the excess must not push back the moment at which the peer is within its quota again.
   */
  admit(kind: Kind, sender: Sender, sizes: readonly number[], now: MonoInstant): number {
    const quota = this.#options.perPeer[kind];
    const mine = pairOf(this.#peers, `${kind} ${sender.peer}`, quota, 1, now);
    const shared = pairOf(this.#addresses, `${kind} ${sender.address}`, quota, this.#options.peersPerAddress, now);
    const pairs = [mine, shared];
    let count = Math.min(sizes.length, ...pairs.map((pair) => pair.items.tokens(now)));
    const bytesLeft = Math.min(...pairs.map((pair) => pair.bytes.tokens(now)));
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      if (bytes + sizes[i]! > bytesLeft) count = i;
      else bytes += sizes[i]!;
    }
    for (const pair of pairs) {
      const charged = pair.items.take(count, now) && pair.bytes.take(bytes, now);
      assert(charged, 'what fits a bucket can be taken from it');
    }
    return count;
  }
}

function pairOf(map: BoundedMap<string, Pair>, key: string, quota: Quota, shares: number, now: MonoInstant): Pair {
  const known = map.get(key);
  if (known !== undefined) return known;
  const pair = {
    items: new TokenBucket(scaled(quota.items, shares), now),
    bytes: new TokenBucket(scaled(quota.bytes, shares), now),
  };
  map.set(key, pair);
  return pair;
}

/** A rate for `shares` senders together. */
export const scaled = (rate: Rate, shares: number): Rate => ({
  perSecond: rate.perSecond * shares,
  burst: rate.burst * shares,
});
