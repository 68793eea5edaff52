import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BrokenInvariant } from '../../../src/core/assert.ts';
import { compareBytes, decodeCbor, encodeCbor, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';

const bytes = (hex: string): Uint8Array => fromHex(hex)!;

/** RFC 8949 appendix A, the rows inside our subset. */
const APPENDIX_A: readonly [string, CborValue][] = [
  ['00', 0n],
  ['17', 23n],
  ['1818', 24n],
  ['1903e8', 1_000n],
  ['1a000f4240', 1_000_000n],
  ['1b000000e8d4a51000', 1_000_000_000_000n],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
  ['20', -1n],
  ['3863', -100n],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array(0)],
  ['4401020304', bytes('01020304')],
  ['60', ''],
  ['62c3bc', 'ü'],
  ['80', []],
  ['8301820203820405', [1n, [2n, 3n], [4n, 5n]]],
  ['a0', new Map()],
  [
    'a201020304',
    new Map([
      [1n, 2n],
      [3n, 4n],
    ]),
  ],
  [
    'a26161016162820203',
    new Map<CborKey, CborValue>([
      ['a', 1n],
      ['b', [2n, 3n]],
    ]),
  ],
  ['c11a514b67b0', { tag: 1n, value: 1_363_896_240n }],
];

test('RFC 8949 appendix A, both ways', () => {
  for (const [hex, value] of APPENDIX_A) {
    assert.equal(toHex(encodeCbor(value)), hex);
    assert.deepEqual(decodeCbor(bytes(hex)), { value });
  }
});

test('a map is written in the order of its encoded keys, whatever order it was built in', () => {
  const map = new Map<CborKey, CborValue>([
    ['aa', 6n],
    [-1n, 5n],
    ['z', 4n],
    [100n, 3n],
    [10n, 2n],
    [24n, 1n],
  ]);
  assert.equal(toHex(encodeCbor(map)), 'a60a0218180118640320' + '05617a0462616106');
});

const WRONG: readonly [string, string, string][] = [
  ['', 'truncated', 'nothing at all'],
  ['0000', 'trailing-bytes', 'a second value'],
  ['1817', 'not-minimal', '23 in two bytes'],
  ['190018', 'not-minimal', '24 in three bytes'],
  ['1a0000ffff', 'not-minimal', '65535 in five bytes'],
  ['1b00000000ffffffff', 'not-minimal', '2^32-1 in nine bytes'],
  ['5801', 'not-minimal', 'a length of 1 in two bytes'],
  ['19', 'truncated', 'an argument cut off'],
  ['41', 'truncated', 'a byte string cut off'],
  ['5bffffffffffffffff00', 'truncated', 'a length beyond any memory'],
  ['9bffffffffffffffff00', 'truncated', 'an array beyond any memory'],
  ['bbffffffffffffffff00', 'truncated', 'a map beyond any memory'],
  ['5f4100ff', 'indefinite-length', 'chunks'],
  ['9fff', 'indefinite-length', 'an open array'],
  ['bfff', 'indefinite-length', 'an open map'],
  ['f7', 'unsupported-type', 'undefined'],
  ['f90000', 'unsupported-type', 'a half float'],
  ['fb0000000000000000', 'unsupported-type', 'a double'],
  ['f820', 'unsupported-type', 'a simple value'],
  ['1c', 'unsupported-type', 'a reserved length'],
  ['61ff', 'bad-utf8', 'text that is no UTF-8'],
  ['63eda080', 'unsupported-or-utf8', 'a lone surrogate'],
  ['a201000100', 'key-order', 'a key twice'],
  ['a202000100', 'key-order', 'keys out of order'],
  ['a14100' + '00', 'key-type', 'a byte string as key'],
  ['3bffffffffffffffff', 'integer-range', '-2^64'],
  ['81'.repeat(17) + '00', 'too-deep', 'nesting'],
];

test('whatever the encoder would not write is refused, with the reason', () => {
  for (const [hex, fault, why] of WRONG) {
    const result = decodeCbor(bytes(hex));
    assert.ok('fault' in result, why);
    assert.equal(result.fault, fault === 'unsupported-or-utf8' ? 'bad-utf8' : fault, why);
  }
});

test('a value outside the subset is our own mistake', () => {
  for (const value of [1n << 64n, -(1n << 63n) - 1n, '\ud800']) assert.throws(() => encodeCbor(value), BrokenInvariant);
});

test('what was written before, or could not be written, leaves nothing behind', () => {
  const [long, short] = [[new Uint8Array(10_000).fill(7)], [1n, 'a']] as const;
  const expected = encodeCbor(short);
  const map = new Map<CborKey, CborValue>([[1n, new Map<CborKey, CborValue>([['b', 2n]])]]);
  const first = encodeCbor(map);
  encodeCbor(long);
  assert.throws(() => encodeCbor([long, 1n << 64n]), BrokenInvariant);
  assert.deepEqual(encodeCbor(short), expected);
  assert.deepEqual(encodeCbor(map), first);
  assert.deepEqual(first, Uint8Array.of(0xa1, 0x01, 0xa1, 0x61, 0x62, 0x02));
});

const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof(fc.bigInt({ min: -99n, max: 999n }), fc.string({ maxLength: 5 })), tie('value')), {
        maxLength: 5,
      })
      .map((entries) => new Map<CborKey, CborValue>(entries)),
    fc.tuple(fc.bigInt({ min: 0n, max: 2_000n }), tie('value')).map(([tag, value]) => ({ tag, value })),
  ),
})).value;

test('every value has exactly one encoding', () => {
  fc.assert(
    fc.property(values, (value) => {
      const encoded = encodeCbor(value);
      const decoded = decodeCbor(encoded);
      assert.ok('value' in decoded);
      assert.equal(compareBytes(encodeCbor(decoded.value), encoded), 0);
    }),
  );
});

test('any bytes that decode are the bytes that would be written', () => {
  let accepted = 0;
  fc.assert(
    fc.property(values, fc.nat(), fc.nat({ max: 255 }), (value, position, byte) => {
      const mutated = encodeCbor(value);
      mutated[position % mutated.length] = byte;
      const decoded = decodeCbor(mutated);
      if ('fault' in decoded) return;
      accepted += 1;
      assert.equal(compareBytes(encodeCbor(decoded.value), mutated), 0);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(accepted > 100, `${accepted} mutations decoded`);
});
