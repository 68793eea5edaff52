/**
 * A pruned lane: all of its tree is still proven, what is missing by record is told from what is missing, and a record
 * hides nothing that would have been found without it.
 */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { checkpointKey } from '../../../src/core/log/checkpoint.ts';
import { decodeEntry } from '../../../src/core/log/entry.ts';
import { leafHash, joinSubtrees, perfectSubtrees, type Subtree } from '../../../src/core/log/merkle.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import {
  consistencyPlan,
  inclusionPlan,
  proofOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/core/log/proofs.ts';
import {
  openPruneRecord,
  prunableTo,
  PRUNE_RECORD_FILE,
  signPruneRecord,
  type PruneRecord,
} from '../../../src/core/log/prune-record.ts';
import { decodeEntries, subtreeHash, tileOf, tilePath, TILE_WIDTH } from '../../../src/core/log/tiles.ts';
import { auditLane, verifyLane, type LaneReport, type SavedAudit } from '../../../src/core/log/verify-lane.ts';
import { kidOf } from '../../../src/core/attestation/cose-sign1.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { filesOf, judge, makeLane, owner, type Files } from '../../crash/lane-fixture.ts';
import { checkStandIn, NETWORK, PUBLIC_KEY, standInSignature } from '../../crash/world.ts';

const SIZE = 1_850;
const KEPT_FROM = 512;
const origin = originOf({ network: NETWORK, kid: kidOf(PUBLIC_KEY) });
const key = checkpointKey(origin, PUBLIC_KEY);

let whole: Files;
let pruned: Files;
let entries: Uint8Array[];

before(async () => {
  whole = await makeLane(SIZE, 7);
  pruned = await makeLane(SIZE, 7, [256, KEPT_FROM]);
  entries = [...Array(Math.ceil(SIZE / TILE_WIDTH)).keys()].flatMap((index) => {
    const width = Math.min(TILE_WIDTH, SIZE - index * TILE_WIDTH);
    const decoded = decodeEntries(whole.get(tilePath({ level: 'entries', index, width }))!, width);
    assert.ok(!isFault(decoded));
    return decoded;
  });
});

const verify = (files: Files): LaneReport => verifyLane({ files: filesOf(files), owner, judge });
const codesOf = (report: LaneReport): string[] => report.findings.map(({ code }) => code);

const without = (files: Files, path: string): Files => {
  const rest = new Map(files);
  assert.ok(rest.delete(path), path);
  return rest;
};

function recordOf(files: Files): PruneRecord {
  const opened = openPruneRecord(files.get(PRUNE_RECORD_FILE)!, key, checkStandIn);
  assert.ok(!isFault(opened));
  return opened.record;
}

/** The files with this record in place of theirs, signed as if it were true. */
function withRecord(files: Files, change: Partial<PruneRecord>): Files {
  const record = { ...recordOf(pruned), ...change };
  return new Map(files).set(PRUNE_RECORD_FILE, signPruneRecord(record, key, standInSignature));
}

const statementOf = (index: number): Uint8Array => {
  const entry = decodeEntry(entries[index]!);
  assert.ok(!isFault(entry));
  return entry.statement;
};

/** Hashes as anyone computes them who has the directory. */
const hashesOf = (files: Files, subtrees: readonly Subtree[]): Uint8Array[] =>
  subtrees.map((subtree) => {
    const tile = tileOf(subtree, SIZE);
    return subtreeHash(subtree, files.get(tilePath(tile)) ?? files.get(tilePath({ ...tile, width: TILE_WIDTH }))!);
  });

const rootAt = (files: Files, size: number): Uint8Array => joinSubtrees(hashesOf(files, perfectSubtrees(0, size)));

test('a pruned lane is whole, says from where, and differs from what it was by entry tiles and the record alone', () => {
  const report = verify(pruned);
  assert.deepEqual(report.findings, []);
  assert.equal(report.firstKept, KEPT_FROM);
  assert.equal(report.figures.entries, SIZE + 7);
  assert.equal(report.figures.kinds.heartbeat, SIZE + 7 - KEPT_FROM);
  assert.equal(verify(whole).firstKept, 0);
  const gone = [...whole.keys()].filter((path) => !pruned.has(path));
  assert.deepEqual(gone, ['tile/entries/000', 'tile/entries/001']);
  assert.deepEqual(
    [...pruned.keys()].filter((path) => !whole.has(path)),
    [PRUNE_RECORD_FILE],
  );
  for (const [path, bytes] of pruned) if (path !== PRUNE_RECORD_FILE) assert.deepEqual(bytes, whole.get(path), path);
});

test('any entry, kept or not, is proven to be in it, and any two sizes to be consistent', () => {
  const root = rootAt(pruned, SIZE);
  fc.assert(
    fc.property(fc.nat(SIZE - 1), (index) => {
      const plan = inclusionPlan(index, SIZE);
      const proof = proofOf(plan, hashesOf(pruned, plan.flat()));
      // An auditor who kept an old entry needs nothing else.
      return verifyInclusion({ leaf: leafHash(entries[index]!), index, size: SIZE, root, proof });
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.nat(SIZE), fc.nat(SIZE), (a, b) => {
      const [oldSize, newSize] = [Math.min(a, b), Math.max(a, b)];
      const plan = consistencyPlan(oldSize, newSize);
      const proof = proofOf(plan, hashesOf(pruned, plan.flat()));
      const [oldRoot, newRoot] = [rootAt(pruned, oldSize), rootAt(pruned, newSize)];
      return verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof });
    }),
    { numRuns: 200 },
  );
});

test('no byte of what is left, the record included, can be changed without being found', () => {
  const record = pruned.get(PRUNE_RECORD_FILE)!;
  const altered = (path: string, at: number, flip: number): Files => {
    const bytes = pruned.get(path)!.slice();
    bytes[at % bytes.length]! ^= flip;
    return new Map(pruned).set(path, bytes);
  };
  for (let at = 0; at < record.length; at++) {
    const bytes = altered(PRUNE_RECORD_FILE, at, 1 << (at % 8)).get(PRUNE_RECORD_FILE)!;
    assert.ok(isFault(openPruneRecord(bytes, key, checkStandIn)), `byte ${at} of the record`);
  }
  for (const at of [0, 200, record.length - 20]) {
    const report = verify(altered(PRUNE_RECORD_FILE, at, 1));
    assert.equal(report.isWhole, false, `byte ${at} of the record`);
    assert.equal(report.firstKept, 0, 'and excuses nothing');
  }
  fc.assert(
    fc.property(fc.constantFrom(...pruned.keys()), fc.nat(), fc.integer({ min: 1, max: 255 }), (path, at, flip) => {
      return !verify(altered(path, at, flip)).isWhole;
    }),
    { numRuns: 20 },
  );
});

test('a file that is missing and not excused is found', () => {
  for (const path of pruned.keys()) {
    if (path === 'checkpoint' || path.startsWith('journal/')) continue;
    assert.equal(verify(without(pruned, path)).isWhole, false, path);
  }
  assert.deepEqual(codesOf(verify(without(pruned, 'tile/0/000'))).slice(0, 1), ['lane-damaged']);
});

test('an interrupted removal is no damage; what is left of it has to be what was pruned', () => {
  const left = new Map(pruned).set('tile/entries/001', whole.get('tile/entries/001')!);
  assert.deepEqual(verify(left).findings, []);
  const bytes = whole.get('tile/entries/001')!.slice();
  bytes[100]! ^= 1;
  assert.deepEqual(
    verify(new Map(left).set('tile/entries/001', bytes)).findings.map(({ code, path }) => [code, path]),
    [['lane-damaged', 'tile/entries/001']],
  );
});

test('a record that is forged, of another lane, old, or of more than there is hides nothing', () => {
  // Tampering that was detectable: an entry tile was altered, and then removed under cover of a record.
  const tampered = without(whole, 'tile/entries/000');
  assert.equal(verify(tampered).isWhole, false);
  const forged = signPruneRecord(recordOf(pruned), key, (message) => standInSignature(sha256(message)));
  assert.deepEqual(codesOf(verify(new Map(tampered).set(PRUNE_RECORD_FILE, forged))).slice(0, 2), [
    'prune-record-unsigned',
    'lane-damaged',
  ]);
  const elsewhere = { ...key, name: originOf({ network: sha256(NETWORK), kid: kidOf(PUBLIC_KEY) }) };
  const other = signPruneRecord({ ...recordOf(pruned), origin: elsewhere.name }, elsewhere, standInSignature);
  assert.equal(codesOf(verify(new Map(tampered).set(PRUNE_RECORD_FILE, other)))[0], 'prune-record-unsigned');
  // An older record, with more gone than it says.
  const older = withRecord(pruned, { index: 256, from: 0, last: statementOf(255) });
  assert.deepEqual(
    verify(older)
      .findings.slice(0, 1)
      .map(({ code, path }) => [code, path]),
    [['lane-damaged', 'tile/entries/001']],
  );
  // One that was made under a checkpoint this directory does not have, or has with another root.
  assert.equal(verify(withRecord(pruned, { size: SIZE + 1 })).isWhole, false);
  assert.equal(verify(withRecord(pruned, { root: sha256(NETWORK) })).isWhole, false);
  // Two signatures: the second is nobody's to check.
  const text = Buffer.from(pruned.get(PRUNE_RECORD_FILE)!).toString();
  const twice = Buffer.from(text + text.slice(text.lastIndexOf('\n\n') + 2));
  assert.equal(codesOf(verify(new Map(pruned).set(PRUNE_RECORD_FILE, twice)))[0], 'prune-record-unsigned');
});

test('the first kept entry is judged against the statement before it', () => {
  assert.deepEqual(codesOf(verify(withRecord(pruned, { last: statementOf(510) }))).slice(0, 1), [
    'prune-record-format',
  ]);
  const elsewhere = Buffer.from(statementOf(511));
  // Another statement of that place, as its signer could make one: the link of entry 512 does not name it.
  const at = elsewhere.length - 70;
  elsewhere[at]! ^= 1;
  const report = verify(withRecord(pruned, { last: elsewhere }));
  assert.equal(report.isWhole, false);
  assert.equal(report.findings[0]?.path, PRUNE_RECORD_FILE);
});

test('numbers that cannot be are refused', () => {
  const text = Buffer.from(pruned.get(PRUNE_RECORD_FILE)!).toString();
  const lines = text.split('\n');
  const changed = (line: number, value: string): Uint8Array =>
    Buffer.from(lines.map((old, at) => (at === line ? value : old)).join('\n'));
  for (const [line, value] of [
    [0, 'momentd-pruned/v2'],
    [2, '513'],
    [2, '0'],
    [2, '0512'],
    [2, '1024'],
    [3, '512'],
    [3, '255'],
    [4, '1000'],
    [5, 'AAAA'],
  ] as const) {
    const opened = openPruneRecord(changed(line, value), key, checkStandIn);
    assert.ok(isFault(opened));
    assert.equal(opened.fault, 'prune-record-format', `line ${line + 1}: ${value}`);
  }
  assert.equal(prunableTo(SIZE), 768);
  assert.equal(prunableTo(LIMITS.pruneKeptEntriesMin + 255), 0);
});

test('an audit that meets tiles pruned since it began reads the record again, and one that goes on later does too', () => {
  const files = filesOf(whole);
  let current = whole;
  const walk = auditLane({
    files: { ...files, read: (path) => current.get(path), list: () => [...current.keys()] },
    owner,
    judge,
  });
  assert.equal(walk.next().done, false);
  current = pruned;
  let step = walk.next();
  while (!step.done) step = walk.next();
  assert.deepEqual(step.value.findings, []);
  assert.equal(step.value.firstKept, KEPT_FROM);

  let saved: SavedAudit | undefined;
  for (const progress of auditLane({ files, owner, judge })) {
    saved = progress.save();
    if (progress.entries >= 256) break;
  }
  const resumed = auditLane({ files: filesOf(pruned), owner, judge }, saved);
  for (step = resumed.next(); !step.done; step = resumed.next());
  assert.deepEqual(step.value.findings, []);
  assert.equal(step.value.figures.kinds.heartbeat, SIZE + 7 - 256);
});
