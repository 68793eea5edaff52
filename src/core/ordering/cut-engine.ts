/**
 * The seam at which validators agree on cuts. An engine is told what is known and answers with what to do; it has no clock.
 *
 * `decideCut` is all the order asks of an engine. all-lanes.ts implements it without consensus for small fixed sets; an
 * engine that stays live with f faults (CometBFT's vote extensions) takes its place behind the same events.
 */

import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import type { Digest } from '../codec/sha256.ts';
import type { CutVote } from './cut.ts';
import type { LaneCounts } from './seen-interval.ts';

export type CutEvent =
  /** Every lane is stored here, durably, past the end of this slot. */
  | { readonly kind: 'complete'; readonly through: number }
  /** A vote stands at `seq` in the lane of validator `voter`; `subject` is the statement's key 7, the vote's digest. */
  | {
      readonly kind: 'vote';
      readonly voter: number;
      readonly seq: number;
      readonly vote: CutVote;
      readonly subject: Digest;
    };

/** Where a vote stands. */
export type VotePlace = { readonly voter: number; readonly seq: number };

export type CutEffect =
  /** The cuts of this slot and of all before it are decided, and they are ours. */
  | { readonly kind: 'decided'; readonly slot: number }
  /** Others decided a cut that our lanes do not give: somebody forked a lane, and we hold the other branch. Final. */
  | { readonly kind: 'contradicted'; readonly slot: number };

/** Takes one event, returns what follows from it. Same events, same effects. */
export type DecideCut = (event: CutEvent) => readonly CutEffect[];

/** What an engine is made from. */
export type CutEngineNeeds = {
  readonly counts: LaneCounts;
  /** Our own index, or undefined for one who follows without voting. */
  readonly self: number | undefined;
  /**
   * The first slot after `after` (from the beginning: undefined) and up to `through`, which is complete here, that is worth a
   * vote; undefined for none. The same for all who hold the same lanes.
   */
  readonly nextToVoteOn: (after: number | undefined, through: number) => number | undefined;
  /** The digest (key 7) of our own vote for a slot that is complete here. */
  readonly ownVote: (slot: number) => Digest;
};

export interface CutEngine {
  readonly decideCut: DecideCut;
  /**
   * The slot to sign a vote on now, or undefined. Asked for, not announced: it may only be asked by one who has handed in
   * its own lane to the end, else a restart would vote again on what it voted on before.
   */
  voteDue(): number | undefined;
  /** The newest decided slot. */
  readonly decided: number | undefined;
  /** The votes that decided it, where the engine decides by votes: what a certificate carries. */
  readonly decidedBy: readonly VotePlace[];
  /** The slot at which a decided cut was not ours. */
  readonly contradicted: number | undefined;
  /** Validators whose vote on the first undecided slot worth a vote has not been seen. */
  votersMissing(): number[];
  /** All it knows from what it was told; not asked for once a cut contradicted ours. */
  save(to: FlatWriter): void;
  /** Into an engine that was told nothing yet. */
  load(from: FlatReader): void;
}
