/** The software clock mock behind the source port: what it emits is true, bounded, repeatable, and fails on command. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Observation } from '../../src/core/clock/observation.ts';
import { magnitude, millis, nanos, seconds, shift, since, taiInstant } from '../../src/core/time/nanos.ts';
import { CardSource } from '../../src/sim/card-source.ts';
import { FAULT_NAMES, FAULTS } from '../../src/sim/faults.ts';
import { GRADES } from '../../src/sim/grades.ts';
import { VirtualHost } from '../../src/sim/host-clock.ts';
import { Oscillator, STEADY_ROOM } from '../../src/sim/oscillator.ts';
import { streamOf } from '../../src/sim/random.ts';

const EPOCH = taiInstant(1_795_000_037_250_000_000n);

/** A source polled by hand on a virtual host, `pollsPerSecond` times a second for `count` polls. */
async function run(options: { seed: number; polls: number; during?: (source: CardSource, poll: number) => void }) {
  const host = new VirtualHost(new Oscillator(GRADES.crystal, streamOf(options.seed, 'host')), STEADY_ROOM, EPOCH);
  const source = new CardSource(host, { name: 'card0', seed: options.seed, epoch: EPOCH, readingsPerSecond: 0.001 });
  const seen: Observation[] = [];
  await source.start((observation) => seen.push(observation));
  for (let poll = 0; poll < options.polls; poll++) {
    host.advance(shift(host.truth, millis(125n)));
    options.during?.(source, poll);
    source.poll();
  }
  await source.stop();
  return { source, seen };
}

const size = magnitude;

test("readings bracket the truth they were latched at, within the card's own error", async () => {
  const { source, seen } = await run({ seed: 7, polls: 800 });
  const readings = seen.filter((o) => o.kind === 'reading');
  assert.equal(readings.length, 800);
  for (const reading of readings) {
    assert.ok(reading.before < reading.after);
    const earliest = source.truthAt(reading.before);
    const latest = shift(source.truthAt(reading.after), reading.windowAdjust);
    // 60 ns covers the receiver's slow error, its noise, the counter's step and the kernel's truncation.
    assert.ok(since(reading.reading, earliest) >= -60n, `reading is early by ${since(earliest, reading.reading)} ns`);
    assert.ok(since(latest, reading.reading) >= -60n, `reading is late by ${since(reading.reading, latest)} ns`);
  }
});

test('one edge, one health and one oscillator report a second, and the edge marks the second it says', async () => {
  const { seen } = await run({ seed: 8, polls: 800 });
  const edges = seen.filter((o) => o.kind === 'edge');
  assert.equal(edges.length, 100);
  assert.equal(seen.filter((o) => o.kind === 'health').length, 100);
  assert.equal(seen.filter((o) => o.kind === 'oscillator').length, 100);
  for (const edge of edges) {
    assert.equal(edge.second % 1_000_000_000n, 0n);
    assert.ok(size(since(edge.stamp, edge.second)) < 60n);
  }
});

test('the same seed says the same to the last digit; another seed does not', async () => {
  const text = async (seed: number) =>
    JSON.stringify((await run({ seed, polls: 200 })).seen, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v));
  assert.equal(await text(3), await text(3));
  assert.notEqual(await text(3), await text(4));
});

test('nothing is emitted after stop, and start and stop may be called twice', async () => {
  const host = new VirtualHost(new Oscillator(GRADES.crystal, streamOf(1, 'host')), STEADY_ROOM, EPOCH);
  const source = new CardSource(host, { name: 'card0', seed: 1, epoch: EPOCH });
  let count = 0;
  await source.start(() => count++);
  await source.start(() => count++);
  source.poll();
  assert.equal(count, 1, 'one reading, no second passed');
  await source.stop();
  await source.stop();
  host.advance(shift(EPOCH, seconds(5n)));
  source.poll();
  assert.equal(count, 1);
});

test('an unplugged card says so once, is silent, and says when it is back', async () => {
  const { seen } = await run({
    seed: 5,
    polls: 300,
    during: (source, poll) => {
      if (poll === 100) source.setFault('unplugged', true);
      if (poll === 200) source.setFault('unplugged', false);
    },
  });
  const presence = seen.filter((o) => o.kind === 'presence');
  assert.deepEqual(
    presence.map((p) => p.present),
    [false, true],
  );
  const gone = seen.indexOf(presence[0]!);
  assert.equal(seen[gone + 1], presence[1], 'nothing between going and coming back');
});

test('an antenna cut is reported within three seconds, and its pulse walks away', async () => {
  const { source, seen } = await run({
    seed: 6,
    polls: 8 * 60,
    during: (s, poll) => {
      if (poll === 80) s.setFault('antenna-cut', true);
    },
  });
  assert.deepEqual(source.faults(), ['antenna-cut']);
  const bad = seen.findIndex((o) => o.kind === 'health' && o.fix === 'none');
  const badSecond = seen.slice(0, bad).filter((o) => o.kind === 'health').length;
  assert.ok(badSecond >= 10 && badSecond <= 13, `reported after ${badSecond - 10} s`);
  const last = seen.filter((o) => o.kind === 'edge').at(-1)!;
  assert.ok(since(last.stamp, last.second) > 300n, '8 ns/s for 50 s');
});

test('every fault changes what is emitted', async () => {
  const render = (seen: readonly Observation[]) =>
    JSON.stringify(seen, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v));
  const healthy = render((await run({ seed: 9, polls: 240 })).seen);
  for (const fault of FAULT_NAMES) {
    const { seen } = await run({
      seed: 9,
      polls: 240,
      during: (source, poll) => {
        if (poll === 40) source.setFault(fault, true);
      },
    });
    assert.notEqual(render(seen), healthy, FAULTS[fault].sentence);
  }
});

test('a fault that acts once acts once, however often it is switched on', async () => {
  const { source, seen } = await run({
    seed: 10,
    polls: 100,
    during: (s, poll) => {
      if (poll >= 40) s.setFault('phc-step', true, 1_000_000);
    },
  });
  const last = seen.filter((o) => o.kind === 'reading').at(-1)!;
  const error = since(last.reading, source.truthAt(last.before));
  assert.ok(size(nanos(error - 1_000_000n)) < 5_000n, `off by ${error} ns`);
});
