/**
 * Credit: what a validator's work of the last periods is worth, 0 to 1000, recomputable from the lanes. The rule only: no part
 * of the agent counts periods yet (docs/spec/ordering.md, "Duty").
 *
 * Work is what others can count: slots its lane passed in time, cuts it voted on, ordered subjects it reported. Each share is
 * of what there was to do, so a network's load does not matter. Faults cost (10 k)^2 for k of them: one is a slip, ten are
 * the end. Five periods count with 50, 20, 15, 10 and 5 percent, newest first.
 */

import { assert } from '../assert.ts';

/** Counts of one period. Each `done` is at most its `due`. */
export type PeriodWork = {
  readonly slotsDue: number;
  readonly slotsPassed: number;
  readonly votesDue: number;
  readonly votesCast: number;
  readonly subjectsOrdered: number;
  readonly subjectsReported: number;
  /** Proven faults (E1 to E4). */
  readonly faults: number;
};

export const CREDIT_MAX = 1_000;

/** Percent by age of the period, newest first; they sum to 100. */
export const CREDIT_PERIOD_PERCENT = [50, 20, 15, 10, 5] as const;

/** Credit of one period: a third of the points each for presence, votes and reports, less (10 k)^2; never below 0. */
export function periodCredit(work: PeriodWork): number {
  const points =
    share(work.slotsPassed, work.slotsDue, 334) +
    share(work.votesCast, work.votesDue, 333) +
    share(work.subjectsReported, work.subjectsOrdered, 333);
  return Math.max(0, points - (10 * work.faults) ** 2);
}

/** Credit over the last periods, newest first; a period that was not served counts 0. More than five are ignored. */
export function creditOf(periods: readonly PeriodWork[]): number {
  const percents = CREDIT_PERIOD_PERCENT.reduce(
    (sum, percent, age) => sum + percent * (periods[age] === undefined ? 0 : periodCredit(periods[age])),
    0,
  );
  return Math.floor(percents / 100);
}

/** `points` in proportion, rounded down; all of them where nothing was due. */
function share(done: number, due: number, points: number): number {
  assert(done >= 0 && done <= due, 'no more is done than was due');
  return due === 0 ? points : Math.floor((points * done) / due);
}
