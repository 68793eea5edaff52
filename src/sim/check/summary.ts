/**
 * Many runs of one scenario folded into one account: counts added, histograms merged, detection times ranked.
 */

import type { RunReport } from '../clock-run.ts';
import type { Miss } from './containment.ts';
import { Histogram } from './histogram.ts';

export type Quantiles = { readonly p50: number; readonly p99: number };

export type ScenarioSummary = {
  readonly scenario: string;
  readonly sourceType: string;
  readonly runs: number;
  readonly simulatedSeconds: number;
  readonly intervals: number;
  readonly refused: number;
  readonly misses: number;
  readonly missesWhileBroken: number;
  /** The first seed with a miss, and the miss. */
  readonly firstMiss: (Miss & { readonly seed: number }) | undefined;
  /** Assumptions broken on purpose. `late` were noticed after the documented time, or never. */
  readonly breaks: readonly BreakSummary[];
  /** By state: guarantee in ns, and guarantee over true error. */
  readonly tightness: Readonly<
    Record<string, { readonly count: number; readonly guaranteeNs: Quantiles; readonly ratio: Quantiles }>
  >;
};

export type BreakSummary = {
  readonly assumption: string;
  readonly count: number;
  readonly late: number;
  readonly firstLateSeed: number | undefined;
  /** Seconds from the break until it was noticed. */
  readonly detectedAfterSeconds: Quantiles | undefined;
  /** The longest that was documented for any of them. */
  readonly detectWithinSecondsMax: number;
};

export class SummaryOfRuns {
  readonly #scenario: string;
  #sourceType = '';
  #runs = 0;
  #simulatedSeconds = 0;
  #intervals = 0;
  #refused = 0;
  #misses = 0;
  #missesWhileBroken = 0;
  #firstMiss: ScenarioSummary['firstMiss'];
  readonly #breaks = new Map<string, BreakFold>();
  readonly #tightness = new Map<string, { guaranteeNs: Histogram; ratio: Histogram }>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  /** Adds a run; the order of the runs decides nothing but which first miss is shown. */
  add(run: RunReport): void {
    this.#sourceType = run.sourceType;
    this.#runs++;
    this.#simulatedSeconds += run.simulatedSeconds;
    this.#intervals += run.intervals;
    this.#refused += run.refused;
    this.#misses += run.misses;
    this.#missesWhileBroken += run.missesWhileBroken;
    if (run.firstMiss !== undefined && !(this.#firstMiss !== undefined && this.#firstMiss.seed < run.seed))
      this.#firstMiss = { ...run.firstMiss, seed: run.seed };
    for (const report of run.breaks) {
      let fold = this.#breaks.get(report.assumption);
      if (fold === undefined) this.#breaks.set(report.assumption, (fold = new BreakFold()));
      fold.add(run.seed, report.detectedAfterSeconds, report.detectWithinSeconds);
    }
    for (const [state, { guaranteeNs, ratio }] of Object.entries(run.tightness)) {
      let fold = this.#tightness.get(state);
      if (fold === undefined)
        this.#tightness.set(state, (fold = { guaranteeNs: new Histogram(), ratio: new Histogram() }));
      fold.guaranteeNs.merge(new Histogram(guaranteeNs));
      fold.ratio.merge(new Histogram(ratio));
    }
  }

  summary(): ScenarioSummary {
    const tightness: Record<string, { count: number; guaranteeNs: Quantiles; ratio: Quantiles }> = {};
    for (const [state, { guaranteeNs, ratio }] of [...this.#tightness].sort(([a], [b]) => (a < b ? -1 : 1)))
      tightness[state] = { count: ratio.total, guaranteeNs: quantilesOf(guaranteeNs)!, ratio: quantilesOf(ratio)! };
    return {
      scenario: this.#scenario,
      sourceType: this.#sourceType,
      runs: this.#runs,
      simulatedSeconds: this.#simulatedSeconds,
      intervals: this.#intervals,
      refused: this.#refused,
      misses: this.#misses,
      missesWhileBroken: this.#missesWhileBroken,
      firstMiss: this.#firstMiss,
      breaks: [...this.#breaks].map(([assumption, fold]) => fold.summary(assumption)),
      tightness,
    };
  }
}

/** Whether the promise held: nothing issued outside the truth, nothing noticed late. */
export const isKept = (summary: ScenarioSummary): boolean =>
  summary.misses === 0 && summary.breaks.every((b) => b.late === 0);

class BreakFold {
  #count = 0;
  #late = 0;
  #firstLateSeed: number | undefined;
  readonly #detected = new Histogram();
  #withinMax = 0;

  add(seed: number, detectedAfterSeconds: number | undefined, detectWithinSeconds: number): void {
    this.#count++;
    this.#withinMax = Math.max(this.#withinMax, detectWithinSeconds);
    if (detectedAfterSeconds !== undefined) this.#detected.add(detectedAfterSeconds);
    if (detectedAfterSeconds !== undefined && detectedAfterSeconds <= detectWithinSeconds) return;
    this.#late++;
    if (this.#firstLateSeed === undefined || seed < this.#firstLateSeed) this.#firstLateSeed = seed;
  }

  summary(assumption: string): BreakSummary {
    return {
      assumption,
      count: this.#count,
      late: this.#late,
      firstLateSeed: this.#firstLateSeed,
      detectedAfterSeconds: quantilesOf(this.#detected),
      detectWithinSecondsMax: Math.ceil(this.#withinMax),
    };
  }
}

function quantilesOf(histogram: Histogram): Quantiles | undefined {
  const p50 = histogram.quantile(0.5);
  const p99 = histogram.quantile(0.99);
  return p50 === undefined || p99 === undefined ? undefined : { p50: threeDigits(p50), p99: threeDigits(p99) };
}

/** Bins are 2 % wide; more than three digits would be precision theatre. */
const threeDigits = (value: number): number => Number(value.toPrecision(3));
