/** The evidence store: found by digest, bounded on disk and in memory, whole up to where a file is torn. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { EvidenceFiles } from '../../../src/io/storage/evidence-files.ts';
import { SimDisk } from '../../../src/sim/disk.ts';

test('evidence is found by digest across hours and restarts, and the oldest goes first', async () => {
  const disk = new SimDisk();
  const options = { directory: '/e', bytesMax: 3_000, hoursMax: 4 };
  const item = (hour: number, text: string) => {
    const bytes = Buffer.from(text.padEnd(400, '.'));
    return { bytes, digest: sha256(bytes), at: taiInstant(BigInt(hour) * 3_600_000_000_000n + 5n) };
  };
  let store = await EvidenceFiles.open(disk, options);
  const items = [10, 10, 11, 12].map((hour, i) => item(hour, `record ${i}`));
  await store.put(items);
  const steps = disk.steps;
  await store.put([items[3]!]);
  assert.equal(disk.steps, steps, 'a record that is there costs nothing');
  await store.close();
  store = await EvidenceFiles.open(disk, options);
  for (const { digest, bytes, at } of items) {
    assert.deepEqual(Buffer.from((await store.get(digest))!), bytes);
    assert.ok(await store.get(digest, at));
  }
  assert.equal(await store.get(items[0]!.digest, taiInstant(500n * 3_600_000_000_000n)), undefined);
  assert.equal(await store.get(sha256(Buffer.from('never put'))), undefined);
  await store.put([item(14, 'later')]);
  assert.equal(await store.get(items[0]!.digest), undefined, 'hour 10 is older than 4 hours');
  assert.ok(await store.get(items[2]!.digest));
  await store.put(Array.from({ length: 6 }, (_, i) => item(14, `many ${i}`)));
  assert.equal(await store.get(items[2]!.digest), undefined, 'the bytes are bounded');
  await store.close();
});

test('places of closed hours leave memory, oldest hour first, and are read again when asked for', async () => {
  const opened: string[] = [];
  const disk = new (class extends SimDisk {
    override open(...args: Parameters<SimDisk['open']>): ReturnType<SimDisk['open']> {
      opened.push(args[0]);
      return super.open(...args);
    }
  })();
  const items = [10, 10, 11, 11, 12, 13].map((hour, i) => {
    const bytes = Buffer.from(`record ${i}`);
    return { bytes, digest: sha256(bytes), at: taiInstant(BigInt(hour) * 3_600_000_000_000n) };
  });
  const store = await EvidenceFiles.open(disk, { directory: '/e', bytesMax: 1e6, hoursMax: 9, indexedRecordsMax: 3 });
  for (const item of items) await store.put([item]);
  /** Files opened to answer: the record's own, last, and before it those whose index was read. */
  const openedFor = async (i: number): Promise<string[]> => {
    opened.length = 0;
    assert.deepEqual(Buffer.from((await store.get(items[i]!.digest, items[i]!.at))!), items[i]!.bytes);
    return opened.map((path) => path.slice(-2));
  };
  assert.deepEqual(await openedFor(5), ['13'], 'the open hour is known');
  assert.deepEqual(await openedFor(4), ['12'], 'and the closed ones that fit: hours 11 and 12');
  assert.deepEqual(await openedFor(2), ['11']);
  assert.deepEqual(await openedFor(0), ['10', '10'], 'hour 10 had to go');
  assert.deepEqual(await openedFor(1), ['10'], 'and is kept once it was read');
  assert.deepEqual(await openedFor(3), ['11', '11'], 'for which hour 11 went');
  await store.close();
});

test('an hour of evidence longer than a window is read whole, up to where it is torn', async () => {
  const disk = new SimDisk();
  const at = taiInstant(10n * 3_600_000_000_000n);
  const items = Array.from({ length: 50 }, (_, i) => {
    const bytes = new Uint8Array(LIMITS.evidenceBytesMax - i).fill(i);
    return { bytes, digest: sha256(bytes), at };
  });
  const options = { directory: '/e', bytesMax: 1e9, hoursMax: 9 };
  let store = await EvidenceFiles.open(disk, options);
  for (let i = 0; i < items.length; i += 10) await store.put(items.slice(i, i + 10));
  await store.close();
  const file = await disk.open('/e/00000010', { create: false });
  const size = await file.size();
  assert.ok(size > 3 * LIMITS.evidenceWindowBytes);
  await file.truncate(size - 1);
  await file.close();
  store = await EvidenceFiles.open(disk, options);
  for (const { digest, bytes } of items.slice(0, -1)) assert.equal((await store.get(digest, at))?.length, bytes.length);
  assert.equal(await store.get(items.at(-1)!.digest, at), undefined, 'the last is torn');
  await store.put([items.at(-1)!]);
  assert.ok(await store.get(items.at(-1)!.digest, at), 'and can be put again');
  await store.close();
});
