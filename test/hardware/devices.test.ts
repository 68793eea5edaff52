/**
 * What momentd says of the rig's devices, and the kernel's own mock clock (netdevsim, in the small kernel): a clock of the oldest
 * kind, whose driver has neither extended offsets nor cross timestamps.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { renderDevices } from '../../src/cli/devices.ts';
import { inspectDevices } from '../../src/cli/inspect-devices.ts';
import { nanos } from '../../src/core/time/nanos.ts';
import { HOST_ROOTS, listPtpClocks } from '../../src/io/clocks/discovery.ts';
import { PHC_METHODS, PhcReader } from '../../src/io/clocks/phc-reader.ts';
import { fileTree } from '../../src/io/clocks/sysfs.ts';
import { listTimeCards } from '../../src/io/timecard/time-cards.ts';
import { commonOf, native, offsetOf, readingBy, SKIP } from './support.ts';

const mock = existsSync('/sys/class/ptp')
  ? listPtpClocks(HOST_ROOTS).find(({ clockName }) => clockName !== 'phcsim')
  : undefined;
const skipMock = SKIP !== false ? SKIP : mock === undefined ? 'needs the small kernel: run.sh --small' : false;

test('devices: the clock is usable and counts TAI, the card is tied to it', { skip: SKIP }, async () => {
  const report = await inspectDevices(HOST_ROOTS);
  const clock = report.clocks.find(({ clockName }) => clockName === 'phcsim')!;
  assert.deepEqual([clock.isUsable, clock.method, clock.readings, clock.offsetSeconds], [true, 'precise', 10, 37]);
  assert.ok(report.pulses.every(({ isUsable }) => isUsable));
  assert.match(renderDevices(report).join('\n'), /37 s ahead of the system clock: it seems to count TAI/);
});

test('the card in sysfs is read with the attributes it has', { skip: SKIP }, () => {
  const [card] = listTimeCards(fileTree, HOST_ROOTS);
  assert.deepEqual(
    [card?.name, card?.phc, card?.serial, card?.clockSource, card?.pulse, card?.servoOffsetNs, card?.servoDrift],
    ['ocp0', '/dev/ptp0', '00:0a:35:00:00:01', 'PPS', { kind: 'sync' }, 3, -12],
  );
  assert.deepEqual([card?.ports, card?.windowAdjust, card?.pps], [[], 0n, undefined]);
});

test('a driver without extended offsets is read by the calls it has', { skip: skipMock }, async () => {
  const reader = new PhcReader(native(), {
    path: mock!.path,
    samples: 5,
    methods: PHC_METHODS,
    crossTimestampError: nanos(100),
  });
  assert.equal(await reader.open(), undefined);
  try {
    for (const method of ['precise', 'extended-raw', 'extended-realtime'] as const) {
      const result = await reader.readBy(method);
      assert.deepEqual(result.kind === 'failed' && [result.code, result.errno], ['device-unsupported', 'EOPNOTSUPP']);
    }
    const offsets = [];
    for (let i = 0; i < 20; i++)
      for (const method of ['basic', 'gettime'] as const) offsets.push(offsetOf(await readingBy(reader, method)));
    const common = commonOf(offsets);
    assert.ok(common.low <= common.high, 'both calls leave room for one truth');
  } finally {
    await reader.close();
  }
});
