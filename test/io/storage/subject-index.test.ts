/** The subject index: it finds what the lane says, whatever becomes of its files. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeReports, type Report } from '../../../src/core/attestation/reports.ts';
import { encodeStatement, zeroDigest } from '../../../src/core/attestation/statement.ts';
import { encodeCoseSign1 } from '../../../src/core/attestation/cose-sign1.ts';
import { sha256, type Digest } from '../../../src/core/codec/sha256.ts';
import { encodeEntry } from '../../../src/core/log/entry.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { IndexedLane } from '../../../src/io/storage/indexed-lane.ts';
import { indexDirectoryOf, SubjectIndex } from '../../../src/io/storage/subject-index.ts';
import { MachineStopped, SimDisk } from '../../../src/sim/disk.ts';

const BLOCK = LIMITS.indexBlockEntries;
const DIRECTORY = indexDirectoryOf('/state/lane/');
const ORIGIN = `momentd/${'ab'.repeat(32)}/${'cd'.repeat(8)}`;
const subject = (i: number): Digest => sha256(Buffer.from(`subject ${i}`));

/** Entry i reports what `subjectsAt` gives for it; a heartbeat where that is nothing. */
function entryOf(i: number, subjects: readonly Digest[]): Uint8Array {
  const tai = taiInstant(1_790_000_000_000_000_000n + BigInt(i) * 1_000_000n);
  const time = { tai, guarantee: nanos(100) };
  const reports = subjects.map((id): Report => ({ subject: id, seen: interval(tai, tai) }));
  const body = reports.length === 0 ? undefined : encodeReports(time, reports);
  const statement = encodeStatement({
    network: sha256(new Uint8Array()),
    epoch: 0n,
    seq: BigInt(i),
    previous: i === 0 ? zeroDigest() : sha256(Uint8Array.of(1)),
    kind: body === undefined ? 'heartbeat' : 'reports',
    time,
    subject: body?.root ?? zeroDigest(),
    taiUtcSeconds: 37,
    evidence: sha256(Uint8Array.of(2)),
  });
  const signed = encodeCoseSign1({ kid: new Uint8Array(8), payload: statement, signature: new Uint8Array(64) });
  return encodeEntry({ statement: signed, body: body?.bytes ?? null });
}

/** A lane in memory: every seventh entry is a heartbeat, the others report two subjects; subject 0 is in many. */
class MemoryLane {
  readonly origin = ORIGIN;
  firstKept = 0;
  readonly entries: Uint8Array[] = [];
  reads = 0;

  get size(): number {
    return this.entries.length;
  }

  grow(count: number): this {
    for (let i = this.size, end = i + count; i < end; i++) {
      const here = i % 7 === 0 ? [] : [subject(2 * i), subject(2 * i + 1), ...(i % 500 === 1 ? [subject(0)] : [])];
      this.entries.push(entryOf(i, here));
    }
    return this;
  }

  read(from: number, to: number): Promise<Uint8Array[]> {
    this.reads += to - from;
    return Promise.resolve(this.entries.slice(from, to));
  }

  /** By the definition: every entry with the subject. */
  where(i: number): number[] {
    if (i === 0) return this.entries.flatMap((_, at) => (at % 500 === 1 && at % 7 !== 0 ? [at] : []));
    const at = Math.floor(i / 2);
    return at < this.size && at % 7 !== 0 ? [at] : [];
  }
}

const lane = new MemoryLane().grow(17 * BLOCK + 300);
const QUESTIONS = [0, 2, 3, 777, 2 * BLOCK + 5, 2 * 16 * BLOCK + 9, 2 * 17 * BLOCK + 21, 2 * lane.size + 2];

async function indexed(disk: SimDisk): Promise<IndexedLane> {
  return IndexedLane.open({ disk, lane }, DIRECTORY);
}

async function answersRightly(searched: IndexedLane): Promise<void> {
  for (const i of QUESTIONS) assert.deepEqual(await searched.findSubject(subject(i)), lane.where(i), `subject ${i}`);
}

test('it answers alike with no index, with a whole one, and after a restart; files are joined and few', async () => {
  const disk = new SimDisk();
  let searched = await indexed(disk);
  await answersRightly(searched);
  assert.deepEqual(await disk.list(DIRECTORY), [], 'asking writes nothing');
  await searched.catchUp();
  assert.equal(searched.indexed, 17 * BLOCK);
  assert.deepEqual(await disk.list(DIRECTORY), ['000000000000000-16384', '000000000016384-1024']);
  await answersRightly(searched);
  searched = await indexed(disk);
  assert.equal(searched.indexed, 17 * BLOCK);
  lane.reads = 0;
  assert.deepEqual(await searched.findSubject(subject(777)), lane.where(777));
  assert.equal(lane.reads, 1 + 300, 'the one entry, and what is not indexed yet');
  await searched.drop();
  assert.deepEqual(await disk.list(DIRECTORY), []);
  await answersRightly(searched);
});

test('an index altered anywhere shows nothing that is not in the lane, and is made again', async () => {
  const disk = new SimDisk();
  await (await indexed(disk)).catchUp();
  const whole = disk.snapshot();
  const names = [...whole.keys()];
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }), async (which, where, flip) => {
      const path = names[which % names.length]!;
      const bytes = Uint8Array.from(whole.get(path)!);
      if (flip === 0) disk.restore(new Map([...whole, [path, bytes.subarray(0, where % bytes.length)]]));
      else {
        bytes[where % bytes.length]! ^= flip;
        disk.restore(new Map([...whole, [path, bytes]]));
      }
      // A page that was altered is seen by its check, so even what it hid is found, in the lane.
      const searched = await indexed(disk);
      for (const i of [2, 777, 2 * 16 * BLOCK + 9])
        assert.deepEqual(await searched.findSubject(subject(i)), lane.where(i));
      await searched.catchUp();
      assert.equal(searched.indexed, 17 * BLOCK);
    }),
    { numRuns: 15 },
  );
});

test('an index of another lane, one that lies, and one that ran ahead are no danger', async () => {
  const disk = new SimDisk();
  const other = await IndexedLane.open(
    { disk, lane: Object.assign(new MemoryLane().grow(BLOCK), { origin: 'x' }) },
    DIRECTORY,
  );
  await other.catchUp();
  await answersRightly(await indexed(disk));
  await other.drop();
  // Right checks, wrong content: it was made of other entries than the lane holds.
  const shifted = await SubjectIndex.open(disk, { directory: DIRECTORY, origin: ORIGIN });
  await shifted.add(0, lane.entries.slice(5, 5 + BLOCK));
  await shifted.add(BLOCK, lane.entries.slice(5, 5 + BLOCK));
  const short = new MemoryLane().grow(700);
  const searched = await IndexedLane.open({ disk, lane: short }, DIRECTORY);
  for (const i of [3, 777, 1100]) {
    const found = await searched.findSubject(subject(i));
    assert.ok(
      found.every((at) => short.where(i).includes(at)),
      'whatever is shown is there',
    );
  }
  await searched.drop();
  assert.deepEqual(await searched.findSubject(subject(777)), short.where(777));
});

test('stopped at any step it goes on, and what survives is whole or made again', async () => {
  const small = new MemoryLane().grow(2 * BLOCK + 10);
  const open = (disk: SimDisk): Promise<IndexedLane> => IndexedLane.open({ disk, lane: small }, DIRECTORY);
  const whole = new SimDisk();
  await (await open(whole)).catchUp();
  const toss = { left: 0 };
  const survivals = [
    { kind: 'nothing' },
    { kind: 'everything' },
    { kind: 'scattered', keeps: () => (toss.left = (toss.left * 5 + 1) % 8) < 4 },
  ] as const;
  assert.ok(whole.steps >= 8);
  for (let step = 1; step <= whole.steps; step++)
    for (const survival of survivals) {
      const disk = new SimDisk();
      disk.stopAt(step);
      await assert.rejects(
        open(disk).then((searched) => searched.catchUp()),
        MachineStopped,
      );
      const searched = await open(disk.crash(survival));
      assert.deepEqual(await searched.findSubject(subject(777)), small.where(777));
      await searched.catchUp();
      assert.equal(searched.indexed, 2 * BLOCK);
      assert.deepEqual(await searched.findSubject(subject(777)), small.where(777));
    }
});

test('a subject in more entries than an answer names gives the first of them', async () => {
  const many = new MemoryLane();
  for (let i = 0; i < BLOCK + 10; i++) many.entries.push(entryOf(i, [subject(1)]));
  const searched = await IndexedLane.open({ disk: new SimDisk(), lane: many }, DIRECTORY);
  const first = Array.from({ length: LIMITS.laneFindsMax }, (_, i) => i);
  assert.deepEqual(await searched.findSubject(subject(1)), first);
  await searched.catchUp();
  assert.deepEqual(await searched.findSubject(subject(1)), first);
});
