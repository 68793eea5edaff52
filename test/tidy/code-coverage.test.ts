/** Every code is named by a test or a vector, in a place where it is expected. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CODES } from '../../src/core/codes.ts';

const HERE = fileURLToPath(import.meta.url);
const FOLDER = fileURLToPath(new URL('..', import.meta.url));

const expectations = readdirSync(FOLDER, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /\.(?:ts|json|mjs|py)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => path !== HERE)
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** As a whole word: `lane-entry` is not named by `lane-entry-body`. */
const isNamed = (code: string): boolean => new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(expectations);

test('every code is expected by a test or a vector', () => {
  assert.deepEqual(
    Object.keys(CODES).filter((code) => !isNamed(code)),
    [],
  );
});

test('a code that no test names would be found', () => {
  assert.ok(isNamed('disk-full'));
  assert.ok(!isNamed(['disk', 'half', 'full'].join('-')));
});
