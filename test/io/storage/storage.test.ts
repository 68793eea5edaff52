/** Guard, journal, evidence and witness state on a simulated disk, and the real disk behind the same port. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import type { GuardRecord } from '../../../src/core/log/guard-record.ts';
import { checkpointKey, signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { cosignerKey } from '../../../src/core/log/cosignature.ts';
import { EMPTY_ROOT, leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { encodeAddCheckpoint } from '../../../src/core/log/witness.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { fileDisk, fileDiskWith } from '../../../src/io/storage/file-disk.ts';
import { loadNative } from '../../../src/io/clocks/native.ts';
import { GuardFile } from '../../../src/io/storage/guard-file.ts';
import { decodeFrames, encodeFrames, Journal } from '../../../src/io/storage/journal.ts';
import { LaneDirectory } from '../../../src/io/storage/lane-directory.ts';
import { WitnessState } from '../../../src/io/storage/witness-state.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { SimDisk } from '../../../src/sim/disk.ts';
import {
  checkStandIn,
  commit,
  GUARD,
  History,
  LANE,
  NETWORK,
  PUBLIC_KEY,
  standInSignature,
  startOn,
} from '../../crash/world.ts';

const guardRecord = (size: number): GuardRecord => ({
  network: NETWORK,
  publicKey: PUBLIC_KEY,
  head: { size, root: EMPTY_ROOT, previous: EMPTY_ROOT, time: size === 0 ? undefined : taiInstant(5n), epoch: 0n },
  reserved: [],
});

const addon = loadNative();
const native = addon.loaded ? addon.native : undefined;

async function onAllDisks(body: (disk: Disk, directory: string) => Promise<void>): Promise<void> {
  await body(new SimDisk(), '/state');
  // With the addon and without; where it could not be built the second is tried twice.
  for (const disk of [fileDisk, fileDiskWith(native)]) {
    const directory = mkdtempSync(join(tmpdir(), 'momentd-storage-'));
    try {
      await body(disk, directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

test('the disk port behaves alike on the simulated and the real disk, with the addon and without', () =>
  onAllDisks(async (disk, directory) => {
    const path = join(directory, 'a', 'b', 'file');
    assert.equal(await disk.read(path), undefined);
    assert.deepEqual(await disk.list(join(directory, 'a')), []);
    await assert.rejects(disk.open(path, { create: false }), { code: 'disk-failed' });
    await disk.makeDirectory(join(directory, 'a', 'b'));
    const file = await disk.open(path, { create: true });
    await file.writeAt(4, Buffer.from('abcd'));
    await file.sync();
    assert.deepEqual(Buffer.from((await disk.read(path))!), Buffer.from('\0\0\0\0abcd'));
    assert.deepEqual(Buffer.from(await file.readAt(6, 10)), Buffer.from('cd'));
    await file.writeSynced(6, Buffer.from('efgh'));
    assert.deepEqual(Buffer.from((await disk.read(path))!), Buffer.from('\0\0\0\0abefgh'));
    await file.writeSynced(6, Buffer.from('cd'));
    await file.writeSynced(8, new Uint8Array());
    assert.deepEqual(Buffer.from((await disk.read(path))!), Buffer.from('\0\0\0\0abcdgh'));
    await file.truncate(8);
    await file.truncate(5);
    assert.equal(await file.size(), 5);
    await file.close();
    await disk.rename(path, `${path}2`);
    await disk.syncDirectory(join(directory, 'a', 'b'));
    assert.deepEqual(await disk.list(join(directory, 'a', 'b')), ['file2']);
    assert.ok((await disk.freeBytes(directory)) > 0);
    const release = await disk.lock(join(directory, 'a'));
    await assert.rejects(disk.lock(join(directory, 'a')), { code: 'storage-in-use' });
    await release();
    await (
      await disk.lock(join(directory, 'a'))
    )();
    await disk.remove(`${path}2`);
    await disk.remove(`${path}2`);
    assert.equal(await disk.read(`${path}2`), undefined);
    // Many at once: new, over an old one, empty, and over what a crash left under the temporary name.
    const replacements = ['x', 'y', 'z'].map((name, i) => ({
      path: join(directory, 'a', 'b', name),
      writtenAs: join(directory, 'a', 'b', `${name}.new`),
      bytes: Buffer.alloc(70_000 * i, name),
    }));
    await disk.replace([{ ...replacements[2]!, path: replacements[0]!.path }]);
    await (await disk.open(replacements[1]!.writtenAs, { create: true })).writeAt(100_000, Buffer.from('left behind'));
    await disk.replace(replacements);
    assert.deepEqual(await disk.list(join(directory, 'a', 'b')), ['x', 'y', 'z']);
    for (const { path: name, bytes } of replacements) assert.deepEqual(Buffer.from((await disk.read(name))!), bytes);
  }));

test('a full device is told from a broken one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-full-'));
  const path = join(directory, 'full');
  symlinkSync('/dev/full', path);
  const file = await fileDisk.open(path, { create: false });
  await assert.rejects(file.writeAt(0, Buffer.from('x')), { code: 'disk-full' });
  await file.close();
  rmSync(directory, { recursive: true });
});

test('a guard keeps the newest record, survives a torn slot, and is made only when told to', () =>
  onAllDisks(async (disk, directory) => {
    const path = join(directory, 'guard');
    await assert.rejects(GuardFile.open(disk, path, { create: false }), { code: 'guard-missing' });
    let guard = await GuardFile.open(disk, path, { create: true });
    assert.equal(guard.record, undefined);
    await assert.rejects(GuardFile.open(disk, path, { create: true }), { code: 'storage-in-use' });
    for (const size of [0, 1, 2, 7]) await guard.reserve(guardRecord(size));
    await assert.rejects(guard.reserve(guardRecord(6)), /never goes back/);
    await guard.close();
    guard = await GuardFile.open(disk, path, { create: false });
    assert.equal(guard.record?.head.size, 7);
    await guard.close();
    // Four reservations: the newest is generation 4, in slot 0. Tearing it leaves generation 3.
    const file = await disk.open(path, { create: false });
    await file.writeAt(60, Uint8Array.of(0xff, 0xff));
    guard = await GuardFile.open(disk, path, { create: false });
    assert.equal(guard.record?.head.size, 2);
    await guard.close();
    await file.writeAt(LIMITS.guardSlotBytes + 60, Uint8Array.of(0xff, 0xff));
    await assert.rejects(GuardFile.open(disk, path, { create: true }), { code: 'guard-damaged' });
    await file.truncate(100);
    await assert.rejects(GuardFile.open(disk, path, { create: true }), { code: 'guard-damaged' });
    await file.close();
  }));

test('frames: whole ones are read, the first that is not ends the reading', () => {
  const entries = [Buffer.from('one'), Buffer.from(''), Buffer.from('three')];
  const whole = Buffer.concat([Buffer.from('momentdJ'), encodeFrames(5, entries).bytes]);
  assert.deepEqual(decodeFrames(whole, 5).entries.map(String), entries.map(String));
  assert.equal(decodeFrames(whole, 5).wholeBytes, whole.length);
  assert.equal(decodeFrames(whole, 6).entries.length, 0, 'a frame is read only at its own index');
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = Uint8Array.from(whole);
      altered[at]! ^= flip;
      return decodeFrames(altered, 5).wholeBytes < whole.length;
    }),
  );
  for (let cut = 0; cut < whole.length; cut++) assert.ok(decodeFrames(whole.subarray(0, cut), 5).wholeBytes <= cut);
});

test('a journal with a gap, or an older segment that is torn, is refused', async () => {
  const disk = new SimDisk();
  const open = (from: number): Promise<Journal> =>
    Journal.open({ disk, directory: '/j', from, onEntries: () => undefined });
  const segment = (first: number, ...texts: string[]): Buffer =>
    Buffer.concat([
      Buffer.from('momentdJ'),
      encodeFrames(
        first,
        texts.map((text) => Buffer.from(text)),
      ).bytes,
    ]);
  const put = (files: Record<string, Buffer>): void =>
    disk.restore(new Map(Object.entries(files).map(([name, bytes]) => [`/j/${name}`, bytes])), (path) =>
      path.startsWith('/j/'),
    );
  put({ '000000000000003': segment(3, 'd') });
  await assert.rejects(open(2), { code: 'lane-damaged' });
  assert.equal((await open(3)).next, 4);
  put({ '000000000000000': segment(0, 'a', 'b').subarray(0, -1), '000000000000002': segment(2, 'c') });
  await assert.rejects(open(0), { code: 'lane-damaged' });
  put({ '000000000000000': segment(0, 'a', 'b'), '000000000000002': segment(2, 'c').subarray(0, -1) });
  assert.equal((await open(0)).next, 2);
});

test('a witness answers the same after a restart, and saves before it answers', async () => {
  const disk = new SimDisk();
  const origin = 'momentd/some/lane';
  const leaves = Array.from({ length: 3 }, (_, i) => leafHash(Uint8Array.of(i)));
  const noteOf = (size: number): Uint8Array =>
    signCheckpoint(
      { origin, size, root: rootOf(leaves.slice(0, size)) },
      { sign: standInSignature, publicKey: PUBLIC_KEY },
    );
  const needs = {
    logKeyOf: (name: string) => (name === origin ? checkpointKey(origin, PUBLIC_KEY) : undefined),
    check: checkStandIn,
    cosigner: cosignerKey('momentd/witness', PUBLIC_KEY),
    sign: standInSignature,
    posixSeconds: 1n,
  };
  const ask = (state: WitnessState, oldSize: number, size: number, proof: Uint8Array[] = []) =>
    state.answer(encodeAddCheckpoint({ oldSize, proof, note: noteOf(size) }), needs);
  let state = await WitnessState.open(disk, '/w');
  const [first, second] = await Promise.all([ask(state, 0, 1), ask(state, 0, 2)]);
  assert.deepEqual([first.status, second.status], [200, 409], 'one after another');
  state = await WitnessState.open(disk.crash({ kind: 'nothing' }), '/w');
  assert.equal(state.witnessed(origin)?.size, 1, 'what was answered survives a crash');
  assert.equal((await ask(state, 1, 2, [leaves[1]!])).status, 200);
  const broken = new SimDisk();
  const failing = await WitnessState.open(broken, '/w');
  broken.failAt(broken.steps + 3, 'disk-sync-failed');
  await assert.rejects(ask(failing, 0, 1), { code: 'disk-sync-failed' });
  assert.equal(failing.witnessed(origin), undefined, 'what is not saved is not cosigned');
});

test('a witness whose memory is damaged, or lies under another name, does not start', async () => {
  const origin = 'momentd/some/lane';
  const note = signCheckpoint(
    { origin, size: 1, root: leafHash(Uint8Array.of(1)) },
    { sign: standInSignature, publicKey: PUBLIC_KEY },
  );
  const named = toHex(sha256(new TextEncoder().encode(origin)));
  const openWith = async (name: string, bytes: Uint8Array): Promise<WitnessState> => {
    const disk = new SimDisk();
    const path = `/w/${name}/checkpoint`;
    await disk.replace([{ path, writtenAs: `${path}.new`, bytes }]);
    return WitnessState.open(disk, '/w');
  };
  assert.equal((await openWith(named, note)).witnessed(origin)?.size, 1);
  await assert.rejects(openWith(named, note.subarray(5)), { code: 'witness-state-damaged' });
  await assert.rejects(openWith('00'.repeat(32), note), { code: 'witness-state-damaged' });
});

test('a backup of the lane that is put back is refused, and so is an old guard', async () => {
  const disk = new SimDisk();
  const history = new History();
  const first = await startOn(disk, history, true);
  await commit(first, history, 3);
  await first.protocol.checkpoint();
  const backup = disk.snapshot((path) => path.startsWith(LANE) || path === GUARD);
  const only = (prefix: string): Map<string, Uint8Array> =>
    new Map([...backup].filter(([path]) => path.startsWith(prefix)));
  await commit(first, history, 2);
  await commit(first, history, 1);
  await first.close();
  const now = disk.snapshot();
  disk.restore(only(LANE), (path) => path.startsWith(LANE));
  await assert.rejects(startOn(disk, history, false), { code: 'guard-ahead' });
  disk.restore(now, (path) => path.startsWith(LANE));
  disk.restore(only(GUARD));
  await assert.rejects(startOn(disk, history, false), { code: 'guard-behind' });
  disk.restore(now);
  const again = await startOn(disk, history, false);
  await commit(again, history, 1);
  assert.equal(again.lane.size, 7);
});

test('a lane reads any range and any earlier root, from memory, tiles and journal', async () => {
  const disk = new SimDisk();
  const open = (): Promise<LaneDirectory> =>
    LaneDirectory.open(
      { disk, checkSignature: checkStandIn },
      { directory: LANE, origin: 'momentd/x', publicKey: PUBLIC_KEY },
    );
  const entries = Array.from({ length: 600 }, (_, i) => Buffer.from(`entry ${i}`));
  const leaves = entries.map(leafHash);
  let lane = await open();
  await lane.append(entries.slice(0, 300));
  await lane.checkpoint(standInSignature);
  await lane.append(entries.slice(300, 599));
  const check = async (): Promise<void> => {
    for (const [from, to] of [
      [0, 599],
      [255, 257],
      [299, 301],
      [598, 599],
      [10, 10],
    ] as const)
      assert.deepEqual(
        (await lane.read(from, to)).map((entry) => Buffer.from(entry).toString()),
        entries.slice(from, to).map(String),
      );
    for (const size of [0, 1, 256, 300, 512, 599])
      assert.deepEqual(
        Buffer.from(await lane.rootAt(size)),
        Buffer.from(rootOf(leaves.slice(0, size))),
        `root at ${size}`,
      );
  };
  await check();
  await lane.close();
  lane = await open();
  assert.equal(lane.entriesSinceCheckpoint, 299);
  await check();
  await lane.checkpoint(standInSignature);
  await check();
  await lane.close();
  const other = { directory: LANE, origin: 'momentd/y', publicKey: PUBLIC_KEY };
  await assert.rejects(LaneDirectory.open({ disk, checkSignature: checkStandIn }, other), {
    code: 'lane-other-validator',
  });
});

test('a replacement that cannot be made is named, with the addon and without', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-replace-'));
  const there = { path: join(directory, 'x'), writtenAs: join(directory, 'x.new'), bytes: Buffer.from('x') };
  const nowhere = {
    path: join(directory, 'no', 'y'),
    writtenAs: join(directory, 'no', 'y.new'),
    bytes: Buffer.from('y'),
  };
  symlinkSync('/dev/full', join(directory, 'full'));
  const full = { path: join(directory, 'z'), writtenAs: join(directory, 'full'), bytes: Buffer.from('z') };
  try {
    for (const disk of [fileDisk, fileDiskWith(native)]) {
      await assert.rejects(disk.replace([there, nowhere]), { code: 'disk-failed', message: /no\/y\.new/ });
      await disk.replace([]);
      // What is full says so, and is told apart from what could not be synced.
      const device = await disk.open(join(directory, 'full'), { create: false });
      await assert.rejects(device.writeSynced(0, Buffer.from('z')), { code: 'disk-full' });
      await device.close();
    }
    // Without the addon a file is truncated before it is written, which a device file refuses.
    const quick = native === undefined ? undefined : fileDiskWith(native);
    if (quick !== undefined) await assert.rejects(quick.replace([full]), { code: 'disk-full' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
