/** Admission: every number at its bound is let in, and one beyond it is not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecordable } from '../../../src/core/clock/admission.ts';
import type { Observation } from '../../../src/core/clock/observation.ts';
import { monoInstant, nanos, taiInstant, ZERO } from '../../../src/core/time/nanos.ts';
import { World } from './world.ts';

const FAR = 1n << 62n;
const LONG = 1n << 55n;
const world = new World();
const reading = world.reading('card0', ZERO);
const edge = world.edge('card0', 'gnss0', 1n);
const health = world.health('gnss0', ZERO);

const LET_IN: readonly Observation[] = [
  reading,
  { ...reading, reading: taiInstant(FAR) },
  { ...reading, reading: taiInstant(-FAR) },
  { ...reading, before: monoInstant(0n), after: monoInstant(LONG) },
  { ...reading, windowAdjust: nanos(LONG), declaredError: nanos(LONG) },
  edge,
  { ...edge, sawtoothPs: undefined },
  { ...edge, sawtoothPs: -LONG },
  health,
  { ...health, taiUtcSeconds: -1_000, satellitesUsed: 0 },
  { ...health, taiUtcSeconds: undefined, satellitesUsed: undefined },
  { kind: 'disruption', at: monoInstant(0n), cause: 'suspend' },
];

const KEPT_OUT: readonly Observation[] = [
  { ...reading, reading: taiInstant(FAR + 1n) },
  { ...reading, reading: taiInstant(-FAR - 1n) },
  { ...reading, before: monoInstant(-1n) },
  { ...reading, before: monoInstant(0n), after: monoInstant(LONG + 1n) },
  { ...reading, before: monoInstant(10n), after: monoInstant(9n) },
  { ...reading, windowAdjust: nanos(-1n) },
  { ...reading, declaredError: nanos(LONG + 1n) },
  { ...edge, stamp: taiInstant(FAR + 1n) },
  { ...edge, second: taiInstant(-FAR - 1n) },
  { ...edge, learned: monoInstant(-1n) },
  { ...edge, sawtoothPs: LONG + 1n },
  { ...health, at: monoInstant(FAR + 1n) },
  { ...health, taiUtcSeconds: 1_001 },
  { ...health, taiUtcSeconds: Number.NaN },
  { ...health, satellitesUsed: -1 },
  { ...health, satellitesUsed: 7.5 },
  {
    kind: 'oscillator',
    source: 'card0',
    at: monoInstant(0n),
    locked: true,
    temperatureMilliC: Number.POSITIVE_INFINITY,
  },
  { kind: 'presence', source: 'card0', at: monoInstant(-1n), present: true, code: 'device-present' },
  { kind: 'disruption', at: monoInstant(-1n), cause: 'suspend' },
];

test('what a record can carry is let in', () => {
  for (const [i, observation] of LET_IN.entries()) assert.equal(isRecordable(observation), true, `number ${i}`);
});

test('what a record cannot carry is kept out', () => {
  for (const [i, observation] of KEPT_OUT.entries()) assert.equal(isRecordable(observation), false, `number ${i}`);
});
