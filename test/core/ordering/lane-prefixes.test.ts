import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { LanePrefixes } from '../../../src/core/ordering/lane-prefixes.ts';

const leaf = (i: number): Uint8Array => leafHash(Uint8Array.of(i & 0xff, i >> 8));

test('size and root at the end of any passed slot are those of the entries up to it, pruned or not', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 5 }), { minLength: 2, maxLength: 60 }), fc.nat(), (steps, cut) => {
      const prefixes = new LanePrefixes();
      const slots: number[] = [];
      for (const [i, step] of steps.entries()) {
        slots.push((slots.at(-1) ?? 0) + step);
        prefixes.append(slots.at(-1)!, leaf(i));
      }
      const last = slots.at(-1)!;
      if (last === 0) return;
      const from = cut % last;
      prefixes.prune(from);
      for (let slot = from; slot < last; slot++) {
        const size = slots.filter((each) => each <= slot).length;
        assert.deepEqual(prefixes.at(slot), { size, root: rootOf(slots.slice(0, size).map((_, i) => leaf(i))) });
      }
    }),
  );
});

test('a slot the lane has not passed has no answer, and time never goes back', () => {
  const prefixes = new LanePrefixes();
  assert.throws(() => prefixes.at(1), /passed/);
  prefixes.append(5, leaf(0));
  assert.equal(prefixes.lastSlot, 5);
  assert.equal(prefixes.at(4).size, 0);
  assert.throws(() => prefixes.at(5), /passed/);
  assert.throws(() => prefixes.append(4, leaf(1)), /only rise/);
});
