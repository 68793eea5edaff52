/** Little-endian fields at offsets, in a payload anywhere in a buffer. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader } from '../../../src/core/gnss/byte-reader.ts';

const BYTES = Uint8Array.of(0xff, 0xff, 0x01, 0x80, 0xff, 0xff, 0x41, 0x07, 0x00, 0x42);

test('fields are read from the payload, not from the buffer it lies in', () => {
  const p = new ByteReader().pointAt(BYTES.subarray(1), 1, 9);
  assert.equal(p.sizeBytes, 8);
  assert.deepEqual(
    [p.u1(0), p.i1(1), p.u2(0), p.i2(0), p.u4(0), p.i4(0)],
    [1, -128, 0x8001, -32_767, 0xffff_8001, -32_767],
  );
  assert.deepEqual([p.bit(1, 7), p.bit(1, 6), p.bits(0, 0, 2), p.bits(4, 6, 2)], [true, false, 1, 1]);
});

test('text ends at a zero and shows what is not printable', () => {
  const p = new ByteReader().pointAt(BYTES, 6, 10);
  assert.equal(p.text(0, 4), 'A?');
  assert.equal(p.hex(0, 4), '41070042');
});

test('one reader serves payloads of different buffers', () => {
  const p = new ByteReader();
  assert.equal(p.pointAt(Uint8Array.of(7), 0, 1).u1(0), 7);
  assert.equal(p.pointAt(Uint8Array.of(0, 9), 1, 2).u1(0), 9);
  assert.throws(() => p.pointAt(Uint8Array.of(1), 0, 2), { name: 'BrokenInvariant' });
  assert.throws(() => p.pointAt(Uint8Array.of(1), 0, 1).u2(0), RangeError);
});
