/** Schemas: what is written is read back, and everything else is refused with its place. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CborValue } from '../../../src/core/codec/cbor.ts';
import {
  count,
  integer,
  listOf,
  mapped,
  named,
  oneOf,
  optional,
  row,
  some,
  text,
  truth,
} from '../../../src/core/clock/schema.ts';

const person = named({
  name: text(8),
  age: optional(count(0, 150)),
  kind: oneOf(['cat', 'dog']),
  marks: listOf(row({ at: integer<bigint>(-5n, 5n), isGood: truth }), 2),
  terms: some(['a', 'b'], integer<bigint>(0n, 9n)),
});

const SOUND = {
  name: 'tom',
  age: 7,
  kind: 'cat' as const,
  marks: [{ at: -5n, isGood: true }],
  terms: { b: 3n },
};

test('what is written is read back', () => {
  assert.deepEqual(person.read(person.write(SOUND), 'p'), { value: SOUND });
  const bare = { ...SOUND, age: undefined, marks: [], terms: {} };
  assert.deepEqual(person.read(person.write(bare), 'p'), { value: bare });
});

const written = (changes: Record<string, CborValue>): CborValue =>
  new Map([...(person.write(SOUND) as Map<string, CborValue>), ...Object.entries(changes)]);

const FAULTS: readonly (readonly [string, CborValue])[] = [
  ['p', 5n],
  ['p', []],
  ['p', written({ more: 1n })],
  ['p.name', written({ name: 'far too long' })],
  ['p.name', written({ name: 5n })],
  ['p.age', written({ age: 151n })],
  ['p.age', written({ age: -1n })],
  ['p.age', written({ age: 'old' })],
  ['p.kind', written({ kind: 'cow' })],
  ['p.kind', written({ kind: null })],
  [
    'p.marks',
    written({
      marks: [
        [0n, true],
        [0n, true],
        [0n, true],
      ],
    }),
  ],
  ['p.marks', written({ marks: new Map() })],
  ['p.marks.0', written({ marks: [[0n]] })],
  ['p.marks.0', written({ marks: [[0n, true, true]] })],
  ['p.marks.0.at', written({ marks: [[6n, true]] })],
  [
    'p.marks.1.isGood',
    written({
      marks: [
        [0n, true],
        [0n, 1n],
      ],
    }),
  ],
  ['p.terms', written({ terms: new Map([['c', 1n]]) })],
  ['p.terms', written({ terms: [] })],
  ['p.terms.a', written({ terms: new Map([['a', 10n]]) })],
];

for (const [place, value] of FAULTS) {
  test(`refused at ${place}`, () => {
    assert.deepEqual(person.read(value, 'p'), { fault: place });
  });
}

test('a missing field is named', () => {
  const map = new Map(person.write(SOUND) as Map<string, CborValue>);
  map.delete('kind');
  map.set('other', 1n);
  assert.deepEqual(person.read(map, 'p'), { fault: 'p.kind' });
});

test('a mapping that cannot be is refused at its place', () => {
  const even = mapped(
    integer<bigint>(0n, 100n),
    (value: bigint) => value,
    (value) => (value % 2n === 0n ? value : undefined),
  );
  assert.deepEqual(even.read(4n, 'e'), { value: 4n });
  assert.deepEqual(even.read(5n, 'e'), { fault: 'e' });
  assert.deepEqual(even.read('5', 'e'), { fault: 'e' });
});

test('integers of any range round trip', () => {
  fc.assert(
    fc.property(fc.bigInt(-1000n, 1000n), fc.bigInt(-1000n, 1000n), (a, n) => {
      const schema = integer<bigint>(a, a + 100n);
      const read = schema.read(schema.write(n), 'n');
      assert.deepEqual(read, n >= a && n <= a + 100n ? { value: n } : { fault: 'n' });
    }),
  );
});
