/**
 * From the sources' intervals to one: groups by cause, agreement of n - f, one budget.
 *
 * Sources that share a cause (two readers of one PHC, a card and its own NMEA output) count once: the first usable one in
 * configured order speaks for the group. A hull would let the widest member spoil the narrow one, and picking the
 * narrowest would favour a liar; configured order is a choice the operator made beforehand. If another member excludes
 * the speaker, the cause has told two things that cannot both be true and the whole group is refused.
 */

import type { Code } from '../codes.ts';
import { encloses, halfWidthOf, intersectionOf, intervalAround, midpointOf, type Interval } from '../time/interval.ts';
import type { TaiInstant } from '../time/nanos.ts';
import { averageOf, filledUpTo, guaranteeOf, type Budget } from './budget.ts';
import { assert } from '../assert.ts';
import type { ClockConfig } from './configuration.ts';
import { marzulloCore, regionsCoveredBy } from './marzullo.ts';
import type { SourceName } from './observation.ts';
import type { SourceEstimate, SourceOutcome } from './source-estimate.ts';

export type SourceVerdict = 'truechimer' | 'falseticker' | 'shares-cause' | 'unusable';

/** What became of a source, with the reason where it was not used. */
export type SourceView = {
  readonly name: SourceName;
  readonly group: string;
  readonly verdict: SourceVerdict;
  readonly code: Code | undefined;
  readonly estimate: SourceEstimate | undefined;
};

/** The agreed interval. `setters` are the sources whose ends became its ends. */
export type Agreement = {
  readonly interval: Interval;
  readonly centre: TaiInstant;
  readonly budget: Budget;
  readonly setters: readonly SourceEstimate[];
  /** Where most sources overlap, for display. */
  readonly likely: Interval;
};

export type EnsembleOutcome = {
  readonly views: readonly SourceView[];
  /** The agreement, or why there is none. */
  readonly agreement: Agreement | undefined;
  readonly refusal: Code | undefined;
};

export function agree(config: ClockConfig, outcomes: readonly SourceOutcome[]): EnsembleOutcome {
  const { speakers, viewOf } = speakersOf(outcomes);
  const refused = (refusal: Code, outside: (s: SourceEstimate) => boolean = () => false): EnsembleOutcome => ({
    views: outcomes.map((o) => viewOf(o, outside)),
    agreement: undefined,
    refusal,
  });
  const n = speakers.length;
  if (n === 0) return refused(soleReason(outcomes));
  if (n < config.groupsMin) return refused('sources-too-few');
  const liars = Math.min(config.faultsMax ?? Math.floor((n - 1) / 2), n - 1);
  const intervals = speakers.map((s) => s.interval);
  const regions = regionsCoveredBy(intervals, n - liars);
  if (regions.length === 0) return refused('sources-disagree');
  if (regions.length > 1) return refused('sources-disagree-gap');
  const region = regions[0]!;
  const isOutside = (s: SourceEstimate): boolean => intersectionOf(s.interval, region) === undefined;
  return {
    views: outcomes.map((o) => viewOf(o, isOutside)),
    agreement: agreementOn(region, speakers, marzulloCore(intervals)!),
    refusal: undefined,
  };
}

/** One interval and one budget from the region: the setters' terms averaged, and the rest in `phase-offset`. */
function agreementOn(region: Interval, speakers: readonly SourceEstimate[], likely: Interval): Agreement {
  const first = speakers.find((s) => s.interval.earliest === region.earliest)!;
  const last = speakers.find((s) => s.interval.latest === region.latest)!;
  const centre = midpointOf(region);
  const average = averageOf(first.budget, last.budget);
  const half = halfWidthOf(region);
  const sum = guaranteeOf(average);
  const budget = half > sum ? filledUpTo(average, half) : average;
  const interval = intervalAround(centre, guaranteeOf(budget));
  assert(encloses(interval, region), 'the issued interval holds the agreed region');
  return { interval, centre, budget, setters: first === last ? [first] : [first, last], likely };
}

/** With no usable source, the reason of the only one; several reasons are told by the sources themselves. */
function soleReason(outcomes: readonly SourceOutcome[]): Code {
  const reasons = new Set(outcomes.map((o) => ('unusable' in o ? o.unusable : 'source-contradicts-group')));
  return reasons.size === 1 ? [...reasons][0]! : 'sources-none-usable';
}

type Speakers = {
  readonly speakers: readonly SourceEstimate[];
  readonly viewOf: (outcome: SourceOutcome, isOutside: (s: SourceEstimate) => boolean) => SourceView;
};

function speakersOf(outcomes: readonly SourceOutcome[]): Speakers {
  const byGroup = new Map<string, SourceEstimate[]>();
  for (const outcome of outcomes) {
    if ('unusable' in outcome) continue;
    const members = byGroup.get(outcome.spec.group);
    if (members === undefined) byGroup.set(outcome.spec.group, [outcome]);
    else members.push(outcome);
  }
  const speakers: SourceEstimate[] = [];
  const torn = new Set<string>();
  for (const [group, members] of byGroup) {
    const speaker = members[0]!;
    if (members.some((m) => intersectionOf(m.interval, speaker.interval) === undefined)) torn.add(group);
    else speakers.push(speaker);
  }
  const viewOf: Speakers['viewOf'] = (outcome, isOutside) => {
    const { name, group } = outcome.spec;
    if ('unusable' in outcome) return { name, group, verdict: 'unusable', code: outcome.unusable, estimate: undefined };
    const view = (verdict: SourceVerdict, code: Code | undefined): SourceView => ({
      name,
      group,
      verdict,
      code,
      estimate: outcome,
    });
    if (torn.has(group)) return view('falseticker', 'source-contradicts-group');
    if (isOutside(outcome)) return view('falseticker', 'source-falseticker');
    if (!speakers.includes(outcome)) return view('shares-cause', 'source-not-designated');
    return view('truechimer', outcome.coasting);
  };
  return { speakers, viewOf };
}
