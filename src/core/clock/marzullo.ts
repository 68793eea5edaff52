/**
 * Interval agreement: which instants are covered by enough sources (Marzullo 1984, with every region kept).
 *
 * With at most f liars among n sources, an instant covered by fewer than n - f of them cannot be true time; so true time
 * lies in the union of the regions covered by at least n - f. That union may have gaps. Its hull would then contain
 * instants that are proven wrong, so a caller that must name one interval refuses instead.
 */

import { assert } from '../assert.ts';
import { widthOf, type Interval } from '../time/interval.ts';
import type { TaiInstant } from '../time/nanos.ts';

/** A region and how many intervals cover every instant of it. */
export type Region = Interval & { readonly count: number };

type Endpoint = { readonly at: TaiInstant; readonly step: 1 | -1 };

/** Ends belong to their interval, so at one instant the beginnings come first. */
function endpointsOf(intervals: readonly Interval[]): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const { earliest, latest } of intervals) endpoints.push({ at: earliest, step: 1 }, { at: latest, step: -1 });
  return endpoints.sort((a, b) => (a.at === b.at ? b.step - a.step : a.at < b.at ? -1 : 1));
}

/** The maximal regions covered by at least `enough` of the intervals, in ascending order; disjoint from one another. */
export function regionsCoveredBy(intervals: readonly Interval[], enough: number): readonly Interval[] {
  assert(enough >= 1, 'a region is covered by at least one interval');
  const regions: Interval[] = [];
  let count = 0;
  let begun: TaiInstant | undefined;
  for (const { at, step } of endpointsOf(intervals)) {
    count += step;
    if (begun === undefined && count >= enough) begun = at;
    if (begun !== undefined && count < enough) {
      regions.push({ earliest: begun, latest: at });
      begun = undefined;
    }
  }
  return regions;
}

/**
 * The smallest region covered by the largest number of intervals, the first of equals: where true time most likely is, for
 * display. It may exclude true time although most sources are right, so nothing is ordered by it. Undefined for no
 * intervals.
 */
export function marzulloCore(intervals: readonly Interval[]): Region | undefined {
  let best: Region | undefined;
  let count = 0;
  const endpoints = endpointsOf(intervals);
  for (const [i, { at, step }] of endpoints.entries()) {
    count += step;
    if (step === -1) continue;
    // Where the count is at its highest the next endpoint is an end; where it is not, a better region follows.
    const region = { earliest: at, latest: endpoints[i + 1]!.at, count };
    if (best === undefined || count > best.count || (count === best.count && widthOf(region) < widthOf(best)))
      best = region;
  }
  return best;
}
