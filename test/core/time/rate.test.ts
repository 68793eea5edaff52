import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divideDown, divideUp, floorDivide, floorModulo, nanos, seconds } from '../../../src/core/time/nanos.ts';
import { correctionOver, driftOver, ppb, ppm, ppt, rateDown, rateUp, wanderOver } from '../../../src/core/time/rate.ts';

test('drift over a duration, worked by hand', () => {
  assert.equal(driftOver(ppm(1), seconds(1)), 1_000n);
  assert.equal(driftOver(ppb(15), seconds(86_400)), 1_296_000n);
  assert.equal(driftOver(ppt(1), nanos(1)), 1n, 'the smallest drift still widens');
  assert.equal(driftOver(ppt(-50), seconds(1)), driftOver(ppt(50), seconds(1)));
  assert.equal(driftOver(ppt(0), seconds(86_400)), 0n);
  // 10 ppb/s for 4 s: 10e-9 * 16 / 2 s = 80 ns.
  assert.equal(wanderOver(ppb(10), seconds(4)), 80n);
});

test('rounding goes outward, always', () => {
  const wide = fc.bigInt({ min: -(1n << 63n), max: 1n << 63n });
  const positive = fc.bigInt({ min: 1n, max: 1n << 40n });
  fc.assert(
    fc.property(wide, positive, (a, d) => {
      assert.ok(floorDivide(a, d) * d <= a && a < (floorDivide(a, d) + 1n) * d);
      assert.equal(floorDivide(a, d) * d + floorModulo(a, d), a);
      assert.ok(divideDown(nanos(a), d) * d <= a);
      assert.ok(divideUp(nanos(a), d) * d >= a);
      const rate = { down: rateDown(nanos(a), nanos(d)), up: rateUp(nanos(a), nanos(d)) };
      assert.ok(rate.down * d <= a * 10n ** 12n && rate.up * d >= a * 10n ** 12n);
      assert.ok(rate.up - rate.down <= 1n);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), positive, (rate, duration) => {
      assert.ok(driftOver(ppt(rate), nanos(duration)) * 10n ** 12n >= rate * duration);
      const slack = BigInt(correctionOver(ppt(rate), nanos(duration))) - driftOver(ppt(rate), nanos(duration));
      assert.ok(slack === 0n || slack === -1n);
    }),
  );
});
