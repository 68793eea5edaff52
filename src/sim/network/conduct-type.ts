/**
 * Where a validator of a simulated network can depart from the protocol, and what it would have committed. conduct.ts has the
 * vices; validator.ts asks at each of these points.
 */

import type { Report } from '../../core/attestation/reports.ts';
import type { AttestedTime } from '../../core/attestation/statement-time.ts';
import type { Statement } from '../../core/attestation/statement.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import type { CutVote } from '../../core/ordering/cut.ts';
import type { StoredEntry } from './lane-store.ts';

/** What is to be committed: a statement's kind, what it is about, and the body beside it. */
export type Draft = {
  readonly kind: Statement['kind'];
  readonly subject: Digest;
  readonly body: Uint8Array | null;
  readonly time: Pick<AttestedTime, 'tai' | 'guarantee'>;
};

/** How a validator departs from the protocol. The honest one departs nowhere. */
export type Conduct = {
  /** Times and reports it puts into a statement. */
  readonly bendReports?: (reports: readonly Report[], time: Draft['time']) => readonly Report[];
  /** The vote it signs in place of the true one; undefined for none at all. */
  readonly bendVote?: (vote: CutVote) => CutVote | undefined;
  /** Further entries signed for the same place in the lane. */
  readonly alsoSigns?: (draft: Draft, statement: Statement) => Statement | undefined;
  /** Which of its entries goes to a peer: `also` is what `alsoSigns` gave. Undefined: neither. */
  readonly sends?: (to: number, own: StoredEntry, also: StoredEntry | undefined) => StoredEntry | undefined;
  /** Whether it passes on and reports a subject. */
  readonly minds?: (id: Digest) => boolean;
};
