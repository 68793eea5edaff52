/**
 * The PTP source against a make-believe addon: every errno has its outcome, devices come and go, and nothing is thrown into
 * the loop. The real kernel is in test/hardware.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { Observation } from '../../../src/core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { nanos } from '../../../src/core/time/nanos.ts';
import { PhcSource, type PhcSourceOptions } from '../../../src/io/clocks/phc-source.ts';
import type { RawEdge, RawPulse } from '../../../src/ports/edges.ts';
import { FakeHost, FakeSchedule, nativeError } from './fake-native.ts';

let root: string;
let host: FakeHost;
let schedule: FakeSchedule;
let observations: Observation[];
let problems: string[];
let source: PhcSource | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'momentd-phc-'));
  host = new FakeHost();
  schedule = new FakeSchedule();
  observations = [];
  problems = [];
  addClock('ptp0', 'ptp_ocp', '0000:02:00.0');
});

afterEach(async () => {
  host.silent.clear();
  await source?.stop();
  source = undefined;
  rmSync(root, { recursive: true });
});

function addClock(name: string, clockName: string, pci: string): void {
  const device = join(root, 'sys', 'devices', pci);
  const folder = join(root, 'sys', 'class', 'ptp', name);
  mkdirSync(device, { recursive: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(device, join(folder, 'device'));
  writeFileSync(join(folder, 'clock_name'), `${clockName}\n`);
}

function removeClock(name: string): void {
  rmSync(join(root, 'sys', 'class', 'ptp', name), { recursive: true });
}

async function start(options: Partial<PhcSourceOptions> = {}): Promise<PhcSource> {
  const made = new PhcSource(
    {
      native: host.native,
      clock: host.clock,
      schedule: schedule.schedule,
      onProblem: ({ code, errno }) => problems.push(errno === undefined ? code : `${code} ${errno}`),
    },
    {
      name: 'card0',
      device: 'pci:0000:02:00.0',
      timescale: { kind: 'tai' },
      roots: { devRoot: '/dev', sysRoot: join(root, 'sys') },
      ...options,
    },
  );
  source = made;
  await made.start((observation) => observations.push(observation));
  return made;
}

const codes = (): readonly string[] =>
  observations.map((observation) => (observation.kind === 'presence' ? observation.code : observation.kind));

describe('reading', () => {
  test('is a bracket that holds the device, from a read-only descriptor, narrowest call first', async () => {
    host.failures.set('measure 0 0', 'EOPNOTSUPP');
    const phc = await start();
    assert.equal(phc.method, 'extended-raw');
    assert.deepEqual(codes(), ['device-present', 'reading']);
    const reading = observations[1]!;
    assert(reading.kind === 'reading');
    assert.equal(reading.after - reading.before, 1_000n);
    assert.equal(reading.reading - reading.before - host.deviceOffset, 500n);
    assert.equal(reading.declaredError, undefined);
    assert.ok(host.calls.includes('open') && !host.calls.includes('open writable'));
  });

  test('prefers a cross timestamp and gives it the declared width', async () => {
    const phc = await start({ crossTimestampError: nanos(250) });
    assert.equal(phc.method, 'precise');
    const reading = observations[1]!;
    assert(reading.kind === 'reading');
    assert.equal(reading.after - reading.before, 500n);
  });

  test('falls back to REALTIME, carried over outward, where the kernel knows no raw stamps', async () => {
    host.failures.set('measure 0 0', 'EOPNOTSUPP').set('measure 1 4', 'EINVAL').set('measure 3 4', 'EINVAL');
    const phc = await start();
    assert.equal(phc.method, 'extended-realtime');
    const reading = observations[1]!;
    assert(reading.kind === 'reading');
    const width = reading.after - reading.before;
    assert.ok(width > 1_000n && width < 1_600n, `${width} ns`);
    const truth = reading.reading - host.deviceOffset;
    assert.ok(reading.before <= truth && truth <= reading.after);
  });

  test('a plain read beats an old kernel call whose carried bracket is wider', async () => {
    host.failures.set('measure 0 0', 'EOPNOTSUPP').set('measure 1 4', 'EINVAL');
    host.widths = { 0: 0n, 1: 1_500n, 2: 3_000n, 3: 1_520n };
    assert.equal((await start()).method, 'gettime');
  });

  test('carries the window the driver cuts off, asked for at each reading', async () => {
    let adjust = 100n;
    await start({ windowAdjust: () => nanos(adjust) });
    adjust = 144n;
    await schedule.tick();
    const adjusts = observations.flatMap((o) => (o.kind === 'reading' ? [o.windowAdjust] : []));
    assert.deepEqual(adjusts, [100n, 144n]);
  });

  test('adds back what the driver of a Time Card says it cut off, without being told, and never forgets it', async () => {
    const folder = join(root, 'sys', 'devices', '0000:02:00.0', 'timecard', 'ocp0');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'ts_window_adjust');
    writeFileSync(file, '144\n');
    await start();
    writeFileSync(file, 'damaged\n');
    await schedule.tick();
    rmSync(file);
    await schedule.tick();
    const adjusts = observations.flatMap((o) => (o.kind === 'reading' ? [o.windowAdjust] : []));
    assert.deepEqual(adjusts, [144n, 144n, 144n]);
  });

  test('a clock that counts UTC is told on TAI', async () => {
    host.deviceOffset -= 37_000_000_000n;
    await start({ timescale: { kind: 'utc', leaps: () => BUILT_IN_LEAP_TABLE } });
    const reading = observations[1]!;
    assert(reading.kind === 'reading');
    assert.equal(reading.reading - reading.before - host.deviceOffset, 37_000_000_000n + 100n);
  });

  test('a clock that counts UTC is refused once the leap table has expired', async () => {
    host.deviceOffset = 1_900_000_000_000_000_000n;
    await start({ timescale: { kind: 'utc', leaps: () => BUILT_IN_LEAP_TABLE } });
    assert.deepEqual(codes(), ['source-leap-ambiguous']);
  });
});

describe('trouble', () => {
  const whenOpening = [
    ['open', 'ENOENT', 'device-absent'],
    ['open', 'ENXIO', 'device-absent'],
    ['open', 'ENODEV', 'device-removed'],
    ['open', 'EACCES', 'device-forbidden'],
    ['open', 'EPERM', 'device-forbidden'],
    ['open', 'EBUSY', 'device-busy'],
    ['open', 'EMFILE', 'device-io-error'],
    ['caps', 'ENOTTY', 'device-unsupported'],
    ['caps', 'EIO', 'device-io-error'],
  ] as const;
  for (const [call, errno, code] of whenOpening) {
    test(`${errno} from ${call} is ${code}, and the source recovers`, async () => {
      host.failures.set(call, errno);
      await start();
      assert.deepEqual(codes(), [code]);
      await schedule.tick();
      assert.deepEqual(codes(), [code], 'the same trouble is not said twice');
      host.failures.clear();
      await schedule.tick();
      assert.deepEqual(codes(), [code, 'device-present', 'reading']);
    });
  }

  const whenReading = [
    ['EIO', 'device-io-error'],
    ['EOPNOTSUPP', 'device-unsupported'],
    ['ETIMEDOUT', 'device-timeout'],
    ['EBUSY', 'device-busy'],
    ['ENODEV', 'device-removed'],
  ] as const;
  for (const [errno, code] of whenReading) {
    test(`${errno} from a reading is ${code}, and the source recovers`, async () => {
      await start();
      host.failures.set('measure 0 0', errno);
      await schedule.tick();
      host.failures.clear();
      await schedule.tick();
      assert.deepEqual(codes(), ['device-present', 'reading', code, 'device-present', 'reading']);
    });
  }

  test('EBUSY is asked again at once, three times and no more', async () => {
    await start();
    const before = host.calls.length;
    host.failures.set('measure 0 0', 'EBUSY');
    host.remaining.set('measure 0 0', 3);
    await schedule.tick();
    assert.deepEqual(codes(), ['device-present', 'reading', 'reading']);
    assert.equal(host.calls.length - before, 4);
    host.remaining.delete('measure 0 0');
    await schedule.tick();
    assert.equal(codes().at(-1), 'device-busy');
    assert.equal(host.calls.length - before, 8);
  });

  test('a clock none of whose calls works says the trouble, not the missing calls', async () => {
    for (const call of ['measure 0 0', 'measure 1 4', 'measure 1 0', 'measure 2 0'])
      host.failures.set(call, 'EOPNOTSUPP');
    host.failures.set('measure 3 4', 'EIO');
    await start();
    assert.deepEqual(codes(), ['device-io-error']);
  });

  test('a clock with none of the calls is unsupported', async () => {
    for (const call of ['measure 0 0', 'measure 1 4', 'measure 1 0', 'measure 2 0', 'measure 3 4'])
      host.failures.set(call, 'EOPNOTSUPP');
    await start();
    assert.deepEqual(codes(), ['device-unsupported']);
  });

  test('a reading torn by a step of REALTIME is dropped without an absence', async () => {
    host.failures.set('measure 0 0', 'EOPNOTSUPP').set('measure 1 4', 'EINVAL').set('measure 3 4', 'EINVAL');
    for (const step of [1_000_000_000n, -1_000_000_000n]) {
      const sourceOfStep = source ?? (await start());
      assert.equal(sourceOfStep.method, 'extended-realtime');
      const before = codes();
      host.stepInside = step;
      await schedule.tick();
      assert.deepEqual(codes(), before);
      await schedule.tick();
      assert.deepEqual(codes(), [...before, 'reading']);
    }
    assert.deepEqual(problems, ['host-clock-stepped', 'bracket-backwards']);
  });

  test('pauses grow while the device is away and end when it is back', async () => {
    host.failures.set('open', 'ENOENT');
    await start();
    for (let i = 0; i < 5; i++) await schedule.tick();
    assert.deepEqual(schedule.delays, [2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    host.failures.clear();
    await schedule.tick();
    assert.equal(schedule.delays.at(-1), 1_000);
  });

  test('five failed readings open the device afresh', async () => {
    await start();
    host.failures.set('measure 0 0', 'EIO');
    for (let i = 0; i < 4; i++) await schedule.tick();
    assert.equal(host.phcs.length, 1);
    await schedule.tick();
    assert.equal(host.phcs[0]!.isOpen, false);
    host.failures.clear();
    await schedule.tick();
    assert.equal(host.phcs.length, 2);
    assert.equal(codes().at(-1), 'reading');
  });
});

describe('which device', () => {
  test('is looked for in vain, and found when it comes', async () => {
    removeClock('ptp0');
    await start();
    assert.deepEqual(codes(), ['device-absent']);
    addClock('ptp3', 'ptp_ocp', '0000:02:00.0');
    await schedule.tick();
    assert.deepEqual(codes(), ['device-absent', 'device-present', 'reading']);
    assert.equal(host.phcs[0]!.path, '/dev/ptp3', 'the number is another, the address the same');
  });

  test('must be one and not two', async () => {
    addClock('ptp1', 'ptp_ocp', '0000:03:00.0');
    await start({ device: 'name:ptp_ocp' });
    assert.deepEqual(codes(), ['device-ambiguous']);
  });

  test('another device at the same path is refused', async () => {
    await start({ device: '/dev/ptp0' });
    host.failures.set('measure 0 0', 'ENODEV');
    removeClock('ptp0');
    addClock('ptp0', 'igb', '0000:05:00.0');
    await schedule.tick();
    host.failures.clear();
    await schedule.tick();
    assert.deepEqual(codes(), ['device-present', 'reading', 'device-removed', 'device-changed']);
    removeClock('ptp0');
    addClock('ptp0', 'ptp_ocp', '0000:02:00.0');
    await schedule.tick();
    assert.deepEqual(codes().slice(-2), ['device-present', 'reading']);
  });
});

describe('edges', () => {
  const edges: (RawEdge | RawPulse)[] = [];
  const sink = (edge: RawEdge | RawPulse): void => void edges.push(edge);
  const withEdges = { edges: { channels: [0, 5], pins: [{ pin: 1, channel: 0 }], sink } };
  beforeEach(() => void edges.splice(0));

  const armed = (): FakeHost['phcs'][number] => host.phcs.findLast(({ writable }) => writable)!;

  test('arm their inputs on a descriptor of their own, and disarm them', async () => {
    const phc = await start(withEdges);
    const arming = host.calls.slice(host.calls.indexOf('open writable'), host.calls.indexOf('watch 1') + 1);
    assert.deepEqual(arming, ['open writable', 'setPin 1 1 0', 'mask 0 5', 'extts 0 3', 'extts 5 3', 'watch 1']);
    await phc.stop();
    assert.deepEqual(host.calls.slice(-5), ['watch 0', 'extts 0 0', 'extts 5 0', 'close', 'close']);
  });

  test('are handed on raw, other channels left out', async () => {
    await start(withEdges);
    armed().emit(null, BigInt64Array.from([77n, 0n, 1_000_000_000n, 1n, 3n, 5n, 1n, 5n, 2_000_000_004n, 1n]));
    assert.deepEqual(edges, [
      { kind: 'raw-edge', source: 'card0', channel: 0, stamp: 1_000_000_000n, learned: 77n, sequence: undefined },
      { kind: 'raw-edge', source: 'card0', channel: 5, stamp: 2_000_000_004n, learned: 77n, sequence: undefined },
    ]);
  });

  test('that cannot be armed leave the clock readable, and are tried again', async () => {
    host.failures.set('open writable', 'EACCES');
    await start(withEdges);
    assert.deepEqual(codes(), ['device-present', 'reading']);
    assert.deepEqual(problems, ['device-forbidden EACCES']);
    host.failures.clear();
    for (let i = 0; i < 10; i++) await schedule.tick();
    assert.ok(armed().isWatched);
  });

  test('whose reading ends with an error are armed again', async () => {
    await start(withEdges);
    const first = armed();
    first.emit(nativeError('EIO', 'read'));
    assert.deepEqual(problems, ['device-io-error EIO']);
    for (let i = 0; i < 10; i++) await schedule.tick();
    assert.notEqual(armed(), first);
    first.emit(null, BigInt64Array.from([77n, 0n, 1n, 1n]));
    assert.deepEqual(edges, [], 'the old descriptor is not listened to any more');
  });

  test('that were lost are told, once for each loss', async () => {
    await start(withEdges);
    armed().droppedCount = 3;
    for (let i = 0; i < 2; i++) armed().emit(null, BigInt64Array.from([77n, 0n, 1n, 1n]));
    assert.deepEqual(problems, ['edges-lost']);
  });

  test('on an old kernel are taken without a mask', async () => {
    host.failures.set('mask 0 5', 'ENOTTY');
    await start(withEdges);
    assert.ok(armed().isWatched);
    assert.deepEqual(problems, []);
  });
});

describe('lifecycle', () => {
  test('nothing is emitted after stop, and both ends may be called twice', async () => {
    const phc = await start();
    await phc.start(() => assert.fail('a second start changes nothing'));
    await phc.stop();
    const before = observations.length;
    await phc.stop();
    await schedule.tick();
    assert.equal(observations.length, before);
    assert.deepEqual(schedule.pending, []);
    assert.ok(host.phcs.every(({ isOpen }) => !isOpen));
  });
});
