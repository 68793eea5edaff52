/** The simulation's chance: the published sequence, bounds, and streams that do not disturb each other. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Random, streamOf } from '../../src/sim/random.ts';

type Vector = { name: string; input: { state: [number, number, number, number] }; expect: number[]; why: string };
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/xoshiro128starstar.json', import.meta.url), 'utf8'),
) as readonly Vector[];

for (const { name, input, expect, why } of vectors)
  test(`${name}: ${why}`, () => {
    const random = new Random(input.state);
    assert.deepEqual(
      expect.map(() => random.bits32()),
      expect,
    );
  });

test('a stream is its seed and its name, and nothing else', () => {
  const draw = (seed: number, part: string) => {
    const random = streamOf(seed, part);
    return Array.from({ length: 8 }, () => random.bits32()).join();
  };
  assert.equal(draw(1, 'reads'), draw(1, 'reads'));
  const all = [draw(1, 'reads'), draw(2, 'reads'), draw(1, 'host'), draw(0, ''), draw(2 ** 32 - 1, 'reads')];
  assert.equal(new Set(all).size, all.length);
});

test('uniform draws fill [0, 1) evenly', () => {
  const random = streamOf(3, 'unit');
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const u = random.unit();
    assert.ok(u >= 0 && u < 1);
    bins[Math.floor(u * 10)]!++;
  }
  // 10,000 a bin with a standard deviation of 95: five of them on either side.
  for (const count of bins) assert.ok(Math.abs(count - 10_000) < 475, `${count} in one bin`);
});

test('normal draws have mean 0 and variance 1, and never pass the cut', () => {
  const random = streamOf(4, 'normal');
  const n = 200_000;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const x = random.normal(4);
    assert.ok(Math.abs(x) <= 4);
    sum += x;
    squares += x * x;
  }
  assert.ok(Math.abs(sum / n) < 0.012, `mean ${sum / n}`);
  assert.ok(Math.abs(squares / n - 1) < 0.02, `variance ${squares / n}`);
  const tight = streamOf(4, 'tight');
  for (let i = 0; i < 1_000; i++) assert.ok(Math.abs(tight.normal(0.5)) <= 0.5);
});

test('exponential draws have mean 1 and are never negative', () => {
  const random = streamOf(5, 'exponential');
  let sum = 0;
  for (let i = 0; i < 100_000; i++) {
    const x = random.exponential();
    assert.ok(x >= 0 && x < 23);
    sum += x;
  }
  assert.ok(Math.abs(sum / 100_000 - 1) < 0.02);
});
