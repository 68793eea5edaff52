/** npm's install step: it uses what is there, says what is missing in one line, and never fails an install. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { loadNative } from '../../src/io/clocks/native.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PREBUILT = join('prebuilds', `${process.platform}-${process.arch}`, 'momentd.node');
const load = loadNative();

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'momentd-install-'));
  writeFileSync(join(root, 'package.json'), '{ "name": "momentd", "type": "module" }');
  mkdirSync(join(root, 'native'));
  for (const file of ['install.js', 'prebuild.js'])
    copyFileSync(join(ROOT, 'native', file), join(root, 'native', file));
});
afterEach(() => rmSync(root, { recursive: true }));

function run(script: string, env: NodeJS.ProcessEnv = {}): string {
  const done = spawnSync(process.execPath, [join(root, 'native', script)], { cwd: root, env, encoding: 'utf8' });
  assert.equal(done.status, 0, `an install must not fail: ${done.stderr}`);
  assert.equal(done.stdout.trim().split('\n').length, 1, done.stdout);
  return done.stdout;
}

function putPrebuilt(): void {
  assert(load.loaded);
  mkdirSync(join(root, PREBUILT, '..'), { recursive: true });
  copyFileSync(load.path, join(root, PREBUILT));
}

const skip = load.loaded ? false : 'the native addon is not built';

test('a prebuilt binary that loads is used', { skip }, () => {
  putPrebuilt();
  assert.match(run('install.js'), /uses the prebuilt addon/);
});

test('a prebuilt binary for another machine is passed over', () => {
  mkdirSync(join(root, PREBUILT, '..'), { recursive: true });
  writeFileSync(join(root, PREBUILT), 'for another machine');
  assert.match(run('install.js'), /node-gyp is not installed.*only simulated sources/);
});

test('without node-gyp the line says what that costs', () => {
  assert.match(run('install.js'), /node-gyp is not installed.*only simulated sources/);
});

test('a build that fails says why, and what would mend it', () => {
  // A node-gyp that answers as the real one does when there is no make.
  const fake = join(root, 'fake-gyp.cjs');
  writeFileSync(fake, "process.stderr.write('gyp ERR! stack Error: not found: make\\n'); process.exit(1);");
  const said = run('install.js', { npm_config_node_gyp: fake });
  assert.match(said, /not built \(gyp ERR! stack Error: not found: make\)/);
  assert.match(said, /install make, g\+\+ and python3, then run npm rebuild/);
});

test('a build that succeeds without a loadable result is not called built', () => {
  const fake = join(root, 'fake-gyp.cjs');
  writeFileSync(fake, 'process.exit(0);');
  assert.match(run('install.js', { npm_config_node_gyp: fake }), /was not built/);
});

test('what is built already is built again only when a source is newer, or when it does not load', { skip }, () => {
  assert(load.loaded);
  const binary = join(root, 'build', 'Release', 'momentd.node');
  writeFileSync(join(root, 'binding.gyp'), '{}');
  const source = join(root, 'native', 'addon.cc');
  writeFileSync(source, '// a source');
  cpSync(load.path, binary);
  const [then, later] = [new Date('2026-01-01'), new Date('2026-01-02')];
  for (const path of [source, join(root, 'binding.gyp')]) utimesSync(path, then, then);
  utimesSync(binary, then, then);
  assert.match(run('install.js'), /is built already/);
  utimesSync(source, later, later);
  assert.match(run('install.js'), /node-gyp is not installed/);
  utimesSync(source, then, then);
  assert.match(run('install.js'), /is built already/);
  writeFileSync(binary, 'for another machine');
  assert.match(run('install.js'), /node-gyp is not installed/);
});

test('packing puts the built addon where an install finds it, or says that there is none', { skip }, () => {
  assert.match(run('prebuild.js'), /carries no prebuilt addon/);
  assert(load.loaded);
  cpSync(load.path, join(root, 'build', 'Release', 'momentd.node'));
  run('prebuild.js');
  assert.ok(existsSync(join(root, PREBUILT)));
  assert.match(run('install.js'), /uses the prebuilt addon/);
});
