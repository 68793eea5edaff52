/** The record as a value: a rough TAI for looking up leap seconds, and nothing shared between old and new. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSourceSpec, RELEASE_DATE } from '../../../src/core/clock/configuration.ts';
import {
  cleared,
  counted,
  emptyReference,
  emptySource,
  NO_COUNTS,
  roughTai,
  setSource,
  type ClockRecord,
} from '../../../src/core/clock/record.ts';
import { magnitude, millis, nanos, seconds, shift, since } from '../../../src/core/time/nanos.ts';
import { cardConfig, World } from './world.ts';

const world = new World();
const config = { ...cardConfig(), sources: [...cardConfig().sources, defaultSourceSpec('system', 'system')] };
const empty: ClockRecord = {
  sources: config.sources.map((s) => emptySource(s.name)),
  references: [emptyReference('gnss0')],
  disruption: undefined,
  counters: NO_COUNTS,
};

test('a rough TAI comes from the first source whose newest reading is plausible', () => {
  const at = world.mono(seconds(100));
  assert.equal(roughTai(config, empty, at), undefined);
  const system = { ...emptySource('system'), readings: [world.reading('system', nanos(seconds(90)))] };
  const told = roughTai(config, setSource(empty, system), at)!;
  assert.ok(magnitude(since(told, world.truth(nanos(seconds(100))))) < millis(1));
  // A card that lost 1,024 weeks is not asked.
  const reading = world.reading('card0', nanos(seconds(99)));
  const lost = { ...emptySource('card0'), readings: [{ ...reading, reading: shift(RELEASE_DATE, nanos(-1)) }] };
  assert.equal(roughTai(config, setSource(setSource(empty, system), lost), at), told);
});

test('a cleared source keeps its telemetry and its reason, and forgets the rest', () => {
  const oscillator = {
    kind: 'oscillator',
    source: 'card0',
    at: world.mono(seconds(1)),
    locked: true,
    temperatureMilliC: 41_000,
  } as const;
  const track = {
    ...emptySource('card0'),
    readings: [world.reading('card0', nanos(seconds(1)))],
    edges: [world.edge('card0', 'gnss0', 1n)],
    doubt: nanos(5),
    oscillator,
  };
  assert.deepEqual(cleared(track, 'source-stepped'), {
    ...emptySource('card0'),
    oscillator,
    cleared: 'source-stepped',
  });
});

test('a change leaves the record it was made from as it was', () => {
  const before = structuredClone(empty);
  counted(empty, 'edgesStray');
  setSource(empty, { ...emptySource('card0'), doubt: nanos(1) });
  assert.deepEqual(empty, before);
});
