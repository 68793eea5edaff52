/**
 * A period of one lane as its statements show it: how wide the guarantee was, how much of the time was vouched for, where
 * nothing was, and how that compares with thresholds. Memory does not grow with the number of statements.
 *
 * The time between two neighbours is *attested* when they are no further apart than `gapAfter`, with the wider of their two
 * guarantees; otherwise all of it is a gap. Rounding goes against the validator everywhere. docs/spec/report.md.
 */

import type { Statement, StatementKind } from '../attestation/statement.ts';
import { STATEMENT_KINDS } from '../attestation/statement.ts';
import { LIMITS } from '../limits.ts';
import {
  divideDown,
  divideUp,
  earlierOf,
  isBefore,
  laterOf,
  longerOf,
  minus,
  nanos,
  plus,
  shift,
  since,
  times,
  ZERO,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';
import { WidthHistogram } from './width-histogram.ts';

export type Threshold = { readonly name: string; readonly limit: Nanos; readonly warning: Nanos };

export type PeriodQuery = {
  readonly from: TaiInstant;
  /** Not included. */
  readonly to: TaiInstant;
  /** Silence longer than this is a gap. */
  readonly gapAfter: Nanos;
  readonly thresholds: readonly Threshold[];
};

/** Where a statement stands and what vouches for it: enough to look its evidence up later. */
export type Mark = { readonly index: number; readonly tai: TaiInstant; readonly statement: Statement };

export type Gap = {
  readonly from: TaiInstant;
  readonly to: TaiInstant;
  /** The statements at its ends; undefined where the lane begins or ends. */
  readonly before: Mark | undefined;
  readonly after: Mark | undefined;
};

export type ThresholdFigures = Threshold & {
  readonly within: Nanos;
  /** Attested time above the warning and not above the limit. */
  readonly warned: Nanos;
  readonly above: Nanos;
};

export type Slice = {
  readonly from: TaiInstant;
  readonly attested: Nanos;
  readonly worst: Nanos | undefined;
};

export type PeriodFigures = {
  readonly statements: number;
  readonly kinds: Readonly<Record<StatementKind, number>>;
  readonly first: Mark | undefined;
  readonly last: Mark | undefined;
  readonly guarantee:
    { readonly min: Nanos; readonly max: Nanos; readonly p50: Nanos; readonly p99: Nanos } | undefined;
  readonly attested: Nanos;
  readonly unattested: Nanos;
  readonly gaps: { readonly count: number; readonly longest: readonly Gap[] };
  readonly thresholds: readonly ThresholdFigures[];
  /** Fastest growth of the guarantee between attested neighbours, parts per billion. */
  readonly growthPpbMax: bigint;
  readonly taiUtcSeconds: readonly number[];
  readonly slices: readonly Slice[];
  /** Statements spread evenly over the period, whose evidence is worth a look. */
  readonly samples: readonly Mark[];
};

export class PeriodWalk {
  readonly #query: PeriodQuery;
  readonly #length: Nanos;
  readonly #widths = new WidthHistogram();
  readonly #kinds = Object.fromEntries(STATEMENT_KINDS.map((kind) => [kind, 0])) as Record<StatementKind, number>;
  readonly #slices: { attested: Nanos; worst: Nanos | undefined }[];
  readonly #thresholds: { within: Nanos; warned: Nanos; above: Nanos }[];
  readonly #taiUtc = new Set<number>();
  #samples: Mark[] = [];
  #sampleAt: TaiInstant;
  #statements = 0;
  #previous: Mark | undefined;
  #first: Mark | undefined;
  #last: Mark | undefined;
  #min: Nanos | undefined;
  #max = ZERO;
  #attested = ZERO;
  #gaps: Gap[] = [];
  #gapCount = 0;
  #growthPpbMax = 0n;
  #isOver = false;

  constructor(query: PeriodQuery) {
    this.#query = query;
    this.#length = since(query.to, query.from);
    this.#sampleAt = query.from;
    this.#slices = Array.from({ length: LIMITS.reportSlicesMax }, () => ({ attested: ZERO, worst: undefined }));
    this.#thresholds = query.thresholds.map(() => ({ within: ZERO, warned: ZERO, above: ZERO }));
  }

  /** Takes the next statement of the lane, inside the period or not. */
  take(statement: Statement, index: number): void {
    const { tai } = statement.time;
    const mark = { index, tai, statement };
    const before = this.#previous;
    this.#previous = mark;
    if (this.#isOver || isBefore(tai, this.#query.from)) return;
    this.#span(before, mark);
    if (isBefore(tai, this.#query.to)) this.#count(mark);
    else this.#isOver = true;
  }

  figures(): PeriodFigures {
    // What comes after the last statement of a lane nobody vouches for.
    if (!this.#isOver) this.#span(this.#previous, undefined);
    this.#isOver = true;
    const { thresholds } = this.#query;
    return {
      statements: this.#statements,
      kinds: { ...this.#kinds },
      first: this.#first,
      last: this.#last,
      guarantee:
        this.#min === undefined
          ? undefined
          : { min: this.#min, max: this.#max, p50: this.#quantile(0.5), p99: this.#quantile(0.99) },
      attested: this.#attested,
      unattested: minus(this.#length, this.#attested),
      gaps: { count: this.#gapCount, longest: this.#gaps.toSorted((a, b) => (isBefore(a.from, b.from) ? -1 : 1)) },
      thresholds: thresholds.map((threshold, i) => ({ ...threshold, ...this.#thresholds[i]! })),
      growthPpbMax: this.#growthPpbMax,
      taiUtcSeconds: [...this.#taiUtc].sort((a, b) => a - b),
      slices: this.#slices.map((slice, i) => ({ from: this.#sliceStart(i), ...slice })),
      samples: this.#samples,
    };
  }

  #count(mark: Mark): void {
    const { statement, tai } = mark;
    const { guarantee } = statement.time;
    this.#statements += 1;
    this.#kinds[statement.kind] += 1;
    this.#first ??= mark;
    this.#last = mark;
    this.#widths.add(guarantee);
    this.#min = this.#min === undefined || guarantee < this.#min ? guarantee : this.#min;
    this.#max = longerOf(this.#max, guarantee);
    this.#taiUtc.add(statement.taiUtcSeconds);
    if (isBefore(tai, this.#sampleAt)) return;
    this.#samples.push(mark);
    // The next sample is due at the next whole step after this statement, so gaps do not bunch samples up.
    const step = longerOf(divideUp(this.#length, LIMITS.reportSamplesMax), nanos(1n));
    const done = divideDown(since(tai, this.#query.from), step) + 1n;
    this.#sampleAt = shift(this.#query.from, times(step, done));
  }

  /** The time from one statement to the next, as far as it lies in the period. */
  #span(before: Mark | undefined, after: Mark | undefined): void {
    const { from, to, gapAfter } = this.#query;
    const begin = before === undefined ? from : laterOf(before.tai, from);
    const end = after === undefined ? to : earlierOf(after.tai, to);
    if (!isBefore(begin, end)) return;
    const whole = before === undefined || after === undefined ? undefined : since(after.tai, before.tai);
    if (whole === undefined || whole > gapAfter) return this.#addGap({ from: begin, to: end, before, after });
    const [a, b] = [before!.statement.time.guarantee, after!.statement.time.guarantee];
    const growth = divideUp(times(minus(b, a), 1_000_000_000n), whole);
    if (growth > this.#growthPpbMax) this.#growthPpbMax = growth;
    this.#attest(begin, end, longerOf(a, b));
  }

  #attest(begin: TaiInstant, end: TaiInstant, width: Nanos): void {
    const length = since(end, begin);
    this.#attested = plus(this.#attested, length);
    for (const [i, { limit, warning }] of this.#query.thresholds.entries()) {
      const spent = this.#thresholds[i]!;
      const tier = width > limit ? 'above' : width > warning ? 'warned' : 'within';
      spent[tier] = plus(spent[tier], length);
    }
    for (let i = this.#sliceOf(begin); i < this.#slices.length && isBefore(this.#sliceStart(i), end); i++) {
      const slice = this.#slices[i]!;
      const part = since(earlierOf(this.#sliceStart(i + 1), end), laterOf(this.#sliceStart(i), begin));
      slice.attested = plus(slice.attested, part);
      slice.worst = slice.worst === undefined ? width : longerOf(slice.worst, width);
    }
  }

  #addGap(gap: Gap): void {
    this.#gapCount += 1;
    this.#gaps.push(gap);
    if (this.#gaps.length <= LIMITS.reportGapsMax) return;
    const shortest = this.#gaps.reduce((a, b) => (since(b.to, b.from) < since(a.to, a.from) ? b : a));
    this.#gaps = this.#gaps.filter((other) => other !== shortest);
  }

  #sliceStart(i: number): TaiInstant {
    return shift(this.#query.from, divideDown(times(this.#length, i), this.#slices.length));
  }

  #sliceOf(at: TaiInstant): number {
    const guess = Number((since(at, this.#query.from) * BigInt(this.#slices.length)) / this.#length);
    return Math.max(0, guess - (isBefore(at, this.#sliceStart(guess)) ? 1 : 0));
  }

  #quantile(share: number): Nanos {
    // A class may reach beyond the largest value that was seen.
    const bound = this.#widths.quantile(share)!;
    return bound < this.#max ? bound : this.#max;
  }
}
