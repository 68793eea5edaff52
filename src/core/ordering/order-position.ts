/**
 * Where a subject stands, and what may be said of two of them: before, after or concurrent, with the evidence.
 *
 * Order is claimed only where the intervals are disjoint. Both being final, the answer is final. Otherwise it is
 * provisional, and says under which assumption: as more lanes report, both ends of a subject's interval can only fall, so a
 * provisional `before` can turn into `concurrent` and never into `after`.
 */

import { orderOf, type Interval, type IntervalOrder } from '../time/interval.ts';
import type { OrderEntry } from './order-entry.ts';
import type { LaneReport } from './subject-table.ts';

export type OrderPosition =
  /** No counted report names it. */
  | { readonly kind: 'unknown' }
  /** Reported, by too few lanes for an interval. */
  | { readonly kind: 'reported'; readonly reports: readonly LaneReport[] }
  /** Enough lanes have reported; no decided cut holds it yet. */
  | { readonly kind: 'provisional'; readonly seen: Interval; readonly reports: readonly LaneReport[] }
  | { readonly kind: 'final'; readonly entry: OrderEntry };

export type Comparison =
  | {
      readonly kind: 'final';
      readonly relation: IntervalOrder;
      /** Which comes first in the order: where the relation is `concurrent` this was drawn, not measured. */
      readonly first: 'a' | 'b' | 'same';
      readonly a: OrderEntry;
      readonly b: OrderEntry;
    }
  | {
      readonly kind: 'provisional';
      readonly relation: IntervalOrder;
      readonly assumption: string;
      readonly a: Interval;
      readonly b: Interval;
    }
  /** At least one of them has no interval. */
  | { readonly kind: 'undecided'; readonly a: OrderPosition['kind']; readonly b: OrderPosition['kind'] };

export const PROVISIONAL_ASSUMPTION =
  'no lane that has not reported one of them yet will report it with a time that makes the intervals overlap; ' +
  'what is before may become concurrent, never after';

export function compare(a: OrderPosition, b: OrderPosition): Comparison {
  if (a.kind === 'final' && b.kind === 'final') {
    const first = a.entry.index < b.entry.index ? 'a' : a.entry.index > b.entry.index ? 'b' : 'same';
    return { kind: 'final', relation: orderOf(a.entry.seen, b.entry.seen), first, a: a.entry, b: b.entry };
  }
  const seenA = seenOf(a);
  const seenB = seenOf(b);
  if (seenA === undefined || seenB === undefined) return { kind: 'undecided', a: a.kind, b: b.kind };
  return {
    kind: 'provisional',
    relation: orderOf(seenA, seenB),
    assumption: PROVISIONAL_ASSUMPTION,
    a: seenA,
    b: seenB,
  };
}

function seenOf(position: OrderPosition): Interval | undefined {
  if (position.kind === 'final') return position.entry.seen;
  return position.kind === 'provisional' ? position.seen : undefined;
}
