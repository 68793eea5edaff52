/** Time Cards as plain folders: both layouts of the serial ports, every board's gaps, damaged values. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { fileTree } from '../../../src/io/clocks/sysfs.ts';
import { listTimeCards, windowAdjustOf } from '../../../src/io/timecard/time-cards.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'momentd-card-'))));
afterEach(() => rmSync(root, { recursive: true }));

const CARD = 'class/timecard/ocp0';
const list = (): ReturnType<typeof listTimeCards> => listTimeCards(fileTree, { devRoot: '/dev', sysRoot: root });

function put(path: string, text: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

function link(path: string, target: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  symlinkSync(join(root, target), join(root, path));
}

function addMetaCard(): void {
  const device = 'devices/pci0000:00/0000:02:00.0';
  put(`${device}/vendor`, '0x1d9b\n');
  put(`${device}/device`, '0x0400\n');
  link(`${CARD}/device`, device);
  link(`${CARD}/ptp`, `${device}/ptp/ptp2`);
  link(`${CARD}/pps`, `${device}/pps/pps1`);
  put(`${CARD}/serialnum`, 'fc:c2:3d:00:11:22\n');
  put(`${CARD}/clock_source`, 'PPS\n');
  put(`${CARD}/available_clock_sources`, 'NONE TOD IRIG PPS PTP RTC DCF REGS EXT\n');
  put(`${CARD}/gnss_sync`, 'LOST @ 2026-11-20T10:00:00\n');
  put(`${CARD}/clock_status_offset`, '-3\n');
  put(`${CARD}/clock_status_drift`, '12\n');
  put(`${CARD}/utc_tai_offset`, '37\n');
  put(`${CARD}/tod_correction`, '0\n');
  put(`${CARD}/ts_window_adjust`, '144\n');
  put(`${CARD}/sma1`, 'IN: 10Mhz\n');
  put(`${CARD}/sma4`, 'OUT: PHC\n');
}

test('a card of the first board: everything by its links', () => {
  addMetaCard();
  // Since Linux 6.12 the ports are files without a newline.
  for (const [name, tty] of Object.entries({ ttyGNSS: 'ttyS5', ttyGNSS2: 'ttyS6', ttyMAC: 'ttyS7', ttyNMEA: 'ttyS8' }))
    put(`${CARD}/tty/${name}`, tty);
  assert.deepEqual(list(), [
    {
      name: 'ocp0',
      folder: join(root, CARD),
      serial: 'fc:c2:3d:00:11:22',
      pciAddress: '0000:02:00.0',
      board: 'meta',
      phc: '/dev/ptp2',
      pps: '/dev/pps1',
      ports: [
        { role: 'gnss', path: '/dev/ttyS5', isIndependentOfClock: true },
        { role: 'gnss2', path: '/dev/ttyS6', isIndependentOfClock: true },
        { role: 'mac', path: '/dev/ttyS7', isIndependentOfClock: true },
        { role: 'nmea', path: '/dev/ttyS8', isIndependentOfClock: false },
      ],
      clockSource: 'PPS',
      clockSources: ['NONE', 'TOD', 'IRIG', 'PPS', 'PTP', 'RTC', 'DCF', 'REGS', 'EXT'],
      pulse: { kind: 'lost', since: '2026-11-20T10:00:00' },
      servoOffsetNs: -3,
      servoDrift: 12,
      utcTaiOffsetSeconds: 37,
      todCorrectionSeconds: 0,
      windowAdjust: 144n,
      connectors: [
        { name: 'sma1', use: 'IN: 10Mhz' },
        { name: 'sma4', use: 'OUT: PHC' },
      ],
    },
  ]);
});

test('the older layout: ports are links beside the attributes', () => {
  addMetaCard();
  link(`${CARD}/ttyGNSS`, 'devices/platform/serial8250/tty/ttyS5');
  link(`${CARD}/ttyMAC`, 'devices/platform/serial8250/tty/ttyS7');
  assert.deepEqual(
    list()[0]!.ports.map(({ role, path }) => [role, path]),
    [
      ['gnss', '/dev/ttyS5'],
      ['mac', '/dev/ttyS7'],
    ],
  );
});

test('where both layouts are present the file is the newer word', () => {
  addMetaCard();
  put(`${CARD}/tty/ttyGNSS`, 'ttyS9');
  link(`${CARD}/ttyGNSS`, 'devices/platform/serial8250/tty/ttyS5');
  assert.equal(list()[0]!.ports[0]!.path, '/dev/ttyS9');
});

test('a card of which nothing can be read is still listed, with nothing claimed', () => {
  mkdirSync(join(root, CARD), { recursive: true });
  const [card] = list();
  const { name, folder, ports, clockSources, connectors, ...rest } = card!;
  assert.deepEqual([name, folder, ports, clockSources, connectors], ['ocp0', join(root, CARD), [], [], []]);
  for (const [key, value] of Object.entries(rest)) assert.equal(value, undefined, key);
});

test('a port name that leads elsewhere is no port', () => {
  addMetaCard();
  put(`${CARD}/tty/ttyGNSS`, '../../../etc/passwd');
  put(`${CARD}/tty/ttyMAC`, '(null)');
  link(`${CARD}/ttyNMEA`, 'devices/platform/mem');
  assert.deepEqual(list()[0]!.ports, []);
});

test('links that lead to no PTP clock or pulse are not followed', () => {
  link(`${CARD}/ptp`, 'devices/elsewhere/rtc0');
  link(`${CARD}/pps`, 'devices/elsewhere/ptp0');
  const [card] = list();
  assert.deepEqual([card!.phc, card!.pps], [undefined, undefined]);
});

test('a clock source the driver has no name for is absent', () => {
  put(`${CARD}/clock_source`, '(null)\n');
  assert.equal(list()[0]!.clockSource, undefined);
});

test('cards come in the order of their numbers, other entries are left out', () => {
  for (const name of ['ocp10', 'ocp2', 'ocp', 'ocpx', 'other'])
    mkdirSync(join(root, 'class/timecard', name), { recursive: true });
  assert.deepEqual(
    list().map(({ name }) => name),
    ['ocp2', 'ocp10'],
  );
});

test('a host without the class has no cards', () => {
  assert.deepEqual(list(), []);
});

test('the window adjustment is read anew and never forgotten', () => {
  addMetaCard();
  const adjust = windowAdjustOf(fileTree, list()[0]!);
  assert.equal(adjust(), 144n);
  put(`${CARD}/ts_window_adjust`, '200\n');
  assert.equal(adjust(), 200n);
  for (const damaged of ['', '-1', 'none']) {
    put(`${CARD}/ts_window_adjust`, damaged);
    assert.equal(adjust(), 200n, `'${damaged}' must not narrow a bracket`);
  }
  rmSync(join(root, CARD, 'ts_window_adjust'));
  assert.equal(adjust(), 200n);
});

test('a driver without the attribute cuts nothing off', () => {
  mkdirSync(join(root, CARD), { recursive: true });
  assert.equal(windowAdjustOf(fileTree, list()[0]!)(), 0n);
});
