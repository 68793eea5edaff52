/** Drift by class and by experience: the larger counts, and experience must be earned. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceDrift, learnedRate, OSCILLATORS, RATE_UNDISCIPLINED } from '../../../src/core/clock/oscillator.ts';
import { nanos, seconds, shift, taiInstant } from '../../../src/core/time/nanos.ts';
import { ppb, ppt } from '../../../src/core/time/rate.ts';

const DAY = seconds(86_400);
const steering = { rate: ppb(5), settle: seconds(10) };
const at = (s: number): ReturnType<typeof taiInstant> => shift(taiInstant(0n), seconds(s));

test('a day of each class costs what its figures say', () => {
  const drift = (spec: (typeof OSCILLATORS)[keyof typeof OSCILLATORS]): bigint =>
    deviceDrift({
      spec,
      learned: ppt(0),
      steering: { rate: ppt(0), settle: seconds(0) },
      stillSteered: false,
      elapsed: DAY,
    });
  assert.equal(drift(OSCILLATORS.rb), 1_296n + 87n);
  assert.equal(drift(OSCILLATORS.csac), 43_200n + 1_296n);
  assert.equal(drift(OSCILLATORS.ocxo), 86_400n + 21_600n);
  assert.ok(drift(OSCILLATORS.tcxo) > 48_000_000n);
  assert.ok(drift(OSCILLATORS.crystal) > 8_640_000_000n);
});

test('the larger of the class figure and the learned one counts', () => {
  const drift = (learned: number): bigint =>
    deviceDrift({
      spec: OSCILLATORS.rb,
      learned: ppt(learned),
      steering,
      stillSteered: false,
      elapsed: seconds(1_000),
    });
  assert.equal(drift(0), drift(15));
  assert.ok(drift(1_000) > drift(15));
});

test('a servo that lets go stops pulling; one that may still follow does not', () => {
  const drift = (stillSteered: boolean, elapsed: number): bigint =>
    deviceDrift({ spec: OSCILLATORS.rb, learned: ppt(0), steering, stillSteered, elapsed: seconds(elapsed) });
  assert.equal(drift(false, 5), drift(true, 5));
  assert.equal(drift(false, 1_000) - 50n, 16n);
  assert.equal(drift(true, 1_000) - 5_000n, 16n);
});

test('a learned rate narrows with the time it was learned over', () => {
  const learned = (s: number): bigint =>
    learnedRate({ at: at(0), phase: nanos(0) }, { at: at(s), phase: nanos(0) }, nanos(20));
  assert.equal(learned(40), ppb(1));
  assert.equal(learned(4_000), ppt(10));
  assert.ok(learned(1) > learned(2));
});

test('what was seen to move is learned, in either direction', () => {
  for (const moved of [1_000, -1_000])
    assert.equal(learnedRate({ at: at(0), phase: nanos(0) }, { at: at(1_000), phase: nanos(moved) }, nanos(0)), ppb(1));
});

test('nothing learned is the rate of a device nobody ever disciplined, and never worse', () => {
  const here = { at: at(0), phase: nanos(0) };
  assert.equal(learnedRate(here, here, nanos(1)), RATE_UNDISCIPLINED);
  assert.equal(learnedRate(here, { at: at(1), phase: nanos(900_000) }, nanos(1)), RATE_UNDISCIPLINED);
});
