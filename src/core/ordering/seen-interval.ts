/**
 * From the reports of many lanes to one interval of a subject: trimmed, so that f liars cannot move it past the honest.
 *
 * Over all n lanes, a lane that has not reported counting as later than any time: lo is the (f+1)-th smallest earliest, hi
 * the (f+1)-th largest latest, which is the q-th smallest: by hi, q lanes had seen the subject. Among any f+1 lanes one is
 * honest, so lo is no earlier than some honest earliest, hi no earlier than some honest latest and, once the honest have
 * reported, no later than all of them.
 *
 * Counting the absent as late is what makes the order safe without hearing everyone. Whoever reports after a cut reports a
 * time after that cut's T_C; so if fewer than q lanes had seen a subject by T_C when the cut was made, it stays so for
 * ever, and its hi lies after T_C whenever it becomes final. (Were hi taken over the present lanes alone, q-1 early reports
 * and a q-th that turns up late would give a whole interval before times that are already final.)
 */

import { assert } from '../assert.ts';
import { interval, type Interval } from '../time/interval.ts';
import { compareInstants } from '../time/nanos.ts';

export type LaneCounts = { readonly n: number; readonly f: number; readonly q: number };

/** n lanes tolerate f = floor((n-1)/3) liars; q = n - f make a quorum: any two quorums share an honest lane. */
export function countsOf(n: number): LaneCounts {
  assert(n >= 1, 'a network has a validator');
  const f = Math.floor((n - 1) / 3);
  return { n, f, q: n - f };
}

/** The interval, or undefined with fewer than q reports: the subject is not *ready*. One report a lane. */
export function seenInterval({ n, f, q }: LaneCounts, reports: readonly Interval[]): Interval | undefined {
  assert(reports.length <= n, 'a lane reports a subject once');
  if (reports.length < q) return undefined;
  const earliest = reports.map((seen) => seen.earliest).sort(compareInstants);
  const latest = reports.map((seen) => seen.latest).sort(compareInstants);
  // q reports end by latest[q-1]; f+1 of them begin by then too, so the interval is not empty.
  return interval(earliest[f]!, latest[q - 1]!);
}
