/** CFG-VALSET as published examples spell it, and only what we mean to set. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../src/core/codec/hex.ts';
import { messagePairs, monitorPair, valset } from '../../../src/core/gnss/ubx-config.ts';

test('TIM-TP on UART1 and the jamming monitor, byte for byte', () => {
  const frame = valset([{ key: 0x2091017e, value: 1 }, monitorPair]);
  assert.equal(toHex(frame), 'b562068a0e00000100007e019120010d004110012f0b');
});

test('the ports of one receiver are told apart by their keys', () => {
  const keysOf = (port: 'uart1' | 'uart2' | 'usb') => messagePairs(port).map(({ key }) => key);
  assert.ok(keysOf('uart1').includes(0x20910007) && keysOf('usb').includes(0x20910009));
  assert.equal(new Set([...keysOf('uart1'), ...keysOf('uart2'), ...keysOf('usb')]).size, 3 * keysOf('uart1').length);
});

test('only output rates are set: no key of the time pulse, the time mode or the port', () => {
  for (const { key } of messagePairs('uart1')) assert.equal((key >>> 16) & 0xff, 0x91, key.toString(16));
  assert.equal((monitorPair.key >>> 16) & 0xff, 0x41);
});

test('wide values are little-endian, and a value that does not fit is our mistake', () => {
  assert.equal(toHex(valset([{ key: 0x40520001, value: 115_200 }]).subarray(10, -2)), '0100524000c20100');
  for (const pair of [
    { key: 0x20910007, value: 256 },
    { key: 0x20910007, value: -1 },
    { key: 0x20910007, value: 0.5 },
    { key: 0x50000000, value: 1 },
  ])
    assert.throws(() => valset([pair]), { name: 'BrokenInvariant' });
  assert.throws(() => valset([]), { name: 'BrokenInvariant' });
  assert.throws(() => valset(Array.from({ length: 65 }, () => monitorPair)), { name: 'BrokenInvariant' });
});
