/** Stability statistics against the NIST SP 1065 sets, and MTIE against its definition. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  adev,
  hdev,
  mdev,
  mtie,
  oadev,
  stabilityOf,
  tdev,
  type PhaseRecord,
} from '../../../src/core/clock/stability.ts';

type Generator = { seed: number; multiplier: number; modulus: number; count: number };
type Vector = {
  name: string;
  input: { phase?: number[]; frequency_generator?: Generator; tau_s: number };
  expect: Partial<Record<keyof typeof statistics, Record<string, number | null>>>;
  why: string;
};

const statistics = { adev, oadev, mdev, tdev, hdev, mtie };
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/stability.json', import.meta.url), 'utf8'),
) as readonly Vector[];

/** The generator of SP 1065 section 12.4: a multiplicative congruence, scaled to [0, 1). */
function generated({ seed, multiplier, modulus, count }: Generator): Float64Array {
  const frequency = new Float64Array(count);
  let n = seed;
  for (let i = 0; i < count; i++) {
    frequency[i] = n / modulus;
    n = (n * multiplier) % modulus;
  }
  return frequency;
}

/** Phase from frequency: the running sum, starting at zero; one sample longer than the input. */
function phaseOfFrequency(frequency: Float64Array, tauSeconds: number): PhaseRecord {
  const phase = new Float64Array(frequency.length + 1);
  for (let i = 0; i < frequency.length; i++) phase[i + 1] = phase[i]! + frequency[i]! * tauSeconds;
  return { phase, tauSeconds };
}

function recordOf(input: Vector['input']): PhaseRecord {
  return input.frequency_generator === undefined
    ? { phase: Float64Array.from(input.phase!), tauSeconds: input.tau_s }
    : phaseOfFrequency(generated(input.frequency_generator), input.tau_s);
}

for (const { name, input, expect, why } of vectors) {
  test(`${name}: ${why}`, () => {
    const record = recordOf(input);
    for (const [statistic, values] of Object.entries(expect))
      for (const [factor, value] of Object.entries(values)) {
        const got = statistics[statistic as keyof typeof statistics](record, Number(factor));
        if (value === null) assert.equal(got, undefined, `${statistic}(${factor})`);
        // The published values have seven digits.
        else
          assert.ok(
            got !== undefined && Math.abs(got - value) <= 1e-6 * Math.max(1e-3, Math.abs(value)),
            `${statistic}(${factor}) is ${got}, published ${value}`,
          );
      }
  });
}

test('the generator’s first numbers are the published ones', () => {
  const [, second, third] = generated({ seed: 1_234_567_890, multiplier: 16_807, modulus: 2_147_483_647, count: 4 });
  assert.equal(second, 395_529_916 / 2_147_483_647);
  assert.equal(third, 1_209_410_747 / 2_147_483_647);
});

const phases = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 60 });

test('MTIE is the widest peak to peak of any window', () => {
  fc.assert(
    fc.property(phases, fc.integer({ min: 1, max: 20 }), (values, factor) => {
      const got = mtie({ phase: Float64Array.from(values), tauSeconds: 1 }, factor);
      if (values.length <= factor) return got === undefined;
      let worst = 0;
      for (let i = 0; i + factor < values.length; i++) {
        const window = values.slice(i, i + factor + 1);
        worst = Math.max(worst, Math.max(...window) - Math.min(...window));
      }
      return got === worst;
    }),
  );
});

test('the modified deviation by running sum is the one by its definition', () => {
  fc.assert(
    fc.property(phases, fc.integer({ min: 1, max: 6 }), (values, factor) => {
      const got = mdev({ phase: Float64Array.from(values), tauSeconds: 1 }, factor);
      const terms = values.length - 3 * factor + 1;
      if (terms < 1) return got === undefined;
      const mean = (from: number) => values.slice(from, from + factor).reduce((a, b) => a + b, 0) / factor;
      let sum = 0;
      for (let i = 0; i < terms; i++) sum += (mean(i + 2 * factor) - 2 * mean(i + factor) + mean(i)) ** 2;
      const expected = Math.sqrt(sum / (2 * terms)) / factor;
      return Math.abs(got! - expected) <= 1e-6 * Math.max(1, expected);
    }),
  );
});

test('a phase offset and a frequency offset change no deviation', () => {
  fc.assert(
    fc.property(phases, fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -1_000, max: 1_000 }), (v, a, b) => {
      const plain = { phase: Float64Array.from(v), tauSeconds: 1 };
      const moved = { phase: Float64Array.from(v, (x, i) => x + a + b * i), tauSeconds: 1 };
      for (const statistic of [adev, oadev, mdev, hdev]) {
        const [x, y] = [statistic(plain, 2), statistic(moved, 2)];
        if ((x === undefined) !== (y === undefined)) return false;
        if (x !== undefined && Math.abs(x - y!) > 1e-6 * Math.max(1, x)) return false;
      }
      return true;
    }),
  );
});

test('the table runs over the octaves the record reaches', () => {
  const points = stabilityOf({ phase: new Float64Array(1_001), tauSeconds: 10 });
  assert.deepEqual(
    points.map((p) => p.factor),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  );
  assert.equal(points[3]!.tauSeconds, 80);
  assert.deepEqual(stabilityOf({ phase: new Float64Array(1), tauSeconds: 1 }), []);
});
