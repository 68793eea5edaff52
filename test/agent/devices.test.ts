/** The devices as the running agent knows them: what they said last, what is made of it, and what was never said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../../src/core/time/nanos.ts';
import { World } from './harness.ts';

test('a source is told with its own budget, its receiver with its sky, its oscillator with what it may drift', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  const [source] = world.agent.devices.sources();
  assert.equal(source!.verdict, 'truechimer');
  assert.equal(source!.reference, 'card0-gnss');
  assert.equal(source!.isSetter, true);
  assert.equal(
    source!.budget.reduce((sum, { nanos: term }) => sum + term, 0n),
    source!.guarantee,
  );
  assert.ok(source!.readingAge! <= 1_000_000_000n);
  const [receiver] = world.agent.devices.receivers();
  assert.equal(receiver!.distrust, undefined);
  assert.equal(receiver!.health!.value.fix, 'time-only');
  const sky = receiver!.telemetry!.satellites!.value;
  assert.equal(sky.filter(({ isUsed }) => isUsed).length, receiver!.health!.value.satellitesUsed);
  const [oscillator] = world.agent.devices.oscillators();
  assert.equal(oscillator!.lock!.value.locked, true);
  assert.ok(oscillator!.rateMax > 0n);
  assert.equal(oscillator!.told, undefined, 'a simulated card has no line to ask');
});

test('a cut antenna is seen in the sky and in the radio, and the receiver is not believed for a reason', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  world.card.setFault('antenna-cut', true);
  await world.run(60);
  const [receiver] = world.agent.devices.receivers();
  assert.ok(receiver!.distrust !== undefined);
  assert.equal(receiver!.telemetry!.radio!.value[0]!.antenna, 'open');
  assert.ok(receiver!.telemetry!.satellites!.value.every(({ isUsed, cnoDbHz }) => !isUsed && cnoDbHz === undefined));
});

test('an absent card is told as such, and what it said before is told with its age', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  world.card.setFault('unplugged', true);
  await world.run(60);
  const [source] = world.agent.devices.sources();
  assert.deepEqual([source!.verdict, source!.guarantee, source!.budget], ['unusable', undefined, []]);
  const [receiver] = world.agent.devices.receivers();
  assert.ok(receiver!.health!.age > nanos(30_000_000_000n), `${receiver!.health!.age} ns`);
});

test('whoever watches the beats is woken at each, and not after it stopped', async (t) => {
  const world = await World.begin(t);
  let wakes = 0;
  const end = world.agent.watchBeats(() => (wakes += 1));
  await world.run(3);
  assert.equal(wakes, 3);
  end();
  await world.run(1);
  assert.equal(wakes, 3);
});
