/** `momentd devices` on a tree of plain folders: what it says of clocks that cannot be opened, and of a card it can describe. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { renderDevices } from '../../src/cli/devices.ts';
import { inspectDevices, type ClockReport, type DevicesReport } from '../../src/cli/inspect-devices.ts';
import { nanos } from '../../src/core/time/nanos.ts';
import { loadNative } from '../../src/io/clocks/native.ts';

let root: string;
const roots = (): { devRoot: string; sysRoot: string } => ({ devRoot: join(root, 'dev'), sysRoot: join(root, 'sys') });
const skip = loadNative().loaded ? false : 'the native addon is not built';

function put(path: string, text: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

before(() => {
  root = mkdtempSync(join(tmpdir(), 'momentd-devices-'));
  put('sys/class/ptp/ptp0/clock_name', 'ptp_ocp\n');
  put('sys/devices/0000:02:00.0/vendor', '0x1d9b\n');
  put('sys/devices/0000:02:00.0/device', '0x0400\n');
  symlinkSync(join(root, 'sys/devices/0000:02:00.0'), join(root, 'sys/class/ptp/ptp0/device'));
  put('sys/class/ptp/ptp1/clock_name', 'igb\n');
  put('sys/class/pps/pps0/name', 'ptp0\n');
  put('sys/class/timecard/ocp0/serialnum', 'aa:bb:cc:dd:ee:ff\n');
  put('sys/class/timecard/ocp0/gnss_sync', 'SYNC\n');
  put('sys/class/timecard/ocp0/ts_window_adjust', '144\n');
  put('sys/class/timecard/ocp0/tty/ttyNMEA', 'ttyS8');
  symlinkSync('../../../devices/0000:02:00.0/ptp/ptp0', join(root, 'sys/class/timecard/ocp0/ptp'));
  // A plain file opens and then answers every ioctl with ENOTTY; ptp1 has no device file at all.
  put('dev/ptp0', '');
  put('dev/pps0', '');
});
after(() => rmSync(root, { recursive: true }));

test('each device has its state, and none is usable here', { skip }, async () => {
  const report = await inspectDevices(roots());
  assert.deepEqual(
    report.clocks.map(({ name, state, isUsable }) => [name, state, isUsable]),
    [
      ['ptp0', 'device-unsupported', false],
      ['ptp1', 'device-absent', false],
    ],
  );
  assert.match(report.clocks[0]!.detail ?? '', /ENOTTY.*PTP_CLOCK_GETCAPS.*ptp0/);
  assert.deepEqual(
    report.pulses.map(({ state }) => state),
    ['device-unsupported'],
  );
  assert.equal(report.cards[0]!.phc, join(root, 'dev/ptp0'));
});

test('the words tell wiring, trouble and remedy', { skip }, async () => {
  const text = renderDevices(await inspectDevices(roots())).join('\n');
  for (const words of [
    /ptp0 {2}ptp_ocp {2}at PCI 0000:02:00\.0 {2}NOT usable: the driver has none of the calls/,
    /ptp1 {2}igb {2}at no parent device {2}NOT usable: there is no device/,
    /device = "pci:0000:02:00\.0"/,
    /device = "name:igb"/,
    /nmea port .*ttyS8: the card talking about its own clock, no second witness/,
    /cuts 144 ns off/,
    /pulses arrive \(this says nothing of a satellite fix\)/,
  ])
    assert.match(text, words);
});

test('a host with nothing says so, and each list is there', async () => {
  const text = renderDevices(await inspectDevices({ devRoot: '/dev', sysRoot: join(root, 'empty') })).join('\n');
  assert.match(text, /PTP clocks \(0\)\n {2}none/);
  assert.match(text, /Pulse inputs \(0\)\n {2}none/);
  assert.match(text, /Time cards \(0\)\n {2}none/);
  assert.match(text, /System clock\n {2}\S/);
});

test('without the addon everything found is still listed, with what was tried', async () => {
  const attempts = [{ path: '/opt/momentd.node', problem: 'not there' }];
  const report = await inspectDevices(roots(), { loaded: false, code: 'addon-not-loaded', attempts });
  assert.deepEqual(
    report.clocks.map(({ state }) => state),
    ['addon-not-loaded', 'addon-not-loaded'],
  );
  assert.equal(report.system.state, 'addon-not-loaded');
  const text = renderDevices(report).join('\n');
  assert.match(text, /The native addon is missing.*\n {2}tried \/opt\/momentd\.node: not there/);
});

test('a readable clock is told with its bracket and what it seems to count', () => {
  const usable = (offsetSeconds: number): ClockReport => ({
    name: 'ptp0',
    path: '/dev/ptp0',
    clockName: 'phcsim',
    pciAddress: undefined,
    parent: 'phcsim.0',
    identity: 'phcsim.0 phcsim',
    virtualOn: undefined,
    externalTimestamps: 1,
    pins: 2,
    hasPps: true,
    virtualClocks: 0,
    windowAdjustFile: undefined,
    isUsable: true,
    state: 'device-present',
    detail: undefined,
    method: 'extended-raw',
    bracketNs: nanos(512),
    readings: 10,
    offsetSeconds,
  });
  const words = (offsetSeconds: number): string => {
    const report: DevicesReport = {
      addon: { loaded: true, attempts: [] },
      clocks: [usable(offsetSeconds)],
      pulses: [],
      cards: [],
      system: { isUsable: false, state: 'system-tai-unset', words: 'NOT usable' },
    };
    return renderDevices(report).join('\n');
  };
  assert.match(words(37), /read by extended-raw, bracket 512 ns \(best of 10\)/);
  assert.match(words(37), /seems to count TAI/);
  assert.match(words(0), /seems to count UTC/);
  assert.match(words(-1_795_000_000), /neither UTC nor TAI, so it was probably never set/);
});
