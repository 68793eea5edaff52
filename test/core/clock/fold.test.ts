/** Folding: what enters the record, what waits, what is dropped and counted; memory stays bounded whatever comes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fold } from '../../../src/core/clock/fold.ts';
import type { ClockConfig } from '../../../src/core/clock/configuration.ts';
import type { Observation } from '../../../src/core/clock/observation.ts';
import { emptyReference, emptySource, NO_COUNTS, type ClockRecord } from '../../../src/core/clock/record.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { micros, monoInstant, nanos, seconds, shift, taiInstant, type Nanos } from '../../../src/core/time/nanos.ts';
import { cardConfig, World } from './world.ts';

const world = new World();
const config = cardConfig();

const empty = (of: ClockConfig): ClockRecord => ({
  sources: of.sources.map((s) => emptySource(s.name)),
  references: of.references.map((r) => emptyReference(r.name)),
  disruption: undefined,
  counters: NO_COUNTS,
});

const at = (s: number, ms = 0): Nanos => nanos(BigInt(s) * 1_000_000_000n + BigInt(ms) * 1_000_000n);

/** The record after seconds `from..to` of a card's quiet life, each changed by `each`. */
function lived(
  from: number,
  to: number,
  start = empty(config),
  each: (s: number) => Observation[] = quiet,
): ClockRecord {
  let record = start;
  for (let s = from; s <= to; s++) for (const o of each(s)) record = fold(config, record, o);
  return record;
}

const quiet = (s: number): Observation[] => [
  world.edge('card0', 'gnss0', BigInt(s)),
  world.reading('card0', at(s, 300)),
  world.health('gnss0', at(s, 900)),
];

test('edges wait until health has lasted, then all that agreed count at once', () => {
  const waiting = lived(1, 10);
  assert.equal(waiting.sources[0]!.edges.length, 0);
  assert.equal(waiting.sources[0]!.folding.pending.length, 10);
  const trusted = lived(11, 11, waiting);
  assert.equal(trusted.sources[0]!.edges.length, LIMITS.clockEdgesMax);
  assert.equal(trusted.sources[0]!.folding.pending.length, 0);
  assert.ok(trusted.sources[0]!.edges.at(-1)!.learned <= trusted.references[0]!.lastGood!.at);
});

test('a card that may have followed a doubtful reference for long has no phase once it loses it', () => {
  const jammed = (s: number): Observation[] => [
    world.reading('card0', at(s, 300)),
    world.health('gnss0', at(s, 900), { jamming: 'critical' }),
  ];
  const noFix = (s: number) => world.health('gnss0', at(s, 900), { fix: 'none' });
  const trusted = lived(1, 20);
  const plain = fold(config, trusted, noFix(21));
  assert.equal(plain.sources[0]!.edges.length, LIMITS.clockEdgesMax, 'a loss out of the blue leaves the phase known');
  const fading = fold(config, lived(21, 28, trusted, jammed), noFix(29));
  assert.equal(fading.sources[0]!.edges.length, LIMITS.clockEdgesMax, 'so does a receiver on its way down');
  const long = fold(config, lived(21, 60, trusted, jammed), noFix(61));
  assert.deepEqual([long.sources[0]!.cleared, long.sources[0]!.edges.length], ['source-phase-unknown', 0]);
  // Silence is doubt as well: nobody said meanwhile whether the card had its reference.
  const silent = fold(config, trusted, noFix(61));
  assert.equal(silent.sources[0]!.cleared, 'source-phase-unknown');
  // Once lost, staying lost changes nothing: holdover goes on for days.
  assert.equal(lived(22, 90, plain, (s) => [noFix(s)]).sources[0]!.edges.length, LIMITS.clockEdgesMax);
});

test('a bad report throws away what no good one has confirmed', () => {
  const before = lived(1, 20);
  const edge = fold(config, before, world.edge('card0', 'gnss0', 21n));
  assert.equal(edge.sources[0]!.folding.pending.length, 1);
  const after = fold(config, edge, world.health('gnss0', at(21, 900), { fix: 'none' }));
  assert.equal(after.sources[0]!.folding.pending.length, 0);
  assert.deepEqual(after.sources[0]!.edges, before.sources[0]!.edges);
  assert.equal(after.references[0]!.goodSince, undefined);
  assert.deepEqual(after.references[0]!.lastGood, before.references[0]!.lastGood);
});

test('a gap between good reports ends the run as a bad one does', () => {
  const before = lived(1, 20);
  const after = fold(config, before, world.health('gnss0', at(26)));
  assert.equal(after.references[0]!.goodSince, world.mono(at(26)));
});

test('a report that comes late changes nothing', () => {
  const before = lived(1, 20);
  assert.equal(fold(config, before, world.health('gnss0', at(5), { fix: 'none' })), before);
});

test('readings that run back, of strangers, or beyond the record’s ranges are counted and dropped', () => {
  const before = lived(1, 20);
  const reading = world.reading('card0', at(21));
  const cases: readonly (readonly [Observation, keyof ClockRecord['counters']])[] = [
    [world.reading('card0', at(3)), 'readingsStray'],
    [world.reading('card1', at(21)), 'unknownSource'],
    [{ ...reading, after: shift(reading.before, nanos(-1)) }, 'unrecordable'],
    [{ ...reading, windowAdjust: nanos(-1) }, 'unrecordable'],
    [{ ...reading, declaredError: nanos(-1) }, 'unrecordable'],
    [{ ...reading, reading: taiInstant(1n << 63n) }, 'unrecordable'],
    [{ ...reading, before: monoInstant(-1n) }, 'unrecordable'],
    [{ ...world.edge('card0', 'gnss0', 21n), reference: 'gnss1' }, 'unknownSource'],
    [{ ...world.edge('card0', 'gnss0', 21n), sawtoothPs: 1n << 60n }, 'unrecordable'],
    [{ ...world.edge('card0', 'gnss0', 21n), learned: world.mono(at(2)) }, 'edgesStray'],
    [{ ...world.health('gnss0', at(21)), taiUtcSeconds: 1e9 }, 'unrecordable'],
    [
      { kind: 'oscillator', source: 'card0', at: world.mono(at(21)), locked: true, temperatureMilliC: 0.5 },
      'unrecordable',
    ],
    [
      { kind: 'presence', source: 'card9', at: world.mono(at(21)), present: false, code: 'device-removed' },
      'unknownSource',
    ],
  ];
  for (const [observation, counter] of cases) {
    const after = fold(config, before, observation);
    assert.equal(after.counters[counter], before.counters[counter] + 1, counter);
    assert.deepEqual({ ...after, counters: before.counters }, before);
  }
});

test('a disturbed bracket is passed over for two seconds, then it is better than nothing', () => {
  const before = lived(1, 20);
  const wide = (ms: number): Observation => {
    const reading = world.reading('card0', at(20, 300 + ms));
    return { ...reading, after: shift(reading.after, nanos(10_000)) };
  };
  assert.equal(fold(config, before, wide(1_000)).counters.readingsWide, 1);
  const later = fold(config, before, wide(2_500));
  assert.equal(later.counters.readingsWide, 0);
  assert.equal(
    later.sources[0]!.readings.length,
    before.sources[0]!.readings.length + (before.sources[0]!.readings.length < LIMITS.clockReadingsMax ? 1 : 0),
  );
});

test('a step of the device empties what is known of it', () => {
  const before = lived(1, 20);
  const after = fold(config, before, world.reading('card0', at(21), micros(50)));
  const [track] = after.sources;
  assert.deepEqual([track!.edges.length, track!.anchors.length, track!.readings.length], [0, 0, 1]);
  assert.equal(track!.cleared, 'source-stepped');
});

test('silence longer than a reading’s age empties a device, and so do absence and an unlocked oscillator', () => {
  const before = lived(1, 20);
  const silent = fold(config, before, world.reading('card0', at(51)));
  assert.equal(silent.sources[0]!.cleared, 'source-readings-stale');
  assert.equal(silent.sources[0]!.edges.length, 0);
  const gone = fold(config, before, {
    kind: 'presence',
    source: 'card0',
    at: world.mono(at(21)),
    present: false,
    code: 'system-clock-unsynchronized',
  });
  assert.deepEqual([gone.sources[0]!.cleared, gone.sources[0]!.readings.length], ['system-clock-unsynchronized', 0]);
  const back = fold(config, before, {
    kind: 'presence',
    source: 'card0',
    at: world.mono(at(21)),
    present: true,
    code: 'device-present',
  });
  assert.equal(back, before);
  const unlocked = fold(config, before, {
    kind: 'oscillator',
    source: 'card0',
    at: world.mono(at(21)),
    locked: false,
    temperatureMilliC: undefined,
  });
  assert.deepEqual([unlocked.sources[0]!.cleared, unlocked.sources[0]!.edges.length], ['oscillator-unlocked', 0]);
});

test('a stepped wall clock leaves the edges; every other disruption leaves nothing', () => {
  const before = lived(1, 20);
  const after = (cause: 'suspend' | 'vm-pause' | 'clock-step' | 'boot-change'): ClockRecord =>
    fold(config, before, { kind: 'disruption', at: world.mono(at(21)), cause });
  assert.deepEqual(after('clock-step').sources[0]!.edges, before.sources[0]!.edges);
  for (const cause of ['suspend', 'vm-pause', 'boot-change'] as const) {
    const { sources, references, disruption } = after(cause);
    assert.equal(sources[0]!.edges.length + sources[0]!.anchors.length + sources[0]!.readings.length, 0);
    assert.equal(references[0]!.lastGood, undefined);
    assert.equal(disruption?.at, world.mono(at(21)));
  }
  assert.equal(after('clock-step').sources[0]!.readings.length, 0);
});

test('doubt comes with the first stray edge, is bounded by what the host would have seen, and goes with the next good one', () => {
  const before = lived(1, 60);
  const stray = fold(config, before, world.edge('card0', 'gnss0', 61n, nanos(0), micros(100)));
  const { doubt } = stray.sources[0]!;
  assert.ok(doubt !== undefined && doubt > 200n && doubt < 1_500n, `${doubt}`);
  assert.equal(stray.references[0]!.suspicion, undefined);
  const small = fold(config, before, world.edge('card0', 'gnss0', 61n, nanos(0), nanos(150)));
  assert.equal(small.sources[0]!.doubt, nanos(150));
  const healed = fold(config, stray, world.edge('card0', 'gnss0', 62n));
  assert.equal(healed.sources[0]!.doubt, undefined);
});

test('the third stray edge makes the reference suspect and gives up the edges of the last twenty seconds', () => {
  const before = lived(1, 60);
  const late = (s: number): Observation[] => [
    world.edge('card0', 'gnss0', BigInt(s), nanos(0), micros(100)),
    ...quiet(s).slice(1),
  ];
  const after = lived(61, 63, before, late);
  assert.equal(after.references[0]!.suspicion?.code, 'edge-phase-jump');
  const newest = after.sources[0]!.edges.at(-1)!;
  assert.ok(world.mono(at(63)) - newest.learned >= seconds(20) && newest.learned > world.mono(at(30)));
  const lifted = lived(64, 73, after);
  assert.equal(lifted.references[0]!.suspicion, undefined);
  assert.equal(lifted.sources[0]!.doubt, undefined);
});

test('memory is bounded whatever comes', () => {
  const any = fc.oneof(
    fc.record({ kind: fc.constant('edge'), s: fc.nat(400), late: fc.integer({ min: -2_000, max: 2_000 }) }),
    fc.record({ kind: fc.constant('reading'), s: fc.nat(400), late: fc.integer({ min: -100, max: 100 }) }),
    fc.record({ kind: fc.constant('health'), s: fc.nat(400), late: fc.integer({ min: 0, max: 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(any, { maxLength: 300 }), (events) => {
      let record = empty(config);
      for (const { kind, s, late } of events.sort((a, b) => a.s - b.s)) {
        const observation =
          kind === 'edge'
            ? world.edge('card0', 'gnss0', BigInt(s), nanos(0), nanos(late))
            : kind === 'reading'
              ? world.reading('card0', at(s, 500), nanos(late))
              : world.health('gnss0', at(s, 900), late === 0 ? { fix: 'none' } : {});
        record = fold(config, record, observation);
        const [track] = record.sources;
        assert.ok(track!.readings.length <= LIMITS.clockReadingsMax);
        assert.ok(track!.edges.length <= LIMITS.clockEdgesMax);
        assert.ok(track!.anchors.length <= LIMITS.clockAnchorsMax);
        assert.ok(track!.folding.pending.length <= LIMITS.clockPendingEdgesMax);
        assert.ok(track!.folding.older.length <= 8);
      }
    }),
    { numRuns: 50 },
  );
});
