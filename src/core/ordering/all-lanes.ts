/**
 * The embedded cut engine, for small fixed sets: a cut is decided by q identical votes of validators who have every lane.
 *
 * Whoever has stored every lane past the end of a slot votes for what he has, once per slot and in ascending order, and
 * never for less than before: lanes only grow. Two different cuts of one slot cannot both win, because two quorums share an
 * honest voter; a decided slot decides all earlier ones, because an honest voter's earlier prefixes are those of its later
 * vote. So it is safe under asynchrony without consensus. It is live only while every lane grows: a validator that is away,
 * or forks its lane, stops progress, and `waitingFor` says who it is.
 */

import { assert } from '../assert.ts';
import { digestOfKey, keyOfDigest } from '../codec/digest-key.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import { LIMITS } from '../limits.ts';
import type { CutEffect, CutEngine, CutEngineNeeds, CutEvent, DecideCut, VotePlace } from './cut-engine.ts';

/** Votes on one slot: what each voter named first, and how many named it. */
type Tally = {
  readonly byVoter: Map<number, { readonly digest: string; readonly seq: number }>;
  readonly byDigest: Map<string, number>;
};

export class AllLanes implements CutEngine {
  readonly #needs: CutEngineNeeds;
  /** Undecided slots. */
  readonly #tallies = new Map<number, Tally>();
  /** Slots a voter has voted on and that are undecided, oldest first. */
  readonly #votedSlots: number[][];
  #through: number | undefined;
  #decided: number | undefined;
  #decidedBy: readonly VotePlace[] = [];
  #ownLast: number | undefined;
  #contradicted: number | undefined;

  constructor(needs: CutEngineNeeds) {
    this.#needs = needs;
    this.#votedSlots = Array.from({ length: needs.counts.n }, () => []);
  }

  get decided(): number | undefined {
    return this.#decided;
  }

  get decidedBy(): readonly VotePlace[] {
    return this.#decidedBy;
  }

  get contradicted(): number | undefined {
    return this.#contradicted;
  }

  votersMissing(): number[] {
    const slot = this.#through === undefined ? undefined : this.#needs.nextToVoteOn(this.#decided, this.#through);
    if (slot === undefined) return [];
    const tally = this.#tallies.get(slot);
    return Array.from({ length: this.#needs.counts.n }, (_, i) => i).filter((i) => tally?.byVoter.has(i) !== true);
  }

  readonly decideCut: DecideCut = (event: CutEvent): readonly CutEffect[] => {
    if (event.kind === 'vote') this.#count(event);
    else this.#through = event.through;
    if (this.#contradicted !== undefined) return [];
    return this.#settle();
  };

  #count({ voter, seq, vote, subject }: Extract<CutEvent, { kind: 'vote' }>): void {
    if (voter === this.#needs.self) {
      assert(this.#ownLast === undefined || vote.slot > this.#ownLast, 'we vote once per slot, in ascending order');
      this.#ownLast = vote.slot;
    }
    if (this.#decided !== undefined && vote.slot <= this.#decided) return;
    let tally = this.#tallies.get(vote.slot);
    if (tally === undefined) {
      tally = { byVoter: new Map(), byDigest: new Map() };
      this.#tallies.set(vote.slot, tally);
    }
    // [IGNORE] The first vote of a validator on a slot counts; a second is a fault of its own.
    if (tally.byVoter.has(voter)) return;
    const digest = keyOfDigest(subject);
    tally.byVoter.set(voter, { digest, seq });
    tally.byDigest.set(digest, (tally.byDigest.get(digest) ?? 0) + 1);
    this.#bound(voter, vote.slot);
  }

  /** A voter has a bounded number of undecided votes here; its oldest goes. A later decision covers what it stood for. */
  #bound(voter: number, slot: number): void {
    const voted = this.#votedSlots[voter]!;
    voted.push(slot);
    if (voted.length <= LIMITS.cutVotesUndecidedMax) return;
    const oldest = voted.shift()!;
    const tally = this.#tallies.get(oldest);
    const digest = tally?.byVoter.get(voter)?.digest;
    if (tally === undefined || digest === undefined) return;
    tally.byVoter.delete(voter);
    tally.byDigest.set(digest, tally.byDigest.get(digest)! - 1);
    if (tally.byVoter.size === 0) this.#tallies.delete(oldest);
  }

  #settle(): CutEffect[] {
    const { counts, ownVote } = this.#needs;
    let decided: number | undefined;
    let decidedBy: readonly VotePlace[] = [];
    for (const [slot, { byVoter, byDigest }] of this.#tallies) {
      if (this.#through === undefined || slot > this.#through) continue;
      if (decided !== undefined && slot <= decided) continue;
      const winner = [...byDigest].find(([, votes]) => votes >= counts.q);
      if (winner === undefined) continue;
      if (winner[0] !== keyOfDigest(ownVote(slot))) {
        this.#contradicted = slot;
        return [{ kind: 'contradicted', slot }];
      }
      decided = slot;
      decidedBy = [...byVoter].flatMap(([voter, { digest, seq }]) => (digest === winner[0] ? [{ voter, seq }] : []));
    }
    if (decided === undefined) return [];
    this.#decided = decided;
    this.#decidedBy = decidedBy;
    for (const slot of this.#tallies.keys()) if (slot <= decided) this.#tallies.delete(slot);
    for (const [voter, slots] of this.#votedSlots.entries())
      this.#votedSlots[voter] = slots.filter((slot) => slot > this.#decided!);
    return [{ kind: 'decided', slot: decided }];
  }

  /**
   * The next slot worth a vote, not before the newest decided one (how the lanes stood earlier is forgotten); after a long
   * wait the newest, since it decides those before it too.
   */
  voteDue(): number | undefined {
    const { self, nextToVoteOn } = this.#needs;
    const through = this.#through;
    if (self === undefined || through === undefined || this.#contradicted !== undefined) return undefined;
    const after = laterSlot(this.#ownLast, this.#decided === undefined ? undefined : this.#decided - 1);
    let slot = nextToVoteOn(after, through);
    if (slot === undefined || through - slot < LIMITS.cutCatchUpSlotsMax) return slot;
    for (let next: number | undefined = slot; next !== undefined; next = nextToVoteOn(next, through)) slot = next;
    return slot;
  }

  save(to: FlatWriter): void {
    assert(this.#contradicted === undefined, 'an engine that holds the losing branch is not kept');
    for (const slot of [this.#through, this.#decided, this.#ownLast]) to.optional(slot, (value) => to.count(value));
    to.count(this.#decidedBy.length);
    for (const { voter, seq } of this.#decidedBy) {
      to.count(voter);
      to.count(seq);
    }
    to.count(this.#tallies.size);
    for (const [slot, { byVoter }] of this.#tallies) {
      to.count(slot);
      to.count(byVoter.size);
      for (const [voter, { digest, seq }] of byVoter) {
        to.count(voter);
        to.digest(digestOfKey(digest));
        to.count(seq);
      }
    }
    for (const slots of this.#votedSlots) {
      to.count(slots.length);
      for (const slot of slots) to.count(slot);
    }
  }

  load(from: FlatReader): void {
    const slot = (): number => from.count();
    const voter = (): number => from.count(this.#needs.counts.n - 1);
    this.#through = from.optional(slot);
    this.#decided = from.optional(slot);
    this.#ownLast = from.optional(slot);
    this.#decidedBy = Array.from({ length: from.length(16) }, () => ({ voter: voter(), seq: from.count() }));
    for (let left = from.length(16); left > 0 && !from.isBroken; left--) {
      const tally: Tally = { byVoter: new Map(), byDigest: new Map() };
      const votedOn = from.count();
      if (this.#tallies.has(votedOn)) from.break();
      this.#tallies.set(votedOn, tally);
      for (let votes = from.count(this.#needs.counts.n); votes > 0; votes--) {
        const by = voter();
        if (tally.byVoter.has(by)) from.break();
        const digest = keyOfDigest(from.digest());
        tally.byVoter.set(by, { digest, seq: from.count() });
        tally.byDigest.set(digest, (tally.byDigest.get(digest) ?? 0) + 1);
      }
    }
    for (const voted of this.#votedSlots) voted.push(...Array.from({ length: from.length(8) }, slot));
  }
}

const laterSlot = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
