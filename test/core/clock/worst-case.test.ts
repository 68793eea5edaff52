/** Containment at the edge of the assumptions, and what the edge costs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUDGET_TERMS, guaranteeOf } from '../../../src/core/clock/budget.ts';
import { magnitude, minus, nanos, since } from '../../../src/core/time/nanos.ts';
import { isContained, WORST_CASES } from './worst-case.ts';

for (const term of [...BUDGET_TERMS, 'all'] as const) {
  test(`the interval contains a truth that errs by all of ${term}`, () => {
    const found = WORST_CASES[term]();
    assert.ok(found.estimate.candidate !== undefined, found.estimate.now);
    assert.ok(isContained(found), `${found.truth} in ${JSON.stringify(found.estimate.candidate.interval, String)}`);
  });
}

test('with every error at its bound the truth stands near the end of the interval: nothing is wasted', () => {
  const { estimate, truth } = WORST_CASES.all();
  const { centre, guarantee } = estimate.candidate!;
  const slack = minus(guarantee, magnitude(since(truth, centre)));
  assert.ok(slack >= 0n && slack < nanos(60), `${slack} ns of ${guarantee} ns are not needed`);
});

test('the sum of the terms is the guarantee, and the interval is exactly that wide', () => {
  for (const worst of Object.values(WORST_CASES)) {
    const { interval, guarantee, budget, centre } = worst().estimate.candidate!;
    assert.equal(guaranteeOf(budget), guarantee);
    assert.equal(interval.latest - centre, guarantee);
    assert.equal(centre - interval.earliest, guarantee);
  }
});
