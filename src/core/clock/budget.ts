/**
 * The error budget: the named terms whose sum is the guarantee (design section 4).
 *
 * Each term bounds one cause of error, in nanoseconds, never negative. They are added, not combined in squares: a
 * guarantee must hold when every cause errs the same way. Configuration may only raise a term. Beside the guarantee
 * stands a statistical uncertainty, for display alone.
 */

import { assert } from '../assert.ts';
import { divideUp, longerOf, minus, nanos, plus, ZERO, type Nanos } from '../time/nanos.ts';

/** What each term bounds. */
export type Budget = {
  /** The reference's declared error against TAI, or what a reading declares of itself, and the unknown sawtooth. */
  readonly 'source-accuracy': Nanos;
  /** Antenna, cable and asymmetry: constant delays that calibration did not remove. */
  readonly 'path-delay': Nanos;
  /** Half the bracket of the reading used. */
  readonly 'read-bracket': Nanos;
  /** Spread of the measured phase of the device's clock, or its declared bound; and disagreement of sources. */
  readonly 'phase-offset': Nanos;
  /** The step in which an edge is stamped. */
  readonly quantisation: Nanos;
  /** What the device's oscillator and servo can have done since the last good edge. */
  readonly 'drift-since-sample': Nanos;
  /** What the host's oscillator can have done since the reading used. */
  readonly extrapolation: Nanos;
  /** The step in which the device's clock is read. */
  readonly granularity: Nanos;
  /** A second, where a UTC label does not say which of two seconds it means. */
  readonly 'leap-ambiguity': Nanos;
  /** What the operator adds for whatever is not modelled. */
  readonly floor: Nanos;
};

export type BudgetTerm = keyof Budget;

/** The order in which the terms are shown and recorded. */
export const BUDGET_TERMS = [
  'source-accuracy',
  'path-delay',
  'read-bracket',
  'phase-offset',
  'quantisation',
  'drift-since-sample',
  'extrapolation',
  'granularity',
  'leap-ambiguity',
  'floor',
] as const satisfies readonly BudgetTerm[];

/** Least values a configuration demands; a missing term demands nothing. */
export type TermFloors = Readonly<Partial<Record<BudgetTerm, Nanos>>>;

/** The guarantee: the sum of the terms. */
export function guaranteeOf(budget: Budget): Nanos {
  let total = ZERO;
  for (const term of BUDGET_TERMS) {
    assert(budget[term] >= 0n, 'a budget term is not negative');
    total = plus(total, budget[term]);
  }
  return total;
}

/** Builds a budget term by term. */
export function budgetFrom(valueOf: (term: BudgetTerm) => Nanos): Budget {
  const terms: Partial<Record<BudgetTerm, Nanos>> = {};
  for (const term of BUDGET_TERMS) terms[term] = valueOf(term);
  return terms as Budget;
}

/** Every term at least its floor: configuration widens, never narrows. */
export function raisedTo(budget: Budget, floors: TermFloors): Budget {
  return budgetFrom((term) => longerOf(budget[term], floors[term] ?? ZERO));
}

/**
 * The budget of an interval whose two edges were set by two sources: the mean of their terms, rounded up. Half the
 * distance of the edges is at most half the sum of both guarantees, plus half the distance of the centres, which the
 * caller adds to `phase-offset`.
 */
export function averageOf(a: Budget, b: Budget): Budget {
  return a === b ? a : budgetFrom((term) => divideUp(plus(a[term], b[term]), 2n));
}

/** `budget` with its sum brought up to `guarantee` by its phase offset; `guarantee` must not be smaller than the sum. */
export function filledUpTo(budget: Budget, guarantee: Nanos): Budget {
  const missing = minus(guarantee, guaranteeOf(budget));
  assert(missing >= 0n, 'a budget is only filled up');
  return missing === 0n ? budget : { ...budget, 'phase-offset': plus(budget['phase-offset'], missing) };
}

/**
 * Twice the standard deviation the budget would have if its terms were independent and evenly spread (GUM type B: a
 * half-width a counts as a / sqrt 3). For display; nothing is ordered or refused by it.
 */
export function uncertaintyOf(budget: Budget): Nanos {
  let sumOfSquares = 0;
  for (const term of BUDGET_TERMS) sumOfSquares += Number(budget[term]) ** 2;
  return nanos(Math.ceil(2 * Math.sqrt(sumOfSquares / 3)));
}
