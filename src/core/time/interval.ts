/**
 * An interval of TAI that contains true time. Both ends belong to it. Every operation rounds outward: too wide is a loss,
 * too narrow is a lie.
 */

import { assert } from '../assert.ts';
import { divideUp, earlierOf, laterOf, negate, shift, since, type Nanos, type TaiInstant } from './nanos.ts';

/** `earliest <= latest`; both ends included. */
export type Interval = { readonly earliest: TaiInstant; readonly latest: TaiInstant };

/** What two intervals allow us to say of two events: an order is claimed only where the intervals are disjoint. */
export type IntervalOrder = 'before' | 'after' | 'concurrent';

export function interval(earliest: TaiInstant, latest: TaiInstant): Interval {
  assert(earliest <= latest, 'an interval ends no earlier than it begins');
  return { earliest, latest };
}

/** `[centre - halfWidth, centre + halfWidth]`. */
export function intervalAround(centre: TaiInstant, halfWidth: Nanos): Interval {
  assert(halfWidth >= 0n, 'a half-width is not negative');
  return { earliest: shift(centre, negate(halfWidth)), latest: shift(centre, halfWidth) };
}

export const widthOf = (i: Interval): Nanos => since(i.latest, i.earliest);

/** Half the width, rounded up, so that `intervalAround(midpointOf(i), halfWidthOf(i))` contains `i`. */
export const halfWidthOf = (i: Interval): Nanos => divideUp(widthOf(i), 2n);

/** The middle, rounded towards the later end. */
export const midpointOf = (i: Interval): TaiInstant => shift(i.earliest, halfWidthOf(i));

export const contains = (i: Interval, t: TaiInstant): boolean => i.earliest <= t && t <= i.latest;
export const encloses = (outer: Interval, inner: Interval): boolean =>
  outer.earliest <= inner.earliest && inner.latest <= outer.latest;

export function widen(i: Interval, by: Nanos): Interval {
  assert(by >= 0n, 'an interval is never narrowed by widening');
  return { earliest: shift(i.earliest, negate(by)), latest: shift(i.latest, by) };
}

/** The smallest interval that holds both. */
export function hullOf(a: Interval, b: Interval): Interval {
  return { earliest: earlierOf(a.earliest, b.earliest), latest: laterOf(a.latest, b.latest) };
}

/** What both hold, or undefined where they are disjoint. */
export function intersectionOf(a: Interval, b: Interval): Interval | undefined {
  const earliest = laterOf(a.earliest, b.earliest);
  const latest = earlierOf(a.latest, b.latest);
  return earliest <= latest ? { earliest, latest } : undefined;
}

/** `before` when every instant of `a` precedes every instant of `b`. */
export function orderOf(a: Interval, b: Interval): IntervalOrder {
  if (a.latest < b.earliest) return 'before';
  if (b.latest < a.earliest) return 'after';
  return 'concurrent';
}
