/**
 * Brackets carried from CLOCK_REALTIME to the raw clock hold the truth under every rate the kernel allows and any single step.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import {
  bracketFromRealtime,
  bracketOfPulse,
  mayBeUnstepped,
  narrowestMethod,
  type HostClocks,
} from '../../../src/core/clock/reading-choice.ts';
import { micros, monoInstant, nanos } from '../../../src/core/time/nanos.ts';

const RAW0 = 5_000_000_000n;
const REAL0 = 1_795_000_000_000_000_000n;

/** A REALTIME that runs at `ratePpm` against RAW, and once, at `stepAt` after the start, jumps by `step`. */
type World = { readonly ratePpm: bigint; readonly stepAt: bigint; readonly step: bigint };

const realAt = (world: World, raw: bigint): bigint => {
  const elapsed = raw - RAW0;
  return REAL0 + elapsed + (elapsed * world.ratePpm) / 1_000_000n + (elapsed >= world.stepAt ? world.step : 0n);
};
const look = (world: World, raw: bigint, gap: bigint): HostClocks => ({
  rawBefore: monoInstant(raw),
  realtimeNs: realAt(world, raw + gap / 2n),
  rawAfter: monoInstant(raw + gap),
});

const worlds = fc.record({
  ratePpm: fc.bigInt(-101_000n, 101_000n),
  stepAt: fc.bigInt(0n, 60_000n),
  step: fc.oneof(fc.constant(0n), fc.bigInt(-5_000n, 5_000n), fc.bigInt(-2_000_000_000n, 2_000_000_000n)),
});
const gaps = fc.bigInt(0n, 400n);
const stretch = fc.bigInt(0n, 20_000n);

describe('bracketFromRealtime', () => {
  test('holds the true instants, or refuses, whatever the rate and whenever a step comes', () => {
    let kept = 0;
    fc.assert(
      fc.property(worlds, gaps, stretch, stretch, stretch, gaps, (world, gapA, lead, width, rest, gapB) => {
        const pre = RAW0 + gapA + lead;
        const post = pre + width;
        const result = bracketFromRealtime({
          outerBefore: look(world, RAW0, gapA),
          beforeNs: realAt(world, pre),
          afterNs: realAt(world, post),
          outerAfter: look(world, post + rest, gapB),
        });
        if (result.kind === 'refused') {
          assert.notEqual(world.step, 0n, 'nothing was stepped, so nothing may be refused');
          return;
        }
        kept += 1;
        assert.ok(result.bracket.before <= pre, `begins ${result.bracket.before - pre} ns late`);
        assert.ok(result.bracket.after >= post, `ends ${post - result.bracket.after} ns early`);
      }),
      { numRuns: 5_000 },
    );
    assert.ok(kept > 500, `only ${kept} readings were kept`);
  });

  test('never reaches beyond the two looks that hold the call', () => {
    fc.assert(
      fc.property(worlds, stretch, stretch, stretch, (world, lead, width, rest) => {
        const pre = RAW0 + 60n + lead;
        const outerBefore = look(world, RAW0, 60n);
        const outerAfter = look(world, pre + width + rest, 60n);
        const beforeNs = realAt(world, pre);
        const result = bracketFromRealtime({ outerBefore, beforeNs, afterNs: realAt(world, pre + width), outerAfter });
        if (result.kind === 'refused') return;
        assert.ok(result.bracket.before >= outerBefore.rawBefore && result.bracket.after <= outerAfter.rawAfter);
      }),
    );
  });

  const still: World = { ratePpm: 0n, stepAt: 0n, step: 0n };
  const outerBefore = look(still, RAW0, 60n);
  const outerAfter = look(still, RAW0 + 3_060n, 60n);
  const real = (raw: bigint): bigint => realAt(still, raw);

  test('costs little when the rate is what it seems: 1 µs read 1 µs after the first look', () => {
    const result = bracketFromRealtime({
      outerBefore,
      beforeNs: real(RAW0 + 1_060n),
      afterNs: real(RAW0 + 2_060n),
      outerAfter,
    });
    assert(result.kind === 'bracket');
    const width = result.bracket.after - result.bracket.before;
    // 1,000 ns of reading, 60 ns of looking, and 11.24 % of some 2 µs on either side.
    assert.ok(width >= 1_000n && width <= 1_600n, `${width} ns`);
  });

  test('stamps that run backwards are refused as such', () => {
    const beforeNs = real(RAW0 + 2_000n);
    const result = bracketFromRealtime({ outerBefore, beforeNs, afterNs: beforeNs - 1n, outerAfter });
    assert.deepEqual(result, { kind: 'refused', code: 'bracket-backwards' });
  });

  test('stamps outside the two looks are a step', () => {
    const early = { outerBefore, beforeNs: real(RAW0) - 1n, afterNs: real(RAW0 + 2_000n), outerAfter };
    const late = { outerBefore, beforeNs: real(RAW0 + 2_000n), afterNs: real(RAW0 + 3_091n), outerAfter };
    for (const wrong of [early, late])
      assert.deepEqual(bracketFromRealtime(wrong), { kind: 'refused', code: 'host-clock-stepped' });
  });

  test('a step of a second between the looks is refused even with stamps in order', () => {
    const stepped = { ...outerAfter, realtimeNs: outerAfter.realtimeNs + 1_000_000_000n };
    const result = bracketFromRealtime({
      outerBefore,
      beforeNs: real(RAW0 + 1_060n),
      afterNs: real(RAW0 + 2_060n),
      outerAfter: stepped,
    });
    assert.deepEqual(result, { kind: 'refused', code: 'host-clock-stepped' });
  });
});

describe('bracketOfPulse', () => {
  const ages = fc.bigInt(0n, 300_000_000n);
  const latencies = fc.bigInt(0n, 100_000n);

  test('holds the pulse for every age, rate and interrupt latency within the declared one', () => {
    fc.assert(
      fc.property(fc.bigInt(-101_000n, 101_000n), ages, latencies, gaps, (ratePpm, age, latency, gap) => {
        const world: World = { ratePpm, stepAt: 0n, step: 0n };
        const pulse = RAW0 + 1_000_000n;
        const stamp = pulse + latency;
        const result = bracketOfPulse({
          stampNs: realAt(world, stamp),
          hostBefore: look(world, RAW0, 60n),
          hostAfter: look(world, stamp + age, gap),
          latencyMax: micros(100),
        });
        assert(result.kind === 'bracket');
        assert.ok(result.bracket.before <= pulse && pulse <= result.bracket.after);
        assert.ok(result.bracket.after <= stamp + age + gap, 'a pulse is not later than the look that found it');
      }),
      { numRuns: 2_000 },
    );
  });

  test('a stamp of the future and a step since the look before are refused', () => {
    const world: World = { ratePpm: 0n, stepAt: 0n, step: 0n };
    const hostAfter = look(world, RAW0 + 1_000_000n, 60n);
    const latencyMax = nanos(0);
    const future = { stampNs: hostAfter.realtimeNs + 1n, hostBefore: undefined, hostAfter, latencyMax };
    assert.deepEqual(bracketOfPulse(future), { kind: 'refused', code: 'host-clock-stepped' });
    const hostBefore = { ...look(world, RAW0, 60n), realtimeNs: REAL0 - 1_000_000_000n };
    const stepped = { stampNs: hostAfter.realtimeNs - 5n, hostBefore, hostAfter, latencyMax };
    assert.deepEqual(bracketOfPulse(stepped), { kind: 'refused', code: 'host-clock-stepped' });
  });

  test('without an earlier look only the age is carried', () => {
    const world: World = { ratePpm: 0n, stepAt: 0n, step: 0n };
    const hostAfter = look(world, RAW0 + 1_000_000n, 60n);
    const stampNs = hostAfter.realtimeNs - 10_000n;
    const result = bracketOfPulse({ stampNs, hostBefore: undefined, hostAfter, latencyMax: micros(5) });
    assert(result.kind === 'bracket');
    assert.equal(result.bracket.before, hostAfter.rawBefore - 10_000n - 1_124n - 5_000n);
    assert.equal(result.bracket.after, hostAfter.rawAfter - 10_000n + 1_124n);
  });
});

test('any rate the kernel allows is unstepped, a jump beyond it is not', () => {
  fc.assert(
    fc.property(fc.bigInt(-101_000n, 101_000n), fc.bigInt(0n, 2_000_000_000n), (ratePpm, elapsed) => {
      const world: World = { ratePpm, stepAt: 0n, step: 0n };
      assert.ok(mayBeUnstepped(look(world, RAW0, 80n), look(world, RAW0 + 80n + elapsed, 80n)));
      const jumped = look(world, RAW0 + 80n + elapsed, 80n);
      const by = (elapsed * 215n) / 1_000n + 1_000n;
      for (const sign of [1n, -1n]) {
        const stepped = { ...jumped, realtimeNs: jumped.realtimeNs + sign * by };
        assert.ok(!mayBeUnstepped(look(world, RAW0, 80n), stepped), `${sign * by} ns in ${elapsed} ns`);
      }
    }),
  );
});

test('the method with the narrowest typical bracket wins, one interruption does not lose it', () => {
  const widths = (...values: number[]): ReturnType<typeof nanos>[] => values.map((value) => nanos(value));
  assert.equal(narrowestMethod([]), undefined);
  assert.equal(narrowestMethod([[], []]), undefined);
  assert.equal(narrowestMethod([widths(900, 800, 950), widths(500, 90_000, 510), []]), 1);
  assert.equal(narrowestMethod([widths(500), widths(500)]), 0);
  assert.equal(narrowestMethod([[], widths(7)]), 1);
});
