/** Trust in a reference: which report is good, how long good must last, what ends it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultReferenceSpec } from '../../../src/core/clock/configuration.ts';
import { distrustOf, faultOfReport, mayStillSteer } from '../../../src/core/clock/health.ts';
import type { ReferenceHealth } from '../../../src/core/clock/observation.ts';
import { emptyReference, type ReferenceTrack } from '../../../src/core/clock/record.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { millis, nanos, seconds, shift, type Nanos } from '../../../src/core/time/nanos.ts';
import { EPOCH, World } from './world.ts';

const world = new World();
const spec = defaultReferenceSpec('gnss0');
const good = (at: Nanos, changes: Partial<ReferenceHealth> = {}): ReferenceHealth => world.health('gnss0', at, changes);
const fault = (changes: Partial<ReferenceHealth>, tai = EPOCH): string | undefined =>
  faultOfReport(spec, good(seconds(1), changes), BUILT_IN_LEAP_TABLE, tai);

test('a good report is good, and what is not demanded may be absent', () => {
  assert.equal(fault({}), undefined);
  for (const absent of ['antenna', 'jamming', 'spoofing'] as const)
    assert.equal(fault({ [absent]: undefined }), undefined);
  for (const unknown of ['antenna', 'jamming', 'spoofing'] as const)
    assert.equal(fault({ [unknown]: 'unknown' }), undefined);
  assert.equal(fault({ jamming: 'warning' }), undefined);
  for (const fix of ['time-only', '2d', '3d'] as const) assert.equal(fault({ fix }), undefined);
});

test('what is not said of fix or time is missing, which the card need not see; what is said to be lost is lost', () => {
  assert.equal(fault({ fix: undefined }), 'reference-health-missing');
  assert.equal(fault({ timeValid: undefined }), 'reference-health-missing');
  assert.equal(fault({ fix: 'none', timeValid: undefined }), 'reference-no-fix');
  assert.equal(fault({ fix: undefined, timeValid: false }), 'reference-time-invalid');
  assert.equal(mayStillSteer('reference-health-missing'), true);
});

test('where interference reports are demanded, their absence is a fault', () => {
  const strict = defaultReferenceSpec('gnss0', { interferenceReport: 'required' });
  const of = (changes: Partial<ReferenceHealth>): string | undefined =>
    faultOfReport(strict, good(seconds(1), changes), BUILT_IN_LEAP_TABLE, EPOCH);
  assert.equal(of({}), undefined);
  assert.equal(of({ jamming: 'warning' }), undefined);
  assert.equal(of({ jamming: undefined }), 'reference-jammed');
  assert.equal(of({ jamming: 'unknown' }), 'reference-jammed');
  assert.equal(of({ spoofing: undefined }), 'reference-spoofed');
  assert.equal(of({ spoofing: 'unknown' }), 'reference-spoofed');
});

test('a reference without satellites is not asked for any', () => {
  const daemon = defaultReferenceSpec('ptp0', { satellitesMin: 0 });
  const report = good(seconds(1), { satellitesUsed: undefined });
  assert.equal(faultOfReport(daemon, report, BUILT_IN_LEAP_TABLE, EPOCH), undefined);
});

test('TAI-UTC must be the table’s, within five seconds of a step either of the two', () => {
  const fromTai = shift(EPOCH, seconds(100));
  const table = { ...BUILT_IN_LEAP_TABLE, steps: [...BUILT_IN_LEAP_TABLE.steps, { fromTai, taiUtcSeconds: 38 }] };
  const of = (taiUtcSeconds: number, offset: number): string | undefined =>
    faultOfReport(spec, good(seconds(1), { taiUtcSeconds }), table, shift(fromTai, seconds(offset)));
  assert.equal(of(37, -6), undefined);
  assert.equal(of(38, -6), 'tai-utc-disagrees');
  for (const offset of [-5, -1, 0, 1, 5]) {
    assert.equal(of(37, offset), undefined);
    assert.equal(of(38, offset), undefined);
    assert.equal(of(36, offset), 'tai-utc-disagrees');
    assert.equal(of(39, offset), 'tai-utc-disagrees');
  }
  assert.equal(of(37, 6), 'tai-utc-disagrees');
  assert.equal(of(38, 6), undefined);
});

test('an expired table contradicts nobody; a date before the table is nobody’s', () => {
  assert.equal(fault({ taiUtcSeconds: 40 }, shift(BUILT_IN_LEAP_TABLE.expires, nanos(1))), undefined);
  assert.equal(fault({}, shift(BUILT_IN_LEAP_TABLE.steps[0]!.fromTai, nanos(-1))), 'tai-utc-disagrees');
});

const tracked = (changes: Partial<ReferenceTrack>): ReferenceTrack => ({ ...emptyReference('gnss0'), ...changes });
const distrust = (track: ReferenceTrack, at: Nanos): string | undefined =>
  distrustOf(spec, track, BUILT_IN_LEAP_TABLE, world.mono(at), EPOCH);

test('trust takes its time and ends with silence', () => {
  assert.equal(distrust(tracked({}), seconds(1)), 'reference-health-missing');
  const latest = good(seconds(100));
  const since = (s: number): ReferenceTrack => tracked({ latest, lastGood: latest, goodSince: world.mono(seconds(s)) });
  assert.equal(distrust(since(91), seconds(100)), 'reference-settling');
  assert.equal(distrust(since(90), seconds(100)), undefined);
  assert.equal(distrust(since(0), nanos(seconds(100) + millis(4_500))), undefined);
  assert.equal(distrust(since(0), nanos(seconds(100) + millis(4_500) + 1n)), 'reference-health-stale');
});

test('a suspicion outweighs every good report', () => {
  const latest = good(seconds(100));
  const suspicion = { code: 'edge-phase-jump', since: world.mono(seconds(99)) } as const;
  const track = tracked({ latest, lastGood: latest, goodSince: world.mono(seconds(0)), suspicion });
  assert.equal(distrust(track, seconds(100)), 'edge-phase-jump');
});

test('a reference the operator vouches for is believed without reports, but not against its own pulse', () => {
  const vouched = defaultReferenceSpec('gnss0', { health: 'none' });
  const of = (track: ReferenceTrack): string | undefined =>
    distrustOf(vouched, track, BUILT_IN_LEAP_TABLE, world.mono(seconds(1)), EPOCH);
  assert.equal(of(tracked({})), undefined);
  const suspicion = { code: 'edge-phase-walk', since: world.mono(seconds(1)) } as const;
  assert.equal(of(tracked({ suspicion })), 'edge-phase-walk');
});

test('a card sees a lost fix; it does not see what only we see', () => {
  assert.equal(mayStillSteer('reference-no-fix'), false);
  assert.equal(mayStillSteer('reference-time-invalid'), false);
  for (const code of ['reference-spoofed', 'reference-health-stale', 'edge-phase-jump', 'tai-utc-disagrees'] as const)
    assert.equal(mayStillSteer(code), true);
});
