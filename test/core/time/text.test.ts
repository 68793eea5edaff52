/** Durations as people write them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNanos, parseDuration } from '../../../src/core/time/text.ts';

test('a duration is a whole number and a unit, and nothing else', () => {
  assert.equal(parseDuration('250ms'), 250_000_000n);
  assert.equal(parseDuration('40 ns'), 40n);
  assert.equal(parseDuration('2d'), 172_800_000_000_000n);
  assert.equal(parseDuration('3min'), parseDuration('180s'));
  for (const wrong of ['', '5', 'ms', '-5s', '1.5s', '5 parsecs', '5S', '1e3s', '1234567890123456s', ' 5s', '5s '])
    assert.equal(parseDuration(wrong), undefined, wrong);
});

test('what is printed in nanoseconds, and whole in its unit, is read back', () => {
  for (const text of ['0 ns', '999 ns', '7 us', '250 ms', '86400 s'])
    assert.equal(formatNanos(parseDuration(text)!), text);
});
