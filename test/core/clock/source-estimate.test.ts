/** One source at a time: which readings count, what the phase rests on, when there is no interval at all. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultClockConfig, defaultSourceSpec, type SourceSpec } from '../../../src/core/clock/configuration.ts';
import type { Reading } from '../../../src/core/clock/observation.ts';
import { emptyReference, emptySource, type ReferenceTrack, type SourceTrack } from '../../../src/core/clock/record.ts';
import {
  contradiction,
  estimateSource,
  type SourceEstimate,
  type SourceOutcome,
} from '../../../src/core/clock/source-estimate.ts';
import type { Code } from '../../../src/core/codes.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { micros, millis, nanos, seconds, shift, ZERO, type Nanos } from '../../../src/core/time/nanos.ts';
import { World } from './world.ts';

const world = new World();
const phc = (overrides: Partial<SourceSpec> = {}): SourceSpec =>
  defaultSourceSpec('phc', 'phc0', { reference: 'ptp0', phaseOffset: micros(1), oscillator: 'ocxo', ...overrides });

const readings = (from: number, to: number, ahead: Nanos = ZERO): Reading[] =>
  Array.from({ length: to - from }, (_, i) => world.reading('phc0', nanos(seconds(from + i)), ahead));

type Case = {
  readonly spec?: SourceSpec;
  readonly track?: Partial<SourceTrack>;
  readonly reference?: Partial<ReferenceTrack>;
  readonly distrust?: Code;
  readonly asOf: Nanos;
};

function estimate({ spec = phc(), track = {}, reference, distrust, asOf }: Case): SourceOutcome {
  const config = defaultClockConfig({ sources: [spec], references: [], leapTable: BUILT_IN_LEAP_TABLE });
  return estimateSource({
    config,
    spec,
    track: { ...emptySource('phc0'), ...track },
    reference: reference === undefined ? undefined : { track: { ...emptyReference('ptp0'), ...reference }, distrust },
    asOf: world.mono(asOf),
  });
}

const usable = (outcome: SourceOutcome): SourceEstimate =>
  'unusable' in outcome ? assert.fail(outcome.unusable) : outcome;
const refusal = (outcome: SourceOutcome): Code | undefined => ('unusable' in outcome ? outcome.unusable : undefined);

test('readings later than the instant asked for do not count', () => {
  const track = { readings: readings(0, 10) };
  const early = usable(estimate({ track, asOf: seconds(5) }));
  const cut = usable(estimate({ track: { readings: readings(0, 5) }, asOf: seconds(5) }));
  assert.deepEqual(early, cut);
});

test('without readings, or with old ones only, there is no interval', () => {
  assert.equal(refusal(estimate({ asOf: seconds(5) })), 'source-no-readings');
  assert.equal(refusal(estimate({ track: { cleared: 'source-stepped' }, asOf: seconds(5) })), 'source-stepped');
  const track = { readings: readings(0, 10) };
  assert.equal(refusal(estimate({ track, asOf: seconds(40) })), 'source-readings-stale');
  assert.equal(refusal(estimate({ track, asOf: seconds(39) })), undefined);
});

test('a clock that gained more than its oscillator and the host may is not believed', () => {
  const of = (ahead: Nanos) => ({ readings: [...readings(0, 5), ...readings(5, 10, ahead)] });
  assert.equal(refusal(estimate({ track: of(micros(1)), asOf: seconds(10) })), undefined);
  // 50 ms in ten seconds: 5,000 ppm.
  assert.equal(refusal(estimate({ track: of(millis(50)), asOf: seconds(10) })), 'source-host-rate');
});

test('a network clock without edges drifts from the last good report of its reference on', () => {
  const track = { readings: readings(100, 110) };
  const lastGood = world.health('ptp0', seconds(10));
  const fresh = world.health('ptp0', seconds(109));
  const trusted = usable(estimate({ track, reference: { lastGood: fresh, latest: fresh }, asOf: seconds(110) }));
  // A second since the report: 1 ns by class, 1 ns of ageing, 100 ns of servo.
  assert.deepEqual([trusted.coasting, trusted.budget['drift-since-sample']], [undefined, nanos(102)]);
  const vouched = usable(estimate({ track, asOf: seconds(110) }));
  assert.equal(vouched.budget['drift-since-sample'], ZERO);
  const left = usable(
    estimate({ track, reference: { lastGood, latest: lastGood }, distrust: 'reference-no-fix', asOf: seconds(110) }),
  );
  assert.equal(left.coasting, 'reference-no-fix');
  // 100 s at 1 ppb, ageing, and a servo that pulls at 100 ppb: without edges nothing shows that it ever let go.
  assert.equal(left.budget['drift-since-sample'], nanos(100 + 1 + 10_000));
  const followed = usable(
    estimate({ track, reference: { lastGood, latest: lastGood }, distrust: 'reference-spoofed', asOf: seconds(110) }),
  );
  assert.equal(followed.budget['drift-since-sample'], nanos(100 + 1 + 10_000));
});

test('a servo may follow pulses that are no longer labelled: only a loss that the card sees too ends it', () => {
  const spec = phc({ phaseOffset: undefined });
  const edges = [1n, 2n, 3n].map((second) => world.edge('phc0', 'ptp0', second));
  const track = { readings: readings(190, 203), edges, anchors: edges.slice(0, 1), edgeSeen: edges[2]!.learned };
  const latest = world.health('ptp0', seconds(202));
  const driftWith = (distrust?: Code): bigint => {
    const needs = { spec, track, reference: { lastGood: latest, latest }, asOf: seconds(203) };
    return usable(estimate(distrust === undefined ? needs : { ...needs, distrust })).budget['drift-since-sample'];
  };
  // 200 s since the last edge; the servo pulls at 100 ppb for 60 s and 10 s of fading, or for all of them.
  const [settled, followed] = [70n * 100n, 200n * 100n];
  const seen = driftWith('reference-no-fix');
  assert.equal(driftWith('reference-time-invalid'), seen);
  for (const unseen of ['reference-health-missing', 'reference-health-stale', 'reference-jammed'] as const)
    assert.equal(driftWith(unseen), seen - settled + followed, unseen);
  assert.equal(driftWith(), seen - settled + followed, 'believed, and its pulses unlabelled');
});

test('a network clock whose reference was never good has no interval', () => {
  const track = { readings: readings(0, 10) };
  const never = estimate({ track, reference: {}, distrust: 'reference-health-missing', asOf: seconds(10) });
  assert.equal(refusal(never), 'reference-health-missing');
});

test('a device that must have edges and has none says what is missing', () => {
  const spec = phc({ phaseOffset: undefined });
  const track = { readings: readings(0, 10) };
  assert.equal(refusal(estimate({ spec, track, asOf: seconds(10) })), 'source-no-edges');
  const distrusted = estimate({ spec, track, reference: {}, distrust: 'reference-no-fix', asOf: seconds(10) });
  assert.equal(refusal(distrusted), 'reference-no-fix');
});

test('telemetry that is demanded must be there, fresh, and say that the oscillator is locked', () => {
  const spec = phc({ oscillatorTelemetry: 'required' });
  const track = { readings: readings(90, 100) };
  const said = (locked: boolean | undefined, s: number): Partial<SourceTrack> => ({
    ...track,
    oscillator: {
      kind: 'oscillator',
      source: 'phc0',
      at: world.mono(seconds(s)),
      locked,
      temperatureMilliC: undefined,
    },
  });
  assert.equal(refusal(estimate({ spec, track, asOf: seconds(100) })), 'oscillator-health-missing');
  assert.equal(
    refusal(estimate({ spec, track: said(undefined, 99), asOf: seconds(100) })),
    'oscillator-health-missing',
  );
  assert.equal(refusal(estimate({ spec, track: said(true, 39), asOf: seconds(100) })), 'oscillator-health-missing');
  assert.equal(refusal(estimate({ spec, track: said(true, 40), asOf: seconds(100) })), undefined);
  assert.equal(refusal(estimate({ spec, track: said(false, 99), asOf: seconds(100) })), 'oscillator-unlocked');
  assert.equal(refusal(estimate({ track: said(false, 99), asOf: seconds(100) })), 'oscillator-unlocked');
  assert.equal(refusal(estimate({ track: said(undefined, 1), asOf: seconds(100) })), undefined);
});

test('of what is declared with a reading and what is configured, the larger counts', () => {
  const spec = defaultSourceSpec('daemon', 'phc0', { accuracy: micros(5), labels: 'tai' });
  const of = (declared: Nanos | undefined): bigint => {
    const track = { readings: readings(0, 10).map((r) => ({ ...r, declaredError: declared })) };
    return usable(estimate({ spec, track, asOf: seconds(10) })).budget['source-accuracy'];
  };
  assert.equal(of(undefined), micros(5));
  assert.equal(of(micros(3)), micros(5));
  assert.equal(of(micros(8)), micros(8));
});

test('doubt widens the phase, and nothing else', () => {
  const edges = [1n, 2n, 3n].map((s) => world.edge('phc0', 'ptp0', s));
  const spec = phc({ phaseOffset: undefined });
  const track = { readings: readings(0, 5), edges };
  const sure = usable(estimate({ spec, track, reference: {}, asOf: seconds(5) }));
  const unsure = usable(estimate({ spec, track: { ...track, doubt: nanos(333) }, reference: {}, asOf: seconds(5) }));
  assert.deepEqual(unsure.budget, { ...sure.budget, 'phase-offset': nanos(sure.budget['phase-offset'] + 333n) });
  assert.equal(unsure.centre, sure.centre);
});

test('a reading contradicts a window when no lawful clock could have said both', () => {
  const spec = phc();
  const config = defaultClockConfig({ sources: [spec], references: [], leapTable: BUILT_IN_LEAP_TABLE });
  const window = readings(0, 10);
  const next = world.reading('phc0', nanos(seconds(10)));
  const { allowed, isCertain } = contradiction(config, spec, window, next);
  assert.equal(isCertain, false);
  for (const sign of [1n, -1n]) {
    const inside = { ...next, reading: shift(next.reading, nanos(sign * (allowed - 5n))) };
    const outside = { ...next, reading: shift(next.reading, nanos(sign * (allowed + 5n))) };
    assert.equal(contradiction(config, spec, window, inside).isCertain, false);
    assert.equal(contradiction(config, spec, window, outside).isCertain, true);
  }
  assert.equal(contradiction(config, spec, [], next).isCertain, false);
  assert.equal(
    contradiction(config, spec, window, { ...next, reading: shift(next.reading, millis(1)) }).isCertain,
    true,
  );
});
