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
  const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), act: fc.constantFrom('set', 'get', 'delete') });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step), (sizeMax, steps) => {
      const map = new BoundedMap<number, number>({ sizeMax });
      let model: number[] = [];
      for (const { key, act } of steps) {
        const isKnown = model.includes(key);
        if (act === 'set') map.set(key, key);
        else if (act === 'get') assert.equal(map.get(key), isKnown ? key : undefined);
        else assert.equal(map.delete(key), isKnown);
        if (isKnown) model = model.filter((k) => k !== key);
        if (act === 'set' || (act === 'get' && isKnown)) model = [...model, key].slice(-sizeMax);
        assert.equal(map.size, model.length);
        assert.equal(map.peek(key), model.includes(key) ? key : undefined);
        assert.deepEqual(
          [...map.entries()].map(([k]) => k),
          model,
        );
        assert.deepEqual([...map.newestFirst()], model.toReversed());
      }
    }),
  );
});

test('what is at hand may be deleted on the way through, and a cleared map begins anew', () => {
  const map = new BoundedMap<number, number>({ sizeMax: 40 });
  for (let i = 0; i < 40; i++) map.set(i, i);
  for (const [key] of map.entries()) if (key % 3 !== 0) map.delete(key);
  assert.deepEqual(
    [...map.entries()].map(([key]) => key),
    Array.from({ length: 14 }, (_, i) => 3 * i),
  );
  map.clear();
  assert.deepEqual([map.size, [...map.entries()]], [0, []]);
  map.set(7, 8);
  assert.deepEqual([...map.entries()], [[7, 8]]);
});

test('a map without room is our mistake', () => {
  assert.throws(() => new BoundedMap({ sizeMax: 0 }), /bound/);
});
