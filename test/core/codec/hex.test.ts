/** Hexadecimal text against Node's own, over every byte, and everything that is no such text refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';

test('every byte is written as Node writes it, and comes back', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.equal(toHex(all), Buffer.from(all).toString('hex'));
  assert.deepEqual(fromHex(toHex(all)), all);
  assert.deepEqual(fromHex(''), new Uint8Array());
  assert.equal(toHex(new Uint8Array()), '');
});

test('text longer than one call takes is whole', () => {
  for (const length of [4_095, 4_096, 4_097, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
    assert.equal(toHex(bytes), Buffer.from(bytes).toString('hex'));
  }
});

test('what is not pairs of lower-case digits is refused', () => {
  for (let code = 0; code < 0x180; code++) {
    const digit = String.fromCharCode(code);
    const isDigit = /^[0-9a-f]$/.test(digit);
    for (const text of [`${digit}0`, `0${digit}`]) assert.equal(fromHex(text) !== undefined, isDigit, text);
  }
  for (const text of ['0', '000', '0x00', ' 00', '00 ', '00\n', 'AB', '０0'])
    assert.equal(fromHex(text), undefined, text);
});
