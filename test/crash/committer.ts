/**
 * A child process that commits as fast as it can and tells its parent, on standard output, what it has done:
 *
 *     S <seq> <SHA-256 of the message>     signed, written before the entry is appended
 *     A <index> <SHA-256 of the statement> acknowledged: durable, and published by being told
 *
 * Arguments: the directory, and how many statements a batch has at most. It ends when it is killed.
 */

import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { CommitProtocol, type Committed } from '../../src/agent/commit-protocol.ts';
import { decodeStatement } from '../../src/core/attestation/statement.ts';
import { sigStructure } from '../../src/core/attestation/cose-sign1.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { isFault } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { openStorage } from '../../src/io/storage/open-storage.ts';

// What was compiled is kept for the next life: it is written at the end of a process, and this one's end is a kill.
flushCompileCache();

const [directory, batchMax] = [process.argv[2]!, Number(process.argv[3])];
const network = new Uint8Array(32).fill(0x4e);
const signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 0x5e)));
const storage = await openStorage(
  { disk: fileDisk, checkSignature },
  {
    network,
    publicKey: signer.publicKey,
    guardPath: join(directory, 'guard', 'guard'),
    laneDirectory: join(directory, 'lane'),
    evidence: { directory: join(directory, 'evidence'), bytesMax: 1e9, hoursMax: 1_000 },
    createGuard: process.argv[4] === 'create',
  },
);

const headBytes = sigStructure({ kid: signer.kid, payload: new Uint8Array(200) }).length - 200;
const told = {
  ...signer,
  sign(message: Uint8Array): Uint8Array {
    const signature = signer.sign(message);
    const statement = decodeStatement(message.subarray(headBytes));
    if (!isFault(statement)) tell(`S ${statement.seq} ${hex(sha256(message))}\n`);
    return signature;
  },
};

const protocol = new CommitProtocol({ ...storage, signer: told }, { network });
acknowledge(await protocol.start());
for (let round = 0; ; round++) {
  const drafts = Array.from({ length: 1 + (round % batchMax) }, (_, i) => draft(i));
  const outcome = await protocol.commit(drafts);
  if (outcome.kind === 'refused') throw new Error(outcome.detail);
  acknowledge(outcome.statements);
  if (round % 16 === 15) await protocol.checkpoint();
}

function draft(i: number): Draft {
  const tai = taiInstant((protocol.head.time ?? 1_790_000_000_000_000_000n) + 1n + BigInt(i));
  const evidence = Buffer.from(`evidence ${tai / 64n}`);
  const time = { tai, guarantee: nanos(85) };
  return { epoch: 0n, kind: 'heartbeat', time, subject: new Uint8Array(32), taiUtcSeconds: 37, evidence, body: null };
}

function acknowledge(statements: readonly Committed[]): void {
  for (const { index, bytes } of statements) tell(`A ${index} ${hex(sha256(bytes))}\n`);
}

/** Lines are shorter than PIPE_BUF, so each is written whole or not at all, even when the kill comes in the middle. */
function tell(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
