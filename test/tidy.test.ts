/** The house rules, held by a test: on the tree as it is, and on made-up files that break each rule. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CODES, RETIRED_CODES } from '../src/core/codes.ts';
import { LIMITS } from '../src/core/limits.ts';
import { checkAmbient, checkImports, checkShape, tableNames } from './tidy/rules.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const NOT_OURS = /^(?:\.git|node_modules|dist|build|prebuilds|coverage|\.cache)(?:\/|$)/;

function treeFiles(pattern: RegExp): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(fileURLToPath(root), join(entry.parentPath, entry.name)))
    .filter((path) => !NOT_OURS.test(path) && pattern.test(path))
    .sort();
}

const sources = treeFiles(/^src\/.*\.ts$|^src\/dashboard\/.*\.(?:js|css)$/);

test('the tree has sources to look at', () => {
  assert.ok(sources.length > 20, `${sources.length} files`);
});

for (const rule of [checkImports, checkAmbient, checkShape]) {
  test(`${rule.name} finds nothing in the tree`, () => {
    assert.deepEqual(
      sources.flatMap((path) => rule(path, read(path))),
      [],
    );
  });
}

test('a core that reads a clock, chance, the environment or the disk is found', () => {
  const broken = [
    'export const now = () => Date.now();',
    'export const now = () => performance.now();',
    'export const luck = () => Math.random();',
    'export const home = process.env.HOME;',
    'setTimeout(() => {}, 1);',
    "import { readFileSync } from 'node:fs';",
    "import { randomBytes } from 'node:crypto';",
    "import pino from 'pino';",
  ];
  for (const source of broken) assert.equal(checkAmbient('src/core/clock/x.ts', source).length, 1, source);
  assert.deepEqual(checkAmbient('src/core/clock/x.ts', 'const f = (s: { process: number }) => s.process;'), []);
  assert.equal(checkAmbient('src/core/codec/sha256.ts', "import { randomBytes } from 'node:crypto';").length, 1);
});

test('an import against the direction is found', () => {
  const broken: readonly [string, string][] = [
    ['src/agent/x.ts', "import { open } from '../io/storage/lane.ts';"],
    ['src/core/x.ts', "import type { T } from '../ports/source.ts';"],
    ['src/ports/x.ts', "import type { T } from '../agent/x.ts';"],
    ['src/io/api/x.ts', "import { a } from '../storage/x.ts';"],
    ['src/sim/x.ts', "import { a } from '../io/storage/x.ts';"],
    ['src/cli/x.ts', "import { a } from '../agent/x.ts';"],
    ['src/io/x/y.ts', "const a = await import('../../agent/x.ts');"],
  ];
  for (const [path, source] of broken) assert.equal(checkImports(path, source).length, 1, `${path}: ${source}`);
  assert.deepEqual(checkImports('src/main.ts', "import { a } from './agent/x.ts';"), []);
});

test('a bare TODO, a barrel, a utils folder and an overlong file are found', () => {
  assert.equal(checkShape('src/core/x.ts', ['// TO', 'DO later'].join('')).length, 1);
  assert.equal(checkShape('src/core/index.ts', '').length, 1);
  assert.equal(checkShape('src/core/utils/x.ts', '').length, 1);
  assert.equal(checkShape('src/core/x.ts', 'x\n'.repeat(401)).length, 1);
});

test('codes and docs/errors.md list the same codes, and none is reused', () => {
  assert.deepEqual(tableNames(read('docs/errors.md')).sort(), Object.keys(CODES).sort());
  for (const [code, { sentence, remedy }] of Object.entries(CODES)) {
    assert.match(code, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    assert.ok(!RETIRED_CODES.includes(code), `${code} is retired`);
    assert.ok(sentence.length > 0 && remedy.length > 0, code);
    assert.doesNotMatch(sentence, /\.$/, code);
  }
  // The table is put together from several files: a code in two of them would silently lose one.
  const written = treeFiles(/^src\/core\/codes\/.*\.ts$/).flatMap((path) => [
    ...read(path).matchAll(/^ {2}'?([a-z0-9-]+)'?: \{$/gm),
  ]);
  assert.equal(written.length, Object.keys(CODES).length);
});

test('limits and docs/limits.md list the same limits with the same values', () => {
  const rows = [...read('docs/limits.md').matchAll(/^\|\s*`([^`]+)`\s*\|\s*([\d,]+)\s*\|/gm)];
  const documented = new Map(rows.map(([, name, value]) => [name, Number(value!.replaceAll(',', ''))]));
  assert.deepEqual(documented, new Map(Object.entries(LIMITS)));
});

test('every dependency is pinned and has its reason in docs/architecture.md', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;
  const reasons = new Set(tableNames(read('docs/architecture.md')));
  for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies']) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is not pinned`);
      assert.ok(reasons.has(name), `${name} has no reason in docs/architecture.md`);
    }
  }
});

test('nothing in the tree names the machine it was written on', () => {
  const places = /(?:^|[^\w.])\/(?:work|root|home)\/[a-z]|registry\.npmjs|deb\.debian\.org/;
  for (const path of treeFiles(/\.(?:ts|js|md|json|sh|py|cc|h|toml|yml)$|^\.ci\//)) {
    if (path === 'test/tidy.test.ts') continue;
    const line = read(path)
      .split('\n')
      .find((text) => places.test(text));
    assert.equal(line, undefined, `${path}: ${line}`);
  }
});
