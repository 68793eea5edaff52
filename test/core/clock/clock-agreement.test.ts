/** The clock among several sources, through leap seconds, and under bounds that may only widen. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../../src/core/clock/clock.ts';
import { defaultClockConfig, defaultSourceSpec, type ClockConfig } from '../../../src/core/clock/configuration.ts';
import { guaranteeOf, BUDGET_TERMS, type BudgetTerm } from '../../../src/core/clock/budget.ts';
import { BUILT_IN_LEAP_TABLE, leapStep } from '../../../src/core/time/leap-seconds.ts';
import { micros, millis, nanos, seconds, shift, type Nanos } from '../../../src/core/time/nanos.ts';
import { cardConfig, endOf, EPOCH, World } from './world.ts';
import { locked, manyConfig, Run, runMany } from './clock-run.ts';

test('a liar among three is named, and the interval is the others’', () => {
  const e = runMany(manyConfig(3), (i) => (i === 2 ? micros(50) : nanos(0)));
  assert.equal(e.state, 'locked');
  assert.deepEqual(
    e.sources.map((s) => s.verdict),
    ['truechimer', 'truechimer', 'falseticker'],
  );
  assert.equal(e.sources[2]!.code, 'source-falseticker');
  assert.ok(e.interval!.latest - e.interval!.earliest < 2_000n);
});

test('two that exclude each other are refused: nobody is believed', () => {
  const e = runMany(manyConfig(2), (i) => (i === 1 ? micros(50) : nanos(0)));
  assert.equal(e.state, 'acquiring');
  assert.equal(e.now, 'sources-disagree');
});

test('a gap between regions that are covered enough is refused, not hulled over', () => {
  // A wide witness that covers both, and two narrow sources apart.
  const config = manyConfig(3);
  const wide = { ...config.sources[2]!, accuracy: millis(1) };
  const e = runMany({ ...config, sources: [config.sources[0]!, config.sources[1]!, wide], limit: millis(5) }, (i) =>
    i === 1 ? micros(50) : nanos(0),
  );
  assert.equal(e.now, 'sources-disagree-gap');
  assert.equal(e.interval, undefined);
});

test('sources of one cause count once, and a contradiction between them silences both', () => {
  const shared = manyConfig(3, {}, {});
  const sources = shared.sources.map((s, i) => (i < 2 ? { ...s, group: 'card' } : s));
  const agreeing = runMany({ ...shared, sources }, () => nanos(0));
  assert.deepEqual(
    agreeing.sources.map((s) => s.verdict),
    ['truechimer', 'shares-cause', 'truechimer'],
  );
  const torn = runMany({ ...shared, sources }, (i) => (i === 1 ? seconds(1) : nanos(0)));
  assert.deepEqual(
    torn.sources.map((s) => [s.verdict, s.code]),
    [
      ['falseticker', 'source-contradicts-group'],
      ['falseticker', 'source-contradicts-group'],
      ['truechimer', undefined],
    ],
  );
});

test('fewer groups than demanded are refused', () => {
  assert.equal(runMany(manyConfig(2, { groupsMin: 3 }), () => nanos(0)).now, 'sources-too-few');
});

test('one source that comes and goes does not make the clock flap', () => {
  let transitions = 0;
  const world = new World();
  const config = manyConfig(2);
  const clock = new Clock(config, 'boot');
  for (let second = 0; second < 300; second++) {
    clock.observe(world.reading('pps0', nanos(seconds(second))));
    clock.observe(
      world.reading('pps1', nanos(seconds(second)), second % 7 === 0 && second > 60 ? micros(80) : nanos(0)),
    );
    if (clock.estimate(world.mono(endOf(second))).transition !== undefined) transitions += 1;
  }
  assert.ok(transitions <= 4, `${transitions} transitions`);
});

test('a daemon that declares no error bound is not used', () => {
  const source = defaultSourceSpec('system', 'system');
  const config = defaultClockConfig(
    { sources: [source], references: [], leapTable: BUILT_IN_LEAP_TABLE },
    { limit: millis(10) },
  );
  const world = new World();
  const clock = new Clock(config, 'boot');
  clock.observe(world.reading('system', nanos(0)));
  assert.equal(clock.estimate(world.mono(seconds(1))).now, 'source-error-undeclared');
  const honest = new Clock(config, 'boot');
  for (let s = 0; s < 10; s++) {
    honest.observe(world.reading('system', nanos(seconds(s)), nanos(0), millis(2)));
    honest.estimate(world.mono(endOf(s)));
  }
  const e = honest.estimate(world.mono(endOf(10)));
  assert.equal(e.state, 'locked');
  assert.ok(e.budget!['source-accuracy'] >= 2_000_000n);
});

// ---- leap seconds

test('the leap table is said to expire a month ahead; after that TAI-UTC is the satellites’, or unknown', () => {
  const tableUntil = (days: number): ClockConfig['leapTable'] => ({
    ...BUILT_IN_LEAP_TABLE,
    expires: shift(EPOCH, seconds(days * 86_400)),
  });
  const soon = locked(cardConfig()).estimate;
  assert.deepEqual(soon.warnings, []);
  const warned = locked({ ...cardConfig(), leapTable: tableUntil(29) }).estimate;
  assert.deepEqual(warned.warnings, ['leap-table-expiring']);
  const expired = new Run({ ...cardConfig(), leapTable: tableUntil(-1) });
  const told = expired.for(60);
  assert.deepEqual(told.warnings, ['leap-table-expired']);
  assert.deepEqual([told.state, told.taiUtcSeconds, told.isAttestable], ['locked', 37, true]);
  const configured = expired.for(30, { health: { leapSource: 'configured' } });
  assert.deepEqual([configured.state, configured.taiUtcSeconds, configured.isAttestable], ['locked', undefined, false]);
});

test('a source that counts in UTC is refused after the table has expired', () => {
  const config = manyConfig(1, {}, { labels: 'utc' });
  const leapTable = { ...config.leapTable, expires: shift(EPOCH, seconds(-1)) };
  assert.equal(runMany({ ...config, leapTable }, () => nanos(0)).now, 'source-leap-ambiguous');
});

for (const [name, after] of [
  ['inserted', 38],
  ['deleted', 36],
] as const) {
  test(`through an ${name} leap second a card that counts TAI stays locked, and TAI-UTC follows`, () => {
    const step = leapStep(0n, after);
    const fromTai = shift(EPOCH, seconds(200));
    const config = {
      ...cardConfig(),
      leapTable: { ...BUILT_IN_LEAP_TABLE, steps: [...BUILT_IN_LEAP_TABLE.steps, { ...step, fromTai }] },
    };
    const run = locked(config);
    run.for(78);
    assert.equal(run.estimate.taiUtcSeconds, 37);
    // The receiver changes its report three seconds late.
    run.for(5);
    run.for(20, { health: { taiUtcSeconds: after } });
    assert.equal(run.estimate.state, 'locked');
    assert.equal(run.estimate.taiUtcSeconds, after);
    // One that never changes is found out.
    assert.equal(run.for(10).code, 'tai-utc-disagrees');
  });
}

// ---- configuration may only widen

test('raising any one term never narrows, and the term shows it', () => {
  const before = locked().estimate;
  for (const term of BUDGET_TERMS) {
    const floors: Partial<Record<BudgetTerm, Nanos>> = { [term]: nanos(5_000) };
    const after = locked(cardConfig({ floors })).estimate;
    assert.equal(after.budget![term], nanos(5_000));
    assert.ok(after.guarantee! > before.guarantee!);
    assert.ok(
      after.interval!.earliest <= before.interval!.earliest && before.interval!.latest <= after.interval!.latest,
    );
    const lowered = locked(cardConfig({ floors: { [term]: nanos(0) } })).estimate;
    assert.equal(lowered.guarantee, before.guarantee);
  }
});

test('a floor of one source is a floor of the sum', () => {
  const { guarantee, budget } = locked(cardConfig({}, { floors: { floor: nanos(777) } })).estimate;
  assert.equal(budget!.floor, nanos(777));
  assert.equal(guaranteeOf(budget!), guarantee);
});
