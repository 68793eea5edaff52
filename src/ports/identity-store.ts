/**
 * Where signed host identity records are kept, by their identity.
 *
 * Contract: a `put` that resolves has its record on stable storage; one that rejects does so with AgentError. `disk-full` may
 * be tried again; after any other rejection the store is stopped and refuses every later `put` with the same code. `put` is
 * not called while another is pending. What evidence may still refer to is kept; older records go.
 */

import type { Digest } from '../core/codec/sha256.ts';

export type IdentityItem = {
  /** SHA-256 of the record's Sig_structure. */
  readonly digest: Digest;
  /** The COSE_Sign1. */
  readonly bytes: Uint8Array;
};

export interface IdentityStore {
  put(item: IdentityItem): Promise<void>;
  /** The signed record, or undefined when it is not (or no longer) kept. Rejects with AgentError. */
  get(digest: Digest): Promise<Uint8Array | undefined>;
}
