import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressPatience } from '../../../src/core/peers/address-patience.ts';
import { monoInstant, seconds, shift, type MonoInstant } from '../../../src/core/time/nanos.ts';

const after = (s: number): MonoInstant => shift(monoInstant(1n), seconds(s));

test('three connections may come to nothing at once, then one in ten seconds, by address', () => {
  const patience = new AddressPatience();
  for (let i = 0; i < 3; i++) {
    assert.equal(patience.isExhausted('a', after(0)), false);
    patience.charge('a', after(0));
  }
  assert.equal(patience.isExhausted('a', after(9)), true);
  assert.equal(patience.isExhausted('b', after(9)), false);
  assert.equal(patience.isExhausted('a', after(10)), false);
  patience.charge('a', after(10));
  assert.equal(patience.isExhausted('a', after(11)), true);
});

test('charging an exhausted address does not push back its end', () => {
  const patience = new AddressPatience();
  for (let i = 0; i < 100; i++) patience.charge('a', after(0));
  assert.equal(patience.isExhausted('a', after(10)), false);
});
