/** What the host tells of itself: from made-up folders, and from the host this runs on. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readClockSource, readHostFacts, runningTimePrograms } from '../../../src/io/host/host-facts.ts';

function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'momentd-facts-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const CLOCK_SOURCE = 'devices/system/clocksource/clocksource0/current_clocksource';

test('the clock source is the kernel’s word, and undefined where it says nothing', async (t) => {
  assert.equal(await readClockSource(tree(t, { [CLOCK_SOURCE]: 'hpet\n' })), 'hpet');
  assert.equal(await readClockSource(tree(t, { [CLOCK_SOURCE]: '\n' })), undefined);
  assert.equal(await readClockSource(tree(t, {})), undefined);
});

test('time programs are found by the kernel’s name of a process, each once, and nothing else is', async (t) => {
  const root = tree(t, {
    '1/comm': 'systemd\n',
    '20/comm': 'chronyd\n',
    '21/comm': 'chronyd\n',
    '300/comm': 'systemd-timesyn\n',
    '301/comm': 'chronyd-helper\n',
    'self/comm': 'ptp4l\n',
    '400/status': 'a process that ended while it was looked at',
  });
  assert.deepEqual(await runningTimePrograms(root), ['chronyd', 'systemd-timesyn']);
  assert.deepEqual(await runningTimePrograms(join(root, 'absent')), []);
});

test('this host has the processors and the memory that Node sees', async (t) => {
  const facts = await readHostFacts({ sysRoot: tree(t, {}), procRoot: tree(t, { '5/comm': 'gpsd\n' }) });
  assert.ok(facts.cores !== undefined && facts.cores >= availableParallelism());
  assert.equal(facts.memoryBytes, totalmem());
  assert.equal(facts.clockSource, undefined);
  assert.deepEqual(facts.timePrograms, ['gpsd']);
  assert.ok(facts.linkBitsPerSecond === undefined || facts.linkBitsPerSecond > 0);
});
