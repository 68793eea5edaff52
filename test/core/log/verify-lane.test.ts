/** A lane is whole, and no byte of any of its files can be changed without being found. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { auditLane, verifyLane, type LaneReport, type SavedAudit } from '../../../src/core/log/verify-lane.ts';
import { filesOf, judge, makeLane, owner, type Files } from '../../crash/lane-fixture.ts';

let small: Files;
let large: Files;

before(async () => {
  small = await makeLane(5, 3);
  large = await makeLane(530, 20);
});

const verify = (files: Files): LaneReport => verifyLane({ files: filesOf(files), owner, judge });

/** The files with one byte changed. */
function altered(files: Files, path: string, at: number, flip: number): Files {
  const bytes = files.get(path)!.slice();
  bytes[at] = bytes[at]! ^ flip;
  return new Map(files).set(path, bytes);
}

test('an untouched lane is whole', () => {
  for (const [files, checkpointed, after] of [
    [small, 5, 3],
    [large, 530, 20],
  ] as const) {
    const report = verify(files);
    assert.deepEqual(report.findings, []);
    assert.ok(report.isWhole);
    assert.equal(report.checkpoint?.size, checkpointed);
    assert.equal(report.entriesAfterCheckpoint, after);
    assert.equal(report.figures.entries, checkpointed + after);
    assert.equal(report.figures.kinds.heartbeat, checkpointed + after);
    assert.equal(report.figures.guarantee?.max, 85n);
  }
});

test('every byte of every file of a small lane is vouched for', () => {
  let bytes = 0;
  for (const [path, content] of small)
    for (let at = 0; at < content.length; at++) {
      const report = verify(altered(small, path, at, 1 << (at % 8)));
      assert.equal(report.isWhole, false, `${path}, byte ${at}`);
      bytes += 1;
    }
  assert.ok(bytes > 3_000, `${bytes} bytes`);
});

test('bytes of a lane with full tiles are vouched for', () => {
  const paths = [...large.keys()];
  assert.ok(paths.some((path) => path === 'tile/0/001') && paths.some((path) => path === 'tile/1/000.p/2'));
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.nat(), fc.integer({ min: 1, max: 255 }), (path, at, flip) => {
      const report = verify(altered(large, path, at % large.get(path)!.length, flip));
      return !report.isWhole;
    }),
    { numRuns: 60 },
  );
});

test('a file that is missing, cut short, grown or added is found', () => {
  for (const path of small.keys()) {
    const content = small.get(path)!;
    const without = new Map(small);
    without.delete(path);
    // Without its checkpoint or its journal a lane is a shorter lane; only the guard knows better.
    const mayGo = path === 'checkpoint' || path.startsWith('journal/');
    if (!mayGo) assert.equal(verify(without).isWhole, false, `${path} missing`);
    assert.equal(verify(new Map(small).set(path, content.slice(0, -1))).isWhole, false, `${path} cut`);
    const grown = new Uint8Array(content.length + 1);
    grown.set(content);
    assert.equal(verify(new Map(small).set(path, grown)).isWhole, false, `${path} grown`);
  }
  for (const path of ['tile/0/001', 'tile/1/000', 'tile/entries/000.p/9', 'notes.txt', 'journal/000000000000009'])
    assert.equal(verify(new Map(small).set(path, Uint8Array.of(1))).isWhole, false, `${path} added`);
});

test('a file that is no part of a lane is named as that, and nothing else is', () => {
  for (const path of ['notes.txt', 'tile/0/001', 'tile/entries/000.p/9'])
    assert.deepEqual(
      verify(new Map(small).set(path, Uint8Array.of(1))).findings.map((found) => [found.code, found.path]),
      [['lane-file-unexpected', path]],
    );
});

test('a narrower partial tile of before is fine when it says the same, and not when it does not', () => {
  const hashes = small.get('tile/0/000.p/5')!;
  assert.ok(verify(new Map(small).set('tile/0/000.p/3', hashes.slice(0, 96))).isWhole);
  const wrong = hashes.slice(0, 96);
  wrong[5]! ^= 1;
  assert.equal(verify(new Map(small).set('tile/0/000.p/3', wrong)).isWhole, false);
});

test('a copy under its keeper’s checkpoint is judged by everything else, and is no lane of its validator’s', () => {
  const { checkpoint } = verify(large);
  const keeper = { publicKey: new Uint8Array(32).fill(7), sign: () => new Uint8Array(64) };
  const copy = new Map(large).set('checkpoint', signCheckpoint(checkpoint!, keeper));
  const asCopy = (files: Files): LaneReport => verifyLane({ files: filesOf(files), owner, judge, isCopy: true });
  assert.deepEqual(
    verify(copy).findings.map(({ code }) => code)[0],
    'checkpoint-unsigned',
    'whoever takes it for the lane itself is told',
  );
  const report = asCopy(copy);
  assert.deepEqual([report.isWhole, report.isCopy, report.checkpoint?.size], [true, true, 530]);
  for (const path of copy.keys())
    assert.equal(asCopy(altered(copy, path, copy.get(path)!.length >> 1, 1)).isWhole, path === 'checkpoint', path);
  const elsewhere = signCheckpoint({ ...checkpoint!, origin: checkpoint!.origin.replace(/.$/, 'x') }, keeper);
  assert.equal(asCopy(new Map(large).set('checkpoint', elsewhere)).isWhole, false, 'of another lane');
  const wrong = signCheckpoint({ ...checkpoint!, root: new Uint8Array(32) }, keeper);
  assert.equal(asCopy(new Map(large).set('checkpoint', wrong)).isWhole, false, 'of another tree');
});

test('a lane of another key or network is refused', () => {
  const network = Uint8Array.from(owner.network);
  network[0]! ^= 1;
  const report = verifyLane({ files: filesOf(small), owner: { ...owner, network }, judge: { ...judge, network } });
  assert.equal(report.findings[0]?.code, 'checkpoint-origin');
});

test('an audit goes on where it was interrupted and comes to the same report', () => {
  const whole = verify(large);
  let saved: SavedAudit | undefined;
  const walk = auditLane({ files: filesOf(large), owner, judge });
  for (const progress of walk) {
    saved = progress.save();
    if (progress.entries >= 512) break;
  }
  assert.equal(saved?.walk.figures.entries, 512);
  const read: string[] = [];
  const files = { ...filesOf(large), read: (path: string) => (read.push(path), large.get(path)) };
  const resumed = auditLane({ files, owner, judge }, saved);
  let step = resumed.next();
  while (!step.done) step = resumed.next();
  assert.deepEqual(step.value, whole);
  assert.ok(!read.includes('tile/entries/000'), 'what was verified is not read again');
});
