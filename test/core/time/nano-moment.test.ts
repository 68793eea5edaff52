import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanoMomentOf } from '../../../src/core/time/nano-moment.ts';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { civilOfDays, daysOfCivil, formatNanos, formatTai } from '../../../src/core/time/text.ts';

test('a NanoMoment is Unix nanoseconds, and repeats in a leap second', () => {
  const before = taiInstant((1_483_228_800n + 36n) * 1_000_000_000n);
  const after = taiInstant((1_483_228_800n + 37n) * 1_000_000_000n);
  assert.equal(nanoMomentOf(before, 36), nanoMomentOf(after, 37));
  assert.equal(nanoMomentOf(taiInstant(0n), 10), undefined);
});

test('calendar days agree with the proleptic Gregorian calendar', () => {
  fc.assert(
    fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
      const date = new Date(day * 86_400_000);
      const civil = civilOfDays(BigInt(day));
      assert.deepEqual(
        [civil.year, civil.month, civil.day],
        [BigInt(date.getUTCFullYear()), BigInt(date.getUTCMonth() + 1), BigInt(date.getUTCDate())],
      );
      assert.equal(daysOfCivil(civil.year, civil.month, civil.day), BigInt(day));
    }),
  );
});

test('durations keep every digit they have', () => {
  assert.equal(formatNanos(nanos(85)), '85 ns');
  assert.equal(formatNanos(nanos(-1_250)), '-1.25 us');
  assert.equal(formatNanos(nanos(3_000_000_000n)), '3 s');
  assert.equal(formatNanos(nanos(1_000_001n)), '1.000001 ms');
  assert.equal(formatTai(taiInstant(-1n)), '1969-12-31T23:59:59.999999999 TAI');
});
