/** A configured leap-seconds.list: read within its bound, and refused above it. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { loadLeapTable } from '../../../src/io/config/leap-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'momentd-leap-'));
after(() => rmSync(folder, { recursive: true }));

/** Two leap seconds and an expiry, in `sizeBytes` of them and comments. */
function listOf(sizeBytes: number): string {
  const lines = '#@\t4007577600\n2272060800\t10\n2287785600\t11\n#';
  const path = join(folder, `${sizeBytes}.list`);
  writeFileSync(path, lines.padEnd(sizeBytes, 'x'));
  return path;
}

test('a list is read up to the bound', async () => {
  assert.equal(await loadLeapTable(undefined), BUILT_IN_LEAP_TABLE);
  const { steps } = await loadLeapTable(listOf(LIMITS.leapFileBytesMax));
  assert.deepEqual(
    steps.map(({ taiUtcSeconds }) => taiUtcSeconds),
    [10, 11],
  );
});

test('a longer one, one without an end and a folder are refused', async () => {
  for (const path of [listOf(LIMITS.leapFileBytesMax + 1), '/dev/zero', folder])
    await assert.rejects(loadLeapTable(path), { code: 'leap-file-unusable' }, path);
});
