import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { periodOf, periodStart } from '../../../src/core/time/periods.ts';

test('an instant lies in the period that begins at or before it and ends after it', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 60n), 2n ** 63n - 1n), fc.bigInt(1_000_000n, 10n ** 12n), (tai, length) => {
      const period = periodOf(taiInstant(tai), nanos(length));
      assert.ok(periodStart(period, nanos(length)) <= tai);
      assert.ok(tai < periodStart(period + 1, nanos(length)));
    }),
  );
});

test('the end of a period belongs to the next', () => {
  assert.equal(periodOf(taiInstant(249_999_999n), nanos(250_000_000n)), 0);
  assert.equal(periodOf(taiInstant(250_000_000n), nanos(250_000_000n)), 1);
  assert.equal(periodOf(taiInstant(-1n), nanos(250_000_000n)), -1);
});

test('a period without length is our mistake', () => {
  assert.throws(() => periodOf(taiInstant(1n), nanos(0n)), /a period has length/);
  assert.throws(() => periodStart(0.5, nanos(1n)), /whole number/);
});
