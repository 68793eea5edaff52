/**
 * What a kind of message must offer to be judged by the pipeline: one preparation, one settlement.
 *
 * `prepare` does shape and every rule that needs no curve arithmetic. What is left is at most one signature; the pipeline
 * checks many of them together, on the loop or off it, and hands the answer to `settle`.
 */

import type { Digest } from '../../core/codec/sha256.ts';
import type { SignatureClaim } from '../../core/attestation/verify-statement.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { Peer, Way } from '../../ports/network.ts';

export type Prepared<Value> =
  | Refusal
  /** Nothing is left to check. */
  | { readonly kind: 'accept'; readonly value: Value }
  | {
      readonly kind: 'claim';
      readonly claim: SignatureClaim;
      readonly settle: (holds: boolean) => Verdict<Value>;
    };

export interface KindJudge<Value> {
  /** `id` is the item's SHA-256. */
  prepare(item: Uint8Array, from: Peer, way: Way, id: Digest): Prepared<Value>;
  /** True when nobody waits for what was accepted: passed on, it may wait for company. Without it nothing may. */
  mayWait?(accepted: Value): boolean;
  /** Takes what was accepted, in the order of arrival. Must not throw. */
  take(accepted: readonly Value[], from: Peer): void;
}
