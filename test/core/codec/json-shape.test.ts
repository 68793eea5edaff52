/** Strict reading of JSON: exactly the keys, numbers as decimal strings in their one form. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalString, exactObject, parseJson } from '../../../src/core/codec/json-shape.ts';

test('an object has exactly the keys, in any order', () => {
  assert.deepEqual(exactObject({ b: 1, a: 2 }, ['a', 'b']), { b: 1, a: 2 });
  for (const wrong of [{ a: 1 }, { a: 1, b: 2, c: 3 }, { a: 1, c: 2 }, [1, 2], null, 'ab', undefined, 7])
    assert.equal(exactObject(wrong, ['a', 'b']), undefined);
  // A key that only the prototype has is not there.
  assert.equal(exactObject(parseJson('{"a": 1}')?.value, ['toString']), undefined);
});

test('a decimal string has one form', () => {
  assert.equal(decimalString('0'), 0n);
  assert.equal(decimalString('9223372036854775807'), 9_223_372_036_854_775_807n);
  for (const wrong of ['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '1\n', '12345678901234567890', 5, 5n, null])
    assert.equal(decimalString(wrong), undefined, String(wrong));
});

test('text that is not JSON is undefined, and null is a value', () => {
  assert.equal(parseJson('{'), undefined);
  assert.equal(parseJson(''), undefined);
  assert.deepEqual(parseJson('null'), { value: null });
});
