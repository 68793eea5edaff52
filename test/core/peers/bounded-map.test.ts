import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedMap } from '../../../src/core/peers/bounded-map.ts';

test('the entry that was idle longest leaves, and is named', () => {
  const map = new BoundedMap<string, number>({ sizeMax: 2 });
  assert.equal(map.set('a', 1), undefined);
  assert.equal(map.set('b', 2), undefined);
  assert.equal(map.get('a'), 1);
  assert.equal(map.set('c', 3), 'b');
  assert.deepEqual(
    [...map.entries()],
    [
      ['a', 1],
      ['c', 3],
    ],
  );
  assert.equal(map.evicted, 1);
});

test('looking without using does not keep an entry', () => {
  const map = new BoundedMap<string, number>({ sizeMax: 2 });
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.peek('a'), 1);
  assert.equal(map.set('c', 3), 'a');
});

test('it never grows beyond its bound and behaves like a list of the most recently used', () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), write: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step), (sizeMax, steps) => {
      const map = new BoundedMap<number, number>({ sizeMax });
      let model: number[] = [];
      for (const { key, write } of steps) {
        if (write) map.set(key, key);
        else map.get(key);
        if (write || model.includes(key)) model = [...model.filter((k) => k !== key), key].slice(-sizeMax);
        assert.deepEqual(
          [...map.entries()].map(([k]) => k),
          model,
        );
      }
    }),
  );
});

test('a map without room is our mistake', () => {
  assert.throws(() => new BoundedMap({ sizeMax: 0 }), /bound/);
});
