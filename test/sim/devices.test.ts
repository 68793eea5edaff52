/** Simulated devices against the truth they were made from: each stays inside what a configuration may declare of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Observation } from '../../src/core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import {
  magnitude,
  millis,
  nanos,
  seconds,
  shift,
  since,
  taiInstant,
  type TaiInstant,
} from '../../src/core/time/nanos.ts';
import { CardDevice } from '../../src/sim/card-device.ts';
import type { SimulatedDevice } from '../../src/sim/device.ts';
import { DisciplinedClock } from '../../src/sim/disciplined-clock.ts';
import { GRADES } from '../../src/sim/grades.ts';
import { VirtualHost } from '../../src/sim/host-clock.ts';
import { Oscillator, STEADY_ROOM } from '../../src/sim/oscillator.ts';
import { PulseDevice } from '../../src/sim/pulse-device.ts';
import { streamOf } from '../../src/sim/random.ts';
import { SYSTEM_CLOCK_READ } from '../../src/sim/read-latency.ts';
import { pulseErrorNsMax, TIMING_RECEIVER } from '../../src/sim/receiver.ts';

const START = taiInstant(1_795_176_037_400_000_000n);
const SEED = 11;

const makeHost = () => new VirtualHost(new Oscillator(GRADES.crystal, streamOf(SEED, 'host')), STEADY_ROOM, START);
const plan = { seed: SEED, start: START, leapTable: BUILT_IN_LEAP_TABLE };

/** Steps a world by a second and a bit, and pairs each observation with the truth at which it was emitted. */
function observed(host: VirtualHost, device: SimulatedDevice, steps: number, before?: (step: number) => void) {
  const seen: { truth: TaiInstant; observation: Observation }[] = [];
  for (let step = 0; step < steps; step++) {
    before?.(step);
    host.advance(shift(host.truth, millis(1_007n)));
    device.advance(host.truth);
    device.emitDue((observation) => seen.push({ truth: host.truth, observation }));
  }
  return seen;
}

test("a locked card's edges lie within the receiver's bound, the stamp's step and the servo's lag of their second", () => {
  const host = makeHost();
  const card = new CardDevice(host, { ...plan, name: 'card0' });
  const bound = pulseErrorNsMax(TIMING_RECEIVER) + 8n + 30n;
  let edges = 0;
  for (const { observation } of observed(host, card, 3_000)) {
    if (observation.kind !== 'edge') continue;
    edges++;
    const phase = since(observation.stamp, observation.second) - observation.sawtoothPs! / 1_000n;
    assert.ok(magnitude(nanos(phase)) <= bound, `phase ${phase} ns`);
  }
  assert.ok(edges > 2_900);
});

test('the servo takes out a residual frequency, and holdover keeps what it learned', () => {
  const host = makeHost();
  const card = new CardDevice(host, { ...plan, name: 'card0', residualPpb: 0.1 });
  observed(host, card, 20_000);
  const settled = card.card.errorNsAt(host.truth);
  assert.ok(Math.abs(settled) < 40, `settled at ${settled} ns`);
  card.setFault('receiver-silent', true);
  observed(host, card, 10_000);
  const drifted = card.card.errorNsAt(host.truth) - settled;
  // Untreated the residual alone would have made 1,000 ns of it.
  assert.ok(Math.abs(drifted) < 200, `drifted ${drifted} ns in 10,000 s`);
});

test("a pulse stamped by an interrupt lies in its bracket, give or take the pulse's own error", () => {
  const host = makeHost();
  const pulse = new PulseDevice(host, { ...plan, name: 'pps0', latencyMaxNs: 30_000 });
  const origin = host.now();
  const rate = 1 + GRADES.crystal.frequencyPpb * 1e-9;
  let readings = 0;
  for (const { observation } of observed(host, pulse, 500)) {
    if (observation.kind !== 'reading') continue;
    readings++;
    const elapsed = Number(since(observation.reading, START)) * rate;
    // Over 500 s the crystal's noise and weather stay well below 20 us beside its constant rate.
    assert.ok(Number(since(observation.before, origin)) - 20_000 <= elapsed);
    assert.ok(elapsed <= Number(since(observation.after, origin)) + 20_000);
    assert.equal(observation.reading % 1_000_000_000n, 0n);
    assert.ok(since(observation.after, observation.before) === 30_000n);
  }
  assert.ok(readings > 490);
});

test('a disciplined clock stays inside the bound it declares, until it is made to lie', () => {
  const host = makeHost();
  const declares = { errorNs: 2_000_000, growthPpb: 15_000, pollSeconds: 16 };
  const clock = new DisciplinedClock(host, {
    ...plan,
    name: 'system',
    latency: SYSTEM_CLOCK_READ,
    errorNsMax: 1_500_000,
    ratePpbMax: 20_000,
    declares,
  });
  const lie = (step: number): void => clock.setFault('phc-step', step >= 1_000, 10_000_000);
  for (const [step, { truth, observation }] of observed(host, clock, 1_200, lie).entries()) {
    assert.equal(observation.kind, 'reading');
    const error = magnitude(since(observation.reading, truth));
    const isTrue = error <= observation.declaredError! + 60_000_000n / 1_000n;
    assert.equal(isTrue, step < 1_000, `step ${step}: ${error} ns against ${observation.declaredError} declared`);
  }
});

test('a device that is told to vanish says so once and is silent', () => {
  for (const make of [
    (host: VirtualHost) => new CardDevice(host, { ...plan, name: 'd' }),
    (host: VirtualHost) =>
      new DisciplinedClock(host, {
        ...plan,
        name: 'd',
        latency: SYSTEM_CLOCK_READ,
        errorNsMax: 10,
        ratePpbMax: 1,
        declares: undefined,
      }),
  ]) {
    const host = makeHost();
    const device = make(host);
    device.setFault('unplugged', true);
    const seen = observed(host, device, 5);
    assert.deepEqual(
      seen.map(({ observation }) => [observation.kind, observation.kind === 'presence' && observation.code]),
      [['presence', 'source-absent']],
    );
    assert.deepEqual(device.faults(), ['unplugged']);
    device.setFault('unplugged', false);
    const back = observed(host, device, 1)[0]!.observation;
    assert.ok(back.kind === 'presence' && back.present);
  }
});

test('a host that sleeps loses raw time and no boot time; a paused one loses both; a restarted one begins again', () => {
  const host = makeHost();
  const at = () => ({ mono: host.now(), boot: host.boottime(), truth: host.truth, id: host.bootId });
  const first = at();
  host.suspend(seconds(100n));
  const slept = at();
  assert.equal(since(slept.mono, first.mono), 0n);
  assert.equal(slept.boot - first.boot, 100_000_000_000n);
  assert.equal(since(slept.truth, first.truth), 100_000_000_000n);
  host.pause(seconds(50n));
  const paused = at();
  assert.equal(since(paused.mono, slept.mono), 0n);
  assert.equal(paused.boot, slept.boot);
  assert.equal(since(paused.truth, slept.truth), 50_000_000_000n);
  host.reboot(seconds(30n));
  assert.equal(host.now(), 0n);
  assert.notEqual(host.bootId, first.id);
  assert.throws(() => host.advance(first.truth), /backwards/);
});
