/** A pruned lane as a person meets it: audit, verify, prove, find, export, recover; and an auditor who kept old entries. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { openStorage, type Storage } from '../../src/io/storage/open-storage.ts';

const program = fileURLToPath(new URL('lane-program.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'momentd-pruned-'));
const [lane, guard, before512] = ['lane', 'guard', 'before'].map((name) => join(directory, name)) as [
  string,
  string,
  string,
];
const signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 9)));
const network = new Uint8Array(32).fill(0x77);
const owner = ['--key', toHex(signer.publicKey), '--network', toHex(network)];
const START = 1_790_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

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
    const tai = taiInstant(START + BigInt(protocol.head.size + i) * SECOND);
    const time = { tai, guarantee: nanos(80) };
    const subject = new Uint8Array(32);
    return { epoch: 0n, kind: 'heartbeat', time, subject, taiUtcSeconds: 37, evidence: Buffer.from('e'), body: null };
  });
  assert.equal((await protocol.commit(drafts)).kind, 'committed');
}

before(async () => {
  const { storage, protocol } = await open(true);
  for (const count of [800, 800]) await commitTo(protocol, count);
  await protocol.checkpoint();
  cpSync(lane, before512, { recursive: true });
  await storage.lane.prune(512, (bytes) => signer.sign(bytes));
  await commitTo(protocol, 5);
  await storage.close();
});

after(() => rmSync(directory, { recursive: true }));

function momentd(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

test('audit and verify call it whole and say from where, and name a lane whose record is gone damaged', () => {
  const audit = momentd('audit', lane, ...owner);
  assert.equal(audit.status, 0, audit.out + audit.err);
  assert.match(audit.out, /pruned +entries before 512/);
  assert.match(audit.out, /statements +1093:/);
  const verified = momentd('verify', lane, ...owner);
  assert.equal(verified.status, 0, verified.out + verified.err);
  assert.match(verified.out, /512 statements that were pruned/);
  const copy = join(directory, 'no-record');
  cpSync(lane, copy, { recursive: true });
  rmSync(join(copy, 'pruned'));
  const damaged = momentd('audit', copy, ...owner);
  assert.equal(damaged.status, 1);
  assert.match(damaged.out, /tile\/entries\/000: the tile is missing \[lane-damaged\]/);
});

test('an entry that is gone is still proven to whoever kept it, and growth from before the pruning too', () => {
  const [proof, kept] = [join(directory, 'gone.tlog-proof'), join(directory, 'kept.tlog-proof')];
  const done = momentd('prove', lane, ...owner, '--entry', '100', '--out', proof);
  assert.equal(done.status, 0, done.err);
  assert.match(done.err, /entry 100 was pruned.*\[lane-pruned\]/);
  const alone = momentd('verify', proof, ...owner);
  assert.equal(alone.status, 1);
  assert.match(alone.out, /lane-pruned/);
  // An auditor's own copy from before gives the entry.
  assert.equal(momentd('prove', before512, ...owner, '--entry', '100', '--out', kept).status, 0);
  const together = momentd('verify', proof, '--entry', kept, ...owner);
  assert.equal(together.status, 0, together.out + together.err);
  assert.match(together.out, /entry 100 of 1600/);
  assert.equal(momentd('prove', before512, ...owner, '--entry', '101', '--out', kept).status, 0);
  const other = momentd('verify', proof, '--entry', kept, ...owner);
  assert.equal(other.status, 1);
  assert.match(other.out, /lane-proof-wrong/);
  assert.equal(momentd('prove', lane, ...owner, '--grown-from', '300').status, 0);
});

test('what is asked for by time or index and is gone is told from what never was', () => {
  const at = (entry: bigint): string => `${START + entry * SECOND}`;
  const found = momentd('lane', 'find', lane, ...owner, '--at', at(700n), '--json');
  assert.equal((JSON.parse(found.out) as { index: number }[])[0]?.index, 700);
  const gone = momentd('lane', 'find', lane, ...owner, '--at', at(17n));
  assert.equal(gone.status, 2);
  assert.match(gone.err, /first that is kept \[lane-pruned\]|lane-pruned/);
  const index = momentd('lane', 'index', lane, ...owner, '--rebuild', '--json');
  assert.equal((JSON.parse(index.out) as { indexed: number }).indexed, 1_024);
});

test('an export carries the record, and the agent goes on from an import of it', async () => {
  const copy = join(directory, 'mirror');
  assert.equal(momentd('lane', 'export', lane, copy, ...owner).status, 0);
  assert.ok(existsSync(join(copy, 'pruned')));
  assert.equal(momentd('audit', copy, ...owner).status, 0);
  const record = readFileSync(join(copy, 'pruned'));
  record[record.length - 10]! ^= 1;
  writeFileSync(join(copy, 'pruned'), record);
  const forged = momentd('lane', 'export', copy, join(directory, 'second'), ...owner);
  assert.equal(forged.status, 1);
  const { storage, protocol } = await open(false);
  assert.equal(protocol.head.size, 1_605);
  assert.equal(storage.lane.firstKept, 512);
  await assert.rejects(storage.lane.read(511, 520), { code: 'lane-pruned' });
  await storage.close();
});

test('recover adopts a pruned lane when it is whole', () => {
  rmSync(guard);
  const adopt = ['recover', '--guard', guard, '--lane', lane, ...owner, '--adopt-lane', '--highest-seen', '1605'];
  assert.equal(momentd(...adopt).status, 0);
  assert.equal(momentd('recover', '--guard', guard, '--lane', lane, ...owner).status, 0);
});
