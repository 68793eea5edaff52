/** `momentd sim clock` as a user meets it: what it prints, how it ends, and what it refuses. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

function momentd(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'sim', 'clock', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the account in words names counts, tightness and detection', () => {
  const { status, stdout } = momentd('--scenario', 'quiet-day,label-off', '--seeds', '7', '--duration', '1m');
  assert.equal(status, 0);
  assert.match(stdout, /quiet-day +\d+ s in 1 runs, \d+ intervals, \d+ refused, 0 misses/);
  assert.match(stdout, /card\+extts, locked .*: guarantee \d+, \d+ ns, [\d.]+, [\d.]+ times the true error/);
  assert.match(stdout, /broken 1 times: .* names the right second; noticed after [\d.]+, [\d.]+ s/);
  assert.match(stdout, /^kept: .* 0 missed the truth inside the assumptions/m);
});

test('the account as JSON carries the same, with the seeds it was made from', () => {
  const { status, stdout } = momentd('--scenario', 'quiet-day', '--seeds', '1..2', '--duration', '90s', '--json');
  assert.equal(status, 0);
  const account = JSON.parse(stdout) as {
    kept: boolean;
    seeds: unknown;
    total: { runs: number; misses: number };
    scenarios: { scenario: string }[];
  };
  assert.equal(account.kept, true);
  assert.deepEqual(account.seeds, { from: 1, to: 2 });
  assert.equal(account.total.runs, 2);
  assert.equal(account.total.misses, 0);
  assert.deepEqual(
    account.scenarios.map((s) => s.scenario),
    ['quiet-day'],
  );
});

for (const args of [
  ['--scenario', 'nonsense'],
  ['--seeds', '5..1'],
  ['--seeds', '1..99999999999'],
  ['--duration', '3 parsecs'],
  ['--duration', '1ms'],
  ['--step', '0s'],
  ['--jobs', '0'],
  ['--nonsense'],
])
  test(`wrong usage ends with 2 and one reason: ${args.join(' ')}`, () => {
    const { status, stdout, stderr } = momentd(...args);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: /);
  });
