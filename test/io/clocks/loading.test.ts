/** Loading the addon, the host's clock with and without it, errnos, deadlines and timescales. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { BUILT_IN_LEAP_TABLE, leapStep, type LeapTable } from '../../../src/core/time/leap-seconds.ts';
import { codeOfErrno, DeviceSilence, deviceFailureOf, inTime } from '../../../src/io/clocks/device-failure.ts';
import { hostClock } from '../../../src/io/clocks/host-clock.ts';
import { addonPaths, loadNative, loadNativeFrom, requireNative } from '../../../src/io/clocks/native.ts';
import { readAttribute, readInteger } from '../../../src/io/clocks/sysfs.ts';
import { taiOf } from '../../../src/io/clocks/timescale.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import { nativeError } from './fake-native.ts';

let root: string;
before(() => void (root = mkdtempSync(join(tmpdir(), 'momentd-load-'))));
after(() => rmSync(root, { recursive: true }));

describe('the addon', () => {
  test('that is nowhere is a value that lists what was tried', () => {
    const load = loadNativeFrom(addonPaths(join(root, 'package')));
    assert(!load.loaded);
    assert.deepEqual(
      load.attempts.map(({ path }) => path),
      addonPaths(join(root, 'package')),
    );
    for (const { problem } of load.attempts) assert.match(problem, /Cannot find module/);
    assert.throws(
      () => requireNative(load),
      (error) => error instanceof AgentError && error.code === 'addon-not-loaded' && error.message.includes('package'),
    );
  });

  test('that is no addon, or another one, is passed over with its reason', () => {
    const notElf = join(root, 'text.node');
    writeFileSync(notElf, 'not a library');
    const other = join(root, 'other.cjs');
    writeFileSync(other, 'module.exports = { readClock() {} };');
    const load = loadNativeFrom([notElf, other]);
    assert(!load.loaded);
    assert.match(load.attempts[0]!.problem, /invalid ELF header|file too short/);
    assert.match(load.attempts[1]!.problem, /not the addon of this release/);
  });
});

describe('the host clock', () => {
  test('without the addon says that it is slewed, and still never goes back', () => {
    const clock = hostClock({ loaded: false, code: 'addon-not-loaded', attempts: [] });
    assert.equal(clock.quality, 'monotonic-slewed');
    assert.ok(clock.now() <= clock.now());
    assert.ok(clock.boottime() > 0n);
  });

  const load = loadNative();
  test('with the addon is the raw clock', { skip: load.loaded ? false : 'the addon is not built' }, () => {
    const clock = hostClock(load);
    assert.equal(clock.quality, 'monotonic-raw');
    const first = clock.now();
    assert.ok(first <= clock.now());
    assert.ok(clock.boottime() > 0n);
  });

  test('takes the boot id from the kernel, and makes one where there is none or a damaged one', () => {
    const folder = join(root, 'sys/kernel/random');
    mkdirSync(folder, { recursive: true });
    const bootId = '0f6f6ac2-4f0b-4a37-9a53-6ed1f1c8f1a9';
    writeFileSync(join(folder, 'boot_id'), `${bootId}\n`);
    assert.equal(hostClock(undefined, root).bootId, bootId);
    writeFileSync(join(folder, 'boot_id'), 'damaged\n');
    const made = hostClock(undefined, root).bootId;
    assert.match(made, /^[0-9a-f-]{36}$/);
    assert.notEqual(hostClock(undefined, join(root, 'nowhere')).bootId, made);
  });
});

test('every errno has a code, an unknown one is an error of the driver', () => {
  const expected = {
    ENOENT: 'device-absent',
    ENODEV: 'device-removed',
    EACCES: 'device-forbidden',
    EINVAL: 'device-unsupported',
    EOPNOTSUPP: 'device-unsupported',
    EBUSY: 'device-busy',
    ETIMEDOUT: 'device-timeout',
    EIO: 'device-io-error',
    E1234: 'device-io-error',
  };
  for (const [errno, code] of Object.entries(expected)) {
    assert.equal(codeOfErrno(errno), code);
    assert.deepEqual(deviceFailureOf(nativeError(errno)).errno, errno);
  }
});

test('our own mistakes are not taken for failures of a device', () => {
  const mistake = new TypeError('undefined is not a function');
  assert.throws(() => deviceFailureOf(mistake), mistake);
});

test('a device that never answers is silent after the limit, one that answers is not', async () => {
  const silence = await inTime(new Promise<never>(() => undefined), 'the device', 1).catch((error: unknown) => error);
  assert(silence instanceof DeviceSilence);
  assert.deepEqual(deviceFailureOf(silence).code, 'device-timeout');
  assert.equal(await inTime(Promise.resolve(7), 'the device', 1_000), 7);
  await assert.rejects(inTime(Promise.reject(nativeError('EIO')), 'the device', 1_000), { code: 'EIO' });
});

test('attributes are one trimmed line, numbers are whole, and what is not there is undefined', () => {
  const path = join(root, 'attribute');
  writeFileSync(path, '  SYNC\n');
  assert.equal(readAttribute(path), 'SYNC');
  assert.equal(readInteger(path), undefined);
  for (const [text, value] of [
    ['-37\n', -37],
    ['0', 0],
    ['12 ', 12],
    ['1.5', undefined],
    ['', undefined],
    ['1e3', undefined],
  ] as const) {
    writeFileSync(path, text);
    assert.equal(readInteger(path), value, text);
  }
  assert.equal(readAttribute(root), undefined, 'a folder is no attribute');
  assert.equal(readAttribute(join(root, 'nothing')), undefined);
  writeFileSync(path, 'x'.repeat(10_000));
  assert.equal(readAttribute(path)!.length, 4_096);
});

describe('a UTC clock on TAI', () => {
  const midnight = 1_830_297_600n; // 2028-01-01
  const table: LeapTable = {
    source: 'made',
    steps: [leapStep(1_483_228_800n, 37), leapStep(midnight, 38)],
    expires: leapStep(midnight + 86_400n * 365n, 38).fromTai,
  };
  const timescale = { kind: 'utc', leaps: (): LeapTable => table } as const;
  const at = (unixSeconds: bigint, ns = 0n): bigint | undefined => taiOf(timescale, unixSeconds * 1_000_000_000n + ns);

  test('is ahead by TAI-UTC, to the nanosecond, before and after a leap second', () => {
    assert.equal(at(midnight - 10n, 123_456_789n), (midnight - 10n + 37n) * 1_000_000_000n + 123_456_789n);
    assert.equal(at(midnight + 10n, 1n), (midnight + 10n + 38n) * 1_000_000_000n + 1n);
  });

  test('is refused around the leap second, where one UTC name means two instants', () => {
    for (const offset of [-2n, -1n, 0n, 1n])
      assert.equal(at(midnight + offset, 500_000_000n), undefined, String(offset));
  });

  test('is refused past the table, and before it', () => {
    assert.equal(at(midnight + 86_400n * 365n), undefined);
    assert.equal(at(0n), undefined);
    assert.equal(taiOf({ kind: 'utc', leaps: () => BUILT_IN_LEAP_TABLE }, -5n), undefined);
  });

  test('a TAI clock is taken as it is', () => {
    assert.equal(taiOf({ kind: 'tai' }, 123n), 123n);
  });
});
