/** How the page shows durations: never narrower than they are, in the unit that keeps them short. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

/** The page's modules are plain JavaScript, typed by a project of their own. */
const { duration, ends, signed } = (await import(new URL('../../src/dashboard/nanos.js', import.meta.url).href)) as {
  readonly duration: (ns: bigint) => string;
  readonly signed: (ns: bigint) => string;
  readonly ends: (least: bigint, most: bigint) => { readonly least: string; readonly most: string };
};

test('a duration keeps four digits and is rounded away from zero', () => {
  const shown: [bigint, string][] = [
    [0n, '0 ns'],
    [85n, '85 ns'],
    [1_000n, '1 µs'],
    [1_250n, '1.25 µs'],
    [12_341n, '12.35 µs'],
    [123_401n, '123.5 µs'],
    [999_960n, '1 ms'],
    [999_999_999n, '1 s'],
    [3_200_000_000n, '3.2 s'],
    [-12_341n, '−12.35 µs'],
  ];
  for (const [ns, words] of shown) assert.equal(duration(ns), words);
  assert.equal(signed(12_341n), '+12.35 µs');
});

const UNIT: Readonly<Record<string, number>> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };
function read(words: string): number {
  const [value, unit] = words.split(' ');
  return Number(value!.replace('−', '-')) * UNIT[unit!]!;
}

test('what is shown of an interval contains it, and a guarantee is never shown smaller', () => {
  const ns = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });
  fc.assert(
    fc.property(ns, ns, (a, b) => {
      const [least, most] = a < b ? [a, b] : [b, a];
      const words = ends(least, most);
      // Doubles hold these to a hundredth of a nanosecond.
      assert.ok(read(words.least) <= Number(least) + 0.01, `${least} is shown as ${words.least}`);
      assert.ok(read(words.most) >= Number(most) - 0.01, `${most} is shown as ${words.most}`);
      assert.ok(Math.abs(read(duration(a))) >= Math.abs(Number(a)) - 0.01);
    }),
  );
});
