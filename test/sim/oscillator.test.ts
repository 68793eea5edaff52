/** Simulated oscillators: the noise is the noise that was asked for, and no declared limit is ever passed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { oadev, type PhaseRecord } from '../../src/core/clock/stability.ts';
import { GRADES, type OscillatorGrade } from '../../src/sim/grades.ts';
import { Oscillator, temperatureAt, type OscillatorModel } from '../../src/sim/oscillator.ts';
import { streamOf } from '../../src/sim/random.ts';

const FREE: OscillatorModel = {
  frequencyPpb: 0,
  whiteFmPpb: 0,
  randomWalkFmPpb: 0,
  agingPpbPerDay: 0,
  temperaturePpbPerC: 0,
  referenceTemperatureC: 25,
  limits: { deviationPpb: Infinity, wanderPpbPerSecond: Infinity },
};

function recorded(model: Partial<OscillatorModel>, count: number, seed = 1): PhaseRecord {
  const oscillator = new Oscillator({ ...FREE, ...model }, streamOf(seed, 'oscillator'));
  const phase = new Float64Array(count);
  for (let i = 1; i < count; i++) {
    oscillator.advance(1, 25);
    phase[i] = oscillator.phaseNs;
  }
  return { phase, tauSeconds: 1 };
}

const near = (got: number | undefined, expected: number, share: number) =>
  assert.ok(got !== undefined && Math.abs(got / expected - 1) < share, `${got} is not near ${expected}`);

test('white FM falls as the square root of the averaging time', () => {
  const record = recorded({ whiteFmPpb: 2 }, 100_000);
  for (const factor of [16, 64, 256]) near(oadev(record, factor), 2 / Math.sqrt(factor), 0.1);
});

test('random-walk FM rises as the square root of the averaging time', () => {
  const record = recorded({ randomWalkFmPpb: 0.01 }, 200_000);
  for (const factor of [16, 64, 256]) near(oadev(record, factor), 0.01 * Math.sqrt(factor / 3), 0.15);
});

test('a frequency offset and ageing add up to a straight line and a parabola', () => {
  const oscillator = new Oscillator({ ...FREE, frequencyPpb: 3, agingPpbPerDay: 8.64 }, streamOf(1, 'x'));
  for (let i = 0; i < 1_000; i++) oscillator.advance(1, 25);
  // 3 ns/s * 1000 s + (8.64 / 86400) ns/s/s * 1000^2 / 2
  near(oscillator.phaseNs, 3_000 + 50, 0.001);
});

test('temperature moves the frequency by its coefficient', () => {
  const oscillator = new Oscillator({ ...FREE, temperaturePpbPerC: 2 }, streamOf(1, 'x'));
  oscillator.advance(1, 30);
  near(oscillator.ratePpb, 10, 1e-9);
  const climate = { meanC: 20, dailySwingC: 5, fastSwingC: 0, fastPeriodSeconds: 600 };
  near(temperatureAt(climate, 21_600), 25, 1e-9);
});

test("the phase before now lies on the step's own curve", () => {
  const oscillator = new Oscillator({ ...FREE, whiteFmPpb: 5 }, streamOf(2, 'x'));
  oscillator.advance(4, 25);
  const start = oscillator.phaseNs;
  const startRate = oscillator.ratePpb;
  oscillator.advance(4, 25);
  near(oscillator.phaseNsBefore(4), start, 1e-9);
  near(oscillator.phaseNsBefore(2), (start + oscillator.phaseNs) / 2 - (oscillator.ratePpb - startRate) / 2, 1e-9);
});

test('no grade ever leaves its limits, whatever the weather', () => {
  const grades = Object.keys(GRADES) as OscillatorGrade[];
  const steps = fc.array(
    fc.tuple(fc.double({ min: 0.01, max: 60, noNaN: true }), fc.double({ min: -20, max: 70, noNaN: true })),
    {
      minLength: 1,
      maxLength: 50,
    },
  );
  fc.assert(
    fc.property(fc.constantFrom(...grades), fc.integer({ min: 0, max: 1e6 }), steps, (grade, seed, plan) => {
      const { limits, frequencyPpb } = GRADES[grade];
      const oscillator = new Oscillator(GRADES[grade], streamOf(seed, 'o'));
      for (const [seconds, temperature] of plan) {
        const before = oscillator.ratePpb;
        oscillator.advance(seconds, temperature);
        const change = Math.abs(oscillator.ratePpb - before);
        assert.ok(change <= limits.wanderPpbPerSecond * seconds * (1 + 1e-9) + 1e-9);
        assert.ok(Math.abs(oscillator.ratePpb - frequencyPpb) <= limits.deviationPpb * (1 + 1e-9));
      }
    }),
  );
});

test('a sweep beyond the limits runs along them', () => {
  const oscillator = new Oscillator(
    {
      ...FREE,
      limits: { deviationPpb: 100, wanderPpbPerSecond: 1 },
      sweep: { amplitudePpb: 30, periodSeconds: 60 },
    },
    streamOf(1, 'x'),
  );
  let steepest = 0;
  for (let i = 0; i < 300; i++) {
    const before = oscillator.ratePpb;
    oscillator.advance(1, 25);
    steepest = Math.max(steepest, Math.abs(oscillator.ratePpb - before));
  }
  near(steepest, 1, 1e-9);
});
