/** The clock as a whole: what it trusts, when it coasts, when it refuses, what it says while the loop is busy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../../src/core/clock/clock.ts';
import { defaultClockConfig, defaultSourceSpec, type ClockConfig } from '../../../src/core/clock/configuration.ts';
import type { Estimate } from '../../../src/core/clock/estimate.ts';
import { recompute } from '../../../src/core/clock/evidence.ts';
import type { ReferenceHealth } from '../../../src/core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { micros, millis, nanos, seconds, shift, type Nanos } from '../../../src/core/time/nanos.ts';
import { cardConfig, endOf, EPOCH, feedSecond, World, type SecondOptions } from './world.ts';
import { locked, Run } from './clock-run.ts';

test('a card locks after health has lasted and tracking has been steady, and says why it waits', () => {
  const run = new Run();
  assert.equal(run.for(5).now, 'reference-settling');
  assert.equal(run.estimate.state, 'acquiring');
  assert.equal(run.estimate.interval, undefined);
  const waited = run.until((e) => e.state === 'locked');
  assert.ok(waited <= 15, `${waited} s`);
  assert.equal(run.estimate.code, 'clock-locked');
  assert.deepEqual(run.estimate.transition, {
    from: 'acquiring',
    to: 'locked',
    code: 'clock-locked',
    at: run.estimate.asOf,
  });
  assert.equal(run.for(1).transition, undefined);
});

test('a locked card with edges and brackets of 200 ns guarantees under 250 ns', () => {
  const { guarantee, isAttestable, taiUtcSeconds } = locked().estimate;
  assert.ok(guarantee! < 250n, `${guarantee}`);
  assert.equal(isAttestable, true);
  assert.equal(taiUtcSeconds, 37);
});

test('24 hours without a fix on rubidium stay under 2 us, and the seconds foretold are kept', () => {
  const run = locked();
  run.for(4 * 3_600, { readings: 1 });
  const lost: SecondOptions = { isEdgeLost: true, readings: 1, health: { fix: 'none' } };
  const first = run.for(1, lost);
  assert.equal(first.state, 'holdover');
  assert.equal(first.code, 'reference-no-fix');
  const early = run.for(59, lost).secondsUntilLimit;
  const day = run.for(86_400 - 60, lost);
  assert.equal(day.state, 'holdover');
  assert.ok(day.guarantee! < 2_000n, `${day.guarantee}`);
  assert.ok(Math.abs(early - day.secondsUntilLimit - 86_340) <= 3_600, `${early} then ${day.secondsUntilLimit}`);
});

test('the limit ends holdover, no earlier than foretold and not much later', () => {
  const run = locked(cardConfig({ limit: nanos(400) }, { oscillator: 'ocxo' }));
  const lost: SecondOptions = { isEdgeLost: true, health: { fix: 'none' } };
  const foretold = run.for(1, lost).secondsUntilLimit;
  const lasted = run.until((e) => e.state !== 'holdover', lost, 2_000);
  assert.equal(run.estimate.state, 'unsynchronized');
  assert.equal(run.estimate.code, 'guarantee-over-limit');
  assert.equal(run.estimate.interval, undefined);
  assert.equal(run.estimate.secondsUntilLimit, 0);
  // What is foretold reserves for the servo what it may or may not use: 50 ns, which last 10 s here.
  assert.ok(lasted >= foretold && lasted <= foretold + 10, `foretold ${foretold}, lasted ${lasted}`);
});

const BAD_REPORTS: readonly (readonly [string, Partial<ReferenceHealth>])[] = [
  ['reference-no-fix', { fix: 'none' }],
  ['reference-health-missing', { fix: undefined }],
  ['reference-time-invalid', { timeValid: false }],
  ['reference-health-missing', { timeValid: undefined }],
  ['reference-few-satellites', { satellitesUsed: 3 }],
  ['reference-few-satellites', { satellitesUsed: undefined }],
  ['reference-antenna-fault', { antenna: 'open' }],
  ['reference-antenna-fault', { antenna: 'short' }],
  ['reference-jammed', { jamming: 'critical' }],
  ['reference-spoofed', { spoofing: 'indicated' }],
  ['reference-spoofed', { spoofing: 'affirmed' }],
  ['leap-source-unproven', { leapSource: 'default' }],
  ['leap-source-unproven', { leapSource: 'unknown' }],
  ['leap-source-unproven', { leapSource: undefined }],
  ['tai-utc-unknown', { taiUtcSeconds: undefined }],
  ['tai-utc-disagrees', { taiUtcSeconds: 36 }],
];

for (const [code, health] of BAD_REPORTS) {
  test(`a report of ${JSON.stringify(health)} brings holdover at once: ${code}`, () => {
    const run = locked();
    const after = run.for(1, { health });
    assert.equal(after.state, 'holdover');
    assert.equal(after.code, code);
    assert.ok(after.interval !== undefined);
    // Not locked again before health has lasted and tracking has been steady.
    assert.ok(run.until((e) => e.state === 'locked') >= 18);
    assert.equal(run.estimate.code, 'clock-relocked');
  });
  test(`from the start, a report of ${JSON.stringify(health)} never lets it lock: ${code}`, () => {
    const run = new Run();
    const e = run.for(60, { health });
    assert.equal(e.state, 'acquiring');
    assert.equal(e.references[0]!.distrust, code);
  });
}

test('silence of the receiver brings holdover within its declared age', () => {
  const run = locked();
  assert.ok(run.until((e) => e.state === 'holdover', { health: 'silent' }) <= 5);
  assert.equal(run.estimate.code, 'reference-health-stale');
});

test('edges that stop bring holdover within their declared age, although health is good', () => {
  const run = locked();
  assert.ok(run.until((e) => e.state === 'holdover', { isEdgeLost: true }) <= 6);
  assert.equal(run.estimate.code, 'source-edges-stale');
});

test('an edge between the last good report and the first bad one is never used', () => {
  const run = locked();
  const before = run.estimate;
  // The pulse is 40 ns late, small enough to be believed, and the report of that very second is bad.
  const after = run.for(1, { late: nanos(40), health: { spoofing: 'indicated' } });
  assert.equal(after.budget!['phase-offset'], before.budget!['phase-offset']);
});

test('a pulse that jumps is not followed: doubt at once, suspicion at the third, back after ten that agree', () => {
  const run = locked();
  const quiet = run.estimate;
  const first = run.for(1, { late: micros(300) });
  assert.equal(first.state, 'locked');
  assert.ok(first.budget!['phase-offset'] > quiet.budget!['phase-offset'], 'the first stray edge widens');
  assert.ok(first.guarantee! < 2_000n, 'by no more than a step the host clock would not have seen');
  const waited = run.until((e) => e.state === 'holdover', { late: micros(300) });
  assert.ok(waited <= 2, `${waited} s`);
  assert.equal(run.estimate.code, 'edge-phase-jump');
  const truth = run.world.truth(endOf(run.second));
  assert.ok(run.estimate.interval!.earliest <= truth && truth <= run.estimate.interval!.latest);
  assert.ok(run.until((e) => e.state === 'locked') >= 18);
});

test('a slow walk of the pulse is found when the oscillator cannot explain it, and the walk is in the bound meanwhile', () => {
  const run = locked();
  run.for(600);
  let second = 0;
  let last!: Estimate;
  for (; second < 400; second++) {
    last = run.for(1, { late: nanos(2 * second) });
    const truth = run.world.truth(endOf(run.second));
    if (last.state !== 'locked') break;
    if (last.interval !== undefined && second < 30)
      assert.ok(last.interval.earliest <= truth && truth <= last.interval.latest);
  }
  assert.equal(last.state, 'holdover');
  assert.equal(last.code, 'edge-phase-walk');
  assert.ok(second < 120, `found after ${second} s and ${2 * second} ns`);
  const truth = run.world.truth(endOf(run.second));
  assert.ok(last.interval!.earliest <= truth && truth <= last.interval!.latest);
});

test('a label one second off is refused, and so is a clock that counts UTC', () => {
  for (const [code, ahead] of [
    ['edge-whole-second', seconds(1)],
    ['edge-whole-second', seconds(-1)],
    ['edge-tai-slip', seconds(-37)],
  ] as const) {
    const run = new Run();
    const e = run.for(60, { ahead });
    assert.equal(e.state, 'acquiring');
    assert.equal(e.sources[0]!.code, code);
  }
});

test('a date before the release, as after a week rollover, is refused', () => {
  const run = new Run(cardConfig({ plausibleAfter: shift(EPOCH, seconds(10_000)) }));
  assert.equal(run.for(60).state, 'acquiring');
  assert.equal(run.estimate.now, 'source-date-implausible');
});

test('a receiver that repeats a second is stuck', () => {
  const run = locked();
  for (let i = 0; i < 5; i++) {
    feedSecond(run.clock, run.world, run.second + 1, { isEdgeLost: true });
    run.second += 1;
    const stuck = run.world.edge('card0', 'gnss0', 100n);
    run.clock.observe({
      ...stuck,
      stamp: shift(stuck.stamp, seconds(i + 20)),
      learned: run.world.mono(endOf(run.second)),
    });
    run.estimate = run.clock.estimate(run.world.mono(endOf(run.second)));
  }
  assert.equal(run.estimate.state, 'holdover');
  assert.equal(run.estimate.code, 'receiver-stuck');
});

test('a step of the card is noticed by the next reading: nothing is issued until it is acquired again', () => {
  const run = locked();
  const after = run.for(1, { ahead: micros(50) });
  assert.equal(after.state, 'unsynchronized');
  assert.equal(after.code, 'source-stepped');
  assert.ok(run.until((e) => e.state === 'locked', { ahead: micros(50) }) >= 10);
  const truth = run.world.truth(endOf(run.second));
  assert.ok(run.estimate.interval!.earliest <= truth && truth <= run.estimate.interval!.latest);
});

for (const [cause, code] of [
  ['suspend', 'host-suspended'],
  ['vm-pause', 'host-paused'],
  ['clock-step', 'host-clock-stepped'],
  ['boot-change', 'host-rebooted'],
] as const) {
  test(`${cause} withdraws the interval at once, and the clock is acquired afresh`, () => {
    const run = locked();
    run.disrupt(cause);
    const now = run.clock.now(run.world.mono(endOf(run.second)));
    assert.deepEqual([now.earliest, now.latest, now.state, now.code], [undefined, undefined, 'unsynchronized', code]);
    const after = run.for(1);
    assert.equal(after.state, 'acquiring');
    assert.equal(after.code, code);
    assert.equal(after.transition?.from, 'locked');
    run.until((e) => e.state === 'locked');
  });
}

test('a recovery that excludes the interval held meanwhile is a fault, until it is acknowledged', () => {
  // A pulse source alone: when it comes back a millisecond off, one of the two was wrong and nobody can tell which.
  const spec = defaultSourceSpec('pps', 'pps0');
  const config = defaultClockConfig(
    { sources: [spec], references: [], leapTable: BUILT_IN_LEAP_TABLE },
    { limit: micros(50) },
  );
  const world = new World();
  const clock = new Clock(config, 'boot');
  const feed = (from: number, to: number, ahead: Nanos): Estimate => {
    let estimate!: Estimate;
    for (let second = from; second < to; second++) {
      clock.observe(world.reading('pps0', nanos(seconds(second)), ahead));
      estimate = clock.estimate(world.mono(endOf(second)));
    }
    return estimate;
  };
  assert.equal(feed(0, 40, nanos(0)).state, 'locked');
  const back = feed(40, 45, millis(1));
  assert.equal(back.state, 'faulted');
  assert.equal(back.code, 'recovery-disjoint');
  assert.equal(feed(45, 100, nanos(0)).state, 'faulted');
  clock.reset(world.mono(endOf(100)));
  assert.equal(feed(101, 140, nanos(0)).state, 'locked');
});

// ---- now()

test('now() widens with time, holds the truth, and gives up after ten seconds', () => {
  const run = locked();
  const at = endOf(run.second);
  let width = 0n;
  for (let ms = 0; ms <= 10_000; ms += 250) {
    const later = nanos(at + BigInt(ms) * 1_000_000n);
    const { earliest, latest, state, code } = run.clock.now(run.world.mono(later));
    assert.deepEqual([state, code], ['locked', 'clock-locked']);
    const truth = run.world.truth(later);
    assert.ok(earliest! <= truth && truth <= latest!);
    assert.ok(latest! - earliest! >= width);
    width = latest! - earliest!;
  }
  const stale = run.clock.now(run.world.mono(nanos(at + 10_001_000_000n)));
  assert.deepEqual([stale.earliest, stale.state, stale.code], [undefined, 'unsynchronized', 'estimate-stale']);
  const early = run.clock.now(run.world.mono(nanos(at - 1n)));
  assert.deepEqual([early.earliest, early.code], [undefined, 'estimate-stale']);
});

test('now() refuses what would be wider than the limit', () => {
  const run = locked(cardConfig({ limit: nanos(230) }));
  const at = endOf(run.second);
  assert.equal(run.clock.now(run.world.mono(at)).state, 'locked');
  const wide = run.clock.now(run.world.mono(nanos(at + 9_000_000_000n)));
  assert.deepEqual([wide.earliest, wide.code], [undefined, 'guarantee-over-limit']);
});

test('now() reuses one result', () => {
  const run = locked();
  const mono = run.world.mono(endOf(run.second));
  assert.equal(run.clock.now(mono), run.clock.now(mono));
});

test('estimates follow the raw clock', () => {
  const run = locked();
  assert.throws(() => run.clock.estimate(run.world.mono(nanos(0))), /raw clock/);
});

test('what nobody configured is counted and dropped', () => {
  const run = locked();
  run.clock.observe(run.world.reading('stranger', endOf(run.second)));
  run.clock.observe(run.world.health('stranger', endOf(run.second)));
  run.clock.observe({ ...run.world.health('gnss0', endOf(run.second)), satellitesUsed: 1.5 });
  assert.equal(run.clock.counters.unknownSource, 2);
  assert.equal(run.clock.counters.unrecordable, 1);
});

test('a configuration that no record could carry is our own mistake', () => {
  const broken: readonly ClockConfig[] = [
    { ...cardConfig(), sources: [] },
    { ...cardConfig(), references: [] },
    { ...cardConfig(), limit: nanos(-1) },
    cardConfig({}, { pathDelay: nanos(-1) }),
    cardConfig({}, { name: 'n'.repeat(65) }),
    { ...cardConfig(), sources: [...cardConfig().sources, ...cardConfig().sources] },
  ];
  for (const config of broken) assert.throws(() => new Clock(config, 'boot'), /fits its evidence/);
});

test('a receiver that is 1,024 weeks back, seen by a card with few readings, leaves evidence that can be read', () => {
  const run = locked();
  for (let i = 0; i < 4; i++) {
    run.second += 1;
    const edge = run.world.edge('card0', 'gnss0', BigInt(run.second));
    const second = shift(edge.second, seconds(-1024 * 7 * 86_400));
    run.clock.observe({ ...edge, second });
    const estimate = run.clock.estimate(run.world.mono(endOf(run.second)));
    assert.ok(!('fault' in recompute(run.clock.evidence(estimate.asOf))));
  }
});

test('a report stamped just after the instant asked for is evidence that can be read', () => {
  const run = locked();
  const at = endOf(run.second);
  run.clock.observe(run.world.health('gnss0', nanos(at + 1_000_000n)));
  const estimate = run.clock.estimate(run.world.mono(at));
  assert.ok(!('fault' in recompute(run.clock.evidence(estimate.asOf))));
});
