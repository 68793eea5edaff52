/**
 * What the lanes have said of each subject, slot by slot, until it is final and then until nobody may report it again.
 *
 * Fed in one order only (slot, then lane index, then position in the lane), so the table is a function of the lanes and
 * every validator holds the same one. The first report of a lane counts. A subject is forgotten when no lane has added a
 * report for twice the validity window and a slot: an honest validator reports within the window of the subject's claimed
 * time, so what comes later is no honest report.
 */

import { assert } from '../assert.ts';
import type { GenesisParameters } from '../attestation/genesis.ts';
import type { Report } from '../attestation/reports.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import { keyOfDigest } from '../codec/digest-key.ts';
import type { Pieces } from '../codec/pieces.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import type { Interval } from '../time/interval.ts';
import { compareInstants, floorDivide, type TaiInstant } from '../time/nanos.ts';
import type { OrderingRules } from './rules.ts';
import type { LaneCounts } from './seen-interval.ts';

/** What a lane reported, and in which entry of it. */
export type LaneReport = { readonly lane: number; readonly seq: number; readonly seen: Interval };

/** Where a report stands: the lane, the entry's position in it, and the slot of its time. */
export type ReportPlace = { readonly lane: number; readonly seq: number; readonly slot: number };

export type ReadySubject = { readonly subject: Digest; readonly seen: Interval };

type Known = {
  readonly key: string;
  readonly subject: Digest;
  /** The lane that first named it bears its memory until it is ready. */
  readonly namedBy: number;
  readonly reports: LaneReport[];
  /** Slot of the newest report, or of finality. */
  lastSlot: number;
  isFinal: boolean;
};

export class SubjectTable {
  readonly #counts: LaneCounts;
  readonly #rules: OrderingRules;
  readonly #retentionSlots: number;
  readonly #known = new Map<string, Known>();
  readonly #ready = new Set<Known>();
  /** Per lane, subjects it named first that are not ready. */
  readonly #named: number[];
  /** When to look whether a subject may be forgotten; ascending by slot. */
  #expiries: { readonly slot: number; readonly key: string }[] = [];
  #expiriesDone = 0;

  constructor(counts: LaneCounts, parameters: Pick<GenesisParameters, 'window' | 'slot'>, rules: OrderingRules) {
    this.#counts = counts;
    this.#rules = rules;
    this.#retentionSlots = Number(floorDivide(2n * parameters.window, parameters.slot)) + 2;
    this.#named = Array.from({ length: counts.n }, () => 0);
  }

  /** Subjects held, final ones included. */
  get size(): number {
    return this.#known.size;
  }

  /** Subjects that are ready and not final. */
  get readyCount(): number {
    return this.#ready.size;
  }

  /** The reports so far, or undefined for a subject no counted report has named. */
  reportsOf(subject: Digest): readonly LaneReport[] | undefined {
    return this.#known.get(keyOfDigest(subject))?.reports;
  }

  /** A counted report of a lane. Says whether it added anything. */
  add({ lane, seq, slot }: ReportPlace, { subject, seen }: Report): boolean {
    const key = keyOfDigest(subject);
    let known = this.#known.get(key);
    if (known === undefined) {
      // A lane that names subjects nobody else sees fills its own share of the table, not the table.
      if (this.#named[lane]! >= LIMITS.orderNamedPerLaneMax) return false;
      known = { key, subject: subject.slice(), namedBy: lane, reports: [], lastSlot: -1, isFinal: false };
      this.#known.set(key, known);
      this.#named[lane]! += 1;
    }
    if (known.isFinal || known.reports.some((report) => report.lane === lane)) return false;
    known.reports.push({ lane, seq, seen });
    this.#noteSlot(known, slot);
    if (known.reports.length === this.#counts.q) {
      this.#ready.add(known);
      this.#named[known.namedBy]! -= 1;
    }
    return true;
  }

  /** Ready subjects whose interval ends by the watermark: marked final and handed over, in no particular order. */
  takeFinal(slot: number, watermark: TaiInstant): ReadySubject[] {
    const final: ReadySubject[] = [];
    for (const known of this.#ready) {
      const seen = this.intervalOf(known.reports);
      assert(seen !== undefined, 'a ready subject has an interval');
      if (compareInstants(seen.latest, watermark) > 0) continue;
      known.isFinal = true;
      this.#noteSlot(known, slot);
      this.#ready.delete(known);
      final.push({ subject: known.subject, seen });
    }
    return final;
  }

  /** One look a subject and slot is enough: most reports of a subject come in the same slot. */
  #noteSlot(known: Known, slot: number): void {
    if (known.lastSlot === slot) return;
    known.lastSlot = slot;
    this.#expiries.push({ slot: slot + this.#retentionSlots, key: known.key });
  }

  intervalOf(reports: readonly LaneReport[]): Interval | undefined {
    return this.#rules.seenInterval(
      this.#counts,
      reports.map((report) => report.seen),
    );
  }

  /** Forgets what is past its time at the beginning of `slot`. */
  forgetBefore(slot: number): void {
    for (; this.#expiriesDone < this.#expiries.length; this.#expiriesDone++) {
      const due = this.#expiries[this.#expiriesDone]!;
      if (due.slot >= slot) break;
      const known = this.#known.get(due.key);
      if (known === undefined || known.lastSlot + this.#retentionSlots >= slot) continue;
      this.#known.delete(due.key);
      if (!this.#ready.delete(known) && !known.isFinal) this.#named[known.namedBy]! -= 1;
    }
    // Half of it at least, so that each is moved once or so.
    if (this.#expiriesDone > 1_024 && 2 * this.#expiriesDone > this.#expiries.length) {
      this.#expiries = this.#expiries.slice(this.#expiriesDone);
      this.#expiriesDone = 0;
    }
  }

  /** Reports of subjects that were final by the decided slot are left out: nothing more is asked of them. */
  *save(to: FlatWriter, decided: number | undefined): Pieces<void> {
    to.count(this.#known.size);
    for (const { subject, namedBy, reports, lastSlot, isFinal } of this.#known.values()) {
      to.digest(subject);
      to.count(namedBy);
      to.count(lastSlot);
      to.flag(isFinal);
      const isDone = isFinal && decided !== undefined && lastSlot <= decided;
      to.count(isDone ? 0 : reports.length);
      if (!isDone) for (const report of reports) saveReport(to, report);
      if (to.endsPiece()) yield;
    }
  }

  /** Into an empty table. */
  load(from: FlatReader): void {
    for (let left = from.length(KNOWN_BYTES); left > 0 && !from.isBroken; left--) {
      const subject = from.digest();
      const namedBy = from.count(this.#counts.n - 1);
      const lastSlot = from.count();
      const isFinal = from.flag();
      const reports = Array.from({ length: Math.min(from.count(this.#counts.n), this.#counts.n) }, () =>
        loadReport(from, this.#counts.n),
      );
      const key = keyOfDigest(subject);
      const known: Known = { key, subject, namedBy, reports, lastSlot, isFinal };
      if (this.#known.has(key)) from.break();
      this.#known.set(key, known);
      // Only the newest look decides: at the others the subject is still young.
      this.#expiries.push({ slot: lastSlot + this.#retentionSlots, key });
      if (isFinal) continue;
      if (reports.length >= this.#counts.q) this.#ready.add(known);
      else this.#named[namedBy]! += 1;
    }
    this.#expiries.sort((a, b) => a.slot - b.slot);
  }
}

/** The least a subject takes in saved bytes. */
const KNOWN_BYTES = 57;

function saveReport(to: FlatWriter, { lane, seq, seen }: LaneReport): void {
  to.count(lane);
  to.count(seq);
  to.interval(seen);
}

function loadReport(from: FlatReader, lanes: number): LaneReport {
  return { lane: from.count(lanes - 1), seq: from.count(LIMITS.laneEntriesMax), seen: from.interval() };
}
