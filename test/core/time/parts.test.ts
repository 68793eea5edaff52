/** Seconds and nanoseconds: the parts of any instant or duration, and back. */

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { nanosOfParts, secondsAndNanos, taiOfParts } from '../../../src/core/time/parts.ts';

test('known parts, on both sides of zero', () => {
  assert.deepEqual(secondsAndNanos(nanos(1_500_000_000n)), { seconds: 1n, fraction: 500_000_000n });
  assert.deepEqual(secondsAndNanos(nanos(-1n)), { seconds: -1n, fraction: 999_999_999n });
  assert.deepEqual(secondsAndNanos(taiInstant(0n)), { seconds: 0n, fraction: 0n });
});

test('law: parts make the whole again, and the fraction is below a second', () => {
  fc.assert(
    fc.property(fc.bigInt(-(1n << 63n), 1n << 63n), (count) => {
      const parts = secondsAndNanos(nanos(count));
      assert.ok(parts.fraction >= 0n && parts.fraction < 1_000_000_000n);
      assert.equal(nanosOfParts(parts), count);
      assert.equal(taiOfParts(parts), count);
    }),
  );
});
