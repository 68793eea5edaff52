import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from '../../../src/core/peers/token-bucket.ts';
import { millis, monoInstant, shift, type MonoInstant } from '../../../src/core/time/nanos.ts';

const START = monoInstant(5_000_000_000n);
const after = (ms: number): MonoInstant => shift(START, millis(ms));

test('a bucket begins full, empties by what is taken, and fills with time up to its burst', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, START);
  assert.equal(bucket.take(3, START), true);
  assert.equal(bucket.take(1, START), false);
  assert.equal(bucket.take(1, after(99)), false);
  assert.equal(bucket.take(1, after(100)), true);
  assert.equal(bucket.tokens(after(100_000)), 3);
});

test('what is refused costs nothing, and time that goes back refills nothing', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, START);
  assert.equal(bucket.take(4, START), false);
  assert.equal(bucket.tokens(START), 3);
  assert.equal(bucket.take(3, START), true);
  assert.equal(bucket.take(1, monoInstant(0n)), false);
  assert.equal(bucket.take(1, after(100)), true);
});

test('over any time no more is taken than the burst and the rate allow', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 500 }), count: fc.integer({ min: 1, max: 20 }) })),
      (perSecond, burst, requests) => {
        const bucket = new TokenBucket({ perSecond, burst }, START);
        let ms = 0;
        let taken = 0;
        for (const { waitMs, count } of requests) {
          ms += waitMs;
          if (bucket.take(count, after(ms))) taken += count;
          assert.ok(taken <= burst + (perSecond * ms) / 1_000, `${taken} in ${ms} ms`);
        }
      },
    ),
  );
});

test('a bucket of nothing or of fractions is our mistake', () => {
  for (const rate of [
    { perSecond: 0, burst: 1 },
    { perSecond: 1, burst: 0 },
    { perSecond: 1.5, burst: 1 },
    { perSecond: 1, burst: -1 },
  ])
    assert.throws(() => new TokenBucket(rate, START), /positive integer/);
});
