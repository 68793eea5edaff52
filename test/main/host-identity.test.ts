/** Which devices of a configuration stand in the host identity: those that are there now. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Config } from '../../src/io/config/config.ts';
import { clockDevices } from '../../src/main/host-identity.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'momentd-devices-'))));
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

/** Sources as a configuration gives them, with no more than is looked at here. */
const sources = (...some: readonly object[]): Config['sources'] => some as Config['sources'];
const devices = (configured: Config['sources']) => clockDevices(configured, { devRoot: '/dev', sysRoot: root });

const byNumber = { kind: 'timecard', name: 'card0', card: 'ocp0' };
const bySerial = { kind: 'timecard', name: 'card0', card: 'TC-1' };
const byClock = { kind: 'phc', name: 'nic', device: 'name:ptp_nic' };

function addCard(): void {
  put('class/timecard/ocp0/serialnum', 'TC-1\n');
  put('devices/card/vendor', '0x1d9b\n');
  put('devices/card/device', '0x0400\n');
  symlinkSync(join(root, 'devices/card'), join(root, 'class/timecard/ocp0/device'));
  symlinkSync(join(root, 'devices/card/ptp/ptp2'), join(root, 'class/timecard/ocp0/ptp'));
  put('class/ptp/ptp2/clock_name', 'ptp_ocp\n');
}

test('a host with none of the configured devices names none', () => {
  assert.deepEqual(devices(sources(byNumber, bySerial, byClock, { kind: 'sim', name: 's' })), []);
});

test('a card is found by its number and by its serial, and its serial is named in either case', () => {
  addCard();
  const folder = join(root, 'class/timecard/ocp0');
  const found = { source: 'card0', model: 'time card (meta)', serial: 'TC-1', folder };
  assert.deepEqual(devices(sources(byNumber)), [found]);
  assert.deepEqual(devices(sources(bySerial)), [found]);
  put('class/timecard/ocp0/serialnum', 'TC-2\n');
  assert.deepEqual(devices(sources(byNumber)), [{ ...found, serial: 'TC-2' }]);
  assert.deepEqual(devices(sources(bySerial)), [], 'the card that was meant is gone');
});

test('a PTP clock is named by its driver, with the serial of the card it belongs to', () => {
  addCard();
  put('class/ptp/ptp0/clock_name', 'ptp_nic\n');
  const folder = (name: string): string => join(root, 'class/ptp', name);
  assert.deepEqual(devices(sources(byClock, { kind: 'phc', name: 'card', device: '/dev/ptp2' })), [
    { source: 'nic', model: 'ptp_nic', serial: undefined, folder: folder('ptp0') },
    { source: 'card', model: 'ptp_ocp', serial: 'TC-1', folder: folder('ptp2') },
  ]);
});
