/**
 * The checker of the one promise: truth lies in every interval issued while the declared assumptions hold.
 *
 * It knows the truth and which assumptions the scenario breaks when. It counts every interval, judges each, measures how
 * tight it was, and times how long a broken assumption went unnoticed. It knows nothing of how intervals are made.
 */

import type { Interval } from '../../core/time/interval.ts';
import { contains, halfWidthOf, midpointOf } from '../../core/time/interval.ts';
import { magnitude, since, type TaiInstant } from '../../core/time/nanos.ts';
import type { Break } from '../scenarios/scenario.ts';
import { Histogram } from './histogram.ts';

/** An interval that did not contain the truth. */
export type Miss = {
  readonly atSeconds: number;
  readonly state: string;
  /** How far outside the truth was, in ns: positive when the interval came before it. */
  readonly byNs: string;
  readonly guaranteeNs: string;
};

export type BreakReport = {
  readonly assumption: string;
  readonly detectWithinSeconds: number;
  /** Undefined: never noticed. */
  detectedAfterSeconds: number | undefined;
};

/** Guarantee in ns, and guarantee over true error, of one source type and state. */
export type TightnessReport = {
  readonly guaranteeNs: readonly (readonly [number, number])[];
  readonly ratio: readonly (readonly [number, number])[];
};

export type CheckReport = {
  readonly intervals: number;
  readonly refused: number;
  /** Misses while every assumption held, or after a break had to be noticed: there must be none. */
  readonly misses: number;
  readonly firstMiss: Miss | undefined;
  /** Misses while an assumption was broken and the time to notice had not run out. */
  readonly missesWhileBroken: number;
  readonly breaks: readonly BreakReport[];
  readonly tightness: Readonly<Record<string, TightnessReport>>;
};

/** One thing the clock said. */
export type Statement = {
  readonly atSeconds: number;
  readonly truth: TaiInstant;
  readonly state: string;
  readonly interval: Interval | undefined;
};

export class ContainmentChecker {
  readonly #breaks: readonly Break[];
  readonly #reports: BreakReport[];
  readonly #tightness = new Map<string, { guaranteeNs: Histogram; ratio: Histogram }>();
  #intervals = 0;
  #refused = 0;
  #misses = 0;
  #missesWhileBroken = 0;
  #firstMiss: Miss | undefined;

  constructor(breaks: readonly Break[]) {
    this.#breaks = breaks;
    this.#reports = breaks.map(({ assumption, detectWithinSeconds }) => ({
      assumption,
      detectWithinSeconds,
      detectedAfterSeconds: undefined,
    }));
  }

  /** Judges one statement; true when it was a miss that must not be. */
  judge(said: Statement): boolean {
    if (said.interval === undefined) {
      this.#refused++;
      return false;
    }
    this.#intervals++;
    this.#measure(said, said.interval);
    if (contains(said.interval, said.truth)) return false;
    if (this.#isExcused(said.atSeconds)) {
      this.#missesWhileBroken++;
      return false;
    }
    this.#misses++;
    this.#firstMiss ??= missOf(said, said.interval);
    return true;
  }

  /** Tells whether a device is still believed, so that the time to notice can be taken. */
  watch(atSeconds: number, isBelieved: (device: string) => boolean): void {
    for (const [i, lie] of this.#breaks.entries()) {
      const report = this.#reports[i]!;
      if (report.detectedAfterSeconds !== undefined || atSeconds < lie.fromSeconds) continue;
      if (atSeconds > lie.untilSeconds + lie.settleSeconds) continue;
      if (!isBelieved(lie.device)) report.detectedAfterSeconds = atSeconds - lie.fromSeconds;
    }
  }

  report(): CheckReport {
    const tightness: Record<string, TightnessReport> = {};
    for (const [key, { guaranteeNs, ratio }] of [...this.#tightness].sort(([a], [b]) => (a < b ? -1 : 1)))
      tightness[key] = { guaranteeNs: guaranteeNs.entries(), ratio: ratio.entries() };
    return {
      intervals: this.#intervals,
      refused: this.#refused,
      misses: this.#misses,
      firstMiss: this.#firstMiss,
      missesWhileBroken: this.#missesWhileBroken,
      breaks: this.#reports,
      tightness,
    };
  }

  /** While an assumption is broken, and for as long afterwards as the scenario says that the lie stays in the record. */
  #isExcused(atSeconds: number): boolean {
    return this.#breaks.some((b) => atSeconds >= b.fromSeconds && atSeconds <= b.untilSeconds + b.settleSeconds);
  }

  #measure({ truth, state }: Statement, interval: Interval): void {
    let entry = this.#tightness.get(state);
    if (entry === undefined) {
      entry = { guaranteeNs: new Histogram(), ratio: new Histogram() };
      this.#tightness.set(state, entry);
    }
    const guarantee = Number(halfWidthOf(interval));
    const error = Number(magnitude(since(midpointOf(interval), truth)));
    entry.guaranteeNs.add(guarantee);
    // An error below the nanosecond we count in is taken as one.
    entry.ratio.add(guarantee / Math.max(1, error));
  }
}

function missOf({ atSeconds, truth, state }: Statement, interval: Interval): Miss {
  const by = truth > interval.latest ? since(truth, interval.latest) : since(truth, interval.earliest);
  return { atSeconds, state, byNs: by.toString(), guaranteeNs: halfWidthOf(interval).toString() };
}
