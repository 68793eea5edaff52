/** audit, prove, lane and recover as a person runs them, on a lane on a real disk made by the agent's own code. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { encodeReports } from '../../src/core/attestation/reports.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { checkpointKey } from '../../src/core/log/checkpoint.ts';
import { decodeLaneProof, verifyLaneProof } from '../../src/core/log/lane-proof.ts';
import { originOf } from '../../src/core/log/origin.ts';
import { parseAddCheckpoint } from '../../src/core/log/witness.ts';
import { interval } from '../../src/core/time/interval.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { isFault } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { openStorage, type Storage } from '../../src/io/storage/open-storage.ts';

const program = fileURLToPath(new URL('lane-program.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'momentd-lane-'));
const [lane, guard] = [join(directory, 'lane'), join(directory, 'guard')];
const signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 9)));
const network = new Uint8Array(32).fill(0x77);
const owner = ['--key', toHex(signer.publicKey), '--network', toHex(network)];
const REPORTED = sha256(Buffer.from('a subject'));
const START = 1_790_000_000_000_000_000n;

async function open(createGuard: boolean): Promise<{ storage: Storage; protocol: CommitProtocol }> {
  const storage = await openStorage(
    { disk: fileDisk, checkSignature },
    {
      network,
      publicKey: signer.publicKey,
      guardPath: guard,
      laneDirectory: lane,
      evidence: { directory: join(directory, 'evidence'), bytesMax: 1e8, hoursMax: 24 },
      createGuard,
    },
  );
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await protocol.start();
  return { storage, protocol };
}

async function commitTo(protocol: CommitProtocol, count: number): Promise<void> {
  const drafts = Array.from({ length: count }, (_, i): Draft => {
    const seq = protocol.head.size + i;
    const tai = taiInstant(START + BigInt(seq) * 1_000_000_000n + (seq > 200 ? 60_000_000_000n : 0n));
    const time = { tai, guarantee: nanos(80 + seq), ...(seq > 250 ? { clockClass: 7 } : { clockClass: 6 }) };
    if (seq === 120 || seq === 301) {
      const { bytes: body, root } = encodeReports(time, [{ subject: REPORTED, seen: interval(tai, tai) }]);
      return { epoch: 0n, kind: 'reports', time, subject: root, taiUtcSeconds: 37, evidence: Buffer.from('e'), body };
    }
    const subject = new Uint8Array(32);
    return { epoch: 0n, kind: 'heartbeat', time, subject, taiUtcSeconds: 37, evidence: Buffer.from('e'), body: null };
  });
  assert.equal((await protocol.commit(drafts)).kind, 'committed');
}

before(async () => {
  const { storage, protocol } = await open(true);
  await commitTo(protocol, 300);
  await protocol.checkpoint();
  await commitTo(protocol, 5);
  await storage.close();
});

after(() => rmSync(directory, { recursive: true }));

function momentd(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

test('audit says of a whole lane what it holds, and names what is wrong with an altered one', () => {
  const good = momentd('audit', lane, ...owner);
  assert.equal(good.status, 0, good.err);
  assert.match(good.out, /300 entries, signed by the validator/);
  assert.match(good.out, /5 entries in the journal/);
  assert.match(good.out, /gap +61 s before entry 201/);
  assert.match(good.out, /entry 251: clock class 6 to 7/);
  const copy = join(directory, 'altered');
  cpSync(lane, copy, { recursive: true });
  const path = join(copy, 'tile/entries/000');
  const bytes = readFileSync(path);
  bytes[1_000]! ^= 1;
  writeFileSync(path, bytes);
  const bad = momentd('audit', copy, ...owner, '--json');
  assert.equal(bad.status, 1);
  const report = JSON.parse(bad.out) as { isWhole: boolean; findings: { code: string }[] };
  assert.equal(report.isWhole, false);
  assert.ok(report.findings.some(({ code }) => code === 'lane-damaged'));
  const unowned = momentd('audit', lane);
  assert.equal(unowned.status, 2, 'whose lane it is was not said');
  assert.match(unowned.err, /lane-owner-unknown/);
  assert.equal(momentd('audit', join(directory, 'nowhere'), ...owner).status, 2);
});

test('prove writes a proof that holds, and refuses what the checkpoint does not cover', () => {
  const file = join(directory, 'entry.tlog-proof');
  const done = momentd('prove', lane, ...owner, '--entry', '257', '--out', file);
  assert.equal(done.status, 0, done.err);
  const proof = decodeLaneProof(readFileSync(file));
  assert.ok(!isFault(proof));
  const key = checkpointKey(originOf({ network, kid: signer.kid }), signer.publicKey);
  const under = verifyLaneProof(proof, { key, check: checkSignature });
  assert.ok(!isFault(under));
  assert.equal(under.size, 300);
  const other = verifyLaneProof({ ...proof, index: 256 }, { key, check: checkSignature });
  assert.ok(isFault(other) && other.fault === 'lane-proof-wrong');
  const grown = momentd('prove', lane, ...owner, '--grown-from', '100');
  assert.equal(parseAddCheckpoint(Buffer.from(grown.out))?.oldSize, 100);
  const beyond = momentd('prove', lane, ...owner, '--entry', '300');
  assert.equal(beyond.status, 2);
  assert.match(beyond.err, /lane-proof-range/);
});

test('lane find halves by time, and export copies a lane that is whole by itself', () => {
  const at = START + 17_500_000_000n;
  const found = momentd('lane', 'find', lane, ...owner, '--at', `${at}`, '--json');
  assert.equal((JSON.parse(found.out) as { index: number }[])[0]?.index, 17);
  assert.equal(momentd('lane', 'find', lane, ...owner, '--at', '5').status, 1);
  const copy = join(directory, 'mirror');
  assert.equal(momentd('lane', 'export', lane, copy, ...owner).status, 0);
  assert.ok(!existsSync(join(copy, 'journal')));
  assert.equal(momentd('audit', copy, ...owner).status, 0);
});

test('a subject is found with an index beside the lane and without, and can be proven', () => {
  const find = ['lane', 'find', lane, ...owner, '--json', '--subject'];
  const indexes = (): number[] => {
    const found = momentd(...find, toHex(REPORTED));
    assert.equal(found.status, 0, found.err);
    return (JSON.parse(found.out) as { index: number }[]).map(({ index }) => index);
  };
  assert.deepEqual(indexes(), [120, 301]);
  const made = momentd('lane', 'index', lane, ...owner, '--rebuild', '--json');
  assert.deepEqual(JSON.parse(made.out), { indexed: 0, entries: 305, directory: `${lane}.index` });
  assert.deepEqual(indexes(), [120, 301]);
  assert.equal(momentd(...find, '00'.repeat(32)).status, 1, 'the subject of a heartbeat is none');
  assert.equal(momentd(...find, 'ab').status, 2);
  const file = join(directory, 'subject.tlog-proof');
  assert.equal(momentd('prove', lane, ...owner, '--subject', toHex(REPORTED), '--out', file).status, 0);
  const proof = decodeLaneProof(readFileSync(file));
  assert.ok(!isFault(proof) && proof.index === 120);
  const both = momentd('prove', lane, ...owner, '--subject', toHex(REPORTED), '--entry', '1');
  assert.equal(both.status, 2);
});

test('recover explains, and makes a guard only from a lane that is long enough', async () => {
  const fine = momentd('recover', '--guard', guard, '--lane', lane, ...owner);
  assert.equal(fine.status, 0, fine.err);
  rmSync(guard);
  await assert.rejects(open(false), { code: 'guard-missing' });
  const told = momentd('recover', '--guard', guard, '--lane', lane, ...owner);
  assert.equal(told.status, 1);
  assert.match(told.out, /--adopt-lane/);
  const adopt = ['recover', '--guard', guard, '--lane', lane, ...owner, '--adopt-lane'];
  assert.equal(momentd(...adopt).status, 2, 'it must be said how much others have seen');
  const short = momentd(...adopt, '--highest-seen', '306');
  assert.equal(short.status, 2);
  assert.match(short.err, /guard-ahead/);
  assert.ok(!existsSync(guard));
  assert.equal(momentd(...adopt, '--highest-seen', '305').status, 0);
  const { storage, protocol } = await open(false);
  assert.equal(protocol.head.size, 305);
  await commitTo(protocol, 2);
  await storage.close();
});
