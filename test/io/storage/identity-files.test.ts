/** Host identity records on disk: durable when told so, kept while evidence may refer to them, found again after any crash. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { seconds, shift, taiInstant, type TaiInstant } from '../../../src/core/time/nanos.ts';
import { IdentityFiles } from '../../../src/io/storage/identity-files.ts';
import type { IdentityItem } from '../../../src/ports/identity-store.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import { SimDisk } from '../../../src/sim/disk.ts';

const DIRECTORY = '/state/identity';
const START = taiInstant(1_795_000_000_000_000_000n);
const KEEP = seconds(3_600);

const item = (i: number): IdentityItem => {
  const bytes = new TextEncoder().encode(`record ${i}`);
  return { bytes, digest: sha256(bytes) };
};

class Dated {
  now: TaiInstant = START;
  readonly files: IdentityFiles;
  constructor(disk: SimDisk) {
    this.files = new IdentityFiles(disk, { directory: DIRECTORY, keep: KEEP, dateNow: () => this.now });
  }
}

const isCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof AgentError && error.code === code;

const recordsIn = async (disk: SimDisk): Promise<number> =>
  (await disk.list(DIRECTORY)).filter((name) => name.endsWith('.cbor')).length;

test('what is put is there, under its digest, after a crash that keeps only what was synced', async () => {
  const disk = new SimDisk();
  const { files } = new Dated(disk);
  assert.equal(await files.get(item(1).digest), undefined);
  for (const i of [1, 2, 3]) await files.put(item(i));
  await files.put(item(3));
  const after = new Dated(disk.crash({ kind: 'nothing' })).files;
  for (const i of [1, 2, 3]) assert.deepEqual(await after.get(item(i).digest), item(i).bytes);
  assert.equal(await after.get(item(4).digest), undefined);
});

test('at every step of a put a crash leaves all earlier records, and a later put works', async () => {
  let isDone = false;
  for (let step = 1; !isDone; step++) {
    for (const survival of [{ kind: 'nothing' }, { kind: 'everything' }, { kind: 'first', share: 0.5 }] as const) {
      const disk = new SimDisk();
      const { files } = new Dated(disk);
      await files.put(item(1));
      disk.stopAt(disk.steps + step);
      isDone = await files.put(item(2)).then(
        () => true,
        () => false,
      );
      const survivor = disk.crash(survival);
      const again = new Dated(survivor).files;
      assert.deepEqual(await again.get(item(1).digest), item(1).bytes, `step ${step}, ${survival.kind}`);
      if (isDone) assert.deepEqual(await again.get(item(2).digest), item(2).bytes);
      await again.put(item(3));
      assert.deepEqual(await again.get(item(3).digest), item(3).bytes);
      assert.ok((await survivor.list(DIRECTORY)).every((name) => !name.endsWith('.new')));
    }
    assert.ok(step < 50);
  }
});

test('records go when they were replaced for longer than evidence is kept, never the newest thousand', async () => {
  const disk = new SimDisk();
  const dated = new Dated(disk);
  const least = LIMITS.identityRecordsMin;
  for (let i = 0; i < least + 20; i++) await dated.files.put(item(i));
  assert.equal(await recordsIn(disk), least + 20, 'all replaced this very moment: evidence may refer to them');
  dated.now = shift(START, KEEP);
  await dated.files.put(item(least + 20));
  assert.equal(await recordsIn(disk), least + 21, 'not longer yet');
  dated.now = shift(dated.now, seconds(1));
  const restarted = new Dated(disk);
  restarted.now = dated.now;
  await restarted.files.put(item(least + 21));
  assert.equal(await recordsIn(disk), least);
  assert.equal(await restarted.files.get(item(21).digest), undefined);
  assert.deepEqual(await restarted.files.get(item(22).digest), item(22).bytes);
});

test('a lost or damaged index loses no record', async () => {
  for (const damage of ['remove', 'garble'] as const) {
    const disk = new SimDisk();
    await new Dated(disk).files.put(item(1));
    if (damage === 'remove') await disk.remove(`${DIRECTORY}/index`);
    else {
      const index = await disk.open(`${DIRECTORY}/index`, { create: false });
      await index.writeAt(3, new TextEncoder().encode('not hexadecimal'));
    }
    const { files } = new Dated(disk);
    await files.put(item(2));
    const index = new TextDecoder().decode(await disk.read(`${DIRECTORY}/index`));
    const names = index
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    assert.deepEqual(names, [toHex(item(1).digest), toHex(item(2).digest)], damage);
  }
});

test('a full disk refuses and may be tried again; any other failure stops the store', async () => {
  for (const failure of ['disk-full', 'disk-sync-failed', 'disk-failed'] as const) {
    const refusals = new Set<string>();
    for (let step = 1; ; step++) {
      const disk = new SimDisk();
      const { files } = new Dated(disk);
      await files.put(item(1));
      disk.failAt(disk.steps + step, failure);
      const code = await files.put(item(2)).then(
        () => undefined,
        (error: unknown) => (error instanceof AgentError ? error.code : 'not ours'),
      );
      assert.deepEqual(await files.get(item(1).digest), item(1).bytes);
      if (code === undefined) break;
      refusals.add(code);
      if (code === 'disk-full') await files.put(item(2));
      else await assert.rejects(files.put(item(3)), isCode(code));
      assert.ok(step < 50);
    }
    assert.ok(refusals.has(failure), failure);
    assert.ok(!refusals.has('not ours'));
  }
});

test('boots are counted once each, and a damaged count is not made up', async () => {
  const disk = new SimDisk();
  const count = (boot: string): Promise<bigint | undefined> => new Dated(disk).files.countBoot(boot);
  assert.deepEqual([await count('a'), await count('a'), await count('b'), await count('c')], [1n, 1n, 2n, 3n]);
  for (const text of ['', 'c', 'c 0\n', 'c -1\n', 'c 3', `c ${'9'.repeat(19)}\n`, 'c 3\nd 4\n']) {
    const file = await disk.open(`${DIRECTORY}/boots`, { create: true });
    await file.truncate(0);
    await file.writeAt(0, new TextEncoder().encode(text));
    assert.equal(await count('d'), undefined, JSON.stringify(text));
  }
});
