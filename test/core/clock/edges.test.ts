/** Edges: what the oscillator can explain and what it cannot, at the boundary to the nanosecond. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultSourceSpec } from '../../../src/core/clock/configuration.ts';
import { faultAfter, faultOfEdge, hasWalked, phaseHullOf, phaseOf, pushAnchor } from '../../../src/core/clock/edges.ts';
import type { LabelledEdge } from '../../../src/core/clock/observation.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, nanos, NANOS_PER_SECOND, seconds, shift, taiInstant } from '../../../src/core/time/nanos.ts';

const spec = defaultSourceSpec('timecard', 'card0', { reference: 'gnss0', oscillator: 'rb' });

const edge = (second: number, phase: number | bigint, sawtooth: bigint | 'unknown' = 0n): LabelledEdge => {
  const marked = taiInstant(BigInt(1_800_000_000 + second) * NANOS_PER_SECOND);
  return {
    kind: 'edge',
    source: 'card0',
    reference: 'gnss0',
    stamp: shift(marked, nanos(phase)),
    second: marked,
    sawtoothPs: sawtooth === 'unknown' ? undefined : sawtooth,
    learned: monoInstant(BigInt(second) * NANOS_PER_SECOND),
  };
};

test('the phase is stamp less second less sawtooth, rounded down', () => {
  assert.equal(phaseOf(edge(0, 40)), nanos(40));
  assert.equal(phaseOf(edge(0, 40, 4_331n)), nanos(35));
  assert.equal(phaseOf(edge(0, 40, -4_331n)), nanos(44));
  assert.equal(phaseOf(edge(0, 40, 'unknown')), nanos(40));
  assert.equal(phaseOf(edge(0, -3, 500n)), nanos(-4));
});

test('the hull holds every phase', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 6 }), (phases) => {
      const { centre, half } = phaseHullOf(phases.map((p, i) => edge(i, p)));
      for (const p of phases) assert.ok(centre - half <= BigInt(p) && BigInt(p) <= centre + half);
      assert.ok(2n * half - BigInt(Math.max(...phases) - Math.min(...phases)) <= 1n);
    }),
  );
});

const FAULTS: readonly (readonly [phase: bigint, code: string | undefined, why: string])[] = [
  [0n, undefined, 'on the second'],
  [1_000_000n, undefined, 'at the bound'],
  [1_000_001n, 'edge-phase-too-large', 'a nanosecond beyond it'],
  [-1_000_001n, 'edge-phase-too-large', 'a nanosecond beyond it, the other way'],
  [300_000_000n, 'edge-phase-too-large', 'hundreds of milliseconds, as a card without its pulse width'],
  [500_000_000n, 'edge-phase-too-large', 'half a second is still a phase'],
  [500_000_001n, 'edge-whole-second', 'beyond half a second it is a label'],
  [1_000_000_000n, 'edge-whole-second', 'a second late'],
  [-1_000_000_000n, 'edge-whole-second', 'a second early'],
  [-37_000_000_000n, 'edge-tai-slip', 'a clock that counts UTC'],
  [37_000_000_123n, 'edge-tai-slip', 'a label that counts UTC'],
  [36_000_000_000n, 'edge-whole-second', 'not TAI-UTC'],
  [-1024n * 604_800n * NANOS_PER_SECOND, 'edge-whole-second', 'a week rollover of the label'],
];

for (const [phase, code, why] of FAULTS) {
  test(`a phase of ${phase} ns: ${code ?? 'believed'} (${why})`, () => {
    assert.equal(faultOfEdge(spec, edge(0, phase), 37), code);
  });
}

test('an edge may lie from the one before by jitter and step of both, and what servo and class do', () => {
  // 2 * (50 + 8); 5 ppb, 15 ppt and ageing for a second and a little, each rounded up.
  const allowed = 116 + 6 + 1 + 1;
  assert.equal(faultAfter(spec, edge(0, 0), edge(1, allowed)), undefined);
  // The other way the second is a little shorter, and the servo's share just a whole number.
  assert.equal(faultAfter(spec, edge(0, 0), edge(1, 1 - allowed)), undefined);
  assert.equal(faultAfter(spec, edge(0, 0), edge(1, allowed + 1)), 'edge-phase-jump');
  assert.equal(faultAfter(spec, edge(0, 0), edge(1, -allowed)), 'edge-phase-jump');
});

test('a pulse whose sawtooth was not foretold is given its sawtooth', () => {
  assert.equal(faultAfter(spec, edge(0, 0, 'unknown'), edge(1, 140, 'unknown')), undefined);
  assert.equal(faultAfter(spec, edge(0, 0, 0n), edge(1, 140, 0n)), 'edge-phase-jump');
});

test('a second or a stamp that does not advance is a receiver that is stuck', () => {
  const first = edge(5, 0);
  assert.equal(faultAfter(spec, first, first), 'receiver-stuck');
  assert.equal(faultAfter(spec, first, edge(4, 0)), 'receiver-stuck');
  assert.equal(faultAfter(spec, first, { ...edge(6, 0), stamp: first.stamp }), 'receiver-stuck');
});

test('a walk shows against an old edge although no step of it does; motion towards zero is the servo', () => {
  // An hour and a little of rubidium is 55 ns and 1 ns of ageing; 116 as above, and 50 for the servo.
  assert.equal(hasWalked(spec, edge(0, 0), edge(3_600, 222)), false);
  assert.equal(hasWalked(spec, edge(0, 0), edge(3_600, 223)), true);
  assert.equal(hasWalked(spec, edge(0, 0), edge(3_600, -223)), true);
  assert.equal(hasWalked(spec, edge(0, 5_000), edge(3_600, 0)), false);
  assert.equal(hasWalked(spec, edge(0, -5_000), edge(3_600, 0)), false);
  assert.equal(hasWalked(spec, edge(0, 5_000), edge(3_600, -223)), true);
  assert.equal(hasWalked(spec, edge(0, 5_000), edge(3_600, 5_223)), true);
});

test('anchors stay bounded and in order, and in time reach back a day', () => {
  let anchors: readonly LabelledEdge[] = [];
  for (let second = 0; second < 3 * 86_400; second += 4) {
    anchors = pushAnchor(anchors, edge(second, 0));
    assert.ok(anchors.length <= LIMITS.clockAnchorsMax);
  }
  for (const [i, anchor] of anchors.entries()) if (i > 0) assert.ok(anchors[i - 1]!.stamp < anchor.stamp);
  const reach = 3 * 86_400 - Number((anchors[0]!.stamp - edge(0, 0).stamp) / NANOS_PER_SECOND);
  assert.ok(reach >= 16 * 3_600 && reach <= 26 * 3_600, `${reach} s`);
});

test('the first anchor of an hour is kept within it', () => {
  let anchors: readonly LabelledEdge[] = [];
  for (let second = 0; second < 3_600; second++) anchors = pushAnchor(anchors, edge(second, 0));
  assert.equal(anchors[0]!.second, edge(0, 0).second);
  assert.ok(anchors.at(-1)!.stamp - anchors[0]!.stamp >= seconds(3_000));
});
