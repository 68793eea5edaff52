import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BrokenInvariant } from '../../../src/core/assert.ts';
import {
  contains,
  encloses,
  halfWidthOf,
  hullOf,
  interval,
  intervalAround,
  intersectionOf,
  midpointOf,
  orderOf,
  widen,
} from '../../../src/core/time/interval.ts';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';

const instants = fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }).map(taiInstant);
const intervals = fc.tuple(instants, instants).map(([a, b]) => (a <= b ? interval(a, b) : interval(b, a)));

test('an interval that ends before it begins is our mistake', () => {
  assert.throws(() => interval(taiInstant(2n), taiInstant(1n)), BrokenInvariant);
  assert.throws(() => intervalAround(taiInstant(0n), nanos(-1n)), BrokenInvariant);
  assert.throws(() => widen(interval(taiInstant(0n), taiInstant(1n)), nanos(-1n)), BrokenInvariant);
});

test('midpoint and half-width, rounded, still contain the interval', () => {
  fc.assert(
    fc.property(intervals, (i) => {
      const rounded = intervalAround(midpointOf(i), halfWidthOf(i));
      assert.ok(encloses(rounded, i));
      // Outward by at most one nanosecond: honest, not sloppy.
      assert.ok(rounded.latest - rounded.earliest - (i.latest - i.earliest) <= 1n);
    }),
  );
});

test('hull and intersection hold what they must', () => {
  fc.assert(
    fc.property(intervals, intervals, instants, (a, b, t) => {
      const hull = hullOf(a, b);
      assert.ok(encloses(hull, a) && encloses(hull, b));
      const both = intersectionOf(a, b);
      assert.equal(both !== undefined && contains(both, t), contains(a, t) && contains(b, t));
    }),
  );
});

test('an order is claimed only where intervals are disjoint', () => {
  const at = (earliest: bigint, latest: bigint) => interval(taiInstant(earliest), taiInstant(latest));
  assert.equal(orderOf(at(0n, 1n), at(2n, 3n)), 'before');
  assert.equal(orderOf(at(2n, 3n), at(0n, 1n)), 'after');
  // One shared nanosecond is enough to be undecided.
  assert.equal(orderOf(at(0n, 2n), at(2n, 3n)), 'concurrent');
  fc.assert(
    fc.property(intervals, intervals, instants, instants, (a, b, s, t) => {
      if (orderOf(a, b) === 'before' && contains(a, s) && contains(b, t)) assert.ok(s < t);
    }),
  );
});
