/** Nanoseconds as seconds: exact in text where the claim says so, outward beyond. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanos, negate, NANOS_PER_SECOND } from '../../../src/core/time/nanos.ts';
import { EXACT_BELOW, floatSeconds } from '../../../src/core/time/float-seconds.ts';

/** A decimal text as JavaScript prints numbers, in whole nanoseconds; throws when it is not whole. */
function nanosOfText(text: string): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(text);
  assert.ok(parts !== null, text);
  const [, sign, whole, fraction = '', exponent = '0'] = parts;
  const digits = BigInt(whole! + fraction);
  const power = 9 - fraction.length + Number(exponent);
  if (power < 0) assert.equal(digits % 10n ** BigInt(-power), 0n, `${text} is not whole nanoseconds`);
  const size = power < 0 ? digits / 10n ** BigInt(-power) : digits * 10n ** BigInt(power);
  return sign === '-' ? 0n - size : size;
}

test('below eleven days the text is the very nanosecond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(EXACT_BELOW - 1n), max: EXACT_BELOW - 1n }), (count) => {
      assert.equal(nanosOfText(String(floatSeconds(nanos(count)))), count);
    }),
  );
  for (const count of [0n, 1n, 85n, 10_000n, 999_999_999n, 1_000_000_001n, EXACT_BELOW - 1n])
    assert.equal(nanosOfText(String(floatSeconds(nanos(count)))), count);
});

test('beyond, it is never nearer to zero than the truth, and by less than a second', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: EXACT_BELOW, max: 2n ** 62n }), (count) => {
      const told = BigInt(floatSeconds(nanos(count))) * NANOS_PER_SECOND;
      assert.ok(told >= count && told - count < NANOS_PER_SECOND);
      assert.equal(floatSeconds(negate(nanos(count))), -floatSeconds(nanos(count)));
    }),
  );
});
