/** What a Time Card's driver writes into sysfs, board by board and version by version. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  boardOf,
  parseClockSource,
  parsePortName,
  parsePulseSupervision,
  parseWindowAdjust,
} from '../../../src/core/timecard/card-attributes.ts';

test('gnss_sync is sync, lost since a time, or kept as it is', () => {
  assert.deepEqual(parsePulseSupervision('SYNC'), { kind: 'sync' });
  assert.deepEqual(parsePulseSupervision('LOST @ 2026-11-20T10:00:00'), { kind: 'lost', since: '2026-11-20T10:00:00' });
  for (const text of ['', 'sync', 'SYNC ', 'LOST', 'LOST @ ', `LOST @ ${'9'.repeat(65)}`, 'UNKNOWN'])
    assert.deepEqual(parsePulseSupervision(text), { kind: 'other', text });
});

test('a clock source is a name; what the driver has no name for is absent', () => {
  for (const name of ['NONE', 'TOD', 'IRIG', 'PPS', 'PTP', 'RTC', 'DCF', 'REGS', 'EXT'])
    assert.equal(parseClockSource(name), name);
  for (const text of ['(null)', '', 'pps', 'A'.repeat(17), 'PPS\n']) assert.equal(parseClockSource(text), undefined);
});

test('a port is a terminal name and leads nowhere else', () => {
  for (const name of ['ttyS5', 'ttyS12', 'ttyUSB0', 'ttyACM3']) assert.equal(parsePortName(name), name);
  for (const text of ['', '(null)', 'tty', '../mem', 'ttyS5/../../mem', '/dev/ttyS5', 'ttyS', 'ttyS99999', 'sda1'])
    assert.equal(parsePortName(text), undefined, text);
});

test('ts_window_adjust is a count of nanoseconds and never negative', () => {
  assert.equal(parseWindowAdjust('0'), 0n);
  assert.equal(parseWindowAdjust('144'), 144n);
  for (const text of ['', '-1', '1.5', '0x10', '99999999999', 'none'])
    assert.equal(parseWindowAdjust(text), undefined, text);
});

test('a board is known by its vendor and device together', () => {
  assert.equal(boardOf('0x1d9b', '0x0400'), 'meta');
  assert.equal(boardOf('0x18d4', '0x1008'), 'celestica');
  assert.equal(boardOf('0x1ad7', '0xa000'), 'orolia-art');
  assert.equal(boardOf('0xad5a', '0x0400'), 'adva');
  for (const [vendor, device] of [
    ['0x1d9b', '0x1008'],
    ['0x8086', '0x0400'],
    [undefined, '0x0400'],
    ['0x1d9b', undefined],
  ])
    assert.equal(boardOf(vendor, device), undefined);
});
