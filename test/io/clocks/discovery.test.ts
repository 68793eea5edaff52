/** Finding clocks and pulses in a tree of plain folders, as sysfs shows them. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { findPpsInput, findPtpClock, listPpsInputs, listPtpClocks } from '../../../src/io/clocks/discovery.ts';

let root: string;
const roots = (): { devRoot: string; sysRoot: string } => ({ devRoot: join(root, 'dev'), sysRoot: join(root, 'sys') });

function put(path: string, text: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, `${text}\n`);
}

function link(path: string, target: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  mkdirSync(join(root, target), { recursive: true });
  symlinkSync(join(root, target), join(root, path));
}

before(() => {
  root = mkdtempSync(join(tmpdir(), 'momentd-find-'));
  const pci = 'sys/devices/pci0000:00/0000:00:1c.0';
  // A card behind a bridge, a network card of two ports, a virtual clock on top of one of them, and a device of no bus.
  put('sys/class/ptp/ptp0/clock_name', 'ptp_ocp');
  link('sys/class/ptp/ptp0/device', `${pci}/0000:02:00.0`);
  put('sys/class/ptp/ptp0/n_external_timestamps', '6');
  put('sys/class/ptp/ptp0/n_programmable_pins', '4');
  put('sys/class/ptp/ptp0/pps_available', '1');
  for (const [name, port] of [
    ['ptp1', '0'],
    ['ptp10', '1'],
  ] as const) {
    put(`sys/class/ptp/${name}/clock_name`, 'igb');
    link(`sys/class/ptp/${name}/device`, `${pci}/0000:03:00.${port}`);
    put(`sys/class/ptp/${name}/pps_available`, '0');
    put(`sys/class/ptp/${name}/n_vclocks`, name === 'ptp1' ? '1' : '0');
  }
  put('sys/class/ptp/ptp2/clock_name', 'ptp1_virt');
  link('sys/class/ptp/ptp2/device', `${pci}/0000:03:00.0/ptp/ptp1`);
  mkdirSync(join(root, 'sys/class/ptp/ptp3'));
  put('sys/class/ptp/not-a-clock/clock_name', 'x');
  put('sys/class/pps/pps0/name', 'ktimer');
  put('sys/class/pps/pps1/name', 'ptp0');
  link('sys/class/pps/pps1/device', `${pci}/0000:02:00.0/ptp/ptp0`);
  put('dev/elsewhere', '');
});
after(() => rmSync(root, { recursive: true }));

test('clocks come in the order of their numbers, known by address and name', () => {
  const clocks = listPtpClocks(roots());
  assert.deepEqual(
    clocks.map(({ name }) => name),
    ['ptp0', 'ptp1', 'ptp2', 'ptp3', 'ptp10'],
  );
  const [card, first, virtual, bare, second] = clocks;
  assert.equal(card!.identity, 'pci:0000:02:00.0 ptp_ocp');
  assert.deepEqual([card!.externalTimestamps, card!.pins, card!.hasPps], [6, 4, true]);
  assert.equal(first!.identity, 'pci:0000:03:00.0 igb');
  assert.equal(second!.identity, 'pci:0000:03:00.1 igb');
  assert.deepEqual([virtual!.virtualOn, virtual!.identity], ['ptp1', 'pci:0000:03:00.0 ptp1_virt virtual']);
  assert.equal(first!.virtualClocks, 1);
  assert.deepEqual([bare!.clockName, bare!.pciAddress, bare!.identity], [undefined, undefined, 'ptp3 unnamed']);
});

test('a clock is found by path, name, address and driver name', () => {
  for (const wanted of [
    'ptp0',
    join(root, 'dev/ptp0'),
    'pci:0000:02:00.0',
    'PCI:0000:02:00.0'.toLowerCase(),
    'name:ptp_ocp',
  ]) {
    const found = findPtpClock(roots(), wanted);
    assert.equal(found.kind === 'found' && found.device.name, 'ptp0', wanted);
  }
});

test('an address means the clock itself and not a virtual one on top of it', () => {
  const found = findPtpClock(roots(), 'pci:0000:03:00.0');
  assert.equal(found.kind === 'found' && found.device.name, 'ptp1');
});

test('what fits two is ambiguous, what fits none is absent', () => {
  const two = findPtpClock(roots(), 'name:igb');
  assert(two.kind === 'missing' && two.code === 'device-ambiguous');
  assert.match(two.message, /ptp1, ptp10/);
  for (const wanted of ['ptp7', '/dev/nowhere/ptp7', 'pci:0000:09:00.0', 'name:', 'name:Igb', '']) {
    const none = findPtpClock(roots(), wanted);
    assert.equal(none.kind === 'missing' && none.code, 'device-absent', wanted);
  }
});

test('a device file that sysfs does not know is taken at its word', () => {
  const path = join(root, 'dev/elsewhere');
  const found = findPtpClock(roots(), path);
  assert.deepEqual(found.kind === 'found' && [found.device.path, found.device.identity], [path, path]);
  const pulse = findPpsInput(roots(), path);
  assert.equal(pulse.kind === 'found' && pulse.device.path, path);
});

test('pulse inputs are found by name, path and the address they hang on', () => {
  assert.deepEqual(
    listPpsInputs(roots()).map(({ identity }) => identity),
    ['ktimer', 'pci:0000:02:00.0 ptp0'],
  );
  for (const wanted of ['pps1', 'name:ptp0', 'pci:0000:02:00.0', join(root, 'dev/pps1')]) {
    const found = findPpsInput(roots(), wanted);
    assert.equal(found.kind === 'found' && found.device.name, 'pps1', wanted);
  }
  const none = findPpsInput(roots(), 'name:nothing');
  assert.equal(none.kind === 'missing' && none.code, 'device-absent');
});

test('a host without any such class has none', () => {
  const nowhere = { devRoot: '/dev', sysRoot: join(root, 'empty') };
  assert.deepEqual(listPtpClocks(nowhere), []);
  assert.deepEqual(listPpsInputs(nowhere), []);
});
