/** Copies of other validators' lanes on disk: appended in order, found again after a restart, served as tiles at any width. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { toHex } from '../../../src/core/codec/hex.ts';
import { leafHash } from '../../../src/core/log/merkle.ts';
import { decodeEntries } from '../../../src/core/log/tiles.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { fileDisk } from '../../../src/io/storage/file-disk.ts';
import { LaneCopies } from '../../../src/io/storage/kept-lanes.ts';
import { openOrderLog } from '../../../src/io/storage/order-log.ts';
import { LaneWriter, rigGenesis } from '../gossip/network-rig.ts';

const rig = rigGenesis(3);
const [us, other, third] = rig.signers;
const own = {
  size: 0,
  read: () => Promise.resolve([]),
  hashes: () => Promise.resolve([]),
  rootAt: (): never => assert.fail('no roots are asked for'),
};
const entries = new LaneWriter(rig, other!).many(600);

async function opened(t: TestContext, directory?: string) {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), 'momentd-copies-')));
  if (directory === undefined) t.after(() => rm(folder, { recursive: true, force: true }));
  const copies = await LaneCopies.open(
    { disk: fileDisk, checkSignature, signer: us!, own },
    { directory: folder, network: rig.network, kids: [other!.kid, third!.kid] },
  );
  return { copies, folder };
}

test('what was appended is there after a restart, with and without a noted checkpoint', async (t) => {
  const { copies, folder } = await opened(t);
  await copies.append(other!.kid, 0, entries.slice(0, 300));
  await copies.checkpoint();
  await copies.append(other!.kid, 300, entries.slice(300));
  await copies.close();
  const again = (await opened(t, folder)).copies;
  assert.deepEqual(again.sizes(), [{ kid: Uint8Array.from(other!.kid), size: 600 }]);
  const read = await again.read({ kid: other!.kid, from: 290, to: 310 });
  assert.deepEqual(read.map(toHex), entries.slice(290, 310).map(toHex));
  await again.close();
});

test('how far a copy reaches is noted once it has grown by as much as was asked', async (t) => {
  const { copies, folder } = await opened(t);
  const noted = (kid: Uint8Array): boolean => existsSync(join(folder, toHex(kid), 'checkpoint'));
  await copies.append(other!.kid, 0, entries.slice(0, 255));
  await copies.checkpoint(256);
  assert.equal(noted(other!.kid), false);
  await copies.append(other!.kid, 255, entries.slice(255, 256));
  await copies.checkpoint(256);
  assert.equal(noted(other!.kid), true);
  assert.equal(noted(third!.kid), false);
  await copies.close();
});

test('a process that ends without closing loses nothing that append resolved for', async (t) => {
  const { copies, folder } = await opened(t);
  await copies.append(other!.kid, 0, entries.slice(0, 257));
  await copies.close();
  const again = (await opened(t, folder)).copies;
  // Catching up goes on from the size; from anywhere else is refused.
  await assert.rejects(again.append(other!.kid, 0, entries.slice(0, 1)), { code: 'range-unavailable' });
  await again.append(other!.kid, 257, entries.slice(257, 258));
  assert.equal(again.lane(other!.kid)!.size, 258);
  await again.close();
});

test('lanes that are not kept are nobody’s', async (t) => {
  const { copies } = await opened(t);
  const stranger = new Uint8Array(8);
  assert.equal(copies.lane(stranger), undefined);
  assert.deepEqual(await copies.read({ kid: stranger, from: 0, to: 10 }), []);
  await assert.rejects(copies.append(stranger, 0, entries.slice(0, 1)), { code: 'range-unavailable' });
  assert.deepEqual(await copies.read({ kid: other!.kid, from: 0, to: 10 }), [], 'nothing is there yet');
  await copies.close();
});

test('tiles are served at every width below the size, and none above it', async (t) => {
  const { copies } = await opened(t);
  await copies.append(other!.kid, 0, entries);
  const partial = await copies.tile(other!.kid, 'tile/entries/002.p/88');
  const decoded = decodeEntries(partial!, 88);
  assert.ok(!isFault(decoded));
  assert.deepEqual(decoded.map(toHex), entries.slice(512, 600).map(toHex));
  const hashes = await copies.tile(other!.kid, 'tile/0/001.p/3');
  assert.deepEqual(Buffer.from(hashes!), Buffer.concat(entries.slice(256, 259).map(leafHash)));
  assert.equal((await copies.tile(other!.kid, 'tile/0/000'))?.length, 256 * 32);
  for (const path of ['tile/entries/002.p/89', 'tile/0/003', 'tile/1/000.p/3', 'checkpoint', '../lane', 'tile/9/000'])
    assert.equal(await copies.tile(other!.kid, path), undefined, path);
  await copies.close();
});

test('damage of a copy or of the order log goes by its own name, because what helps is another thing for each', async (t) => {
  const { copies, folder } = await opened(t);
  await copies.append(other!.kid, 0, entries);
  await copies.checkpoint();
  await copies.close();
  const directory = join(folder, toHex(other!.kid));
  const again = await opened(t, folder);
  await rm(join(directory, 'tile/entries/000'));
  await assert.rejects(again.copies.lane(other!.kid)!.read(0, 10), { code: 'lane-copy-damaged' });
  await again.copies.close();
  await flip(join(directory, 'checkpoint'));
  await assert.rejects(opened(t, folder), { code: 'lane-copy-damaged' });
  // Moved away, it begins again, and is fetched.
  await rm(directory, { recursive: true });
  const afresh = await opened(t, folder);
  assert.equal(afresh.copies.lane(other!.kid)!.size, 0);
  await afresh.copies.close();

  const { publicKey } = us!;
  const options = { directory: join(folder, 'order'), network: rig.network, publicKey };
  const log = await openOrderLog({ disk: fileDisk, checkSignature }, options);
  await log.append(entries.slice(0, 3));
  await log.checkpoint((bytes) => us!.sign(bytes));
  await log.close();
  await flip(join(options.directory, 'checkpoint'));
  await assert.rejects(openOrderLog({ disk: fileDisk, checkSignature }, options), { code: 'order-log-damaged' });
});

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 5]! ^= 1;
  await writeFile(path, bytes);
}
