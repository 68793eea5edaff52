/**
 * A verifier written in Python from docs/spec alone judges every vector as the vectors expect, code by code.
 * It needs Debian's python3-cbor2 and python3-cryptography.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';
const vectors = fileURLToPath(new URL('../vectors/', import.meta.url));
const verifier = fileURLToPath(new URL('./verifier/judge_vectors.py', import.meta.url));

const probe = spawnSync(PYTHON, ['-c', 'import cbor2, cryptography'], { encoding: 'utf8' });
const skip = probe.status === 0 ? false : 'needs the Debian packages python3-cbor2 and python3-cryptography';

type Found = Record<string, Record<string, unknown>>;
type Content = { vectors: { name: string; expect: unknown }[] };

test('the Python verifier agrees on every vector, right and wrong', { skip }, () => {
  const run = spawnSync(PYTHON, ['-B', verifier, vectors], { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(run.status, 0, run.stderr);
  const found = JSON.parse(run.stdout) as Found;
  assert.ok(Object.keys(found).length >= 11);
  for (const [file, judgements] of Object.entries(found)) {
    const content = JSON.parse(readFileSync(`${vectors}${file}`, 'utf8')) as Content;
    const expected = Object.fromEntries(content.vectors.map(({ name, expect }) => [name, expect]));
    assert.ok(content.vectors.length >= 10, file);
    assert.deepEqual(judgements, expected, file);
  }
});
