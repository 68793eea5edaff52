/** The launcher on a Node that is too old: it hands over to the bundled one, or says in one line what is missing. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LAUNCHER } from './run-momentd.ts';

/** Makes this Node say that it is another one. */
const PRETEND = (version: string): string =>
  `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;

const launch = (launcher: string, version: string) =>
  spawnSync(process.execPath, ['--import', PRETEND(version), launcher, '--version'], { encoding: 'utf8' });

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

test('an older or a newer Node hands over to the one that npm installed', () => {
  for (const version of ['20.20.2', '24.14.9', '26.4.0']) {
    const { status, stdout, stderr } = launch(LAUNCHER, version);
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim(), manifest.version);
  }
});

test('without a bundled Node the refusal is one line with a remedy, and exit code 2', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-launcher-'));
  t.after(() => rmSync(directory, { recursive: true }));
  cpSync(LAUNCHER, join(directory, 'momentd.js'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const { status, stdout, stderr } = launch(join(directory, 'momentd.js'), '18.0.0');
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^momentd: needs Node 24\.15 or a later 24\.x, this is 18\.0\.0, .*run npm ci\)\n$/);
});
