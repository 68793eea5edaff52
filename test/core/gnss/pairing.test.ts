/** Which pulse carries which second: proven, or refused by name. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Code } from '../../../src/core/codes.ts';
import { Pairing, PAIRING_DEFAULTS, type PairingOutcome, type Pulse } from '../../../src/core/gnss/pairing.ts';
import type { TimeOfDay } from '../../../src/core/gnss/time-of-day.ts';
import {
  millis,
  monoInstant,
  nanos,
  seconds,
  shift,
  taiInstant,
  type MonoInstant,
  type TaiInstant,
} from '../../../src/core/time/nanos.ts';
import type { RawEdge, RawPulse } from '../../../src/ports/edges.ts';

const MONO = monoInstant(5_000_000_000_000n);
const TAI = taiInstant(1_795_176_037n * 1_000_000_000n);

/** The raw clock at `ms` after pulse 0, and the second pulse `k` marks. */
const at = (ms: number): MonoInstant => shift(MONO, millis(ms));
const second = (k: number): TaiInstant => shift(TAI, seconds(k));

const edge = (k: number, { learnedMs = 1_000 * k + 1, stampNs = 0n } = {}): RawEdge => ({
  kind: 'raw-edge',
  source: 'card0',
  channel: 0,
  // The device's clock is off by a quarter of a second: labels do not come from it.
  stamp: taiInstant(second(k) + 250_000_000n + stampNs),
  learned: at(learnedMs),
  sequence: BigInt(k),
});

const pulse = (k: number): RawPulse => ({
  kind: 'raw-pulse',
  source: 'pps0',
  before: shift(at(1_000 * k), nanos(-2_000n)),
  after: shift(at(1_000 * k), nanos(3_000n)),
  learned: at(1_000 * k + 1),
  sequence: undefined,
});

/** A message about pulse `k`, arriving `afterMs` after it. */
const tod = (k: number, afterMs = 120, names = k): TimeOfDay => ({
  kind: 'time-of-day',
  second: second(names),
  which: 'previous',
  source: 'NAV-TIMEGPS',
  sawtoothPs: undefined,
  firstArrival: at(1_000 * k + afterMs),
  lastArrival: at(1_000 * k + afterMs + 5),
});

/** TIM-TP about pulse `k`, arriving `beforeMs` before it. */
const foretold = (k: number, beforeMs = 900, names = k): TimeOfDay => ({
  ...tod(k, -beforeMs, names),
  which: 'next',
  source: 'TIM-TP',
  sawtoothPs: -4_331n,
});

type Input = Pulse | TimeOfDay;
const arrival = (input: Input): bigint => (input.kind === 'time-of-day' ? input.lastArrival : input.learned);

function run(inputs: readonly Input[], rules = {}): PairingOutcome[] {
  const pairing = new Pairing({ reference: 'gnss0', ...PAIRING_DEFAULTS, ...rules });
  const sorted = inputs.toSorted((a, b) => Number(arrival(a) - arrival(b)));
  const outcomes = sorted.flatMap((input) =>
    input.kind === 'time-of-day' ? pairing.takeTimeOfDay(input) : pairing.takePulse(input),
  );
  return [...outcomes, ...pairing.advance(at(10_000_000))];
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const codesOf = (outcomes: readonly PairingOutcome[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'pairing-note' ? outcome.code : outcome.kind));
const labelsOf = (outcomes: readonly PairingOutcome[]): bigint[] =>
  outcomes.flatMap((outcome) =>
    outcome.kind === 'edge' ? [outcome.second] : outcome.kind === 'reading' ? [outcome.reading] : [],
  );

test('edges are labelled after three agreeing pulses, with the sawtooth of their own TIM-TP', () => {
  const outcomes = run(range(0, 6).flatMap((k) => [edge(k), tod(k), { ...foretold(k), sawtoothPs: BigInt(k) }]));
  assert.deepEqual(codesOf(outcomes), ['pairing-confirming', 'pairing-confirming', 'edge', 'edge', 'edge', 'edge']);
  assert.deepEqual(outcomes[2], {
    kind: 'edge',
    source: 'card0',
    reference: 'gnss0',
    stamp: second(2) + 250_000_000n,
    second: second(2),
    sawtoothPs: 2n,
    learned: at(2_001),
  });
  assert.deepEqual(labelsOf(outcomes), range(2, 6).map(second));
});

test('a pulse stamped by the host becomes a reading of the whole second', () => {
  const outcomes = run(range(0, 4).flatMap((k) => [pulse(k), tod(k)]));
  const { before, after } = pulse(2);
  assert.deepEqual(outcomes[2], {
    kind: 'reading',
    source: 'pps0',
    before,
    reading: second(2),
    after,
    windowAdjust: 0n,
    declaredError: undefined,
  });
});

test('either kind of message is enough alone', () => {
  assert.deepEqual(labelsOf(run(range(0, 5).flatMap((k) => [edge(k), tod(k)]))), range(2, 5).map(second));
  assert.deepEqual(labelsOf(run(range(0, 5).flatMap((k) => [edge(k), foretold(k)]))), range(2, 5).map(second));
});

describe('each thing that can go wrong has its outcome, and no label', () => {
  const good = range(0, 10).flatMap((k) => [edge(k), tod(k)]);
  const without = (...drop: Input[]): Input[] =>
    good.filter((input) => !drop.some((other) => arrival(other) === arrival(input) && other.kind === input.kind));
  const cases: readonly [name: string, code: Code, inputs: Input[], wrong: readonly number[]][] = [
    ['a pulse without time of day', 'pairing-no-tod', without(tod(6)), [6]],
    ['a time of day without pulse', 'pairing-no-pulse', [tod(0), tod(1)], []],
    ['a missing pulse', 'pairing-pulse-missed', without(edge(6)), []],
    ['a time of day whose pulse is missing', 'pairing-tod-late', without(edge(6)), []],
    ['a time of day that comes too late', 'pairing-tod-late', [...without(tod(6)), tod(6, 930)], [6]],
    [
      'one that is late for the earliest the edge may have been',
      'pairing-tod-late',
      [...without(tod(6)), tod(6, 880)],
      [6],
    ],
    ['a time of day that comes too early', 'pairing-tod-late', [...without(tod(6)), tod(6, 2)], [6]],
    ['two that disagree', 'pairing-tod-disagree', [...good, tod(6, 300, 7)], [6, 7, 8, 9]],
    ['TIM-TP that disagrees', 'pairing-tod-disagree', [...good, foretold(6, 900, 5)], [6, 7, 8, 9]],
    ['a repeated second', 'pairing-tod-repeated', [...without(tod(6)), tod(6, 120, 5)], [6, 7, 8, 9]],
    ['a skipped second', 'pairing-second-skipped', [...without(tod(6)), tod(6, 120, 7)], [6, 7, 8, 9]],
    ['a second that goes back', 'pairing-second-skipped', [...without(tod(6)), tod(6, 120, 2)], [6, 7, 8, 9]],
    [
      'a pulse between the pulses',
      'pairing-pulse-irregular',
      [...good, edge(6, { learnedMs: 6_400, stampNs: 400_000_000n })],
      [],
    ],
    ['a doubled pulse', 'pairing-pulse-irregular', [...good, edge(6, { learnedMs: 6_002 })], []],
    ['an edge learned late', 'pairing-edge-late', [...without(edge(6)), edge(6, { learnedMs: 6_080 })], [6]],
  ];
  for (const [name, code, inputs, wrong] of cases) {
    test(`${name}: ${code}`, () => {
      const outcomes = run(inputs);
      assert.ok(codesOf(outcomes).includes(code), codesOf(outcomes).join(' '));
      for (const k of wrong) assert.ok(!labelsOf(outcomes).includes(second(k)), `pulse ${k} is not labelled`);
      assertTrue(outcomes);
    });
  }
});

/** Every label is the second its pulse truly marked. */
function assertTrue(outcomes: readonly PairingOutcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind === 'edge') assert.equal(outcome.second, outcome.stamp - 250_000_000n);
    if (outcome.kind === 'reading')
      assert.ok(outcome.before - MONO <= outcome.reading - TAI && outcome.reading - TAI <= outcome.after - MONO);
  }
}

test('what foretold a pulse that never came says nothing of the next', () => {
  const inputs = range(0, 10).flatMap((k) => [...(k === 6 ? [] : [edge(k)]), tod(k), foretold(k)]);
  assert.deepEqual(labelsOf(run(inputs)), [2, 3, 4, 5, 7, 8, 9].map(second));
});

test('after a contradiction, thirty agreeing pulses are asked for; then three again', () => {
  const inputs = range(0, 60).flatMap((k) => [edge(k), tod(k, 120, k === 10 ? 9 : k)]);
  const labels = labelsOf(run(inputs));
  // The contradicting label at 10 and the true one at 11 each begin a count of their own.
  assert.deepEqual(labels, [...range(2, 10), ...range(40, 60)].map(second));
});

test('a line that falls behind by a second is never believed over the one before', () => {
  // From pulse 10 on every message comes a second late, as through a stalled reader.
  const inputs = range(0, 30).flatMap((k) => [edge(k), k < 10 ? tod(k) : tod(k + 1, 120, k)]);
  const outcomes = run(inputs);
  assertTrue(outcomes);
  assert.deepEqual(labelsOf(outcomes), range(2, 10).map(second));
});

test('a stalled host that learns of everything at once labels nothing', () => {
  const stalled = range(3, 7).flatMap((k) => [
    edge(k, { learnedMs: 7_050 }),
    { ...tod(k), firstArrival: at(7_050), lastArrival: at(7_050) },
  ]);
  const inputs = [...range(0, 3), ...range(7, 12)].flatMap((k) => [edge(k), tod(k)]);
  const outcomes = run([...inputs, ...stalled]);
  assertTrue(outcomes);
  for (const k of range(3, 7)) assert.ok(!labelsOf(outcomes).includes(second(k)), `${k}`);
});

test('a device clock that steps by whole seconds breaks the succession', () => {
  const stepped = range(5, 10).map((k) => edge(k, { stampNs: 37_000_000_000n }));
  const outcomes = run([...range(0, 5).map((k) => edge(k)), ...stepped, ...range(0, 10).map((k) => tod(k))]);
  assert.deepEqual(labelsOf(outcomes), range(2, 5).map(second));
});

test('a long silence asks for confirmation again', () => {
  const outcomes = run([...range(0, 5), ...range(100, 105)].flatMap((k) => [edge(k), tod(k)]));
  assert.deepEqual(labelsOf(outcomes), [...range(2, 5), ...range(102, 105)].map(second));
});

test('a pulse train of the wrong rate is irregular, and what waits stays bounded', () => {
  const fast = range(0, 2_000).map((i) => edge(0, { learnedMs: i, stampNs: BigInt(i) * 1_000_000n }));
  const outcomes = run([...fast, tod(0), tod(1)]);
  assert.deepEqual(labelsOf(outcomes), []);
  assert.ok(codesOf(outcomes).filter((code) => code === 'pairing-pulse-irregular').length > 1_900);
});

test('a stream of times of day without pulses stays bounded and is told', () => {
  const outcomes = run(range(0, 500).map((k) => tod(k)));
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['pairing-no-pulse']));
  assert.equal(outcomes.length, 500);
});

test('law: whatever is lost, doubled or delayed, a label is the true one', () => {
  const fault = fc.record({
    kind: fc.constantFrom('drop-pulse', 'drop-tod', 'drop-foretold', 'delay-tod', 'double-tod', 'delay-edge', 'stall'),
    k: fc.integer({ min: 0, max: 39 }),
    ms: fc.integer({ min: 1, max: 2_500 }),
  });
  fc.assert(
    fc.property(
      fc.array(fault, { maxLength: 12 }),
      fc.boolean(),
      fc.integer({ min: 15, max: 800 }),
      (faults, foretells, delay) => {
        const has = (kind: string, k: number) => faults.find((f) => f.kind === kind && f.k === k);
        const inputs = range(0, 40).flatMap((k): Input[] => {
          const late = has('delay-tod', k)?.ms ?? 0;
          const stall = has('stall', k)?.ms ?? 0;
          return [
            ...(has('drop-pulse', k)
              ? []
              : [edge(k, { learnedMs: 1_000 * k + 1 + (has('delay-edge', k)?.ms ?? stall) })]),
            ...(has('drop-tod', k) ? [] : [tod(k, Math.max(delay + late, stall))]),
            ...(has('double-tod', k) ? [tod(k, delay + 60)] : []),
            ...(foretells && !has('drop-foretold', k) ? [foretold(k, 950)] : []),
          ];
        });
        assertTrue(run(inputs));
      },
    ),
    { numRuns: 1_000 },
  );
});
