/** Defaults: complete, cautious, and each kind what its device can honestly claim. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCbor } from '../../../src/core/codec/cbor.ts';
import { declaredConfig } from '../../../src/core/clock/evidence-schema.ts';
import {
  defaultClockConfig,
  defaultReferenceSpec,
  defaultSourceSpec,
  RELEASE_DATE,
  type SourceKind,
} from '../../../src/core/clock/configuration.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { formatTai } from '../../../src/core/time/text.ts';
import { micros } from '../../../src/core/time/nanos.ts';

const KINDS: readonly SourceKind[] = ['timecard', 'phc', 'pps', 'gnss', 'system', 'daemon', 'library', 'sim'];

for (const kind of KINDS) {
  test(`${kind}: a source of this kind can be recorded, and counts by itself until it is joined to a group`, () => {
    const spec = defaultSourceSpec(kind, 'a');
    assert.equal(spec.group, 'a');
    assert.ok(spec.pathDelay >= 0n && spec.quantisation >= 0n && spec.granularity >= 1n);
    const config = defaultClockConfig({ sources: [spec], references: [], leapTable: BUILT_IN_LEAP_TABLE });
    assert.ok(encodeCbor(declaredConfig.write(config)).length > 0);
  });
}

test('a source that names a reference shares its cause with all that do', () => {
  assert.equal(defaultSourceSpec('timecard', 'card0', { reference: 'gnss0' }).group, 'gnss0');
  assert.equal(defaultSourceSpec('pps', 'pps0', { reference: 'gnss0' }).group, 'gnss0');
  assert.equal(defaultSourceSpec('pps', 'pps0', { reference: 'gnss0', group: 'mine' }).group, 'mine');
});

test('what cannot know its own error must declare one with each reading; what has no edges must declare a phase', () => {
  for (const kind of ['system', 'daemon', 'library'] as const)
    assert.equal(defaultSourceSpec(kind, 'a').accuracy, undefined);
  for (const kind of ['timecard', 'phc', 'sim'] as const)
    assert.equal(defaultSourceSpec(kind, 'a').phaseOffset, undefined);
});

test('overrides win, and the release believes nothing from before it', () => {
  assert.equal(defaultSourceSpec('pps', 'a', { accuracy: micros(3) }).accuracy, micros(3));
  assert.equal(defaultReferenceSpec('g', { satellitesMin: 0 }).satellitesMin, 0);
  assert.equal(formatTai(RELEASE_DATE), '2026-07-01T00:00:37.000000000 TAI');
});
