import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { FrameReader, LENGTH_BYTES, writeLength } from '../../../src/core/propagation/frame-reader.ts';
import { decodeFrame, encodeFrame } from '../../../src/core/propagation/frame.ts';
import { KIND_RULES, MESSAGE_KINDS } from '../../../src/core/propagation/kinds.ts';
import { isFault } from '../../../src/core/verdict.ts';

const item = fc.uint8Array({ minLength: 1, maxLength: 300 });
const frame = fc.record({
  kind: fc.constantFrom(...MESSAGE_KINDS),
  items: fc.array(item, { minLength: 1, maxLength: 40 }),
});

test('a frame is read back as it was made, and its bytes are a function of its items', () => {
  fc.assert(
    fc.property(frame, (made) => {
      const bytes = encodeFrame(made);
      const read = decodeFrame(bytes);
      assert.ok(!isFault(read));
      assert.deepEqual(read, { ...made });
      assert.deepEqual(encodeFrame(read), bytes);
      assert.equal(
        bytes.length,
        made.items.reduce((size, { length }) => size + 3 + length, 3),
      );
    }),
  );
});

test('whatever decodes encodes to the same bytes, and nothing throws', () => {
  const near = fc.tuple(frame, fc.nat(2_000), fc.nat(255)).map(([made, at, value]) => {
    const bytes = encodeFrame(made);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const read = decodeFrame(bytes);
      if (!isFault(read)) assert.deepEqual(encodeFrame(read), bytes);
    }),
  );
});

type Vector = { readonly name: string; readonly input: string; readonly expect: string; readonly why: string };

test('the vectors of the specification', () => {
  const path = new URL('../../vectors/frame.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vector[];
  let wrong = 0;
  for (const { name, input, expect, why, ...rest } of vectors) {
    assert.deepEqual(rest, {}, `${name} has unknown keys`);
    assert.ok(why.length > 0, name);
    const read = decodeFrame(fromHex(input)!);
    const got = isFault(read) ? read.fault : `${read.kind} ${read.items.map(toHex).join(' ')}`;
    assert.equal(got, expect, name);
    if (isFault(read)) wrong += 1;
  }
  assert.ok(wrong * 2 > vectors.length, 'wrong inputs outnumber right ones');
});

test('a frame longer than the bound is refused before it is read', () => {
  const read = decodeFrame(new Uint8Array(LIMITS.frameBytesMax + 1));
  assert.ok(isFault(read) && read.fault === 'frame-too-long');
});

test('what our readers would refuse is our mistake to write', () => {
  const large = new Uint8Array(KIND_RULES.checkpoints.itemBytesMax + 1);
  const wrong: readonly [() => Uint8Array, RegExp][] = [
    [() => encodeFrame({ kind: 'statements', items: [] }), /has items/],
    [() => encodeFrame({ kind: 'statements', items: [new Uint8Array()] }), /not empty/],
    [() => encodeFrame({ kind: 'checkpoints', items: [large] }), /within its bound/],
    [
      () => encodeFrame({ kind: 'statements', items: Array.from({ length: 1_025 }, () => new Uint8Array(1)) }),
      /too many/,
    ],
    [
      () => encodeFrame({ kind: 'statements', items: Array.from({ length: 3 }, () => new Uint8Array(60_000)) }),
      /bound/,
    ],
  ];
  for (const [make, why] of wrong) assert.throws(make, why);
});

// ---- frames out of a stream

const framed = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(LENGTH_BYTES + bytes.length);
  out.set(bytes, LENGTH_BYTES);
  writeLength(out);
  return out;
};

test('frames come out whole however the stream is cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 10 }), cuts, (frames, sizes) => {
      const stream = Buffer.concat(frames.map(framed));
      const reader = new FrameReader({ bytesMax: 300 });
      const got: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length]!;
        const result = reader.push(Uint8Array.from(stream.subarray(at, at + size)));
        assert.equal(result.fault, undefined);
        got.push(...result.frames.map((bytes) => Uint8Array.from(bytes)));
        assert.ok(reader.heldBytes <= LENGTH_BYTES + 300);
        at += size;
      }
      assert.deepEqual(
        got,
        frames.map((bytes) => Uint8Array.from(bytes)),
      );
    }),
  );
});

test('a length of nothing or beyond the bound ends the stream, after the frames before it', () => {
  for (const length of [0, 301, 0xffff_ffff]) {
    const reader = new FrameReader({ bytesMax: 300 });
    const bad = new Uint8Array(LENGTH_BYTES);
    new DataView(bad.buffer).setUint32(0, length);
    const result = reader.push(Buffer.concat([framed(Uint8Array.of(1, 2)), bad]));
    assert.deepEqual(
      result.frames.map((f) => [...f]),
      [[1, 2]],
    );
    assert.equal(result.fault?.fault, 'frame-too-long');
    assert.deepEqual(reader.push(framed(Uint8Array.of(3))).frames, []);
    assert.ok(reader.heldBytes <= LENGTH_BYTES);
  }
});
