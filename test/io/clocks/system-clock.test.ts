/** The system clock as a source: honest when the kernel's TAI is TAI, refused with a reason when it is not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Observation } from '../../../src/core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { hostClock } from '../../../src/io/clocks/host-clock.ts';
import { loadNative } from '../../../src/io/clocks/native.ts';
import { SystemClock } from '../../../src/io/clocks/system-clock.ts';
import { FakeHost, FakeSchedule } from './fake-native.ts';

async function observe(host: FakeHost, looks = 1): Promise<{ observations: Observation[]; schedule: FakeSchedule }> {
  const schedule = new FakeSchedule();
  const observations: Observation[] = [];
  const source = new SystemClock(
    { native: host.native, clock: host.clock, leaps: () => BUILT_IN_LEAP_TABLE, schedule: schedule.schedule },
    { name: 'system' },
  );
  await source.start((observation) => observations.push(observation));
  for (let i = 1; i < looks; i++) await schedule.tick();
  await source.stop();
  return { observations, schedule };
}

const codesOf = (observations: readonly Observation[]): readonly string[] =>
  observations.map((o) => (o.kind === 'presence' ? o.code : o.kind));

test('TAI between two raw stamps, with maxerror and what is still to be slewed as its declared error', async () => {
  const host = new FakeHost();
  host.kernel = { ...host.kernel, maxerrorUs: 500n, offset: -1_234n };
  const { observations } = await observe(host);
  assert.deepEqual(codesOf(observations), ['device-present', 'reading']);
  const reading = observations[1]!;
  assert(reading.kind === 'reading');
  assert.equal(reading.after - reading.before, 60n);
  assert.equal(reading.reading - reading.before - host.realOffset, 37_000_000_030n);
  assert.equal(reading.declaredError, 501_234n);
});

test('an offset in microseconds is read as such', async () => {
  const host = new FakeHost();
  host.kernel = { ...host.kernel, status: 0x1, maxerrorUs: 10n, offset: 7n };
  const reading = (await observe(host)).observations[1]!;
  assert(reading.kind === 'reading');
  assert.equal(reading.declaredError, 17_000n);
});

const refusals = [
  ['a kernel nobody told TAI-UTC', { tai: 0 }, 'system-tai-unset'],
  ['a clock nothing disciplines', { status: 0x2041 }, 'system-clock-unsynchronized'],
  ['a kernel that is told one leap second too few', { tai: 36 }, 'tai-utc-disagrees'],
  ['a kernel that is told one too many', { tai: 38 }, 'tai-utc-disagrees'],
  ['a kernel that is told GPS-UTC', { tai: 18 }, 'tai-utc-disagrees'],
] as const;
for (const [what, change, code] of refusals) {
  test(`${what} is refused with ${code}, once, and believed when it is right again`, async () => {
    const host = new FakeHost();
    const good = host.kernel;
    host.kernel = { ...good, ...change };
    const refused = await observe(host, 3);
    assert.deepEqual(codesOf(refused.observations), [code]);
    host.kernel = good;
    assert.deepEqual(codesOf((await observe(host)).observations), ['device-present', 'reading']);
  });
}

test('a date before the leap table is implausible', async () => {
  const host = new FakeHost();
  host.realOffset = 0n;
  assert.deepEqual(codesOf((await observe(host)).observations), ['source-date-implausible']);
});

test('a clock that cannot be read yields nothing', async () => {
  const host = new FakeHost();
  host.failures.set('readBracket', 'EINVAL');
  assert.deepEqual((await observe(host)).observations, []);
});

const load = loadNative();
test(
  'on this host the source either reads or gives its reason',
  { skip: load.loaded ? false : 'the addon is not built' },
  async () => {
    assert(load.loaded);
    const observations: Observation[] = [];
    const source = new SystemClock(
      {
        native: load.native,
        clock: hostClock(load),
        leaps: () => BUILT_IN_LEAP_TABLE,
        schedule: new FakeSchedule().schedule,
      },
      { name: 'system' },
    );
    await source.start((observation) => observations.push(observation));
    await source.stop();
    const [first, second] = observations;
    assert(first?.kind === 'presence');
    if (first.present)
      assert(second?.kind === 'reading' && second.declaredError !== undefined && second.declaredError > 0n);
    else assert.equal(second, undefined);
  },
);
