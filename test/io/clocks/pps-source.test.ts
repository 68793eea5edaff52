/** The PPS source against a make-believe addon; the real kernel is in test/hardware. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import type { Observation } from '../../../src/core/clock/observation.ts';
import { micros } from '../../../src/core/time/nanos.ts';
import { PpsSource, type PpsSourceOptions } from '../../../src/io/clocks/pps-source.ts';
import type { RawEdge, RawPulse } from '../../../src/ports/edges.ts';
import { FakeHost, FakeSchedule, nativeError } from './fake-native.ts';

let root: string;
let host: FakeHost;
let schedule: FakeSchedule;
let observations: Observation[];
let pulses: RawPulse[];
let problems: string[];
let source: PpsSource | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'momentd-pps-'));
  host = new FakeHost();
  schedule = new FakeSchedule();
  observations = [];
  pulses = [];
  problems = [];
  addInput('pps1', 'ptp0');
});

afterEach(async () => {
  await source?.stop();
  source = undefined;
  rmSync(root, { recursive: true });
});

function addInput(name: string, inputName: string): void {
  const folder = join(root, 'class', 'pps', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'name'), `${inputName}\n`);
}

async function start(options: Partial<PpsSourceOptions> = {}): Promise<PpsSource> {
  source = new PpsSource(
    {
      native: host.native,
      clock: host.clock,
      schedule: schedule.schedule,
      sink: (edge: RawEdge | RawPulse) => {
        assert(edge.kind === 'raw-pulse');
        pulses.push(edge);
      },
      onProblem: ({ code }) => problems.push(code),
    },
    { name: 'pulse', device: 'name:ptp0', roots: { devRoot: '/dev', sysRoot: root }, ...options },
  );
  await source.start((observation) => observations.push(observation));
  return source;
}

const codes = (): readonly string[] => observations.map((o) => (o.kind === 'presence' ? o.code : o.kind));
const device = (): FakeHost['ppss'][number] => host.ppss.at(-1)!;

test('a pulse becomes a bracket that holds it, with the kernel count', async () => {
  await start({ interruptLatencyMax: micros(10) });
  assert.equal(device().path, '/dev/pps1');
  const now = host.raw;
  device().pulse(20_000n);
  const [pulse] = pulses;
  assert.equal(pulse?.sequence, 1n);
  assert.equal(pulse.learned, now + 60n);
  const stamp = now - 20_000n;
  assert.ok(pulse.before <= stamp - 10_000n && stamp <= pulse.after);
  assert.ok(pulse.after - pulse.before < 15_000n + 60n);
});

test('a pulse told twice is taken once, and one that was never seen is not taken', async () => {
  await start();
  device().pulse();
  device().sequence -= 1n;
  device().pulse();
  device().sequence = -1n;
  device().pulse();
  assert.deepEqual(
    pulses.map(({ sequence }) => sequence),
    [1n],
  );
});

test('the clear edge is taken from its own fields', async () => {
  await start({ edge: 'clear' });
  const real = host.raw + host.realOffset;
  device().emit(null, BigInt64Array.from([9n, real - 500_000_000n, 4n, real - 7_000n, host.raw, real, host.raw + 60n]));
  assert.deepEqual(
    pulses.map(({ sequence }) => sequence),
    [4n],
  );
  assert.ok(pulses[0]!.after > host.raw - 10_000n);
});

test('a pulse stamped across a step of REALTIME is dropped and told', async () => {
  await start();
  device().pulse();
  host.realOffset += 5_000_000_000n;
  device().pulse();
  device().pulse();
  assert.deepEqual(problems, ['host-clock-stepped']);
  assert.deepEqual(
    pulses.map(({ sequence }) => sequence),
    [1n, 3n],
  );
});

const openings = [
  ['pps open', 'EACCES', 'device-forbidden'],
  ['pps open', 'ENODEV', 'device-removed'],
  ['pps watch 1', 'EOPNOTSUPP', 'device-unsupported'],
  ['pps watch 1', 'ENOTTY', 'device-unsupported'],
  ['pps watch 1', 'EIO', 'device-io-error'],
] as const;
for (const [call, errno, code] of openings) {
  test(`${errno} from ${call} is ${code}, and the source recovers`, async () => {
    host.failures.set(call, errno);
    await start();
    assert.deepEqual(codes(), [code]);
    assert.ok(host.ppss.every(({ isOpen }) => !isOpen));
    host.failures.clear();
    await schedule.tick();
    assert.deepEqual(codes(), [code, 'device-present']);
    device().pulse();
    assert.equal(pulses.length, 1);
  });
}

test('an input that ends with an error is let go of at the next look, and opened again', async () => {
  await start();
  device().emit(nativeError('EIO'));
  await schedule.tick();
  assert.deepEqual(codes(), ['device-present', 'device-io-error']);
  await schedule.tick();
  assert.deepEqual(codes(), ['device-present', 'device-io-error', 'device-present']);
  assert.equal(host.ppss.length, 2);
});

test('an input that leaves sysfs is removed although its descriptor says nothing', async () => {
  await start();
  rmSync(join(root, 'class', 'pps', 'pps1'), { recursive: true });
  await schedule.tick();
  await schedule.tick();
  assert.deepEqual(codes(), ['device-present', 'device-removed', 'device-absent']);
  const old = device();
  addInput('pps4', 'ptp0');
  await schedule.tick();
  assert.equal(device().path, '/dev/pps4');
  old.pulse();
  assert.deepEqual(pulses, [], 'the old descriptor is not listened to any more');
});

test('an input that stays silent is opened afresh every five looks, without an absence', async () => {
  await start();
  for (let i = 0; i < 4; i++) await schedule.tick();
  assert.equal(host.ppss.length, 1);
  await schedule.tick();
  assert.equal(host.ppss.length, 2);
  assert.equal(host.ppss[0]!.isOpen, false);
  for (let i = 0; i < 20; i++) {
    device().pulse();
    await schedule.tick();
  }
  assert.equal(host.ppss.length, 2);
  assert.deepEqual(codes(), ['device-present']);
});

test('nothing is handed on after stop', async () => {
  const pps = await start();
  await pps.stop();
  await pps.stop();
  device().pulse();
  assert.deepEqual(pulses, []);
  assert.deepEqual(schedule.pending, []);
});
