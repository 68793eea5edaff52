/** Checks of the host on made-up facts, at their thresholds. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Native } from '../../../native/native.d.ts';
import {
  checkAddon,
  checkClockSource,
  checkFreeSpace,
  checkKernelTai,
  checkRequirements,
  checkTimePrograms,
  REQUIRED,
} from '../../../src/cli/doctor/host-checks.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { NativeLoad } from '../../../src/io/clocks/native.ts';
import type { HostFacts } from '../../../src/io/host/host-facts.ts';

const ENOUGH: HostFacts = {
  cores: REQUIRED.cores,
  memoryBytes: REQUIRED.memoryBytes,
  linkBitsPerSecond: REQUIRED.linkBitsPerSecond,
  clockSource: 'tsc',
  timePrograms: ['chronyd', 'gpsd', 'ptp4l'],
};

const told = ({ subject, severity, code }: Finding): string => `${subject}: ${severity} ${code}`;

test('a host that has just what is required passes everything', () => {
  const findings = [
    ...checkRequirements(ENOUGH, 1, REQUIRED.diskBytes),
    checkClockSource(ENOUGH),
    checkTimePrograms(ENOUGH),
  ];
  assert.deepEqual(
    findings.map(({ severity }) => severity),
    findings.map(() => 'ok'),
  );
  assert.equal(findings.length, 7);
});

test('each thing that is just too small is warned of by itself', () => {
  const short: readonly [HostFacts, number, number, string][] = [
    [{ ...ENOUGH, cores: REQUIRED.cores - 1 }, 1, REQUIRED.diskBytes, 'processors'],
    [{ ...ENOUGH, memoryBytes: REQUIRED.memoryBytes - 1 }, 1, REQUIRED.diskBytes, 'memory'],
    [{ ...ENOUGH, linkBitsPerSecond: 1e8 }, 1, REQUIRED.diskBytes, 'network link'],
    [ENOUGH, 0, REQUIRED.diskBytes, 'time card'],
    [ENOUGH, 1, REQUIRED.diskBytes - 1, 'disk'],
  ];
  for (const [facts, cards, disk, subject] of short)
    assert.deepEqual(
      checkRequirements(facts, cards, disk)
        .filter(({ severity }) => severity !== 'ok')
        .map(told),
      [`${subject}: warn host-below-requirements`],
    );
});

test('what the host does not tell is not made up', () => {
  const silent: HostFacts = {
    cores: undefined,
    memoryBytes: undefined,
    linkBitsPerSecond: undefined,
    clockSource: undefined,
    timePrograms: [],
  };
  for (const finding of [...checkRequirements(silent, 1, undefined).slice(0, 3), checkClockSource(silent)])
    assert.equal(told(finding), `${finding.subject}: warn check-not-made`);
  assert.ok(!checkRequirements(silent, 1, undefined).some(({ subject }) => subject === 'disk'));
});

test('slow clock sources and competing daemons are named', () => {
  for (const clockSource of ['hpet', 'acpi_pm', 'jiffies', 'xtsc'])
    assert.equal(told(checkClockSource({ ...ENOUGH, clockSource })), 'clock source: warn clock-source-slow');
  const rivals = checkTimePrograms({ ...ENOUGH, timePrograms: ['chronyd', 'gpsd', 'phc2sys'] });
  assert.equal(told(rivals), 'time programs: warn time-daemons-compete');
  assert.equal(rivals.detail, 'chronyd, phc2sys');
});

test('a missing addon fails exactly where hardware is configured', () => {
  const absent: NativeLoad = { loaded: false, code: 'addon-not-loaded', attempts: [{ path: '/a', problem: 'gone' }] };
  assert.equal(told(checkAddon(absent, true)), 'native addon: fail addon-not-loaded');
  assert.equal(told(checkAddon(absent, false)), 'native addon: warn addon-not-loaded');
  assert.match(checkAddon(absent, true).detail, /\/a: gone/);
  assert.equal(checkKernelTai(absent, BUILT_IN_LEAP_TABLE, true).code, 'check-not-made');
});

test('the kernel’s TAI offset fails exactly where the system clock is a source', () => {
  const kernel = (status: number, tai: number): NativeLoad => {
    const native: Pick<Native, 'adjtimex' | 'clockGettime'> = {
      adjtimex: () => ({
        state: 0,
        status,
        offset: 0n,
        freq: 0n,
        maxerrorUs: 500n,
        esterrorUs: 1n,
        tick: 10_000n,
        tai,
      }),
      clockGettime: () => 1_795_000_000_000_000_000n,
    };
    return { loaded: true, native: native as Native, path: '/addon' };
  };
  const look = (status: number, tai: number, isConfigured: boolean): string =>
    told(checkKernelTai(kernel(status, tai), BUILT_IN_LEAP_TABLE, isConfigured));
  assert.equal(look(0, 37, true), 'kernel TAI offset: ok check-passed');
  assert.equal(look(0, 0, true), 'kernel TAI offset: fail system-tai-unset');
  assert.equal(look(0, 0, false), 'kernel TAI offset: warn system-tai-unset');
  assert.equal(look(0, 36, true), 'kernel TAI offset: fail tai-utc-disagrees');
  assert.equal(look(0x40, 37, true), 'kernel TAI offset: fail system-clock-unsynchronized');
});

test('free space fails below what signing needs and warns below a gibibyte', () => {
  assert.equal(told(checkFreeSpace(LIMITS.diskHeadroomBytes - 1)), 'free space: fail disk-full');
  assert.equal(told(checkFreeSpace(LIMITS.diskHeadroomBytes)), 'free space: warn disk-space-small');
  assert.equal(told(checkFreeSpace(2 ** 30)), 'free space: ok check-passed');
});
