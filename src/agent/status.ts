/** The agent's inside as the snapshots its faces may see. Reasons come from the one table of codes. */

import { CODES, type Code } from '../core/codes.ts';
import { BUDGET_TERMS } from '../core/clock/budget.ts';
import type { TimeNow } from '../core/clock/clock.ts';
import type { SourceSpec } from '../core/clock/configuration.ts';
import type { SourceView as CoreSourceView } from '../core/clock/ensemble.ts';
import type { Estimate } from '../core/clock/estimate.ts';
import { halfWidthOf, midpointOf } from '../core/time/interval.ts';
import { nanoMomentOf } from '../core/time/nano-moment.ts';
import { since, type MonoInstant } from '../core/time/nanos.ts';
import type { BudgetTermView, Reason, SourceMeters, SourceView, TimeView } from '../ports/view.ts';

export const reasonOf = (code: Code): Reason => ({ code, ...CODES[code] });

/** The time at `asOf`; `uncertainty` and TAI-UTC are those of the last estimate. */
export function timeView(now: TimeNow, asOf: MonoInstant, estimate: Estimate | undefined): TimeView {
  const { earliest, latest } = now;
  const interval = earliest === undefined || latest === undefined ? undefined : { earliest, latest };
  const taiUtcSeconds = estimate?.taiUtcSeconds;
  return {
    asOf,
    state: now.state,
    reason: reasonOf(now.code),
    earliest,
    latest,
    guarantee: interval === undefined ? undefined : halfWidthOf(interval),
    uncertainty: interval === undefined ? undefined : estimate?.uncertainty,
    taiUtcSeconds,
    nanoMoment:
      interval === undefined || taiUtcSeconds === undefined
        ? undefined
        : nanoMomentOf(midpointOf(interval), taiUtcSeconds),
  };
}

/** The budget of the last estimate, in the order it is shown; empty when nothing is issued. */
export function budgetView(estimate: Estimate | undefined): readonly BudgetTermView[] {
  const budget = estimate?.budget;
  return budget === undefined ? [] : BUDGET_TERMS.map((term): BudgetTermView => ({ term, nanos: budget[term] }));
}

export function sourceView(view: CoreSourceView, specs: readonly SourceSpec[]): SourceView {
  return {
    name: view.name,
    kind: specs.find(({ name }) => name === view.name)?.kind ?? 'unknown',
    cause: view.group,
    verdict: view.verdict,
    reason: view.code === undefined ? undefined : reasonOf(view.code),
    earliest: view.estimate?.interval.earliest,
    latest: view.estimate?.interval.latest,
  };
}

/** The numbers of one configured source at `at`; `newest` is when its newest kept reading ended. */
export function sourceMeters(
  { name, kind }: SourceSpec,
  estimate: Estimate | undefined,
  newest: MonoInstant | undefined,
  at: MonoInstant,
): SourceMeters {
  const view = estimate?.sources.find((source) => source.name === name);
  return { name, kind, age: newest === undefined ? undefined : since(at, newest), phase: view?.estimate?.phase };
}
