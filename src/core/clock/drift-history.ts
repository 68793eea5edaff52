/**
 * Drift for auditors: offset, frequency, guarantee and state over time, kept in three tiers of falling detail.
 *
 * Every sample goes into the current bucket of each tier (a second, a minute, an hour); a bucket keeps the least, the
 * greatest and the mean, so a spike of one second is still visible in the hour a year later. Tiers are rings: memory is
 * bounded by core/limits.ts whatever the uptime. For reports and graphs only; no interval is ever computed from it.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import {
  divideDown,
  floorModulo,
  longerOf,
  nanos,
  plus,
  seconds,
  shift,
  shorterOf,
  taiInstant,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';
import { ppt, type Ppt } from '../time/rate.ts';
import { BUDGET_TERMS, budgetFrom, type Budget } from './budget.ts';
import { CLOCK_STATES, type ClockState } from './state.ts';

/** The states of the clock core, from best to worst. */
const FROM_BEST_TO_WORST: readonly ClockState[] = ['locked', 'holdover', 'acquiring', 'unsynchronized', 'faulted'];

export type DriftSample = {
  /** The middle of the interval, or the best guess where none was issued. */
  readonly at: TaiInstant;
  /** Measured phase of the source's clock against its reference; undefined: not measured, as while it coasts. */
  readonly offset: Nanos | undefined;
  /** Frequency of the host's raw clock against TAI; undefined: not measured. */
  readonly frequency: Ppt | undefined;
  /** Guaranteed half-width; undefined: no interval was issued. */
  readonly guarantee: Nanos | undefined;
  /** What the guarantee was made of; undefined where there was none. */
  readonly budget: Budget | undefined;
  readonly state: ClockState;
};

export type Summary<T> = { readonly least: T; readonly greatest: T; readonly mean: T; readonly count: number };

/** One bucket. `worst` is the worst state seen in it; `refused` counts samples without an interval. */
export type DriftPoint = {
  readonly from: TaiInstant;
  readonly length: Nanos;
  readonly samples: number;
  readonly refused: number;
  readonly worst: ClockState;
  readonly offset: Summary<Nanos> | undefined;
  readonly frequency: Summary<Ppt> | undefined;
  readonly guarantee: Summary<Nanos> | undefined;
  /** The mean of each term over the samples with an interval, rounded up; undefined where none had one. */
  readonly budget: Budget | undefined;
  /** How many samples found the clock in each state. */
  readonly states: Readonly<Record<ClockState, number>>;
};

export type DriftQuery = {
  readonly from: TaiInstant;
  /** Not included. */
  readonly to: TaiInstant;
  /** At most this many points come back; the tier is chosen so that they suffice where one can. */
  readonly pointsMax: number;
};

export type DriftAnswer = {
  /** Length of the buckets answered with. */
  readonly length: Nanos;
  readonly points: readonly DriftPoint[];
  /** True when older points of the range were left out for `pointsMax`. */
  readonly isTruncated: boolean;
};

const TIERS = [
  { length: seconds(1n), buckets: LIMITS.driftSecondsMax },
  { length: seconds(60n), buckets: LIMITS.driftMinutesMax },
  { length: seconds(3_600n), buckets: LIMITS.driftHoursMax },
] as const;

export class DriftHistory {
  readonly #tiers = TIERS.map((tier) => new Tier(tier.length, tier.buckets));
  #unwritten = 0;

  /** Adds a sample. Buckets later than `sample.at` are forgotten first: they told of a time that was not. */
  add(sample: DriftSample): void {
    for (const tier of this.#tiers) this.#unwritten += tier.add(sample);
  }

  /** Buckets forgotten because time was found to be earlier than they claimed. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** The points of a range, oldest first, from the finest tier that reaches back far enough and fits `pointsMax`. */
  query(query: DriftQuery): DriftAnswer {
    assert(query.pointsMax >= 1, 'a query asks for at least one point');
    const tier =
      this.#tiers.find((t) => t.reaches(query.from) && t.countIn(query) <= query.pointsMax) ?? this.#tiers.at(-1)!;
    const points = tier.pointsIn(query);
    const isTruncated = points.length > query.pointsMax;
    return { length: tier.length, points: isTruncated ? points.slice(-query.pointsMax) : points, isTruncated };
  }
}

/** Buckets of one length, oldest first, in a ring. */
class Tier {
  readonly length: Nanos;
  readonly #capacity: number;
  readonly #ring: Bucket[] = [];
  #head = 0;
  #everDropped = false;

  constructor(length: Nanos, capacity: number) {
    this.length = length;
    this.#capacity = capacity;
  }

  /** Returns how many later buckets had to be forgotten. */
  add(sample: DriftSample): number {
    const from = taiInstant(sample.at - floorModulo(sample.at, this.length));
    let forgotten = 0;
    let newest = this.#newest();
    while (newest !== undefined && newest.from > from) {
      this.#dropNewest();
      forgotten++;
      newest = this.#newest();
    }
    if (newest?.from !== from) {
      newest = new Bucket(from);
      this.#push(newest);
    }
    newest.add(sample);
    return forgotten;
  }

  /** True when nothing of the range from `from` on was ever dropped from this tier. */
  reaches(from: TaiInstant): boolean {
    const oldest = this.#at(0);
    return !this.#everDropped || (oldest !== undefined && oldest.from <= from);
  }

  countIn(range: DriftQuery): number {
    return Math.max(0, this.#firstFrom(range.to) - this.#firstOverlapping(range.from));
  }

  pointsIn(range: DriftQuery): DriftPoint[] {
    const points: DriftPoint[] = [];
    const end = this.#firstFrom(range.to);
    for (let i = this.#firstOverlapping(range.from); i < end; i++) points.push(this.#at(i)!.point(this.length));
    return points;
  }

  #firstOverlapping(from: TaiInstant): number {
    return this.#firstFrom(shift(from, nanos(1n - this.length)));
  }

  /** Index of the first bucket that begins at `from` or later. */
  #firstFrom(from: TaiInstant): number {
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle)!.from < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #at(index: number): Bucket | undefined {
    return this.#ring[(this.#head + index) % this.#ring.length];
  }

  #newest(): Bucket | undefined {
    return this.#ring.length === 0 ? undefined : this.#at(this.#ring.length - 1);
  }

  #push(bucket: Bucket): void {
    if (this.#ring.length < this.#capacity) {
      // The ring is in order whenever it is not full: only a full ring turns its head.
      this.#ring.push(bucket);
      return;
    }
    this.#ring[this.#head] = bucket;
    this.#head = (this.#head + 1) % this.#capacity;
    this.#everDropped = true;
  }

  #dropNewest(): void {
    // Rare: a time that ran ahead is unwritten. Straightening the ring costs one copy.
    const inOrder = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
    inOrder.pop();
    this.#ring.splice(0, this.#ring.length, ...inOrder);
    this.#head = 0;
  }
}

class Bucket {
  readonly from: TaiInstant;
  #samples = 0;
  #refused = 0;
  #worst = 0;
  readonly #offset = new RunningSummary();
  readonly #frequency = new RunningSummary();
  readonly #guarantee = new RunningSummary();
  /** The sum of each budget term, and behind them the samples of each state: doubles, for there are many buckets. */
  readonly #sums = new Float64Array(BUDGET_TERMS.length + CLOCK_STATES.length);

  constructor(from: TaiInstant) {
    this.from = from;
  }

  add(sample: DriftSample): void {
    this.#samples++;
    if (sample.guarantee === undefined) this.#refused++;
    this.#worst = Math.max(this.#worst, FROM_BEST_TO_WORST.indexOf(sample.state));
    if (sample.offset !== undefined) this.#offset.add(sample.offset);
    if (sample.frequency !== undefined) this.#frequency.add(nanos(sample.frequency));
    if (sample.guarantee !== undefined) this.#guarantee.add(sample.guarantee);
    const { budget } = sample;
    if (budget !== undefined) for (const [i, term] of BUDGET_TERMS.entries()) this.#sums[i]! += Number(budget[term]);
    this.#sums[BUDGET_TERMS.length + CLOCK_STATES.indexOf(sample.state)]! += 1;
  }

  point(length: Nanos): DriftPoint {
    return {
      from: this.from,
      length,
      samples: this.#samples,
      refused: this.#refused,
      worst: FROM_BEST_TO_WORST[this.#worst]!,
      offset: this.#offset.summary(nanos),
      frequency: this.#frequency.summary(ppt),
      guarantee: this.#guarantee.summary(nanos),
      budget: this.#meanBudget(),
      states: Object.fromEntries(
        CLOCK_STATES.map((state, i) => [state, this.#sums[BUDGET_TERMS.length + i]!]),
      ) as Record<ClockState, number>,
    };
  }

  #meanBudget(): Budget | undefined {
    const issued = this.#samples - this.#refused;
    if (issued === 0) return undefined;
    return budgetFrom((term) => nanos(Math.ceil(this.#sums[BUDGET_TERMS.indexOf(term)]! / issued)));
  }
}

class RunningSummary {
  #least = nanos(0n);
  #greatest = nanos(0n);
  #sum = nanos(0n);
  #count = 0;

  add(value: Nanos): void {
    this.#least = this.#count === 0 ? value : shorterOf(this.#least, value);
    this.#greatest = this.#count === 0 ? value : longerOf(this.#greatest, value);
    this.#sum = plus(this.#sum, value);
    this.#count++;
  }

  summary<T>(of: (count: bigint) => T): Summary<T> | undefined {
    if (this.#count === 0) return undefined;
    const mean = divideDown(this.#sum, this.#count);
    return { least: of(this.#least), greatest: of(this.#greatest), mean: of(mean), count: this.#count };
  }
}
