/** Evidence of time alarms on a disk: numbered as it came, the newest kept, durable before the oldest goes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { AlarmFiles } from '../../../src/io/storage/alarm-files.ts';
import { SimDisk } from '../../../src/sim/disk.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textAt = async (disk: SimDisk, number: number): Promise<string | undefined> => {
  const found = await disk.read(`/a/${String(number).padStart(12, '0')}.json`);
  return found === undefined ? undefined : new TextDecoder().decode(found);
};

test('each has a number of its own, also across restarts and when several come at once', async () => {
  let disk = new SimDisk();
  const shelf = await AlarmFiles.open(disk, '/a');
  await Promise.all([shelf.keep(bytes('first')), shelf.keep(bytes('second'))]);
  disk = disk.crash({ kind: 'nothing' });
  await (await AlarmFiles.open(disk, '/a')).keep(bytes('third'));
  assert.deepEqual(await Promise.all([1, 2, 3].map((n) => textAt(disk, n))), ['first', 'second', 'third']);
});

test('the newest are kept, and so many of them', async () => {
  const disk = new SimDisk();
  const shelf = await AlarmFiles.open(disk, '/a');
  const count = LIMITS.timeAlarmsKeptMax + 3;
  for (let n = 1; n <= count; n++) await shelf.keep(bytes(`alarm ${n}`));
  assert.equal((await disk.list('/a')).length, LIMITS.timeAlarmsKeptMax);
  assert.equal(await textAt(disk, 3), undefined);
  assert.equal(await textAt(disk, 4), 'alarm 4');
  assert.equal(await textAt(disk, count), `alarm ${count}`);
});

test('a disk that fails costs the one alarm, not the next', async () => {
  const disk = new SimDisk();
  const shelf = await AlarmFiles.open(disk, '/a');
  disk.failAt(disk.steps + 1, 'disk-failed');
  await assert.rejects(shelf.keep(bytes('lost')), { code: 'disk-failed' });
  await shelf.keep(bytes('kept'));
  assert.equal(await textAt(disk, 1), 'kept');
});
