/**
 * kill -9, two hundred times, while a validator commits as fast as it can: no sequence number is ever signed over two
 * messages, no acknowledged statement is missing, and the lane verifies from its first entry. Real disk, real signatures.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeSignedStatement } from '../../src/core/attestation/verify-statement.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { decodeEntry } from '../../src/core/log/entry.ts';
import { leafHash, rootOf } from '../../src/core/log/merkle.ts';
import { originOf } from '../../src/core/log/origin.ts';
import { isFault } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { LaneDirectory } from '../../src/io/storage/lane-directory.ts';

const KILLS = 200;
/** Validators killed side by side: as many as the smallest machine has cores. */
const SERIES = 2;

const committer = fileURLToPath(new URL('committer.ts', import.meta.url));

type Record = { readonly signed: Map<string, Set<string>>; readonly acknowledged: Map<number, string>; starts: number };

/** When the kill comes: after so many lines, or so many milliseconds after the process was made, start-up included. */
type Moment = { readonly kind: 'lines'; readonly count: number } | { readonly kind: 'time'; readonly ms: number };

async function runUntilKilled(directory: string, moment: Moment, create: boolean, record: Record): Promise<void> {
  const child = spawn(process.execPath, [committer, directory, '5', create ? 'create' : 'open'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compile-cache') },
  });
  let lines = 0;
  let rest = '';
  let complaint = '';
  const timer = moment.kind === 'time' ? setTimeout(() => child.kill('SIGKILL'), moment.ms) : undefined;
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  child.stdout.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n');
    rest = parts.pop()!;
    for (const line of parts) note(record, line);
    lines += parts.length;
    if (moment.kind === 'lines' && lines >= moment.count) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  clearTimeout(timer);
  assert.equal(signal, 'SIGKILL', `the child ended by itself: ${complaint}`);
  assert.equal(rest, '', 'a line is whole or absent');
  if (lines > 0) record.starts += 1;
}

function note(record: Record, line: string): void {
  const [what, place, digest] = line.split(' ') as [string, string, string];
  if (what === 'S') record.signed.set(place, (record.signed.get(place) ?? new Set()).add(digest));
  else {
    const before = record.acknowledged.get(Number(place));
    assert.ok(before === undefined || before === digest, `entry ${place} was acknowledged as two statements`);
    record.acknowledged.set(Number(place), digest);
  }
}

async function checkLane(directory: string, record: Record): Promise<number> {
  const signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 0x5e)));
  const { publicKey, kid } = signer;
  const origin = originOf({ network: new Uint8Array(32).fill(0x4e), kid });
  const lane = await LaneDirectory.open(
    { disk: fileDisk, checkSignature },
    { directory: join(directory, 'lane'), origin, publicKey },
  );
  const entries = await lane.read(0, lane.size);
  let previous: Uint8Array = new Uint8Array(32);
  for (const [index, bytes] of entries.entries()) {
    const entry = decodeEntry(bytes);
    assert.ok(!isFault(entry));
    const signed = decodeSignedStatement(entry.statement);
    assert.ok(!isFault(signed));
    assert.equal(signed.statement.seq, BigInt(index));
    assert.deepEqual(new Uint8Array(signed.statement.previous), new Uint8Array(previous));
    assert.ok(checkSignature({ publicKey, message: signed.toBeSigned, signature: signed.signature }));
    assert.deepEqual([...record.signed.get(String(index))!], [Buffer.from(signed.id).toString('hex')]);
    const acknowledged = record.acknowledged.get(index);
    if (acknowledged !== undefined) assert.equal(acknowledged, Buffer.from(sha256(entry.statement)).toString('hex'));
    previous = signed.id;
  }
  for (const index of record.acknowledged.keys()) assert.ok(index < entries.length, `entry ${index} is missing`);
  assert.deepEqual(Buffer.from(lane.root()), Buffer.from(rootOf(entries.map(leafHash))));
  await lane.close();
  signer.release();
  return entries.length;
}

async function series(kills: number, chance: () => number): Promise<{ record: Record; entries: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-kill-'));
  const record: Record = { signed: new Map(), acknowledged: new Map(), starts: 0 };
  try {
    // The first life sets up and is let past it; an operator repeats a set-up that was interrupted.
    await runUntilKilled(directory, { kind: 'lines', count: 10 }, true, record);
    for (let kill = 1; kill < kills; kill++) {
      const moment: Moment =
        kill % 4 === 0
          ? { kind: 'time', ms: 300 * chance() }
          : { kind: 'lines', count: 1 + Math.floor(120 * chance()) };
      await runUntilKilled(directory, moment, false, record);
    }
    return { record, entries: await checkLane(directory, record) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test(`killed ${KILLS} times under load`, async (t) => {
  const all = await Promise.all(Array.from({ length: SERIES }, () => series(KILLS / SERIES, Math.random)));
  for (const { record, entries } of all) {
    const doubles = [...record.signed].filter(([, messages]) => messages.size > 1);
    assert.deepEqual(doubles, [], 'no sequence number is signed over two messages');
    assert.ok(record.starts > KILLS / SERIES / 2, `${record.starts} lives got as far as signing`);
    assert.ok(entries > KILLS, `${entries} entries`);
    t.diagnostic(`${entries} entries, ${record.acknowledged.size} acknowledged, ${record.starts} lives that signed`);
  }
});
