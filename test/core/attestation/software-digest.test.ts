/** The software digest is that of sha256sum's own output. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { softwareDigest } from '../../../src/core/attestation/software-digest.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { digestOf } from './actors.ts';

const files = ['dist/main.js', 'dist/core/a.js', 'bin/momentd.js', 'dist/core-b.js'].map((path) => ({
  path,
  digest: digestOf(path),
}));

test('it hashes one line per file, ascending bytewise by path, as sha256sum prints it', () => {
  const order = ['bin/momentd.js', 'dist/core-b.js', 'dist/core/a.js', 'dist/main.js'];
  const text = order.map((path) => `${toHex(digestOf(path))}  ${path}\n`).join('');
  assert.deepEqual(softwareDigest(files), sha256(new TextEncoder().encode(text)));
});

test('it depends on every path and every digest, and not on the order given', () => {
  const plain = toHex(softwareDigest(files));
  assert.equal(toHex(softwareDigest(files.toReversed())), plain);
  assert.notEqual(toHex(softwareDigest(files.slice(1))), plain);
  assert.notEqual(toHex(softwareDigest(files.with(0, { ...files[0]!, path: 'dist/main.mjs' }))), plain);
  assert.notEqual(toHex(softwareDigest(files.with(0, { ...files[0]!, digest: digestOf('other') }))), plain);
});
