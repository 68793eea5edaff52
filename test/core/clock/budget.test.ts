/** The budget: a sum of terms that are never negative, raised but never lowered. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  averageOf,
  BUDGET_TERMS,
  budgetFrom,
  filledUpTo,
  guaranteeOf,
  raisedTo,
  uncertaintyOf,
  type Budget,
} from '../../../src/core/clock/budget.ts';
import { nanos, plus } from '../../../src/core/time/nanos.ts';

const anyBudget = fc
  .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: BUDGET_TERMS.length, maxLength: BUDGET_TERMS.length })
  .map((values): Budget => budgetFrom((term) => nanos(values[BUDGET_TERMS.indexOf(term)]!)));

test('the guarantee is the sum, and each term is in it', () => {
  fc.assert(
    fc.property(anyBudget, fc.constantFrom(...BUDGET_TERMS), (budget, term) => {
      assert.equal(guaranteeOf(budget), plus(...BUDGET_TERMS.map((t) => budget[t])));
      assert.equal(guaranteeOf({ ...budget, [term]: nanos(0) }), guaranteeOf(budget) - budget[term]);
    }),
  );
});

test('a negative term is our own mistake', () => {
  const budget = budgetFrom(() => nanos(1));
  for (const term of BUDGET_TERMS) assert.throws(() => guaranteeOf({ ...budget, [term]: nanos(-1) }), /not negative/);
});

test('floors raise and never lower', () => {
  fc.assert(
    fc.property(anyBudget, anyBudget, (budget, floors) => {
      const raised = raisedTo(budget, floors);
      for (const term of BUDGET_TERMS) assert.ok(raised[term] >= budget[term] && raised[term] >= floors[term]);
      assert.deepEqual(raisedTo(budget, {}), budget);
    }),
  );
});

test('the average lies between, rounded up, and is no smaller than half the sum of both guarantees', () => {
  fc.assert(
    fc.property(anyBudget, anyBudget, (a, b) => {
      const average = averageOf(a, b);
      for (const term of BUDGET_TERMS) {
        assert.ok(average[term] >= (a[term] < b[term] ? a[term] : b[term]));
        assert.ok(average[term] <= (a[term] > b[term] ? a[term] : b[term]));
      }
      assert.ok(2n * guaranteeOf(average) >= guaranteeOf(a) + guaranteeOf(b));
    }),
  );
});

test('filling up meets the guarantee exactly and refuses to shrink', () => {
  const budget = budgetFrom(() => nanos(10));
  assert.equal(guaranteeOf(filledUpTo(budget, nanos(137))), nanos(137));
  assert.equal(filledUpTo(budget, nanos(137))['phase-offset'], nanos(47));
  assert.equal(filledUpTo(budget, nanos(100)), budget);
  assert.throws(() => filledUpTo(budget, nanos(99)), /only filled up/);
});

test('the uncertainty is smaller than the guarantee when more than one term counts', () => {
  assert.equal(uncertaintyOf(budgetFrom(() => nanos(0))), nanos(0));
  // Ten terms of 30 ns: 2 * sqrt(10 * 900 / 3).
  assert.equal(uncertaintyOf(budgetFrom(() => nanos(30))), nanos(110));
});
