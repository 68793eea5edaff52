/**
 * The order that follows from the lanes, slot by slot: a pure function of what every lane holds up to each slot's end.
 *
 * A slot is worked out as soon as every lane has passed its end, before anyone has voted on it: the vote names the result.
 * Whether it is *final* is for the cut engine to say; here nothing is ever taken back. A slot in which nothing was said
 * costs nothing. docs/spec/ordering.md, "From a cut to the order".
 */

import { assert } from '../assert.ts';
import type { GenesisParameters } from '../attestation/genesis.ts';
import type { Report } from '../attestation/reports.ts';
import { decodeSignedStatement, type SignedStatement } from '../attestation/verify-statement.ts';
import { compareBytes } from '../codec/cbor.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import type { Pieces } from '../codec/pieces.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { hashRanges, leafHashesOf, type HashRanges } from '../log/hash-ranges.ts';
import { Frontier } from '../log/merkle.ts';
import { compareInstants, laterOf, nanos, shift, type TaiInstant } from '../time/nanos.ts';
import { isFault, type Fault } from '../verdict.ts';
import { lanesDigestOf, type Cut, type LanePrefix, type OrderHead } from './cut.ts';
import { LanePrefixes } from './lane-prefixes.ts';
import { encodeOrderEntry, type OrderEntry } from './order-entry.ts';
import { countedReports } from './report-rules.ts';
import type { OrderingRules } from './rules.ts';
import { slotOf } from './slots.ts';
import { cutSeed } from './sort-key.ts';
import { SubjectTable, type LaneReport, type ReadySubject } from './subject-table.ts';

/** One verified entry of a lane, in lane order. */
export type LaneItem = {
  readonly signed: SignedStatement;
  readonly body: Uint8Array | null;
  /** The reports in the body, where they were read already. */
  readonly reports?: readonly Report[] | undefined;
  /** Leaf hash of the entry. */
  readonly leaf: Digest;
};

export type OrderSetting = {
  readonly network: Digest;
  readonly parameters: GenesisParameters;
  /** Validators of the genesis record: lanes are named by their index. */
  readonly validators: number;
  readonly rules: OrderingRules;
  /** Hashes the leaves of the order log, many at a time; core's own way where there is no quicker one. */
  readonly hashRanges?: HashRanges | undefined;
};

type Lane = {
  readonly prefixes: LanePrefixes;
  last: SignedStatement | undefined;
  /** Counted reports of slots that are not worked out yet. */
  queue: { readonly slot: number; readonly seq: number; readonly reports: readonly Report[] }[];
  /** Counted reports of the newest slot. */
  reportsInSlot: number;
};

type HeadMark = { readonly slot: number; readonly head: OrderHead };

export class OrderBuilder {
  readonly #setting: OrderSetting;
  readonly #lanes: readonly Lane[];
  readonly #table: SubjectTable;
  #log = new Frontier();
  /** The order at the end of a slot that added to it, and of every later one up to the next mark; ascending. */
  #heads: HeadMark[] = [];
  #completeThrough: number | undefined;
  /** The last slot with something in it that was worked out. */
  #workedOut: number | undefined;
  #lastMoment: TaiInstant | undefined;

  constructor(setting: OrderSetting) {
    this.#setting = setting;
    this.#table = new SubjectTable(setting.rules.countsOf(setting.validators), setting.parameters, setting.rules);
    this.#lanes = Array.from({ length: setting.validators }, () => ({
      prefixes: new LanePrefixes(),
      last: undefined,
      queue: [],
      reportsInSlot: 0,
    }));
  }

  get table(): SubjectTable {
    return this.#table;
  }

  /** Every slot up to this one is worked out; undefined until each lane has an entry and all have passed one slot. */
  get completeThrough(): number | undefined {
    return this.#completeThrough;
  }

  sizeOf(lane: number): number {
    return this.#lanes[lane]!.prefixes.size;
  }

  /** Entries worked out so far, final or not. */
  get orderSize(): number {
    return this.#log.size;
  }

  /** What was taken in of a lane. */
  prefixOf(lane: number): LanePrefix {
    return this.#lanes[lane]!.prefixes.whole;
  }

  /** The slot of a lane's newest entry; undefined for an empty lane. */
  lastSlotOf(lane: number): number | undefined {
    return this.#lanes[lane]!.prefixes.lastSlot;
  }

  /** True while something said in the lanes waits for them to pass a slot. */
  get isBusy(): boolean {
    return this.#table.readyCount > 0 || this.#lanes.some(({ queue }) => queue.length > 0);
  }

  /**
   * The first slot after `after` and up to `through` that is worth a vote, or undefined: one that added to the order, or one
   * of the sparse slots that keep what is remembered short while nothing is said. It follows from the lanes alone, so that
   * every validator votes on the same slots.
   */
  nextToVoteOn(after: number | undefined, through: number): number | undefined {
    const grown = this.#heads.find(({ slot }) => slot <= through && (after === undefined || slot > after))?.slot;
    if (after === undefined) return grown ?? through - (through % LIMITS.cutRestSlots);
    const sparse = after - (after % LIMITS.cutRestSlots) + LIMITS.cutRestSlots;
    if (grown !== undefined) return Math.min(grown, sparse);
    return sparse <= through ? sparse : undefined;
  }

  /** Takes a lane's next entry. A fault says why its reports do not count; the entry counts all the same. */
  append(laneIndex: number, item: LaneItem): Fault | undefined {
    const lane = this.#lanes[laneIndex]!;
    const { statement } = item.signed;
    assert(statement.seq === BigInt(lane.prefixes.size), 'a lane is read from its beginning, entry by entry');
    const slot = slotOf(statement.time.tai, this.#setting.parameters);
    if (slot !== lane.prefixes.lastSlot) lane.reportsInSlot = 0;
    const previous = lane.last;
    lane.prefixes.append(slot, item.leaf);
    lane.last = item.signed;
    if (statement.kind !== 'reports') return undefined;
    const reports = countedReports(this.#setting.parameters, previous, item.signed, item.body, item.reports);
    if (isFault(reports)) return reports;
    // [VOID] More reports in one slot than any honest validator has: the rest of the slot is not counted.
    const room = LIMITS.orderReportsPerSlotMax - lane.reportsInSlot;
    lane.reportsInSlot += reports.length;
    if (room > 0) lane.queue.push({ slot, seq: Number(statement.seq), reports: reports.slice(0, room) });
    return undefined;
  }

  /** Works out every slot that all lanes have passed, and returns what that adds to the order. */
  advance(): OrderEntry[] {
    const through = this.#slotsPassedByAll();
    if (through === undefined || (this.#completeThrough !== undefined && through <= this.#completeThrough)) return [];
    this.#completeThrough = through;
    const added: OrderEntry[] = [];
    for (;;) {
      const slot = this.#nextBusySlot();
      if (slot === undefined || slot > through) break;
      added.push(...this.#workOut(slot));
    }
    return added;
  }

  /** The cut of a slot that is worked out and not pruned. */
  cutAt(slot: number): Cut {
    assert(this.#completeThrough !== undefined && slot <= this.#completeThrough, 'a cut is known once all passed it');
    return { slot, lanes: this.#lanes.map((lane) => lane.prefixes.at(slot)), order: this.headAt(slot) };
  }

  /** The order at the end of such a slot. */
  headAt(slot: number): OrderHead {
    for (let i = this.#heads.length - 1; i >= 0; i--) if (this.#heads[i]!.slot <= slot) return this.#heads[i]!.head;
    return { size: 0, root: new Frontier().root() };
  }

  /** Forgets how the lanes and the order stood before `slot`: it was decided. */
  prune(slot: number): void {
    for (const lane of this.#lanes) lane.prefixes.prune(slot);
    let keep = this.#heads.length - 1;
    while (keep > 0 && this.#heads[keep]!.slot > slot) keep -= 1;
    if (keep > 0) this.#heads = this.#heads.slice(keep);
  }

  /** Counted reports of a subject, those of unfinished slots included; one a lane. */
  reportsOf(subject: Digest): readonly LaneReport[] {
    const known = [...(this.#table.reportsOf(subject) ?? [])];
    for (const [index, lane] of this.#lanes.entries()) {
      if (known.some((report) => report.lane === index)) continue;
      for (const { seq, reports } of lane.queue) {
        const report = reports.find((candidate) => compareBytes(candidate.subject, subject) === 0);
        if (report === undefined) continue;
        known.push({ lane: index, seq, seen: report.seen });
        break;
      }
    }
    return known;
  }

  /** Everything above, as of now; `decided` is the newest slot that is final. */
  *save(to: FlatWriter, decided: number | undefined): Pieces<void> {
    for (const { prefixes, last, queue, reportsInSlot } of this.#lanes) {
      prefixes.save(to);
      to.optional(last, ({ bytes }) => to.bytes(bytes));
      to.count(reportsInSlot);
      to.count(queue.length);
      for (const { slot, seq, reports } of queue) {
        to.count(slot);
        to.count(seq);
        to.count(reports.length);
        for (const { subject, seen } of reports) {
          to.digest(subject);
          to.interval(seen);
        }
        if (to.endsPiece()) yield;
      }
    }
    yield* this.#table.save(to, decided);
    this.#log.save(to);
    to.count(this.#heads.length);
    for (const { slot, head } of this.#heads) {
      to.count(slot);
      to.count(head.size);
      to.digest(head.root);
    }
    for (const slot of [this.#completeThrough, this.#workedOut]) to.optional(slot, (value) => to.count(value));
    to.optional(this.#lastMoment, (moment) => to.instant(moment));
  }

  /** Into a builder that took nothing yet. */
  load(from: FlatReader): void {
    for (const lane of this.#lanes) {
      lane.prefixes.load(from);
      lane.last = from.optional(() => loadStatement(from));
      lane.reportsInSlot = from.count();
      lane.queue = Array.from({ length: from.length(24) }, () => ({
        slot: from.count(),
        seq: from.count(LIMITS.laneEntriesMax),
        reports: Array.from({ length: from.length(48) }, () => ({ subject: from.digest(), seen: from.interval() })),
      }));
    }
    this.#table.load(from);
    this.#log = Frontier.load(from);
    this.#heads = Array.from({ length: from.length(48) }, () => ({
      slot: from.count(),
      head: { size: from.count(LIMITS.laneEntriesMax), root: from.digest() },
    }));
    this.#completeThrough = from.optional(() => from.count());
    this.#workedOut = from.optional(() => from.count());
    this.#lastMoment = from.optional(() => from.instant());
    // Whoever asks for a cut up to there may do so of every lane.
    if (this.#slotsPassedByAll() !== this.#completeThrough) from.break();
  }

  #slotsPassedByAll(): number | undefined {
    let through: number | undefined;
    for (const { prefixes } of this.#lanes) {
      if (prefixes.lastSlot === undefined) return undefined;
      if (through === undefined || prefixes.lastSlot - 1 < through) through = prefixes.lastSlot - 1;
    }
    return through;
  }

  /**
   * The next slot with something to do: the first with reports in a queue, or the one right after the last when ready
   * subjects wait for their interval to pass.
   */
  #nextBusySlot(): number | undefined {
    let next: number | undefined;
    for (const { queue } of this.#lanes) {
      const slot = queue[0]?.slot;
      if (slot !== undefined && (next === undefined || slot < next)) next = slot;
    }
    if (
      this.#table.readyCount > 0 &&
      this.#workedOut !== undefined &&
      (next === undefined || this.#workedOut + 1 < next)
    )
      next = this.#workedOut + 1;
    return next;
  }

  #workOut(slot: number): OrderEntry[] {
    this.#workedOut = slot;
    this.#table.forgetBefore(slot);
    for (const [index, lane] of this.#lanes.entries()) {
      let taken = 0;
      while (taken < lane.queue.length && lane.queue[taken]!.slot === slot) {
        const { seq, reports } = lane.queue[taken]!;
        for (const report of reports) this.#table.add({ lane: index, seq, slot }, report);
        taken += 1;
      }
      if (taken > 0) lane.queue = lane.queue.slice(taken);
    }
    const { rules, parameters } = this.#setting;
    const ready = this.#table.takeFinal(slot, rules.watermarkOf(slot, parameters));
    if (ready.length === 0) return [];
    const added = this.#sort(slot, ready).map((point, i) => this.#entryOf(slot, this.#log.size + i, point));
    const hash = this.#setting.hashRanges ?? hashRanges;
    this.#log.appendAll(leafHashesOf(hash, added.map(encodeOrderEntry)), hash);
    this.#heads.push({ slot, head: { size: this.#log.size, root: this.#log.root() } });
    return added;
  }

  #sort(slot: number, ready: readonly ReadySubject[]): Point[] {
    const { network, rules, parameters } = this.#setting;
    const seed = cutSeed({
      network,
      slot,
      lanesDigest: lanesDigestOf(this.#lanes.map((lane) => lane.prefixes.at(slot))),
    });
    const open = shift(rules.watermarkOf(slot - 1, parameters), nanos(1n));
    const points = ready.map(({ subject, seen }) => {
      const drawn = rules.sortKey(seed, subject, seen);
      return { subject, seen, drawn, at: laterOf(drawn, open) };
    });
    return points.sort(
      (a, b) => compareInstants(a.at, b.at) || compareInstants(a.drawn, b.drawn) || compareBytes(a.subject, b.subject),
    );
  }

  #entryOf(slot: number, index: number, { subject, seen, drawn, at }: Point): OrderEntry {
    const least = this.#lastMoment === undefined ? at : shift(this.#lastMoment, nanos(1n));
    const moment = laterOf(at, least);
    this.#lastMoment = moment;
    return { index, subject, moment, seen, slot, isLate: compareInstants(drawn, at) < 0 };
  }
}

function loadStatement(from: FlatReader): SignedStatement | undefined {
  const signed = decodeSignedStatement(from.bytes(LIMITS.laneEntryBytesMax));
  if (!isFault(signed)) return signed;
  from.break();
  return undefined;
}

/** Where a subject is sorted: `drawn` within its interval, `at` moved past what is already final. */
type Point = {
  readonly subject: Digest;
  readonly seen: ReadySubject['seen'];
  readonly drawn: TaiInstant;
  readonly at: TaiInstant;
};
