/**
 * The order of a network as one validator sees it: lanes in, votes to cast and final entries out.
 *
 * Entries are handed in lane by lane, verified and durable, in any interleaving; what comes out depends on the lanes alone,
 * so a restart or a late joiner gets the same bytes. The builder works slots out, the engine says which are decided; an
 * entry is final when its slot is. docs/spec/ordering.md.
 */

import { assert } from '../assert.ts';
import { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import { wholeOf, type Pieces } from '../codec/pieces.ts';
import { sha256, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { EMPTY_ROOT } from '../log/merkle.ts';
import { isBefore, type TaiInstant } from '../time/nanos.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { AllLanes } from './all-lanes.ts';
import {
  decodeCutVote,
  encodeCutVote,
  voteFor,
  type Cut,
  type CutVote,
  type LanePrefix,
  type OrderHead,
} from './cut.ts';
import type { CutEffect, CutEngine, CutEngineNeeds, VotePlace } from './cut-engine.ts';
import { OrderBuilder, type LaneItem, type OrderSetting } from './order-builder.ts';
import { loadOrderEntry, saveOrderEntry, type OrderEntry } from './order-entry.ts';
import type { OrderPosition } from './order-position.ts';
import { loadPlaces, RecentFinals, savePlaces, type LanePlace } from './recent-finals.ts';
import { slotEnd, slotOf } from './slots.ts';

export type OrderingEffect =
  /** These follow the final order so far; they will never change. */
  | { readonly kind: 'final'; readonly slot: number; readonly entries: readonly OrderEntry[] }
  /** The reports or the vote of this entry do not count. */
  | { readonly kind: 'void'; readonly lane: number; readonly seq: bigint; readonly why: Fault }
  /** A decided cut is not ours: our copy of some lane is the losing branch of a fork. Nothing here becomes final any more. */
  | { readonly kind: 'contradicted'; readonly slot: number };

/** A vote to sign: a kind-4 statement with this body and subject, with a time past the slot's end. */
export type DueVote = { readonly vote: CutVote; readonly body: Uint8Array; readonly subject: Digest };

/** Why finality waits, and for whom (validator indexes). */
export type Waiting = {
  /** Lanes that have not passed the end of the next slot. */
  readonly lanes: readonly number[];
  /** Voters whose vote on the first undecided slot has not been seen. */
  readonly voters: readonly number[];
};

/** An entry of the order, and where the reports that made it stand. */
type Placed = { readonly entry: OrderEntry; readonly places: readonly LanePlace[] | undefined };

/** Where the parts of a certificate stand. */
export type CertificateParts = {
  readonly entry: OrderEntry;
  /** Every report that counted, with its lane and its entry's position there. */
  readonly reports: readonly LanePlace[];
  readonly cut: Cut;
  readonly votes: readonly VotePlace[];
};

export type OrderingOptions = OrderSetting & {
  /** Our own lane, or undefined for one who follows without voting. */
  readonly self: number | undefined;
  /** The cut engine; all-lanes when not given. */
  readonly engineOf?: (needs: CutEngineNeeds) => CutEngine;
};

export class Ordering {
  readonly #options: OrderingOptions;
  #builder!: OrderBuilder;
  #engine!: CutEngine;
  /** The vote last found to be due. */
  #due: DueVote | undefined;
  /** Worked out, not decided. */
  #undecided: Placed[] = [];
  #recent!: RecentFinals;
  /** Lane entries handed in, and beginnings. */
  #taken = 0;

  constructor(options: OrderingOptions) {
    this.#options = options;
    this.reset();
  }

  /** Forgets everything: the lanes are to be handed in from their beginning. */
  reset(): void {
    const options = this.#options;
    this.#taken += 1;
    this.#due = undefined;
    this.#undecided = [];
    this.#recent = new RecentFinals({
      lanes: options.validators,
      sizeMax: LIMITS.orderRecentMax,
      placesMax: LIMITS.orderPlacesMax,
    });
    this.#builder = new OrderBuilder(options);
    const engineOf = options.engineOf ?? ((needs): CutEngine => new AllLanes(needs));
    this.#engine = engineOf({
      counts: options.rules.countsOf(options.validators),
      self: options.self,
      nextToVoteOn: (after, through) => this.#builder.nextToVoteOn(after, through),
      ownVote: (slot) => sha256(encodeCutVote(voteFor(this.#builder.cutAt(slot)))),
    });
  }

  /**
   * Everything that was worked out, between two entries, as bytes of our own that mean nothing to others. What comes after
   * them is the same as if it had not been interrupted. Of the newest final entries it has the places only: the order log
   * has the entries, and `recall` takes them.
   */
  save(): Uint8Array {
    const to = new FlatWriter();
    wholeOf(this.saving(to));
    return to.finish();
  }

  /** The same, as far at a time as `to` takes in one piece. Nothing is handed in before it has come to its end. */
  *saving(to: FlatWriter): Pieces<void> {
    const taken = this.#taken;
    for (const parts = this.#parts(to); parts.next().done !== true;) {
      yield;
      assert(this.#taken === taken, 'an ordering that is being saved takes nothing in');
    }
  }

  *#parts(to: FlatWriter): Pieces<void> {
    yield* this.#builder.save(to, this.#engine.decided);
    this.#engine.save(to);
    to.count(this.#undecided.length);
    for (const { entry, places } of this.#undecided) {
      saveOrderEntry(to, entry);
      savePlaces(to, places);
      if (to.endsPiece()) yield;
    }
    yield* this.#recent.save(to);
  }

  /**
   * Goes on from such bytes; whatever was handed in before is forgotten, and `recall` is to follow. False when they do not
   * read: then it is as after `reset`.
   */
  load(bytes: Uint8Array): boolean {
    this.reset();
    const from = new FlatReader(bytes);
    const { validators } = this.#options;
    this.#builder.load(from);
    this.#engine.load(from);
    this.#undecided = Array.from({ length: from.length(98) }, () => ({
      entry: loadOrderEntry(from),
      places: loadPlaces(from, validators),
    }));
    this.#recent.load(from);
    if (from.isWhole && this.#holdsTogether()) return true;
    this.reset();
    return false;
  }

  /** The newest final entries, as the order log has them, after `load`: the last `recentSize` below `decidedHead`. */
  recall(entries: readonly OrderEntry[]): void {
    this.#recent.recall(entries);
  }

  /** Final entries that are kept in memory, or are to be recalled. */
  get recentSize(): number {
    return this.#recent.size + this.#recent.toRecall;
  }

  /** What was signed by us holds together, but for a bug of ours; what is asked next would not answer otherwise. */
  #holdsTogether(): boolean {
    const { decided } = this.#engine;
    if (decided !== undefined && (this.#builder.completeThrough ?? -1) < decided) return false;
    const { size } = this.decidedHead;
    return size + this.#undecided.length === this.#builder.orderSize && this.#recent.toRecall <= size;
  }

  /** The final order: what the newest decided cut says of it. */
  get decidedHead(): OrderHead {
    const { decided } = this.#engine;
    return decided === undefined ? { size: 0, root: EMPTY_ROOT } : this.#builder.headAt(decided);
  }

  /** The newest decided cut as its votes name it, and where they stand; undefined while none is decided. */
  get decidedVote(): { readonly subject: Digest; readonly votes: readonly VotePlace[] } | undefined {
    const { decided, decidedBy } = this.#engine;
    if (decided === undefined) return undefined;
    return { subject: sha256(encodeCutVote(voteFor(this.#builder.cutAt(decided)))), votes: decidedBy };
  }

  /** The newest slot whose cut is decided. */
  get decidedSlot(): number | undefined {
    return this.#engine.decided;
  }

  /** The slot at which a decided cut contradicted ours. */
  get contradictedSlot(): number | undefined {
    return this.#engine.contradicted;
  }

  sizeOf(lane: number): number {
    return this.#builder.sizeOf(lane);
  }

  /** What was taken of a lane. */
  prefixOf(lane: number): LanePrefix {
    return this.#builder.prefixOf(lane);
  }

  /**
   * False while a lane is far ahead of the slowest one: its entries can wait on disk, memory here is bounded. Nothing is
   * gained by feeding it, because no slot can be worked out without the slowest lane.
   */
  wants(lane: number): boolean {
    const last = this.#builder.lastSlotOf(lane);
    if (last === undefined) return true;
    const slowest = this.#slowestSlot();
    return slowest === undefined
      ? this.#builder.sizeOf(lane) < LIMITS.orderReadAheadEntriesMax
      : last - slowest <= LIMITS.orderReadAheadSlotsMax;
  }

  /** Takes the next entry of a lane: it passed `judgeEntry` and `stepFault`, comes in lane order, and is durable here. */
  append(lane: number, item: LaneItem): OrderingEffect[] {
    this.#taken += 1;
    const effects: OrderingEffect[] = [];
    const { statement } = item.signed;
    const why = this.#builder.append(lane, item);
    if (why !== undefined) effects.push({ kind: 'void', lane, seq: statement.seq, why });
    if (statement.kind === 'cut-vote') {
      const vote = this.#voteIn(item);
      if (isFault(vote)) effects.push({ kind: 'void', lane, seq: statement.seq, why: vote });
      else {
        const seq = Number(statement.seq);
        const event = { kind: 'vote', voter: lane, seq, vote, subject: statement.subject } as const;
        this.#apply(this.#engine.decideCut(event), effects);
      }
    }
    const before = this.#builder.completeThrough;
    for (const entry of this.#builder.advance()) this.#undecided.push({ entry, places: this.#placesOf(entry.subject) });
    const through = this.#builder.completeThrough;
    if (through !== undefined && through !== before)
      this.#apply(this.#engine.decideCut({ kind: 'complete', through }), effects);
    return effects;
  }

  /** True while lanes must pass slots, or votes be cast, for what was said to become final. */
  get isBusy(): boolean {
    return this.#undecided.length > 0 || this.#builder.isBusy;
  }

  /**
   * The vote to sign next, or undefined. `ownEntries` is how many entries our own lane has, reserved ones included: all of
   * them must have been handed in, because they say what we voted on already.
   */
  voteDue(ownEntries: number): DueVote | undefined {
    const { self } = this.#options;
    if (self === undefined || ownEntries !== this.#builder.sizeOf(self)) return undefined;
    const slot = this.#engine.voteDue();
    if (slot === undefined) return undefined;
    // Asked for far more often than it changes; the cut of a complete slot never does.
    if (this.#due?.vote.slot !== slot) {
      const vote = voteFor(this.#builder.cutAt(slot));
      const body = encodeCutVote(vote);
      this.#due = { vote, body, subject: sha256(body) };
    }
    return this.#due;
  }

  /** The cut of a slot every lane has passed; pruned once a later one is decided. */
  cutAt(slot: number): Cut {
    return this.#builder.cutAt(slot);
  }

  /**
   * What a certificate of a final subject is made from, as places in the lanes and the order log: read the entries there,
   * add their inclusion proofs, encode. Undefined for a subject that is not among the newest final ones, and while the engine
   * has no votes to show. The cut is the newest decided one, so any earlier entry is below it.
   */
  certificateParts(subject: Digest): CertificateParts | undefined {
    const entry = this.#recent.entryOf(subject);
    const places = this.#recent.placesOf(subject);
    const { decided, decidedBy } = this.#engine;
    if (entry === undefined || places === undefined || decided === undefined || decidedBy.length === 0)
      return undefined;
    return { entry, reports: places, cut: this.cutAt(decided), votes: decidedBy };
  }

  /** Whom finality waits for, at this time by our own clock. Empty lists while all is in time. */
  waitingFor(now: TaiInstant): Waiting {
    const through = this.#builder.completeThrough;
    // Before the first complete slot it is the empty lanes; after that, lanes behind what they could have: a whole slot
    // while something waits to become final, several heartbeats when nothing does.
    const slotsMax = this.isBusy ? 2 : LIMITS.cutRestSlots;
    const isBehind = (lane: number): boolean => {
      const last = this.#builder.lastSlotOf(lane);
      if (through === undefined || last === undefined) return last === undefined;
      return last <= through + 1 && slotOf(now, this.#options.parameters) - last > slotsMax;
    };
    const lanes = this.#lanes().filter(isBehind);
    return { lanes, voters: this.#engine.votersMissing() };
  }

  /** What is known of a subject's place. Final entries older than the newest ones are the order log's to answer. */
  positionOf(subject: Digest): OrderPosition {
    const entry = this.#recent.entryOf(subject);
    if (entry !== undefined) return { kind: 'final', entry };
    const reports = this.#builder.reportsOf(subject);
    if (reports.length === 0) return { kind: 'unknown' };
    const seen = this.#builder.table.intervalOf(reports);
    if (seen === undefined) return { kind: 'reported', reports };
    return { kind: 'provisional', seen, reports };
  }

  #lanes(): number[] {
    return Array.from({ length: this.#options.validators }, (_, lane) => lane);
  }

  #slowestSlot(): number | undefined {
    let slowest: number | undefined;
    for (let lane = 0; lane < this.#options.validators; lane++) {
      const last = this.#builder.lastSlotOf(lane);
      if (last === undefined) return undefined;
      if (slowest === undefined || last < slowest) slowest = last;
    }
    return slowest;
  }

  #voteIn({ signed, body }: LaneItem): CutVote | Fault {
    if (body === null) return fault('cut-vote-format', 'a cut vote without a body');
    const vote = decodeCutVote(body);
    if (isFault(vote)) return vote;
    // [VOID] Nobody has every lane past the end of a slot before the slot has ended.
    if (isBefore(signed.statement.time.tai, slotEnd(vote.slot, this.#options.parameters)))
      return fault('cut-vote-early', `a vote for slot ${vote.slot} before its end`);
    return vote;
  }

  #apply(cutEffects: readonly CutEffect[], effects: OrderingEffect[]): void {
    for (const effect of cutEffects) {
      if (effect.kind === 'decided') {
        effects.push({ kind: 'final', slot: effect.slot, entries: this.#takeDecided(effect.slot) });
        this.#builder.prune(effect.slot);
      } else effects.push(effect);
    }
  }

  #takeDecided(slot: number): OrderEntry[] {
    const later = this.#undecided.findIndex(({ entry }) => entry.slot > slot);
    const decided = later < 0 ? this.#undecided : this.#undecided.slice(0, later);
    this.#undecided = later < 0 ? [] : this.#undecided.slice(later);
    for (const { entry, places } of decided) this.#recent.add(entry, places);
    return decided.map(({ entry }) => entry);
  }

  /** Kept apart from the table, which holds reports only while others may still come. */
  #placesOf(subject: Digest): readonly LanePlace[] | undefined {
    return this.#builder.table.reportsOf(subject)?.map(({ lane, seq }) => ({ lane, seq }));
  }
}
