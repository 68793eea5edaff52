/** Verdicts and faults tell themselves apart from everything that only looks like them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/core/limits.ts';
import { accept, fault, ignore, isFault, reject, rejectFault } from '../../src/core/verdict.ts';

test('a verdict is a value of one of three kinds', () => {
  assert.deepEqual(accept(5), { kind: 'accept', value: 5 });
  assert.deepEqual(ignore('key-unknown', 'x'), { kind: 'ignore', code: 'key-unknown', detail: 'x' });
  assert.deepEqual(reject('signature-invalid', 'y'), { kind: 'reject', code: 'signature-invalid', detail: 'y' });
  assert.deepEqual(rejectFault(fault('statement-kind', 'z')), reject('statement-kind', 'z'));
});

test('only a fault is a fault', () => {
  assert.equal(isFault(fault('statement-kind', 'z')), true);
  for (const other of [undefined, null, 'fault', 7, {}, [], { fault: undefined }, { fault: { code: 'E1' } }, accept(1)])
    assert.equal(isFault(other), false, JSON.stringify(other));
});

test('a reason that quotes a stranger stays short', () => {
  const long = 'x'.repeat(65_536);
  for (const { detail } of [
    fault('checkpoint-origin', long),
    reject('checkpoint-origin', long),
    ignore('key-unknown', long),
  ])
    assert.equal(detail, `${'x'.repeat(LIMITS.detailLengthMax - 3)}...`);
  const whole = 'x'.repeat(LIMITS.detailLengthMax);
  assert.equal(fault('checkpoint-origin', whole).detail, whole);
});
