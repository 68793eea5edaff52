/**
 * How much patience is left with an address whose connections keep coming to nothing.
 *
 * A handshake costs a core milliseconds before anyone knows who is asking, so a banned peer that dials again and again
 * would be felt by everyone. Each connection that ended for its peer's fault (banned, a refused hello) takes
 * from its address; an address with none left is refused before the handshake: three at once, then one in ten seconds.
 * Whoever shares the address keeps the connections there are and waits a little for new ones.
 */

import { LIMITS } from '../limits.ts';
import type { MonoInstant } from '../time/nanos.ts';
import { BoundedMap } from './bounded-map.ts';
import { TokenBucket } from './token-bucket.ts';

const COST = 10;
const PATIENCE = { perSecond: 1, burst: 3 * COST };

export class AddressPatience {
  readonly #buckets = new BoundedMap<string, TokenBucket>({ sizeMax: LIMITS.quotaBucketsMax });

  /** A connection from the address ended for its peer's fault. */
  charge(address: string, now: MonoInstant): void {
    const bucket = this.#buckets.get(address) ?? new TokenBucket(PATIENCE, now);
    this.#buckets.set(address, bucket);
    bucket.take(COST, now);
  }

  isExhausted(address: string, now: MonoInstant): boolean {
    const bucket = this.#buckets.peek(address);
    return bucket !== undefined && bucket.tokens(now) < COST;
  }
}
