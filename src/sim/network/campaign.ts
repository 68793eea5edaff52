/**
 * Many runs: a range of seeds, each under the mix its number chooses, and one account of them all.
 */

import { MIXES, type Mix } from './plan.ts';
import { runNetwork, type RunOptions, type RunResult } from './run.ts';

export type CampaignOptions = Omit<RunOptions, 'seed' | 'mix'> & {
  readonly from: number;
  /** The last seed, included. */
  readonly to: number;
  /** One mix for all seeds, or each seed's own. */
  readonly mix: Mix | 'all';
};

export type CampaignAccount = {
  readonly seeds: number;
  readonly submitted: number;
  readonly finals: number;
  readonly disagreements: number;
  readonly reversals: number;
  readonly doubleSignatures: number;
  /** Violations of any other kind: a report without the truth in it, a restart that differs, moments out of order. */
  readonly otherViolations: number;
  readonly stuckSubjects: number;
  readonly late: number;
  readonly decidablePairs: number;
  readonly concurrentPairs: number;
  /** Seeds after which the validator set was replaced, because a lane had been forked. */
  readonly successions: number;
  /** Median over seeds of the median time from submission to finality everywhere, virtual ms. */
  readonly finalityMsMedian: number;
  /** The worst of all. */
  readonly finalityMsWorst: number;
  readonly perMix: Readonly<Record<string, { readonly seeds: number; readonly failed: number }>>;
  readonly failures: readonly RunResult[];
};

export const mixOf = (seed: number, mix: Mix | 'all'): Mix =>
  mix === 'all' ? MIXES[((seed % MIXES.length) + MIXES.length) % MIXES.length]! : mix;

export const hasFailed = (result: RunResult): boolean => result.violations.length > 0 || result.stuck > 0;

/** Runs them in order; `onRun` hears each result. */
export function runCampaign(
  options: CampaignOptions,
  onRun: (result: RunResult) => void = () => undefined,
): CampaignAccount {
  const results: RunResult[] = [];
  for (let seed = options.from; seed <= options.to; seed++) {
    const result = runNetwork({ ...options, seed, mix: mixOf(seed, options.mix) });
    results.push(result);
    onRun(result);
  }
  return accountOf(results);
}

export function accountOf(results: readonly RunResult[]): CampaignAccount {
  const sum = (value: (result: RunResult) => number): number =>
    results.reduce((total, result) => total + value(result), 0);
  const violating = (pattern: RegExp): number =>
    sum(({ violations }) => violations.filter(({ what }) => pattern.test(what)).length);
  const [disagreements, reversals, doubleSignatures] = [/disagree/, /reversed/, /signed two|voted twice/].map(
    violating,
  );
  const perMix: Record<string, { seeds: number; failed: number }> = {};
  for (const result of results) {
    const entry = (perMix[result.mix] ??= { seeds: 0, failed: 0 });
    entry.seeds += 1;
    if (hasFailed(result)) entry.failed += 1;
  }
  const medians = results.map(({ finalityMs }) => finalityMs.median).sort((a, b) => a - b);
  return {
    seeds: results.length,
    submitted: sum(({ submitted }) => submitted),
    finals: sum(({ final }) => final),
    disagreements: disagreements!,
    reversals: reversals!,
    doubleSignatures: doubleSignatures!,
    otherViolations: sum(({ violations }) => violations.length) - disagreements! - reversals! - doubleSignatures!,
    stuckSubjects: sum(({ stuck }) => stuck),
    late: sum(({ late }) => late),
    decidablePairs: sum(({ decidablePairs }) => decidablePairs),
    concurrentPairs: sum(({ concurrentPairs }) => concurrentPairs),
    successions: sum(({ networksUsed }) => networksUsed - 1),
    finalityMsMedian: medians[medians.length >> 1] ?? 0,
    finalityMsWorst: results.reduce((worst, { finalityMs }) => Math.max(worst, finalityMs.worst), 0),
    perMix,
    failures: results.filter(hasFailed),
  };
}
