/** The background check finds a whole lane whole while it grows, and an altered byte of an old tile. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { openStorage } from '../../src/io/storage/open-storage.ts';
import { startIntegrityCheck } from '../../src/main/integrity-check.ts';

test('the background integrity check', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-integrity-'));
  const signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 6)));
  const network = new Uint8Array(32).fill(6);
  const lane = join(directory, 'lane');
  const storage = await openStorage(
    { disk: fileDisk, checkSignature },
    {
      network,
      publicKey: signer.publicKey,
      guardPath: join(directory, 'guard'),
      laneDirectory: lane,
      evidence: { directory: join(directory, 'evidence'), bytesMax: 1e8, hoursMax: 24 },
      createGuard: true,
    },
  );
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await protocol.start();
  const commit = async (count: number): Promise<void> => {
    const drafts = Array.from({ length: count }, (_, i): Draft => {
      const tai = taiInstant(1_790_000_000_000_000_000n + BigInt(protocol.head.size + i));
      const subject = new Uint8Array(32);
      const evidence = Buffer.from('e');
      return {
        epoch: 0n,
        kind: 'heartbeat',
        time: { tai, guarantee: nanos(9) },
        subject,
        taiUtcSeconds: 37,
        evidence,
        body: null,
      };
    });
    assert.equal((await protocol.commit(drafts)).kind, 'committed');
  };
  const check = () => startIntegrityCheck({ directory: lane, network, publicKey: signer.publicKey, shareOfCore: 1 });
  try {
    assert.equal(await check().report, undefined, 'no checkpoint, nothing to check');
    await commit(600);
    await protocol.checkpoint();
    const running = check();
    for (let round = 0; round < 20; round++) {
      await commit(20);
      await protocol.checkpoint();
    }
    const whole = await running.report;
    assert.deepEqual(whole?.findings, []);
    assert.ok(whole.figures.entries >= 600);
    const path = join(lane, 'tile/0/001');
    const bytes = readFileSync(path);
    bytes[77]! ^= 4;
    writeFileSync(path, bytes);
    const altered = await check().report;
    assert.equal(altered?.isWhole, false);
    assert.equal(altered.findings[0]?.path, 'tile/0/001');
    const stopped = check();
    await stopped.stop();
    await stopped.stop();
    await stopped.report;
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
});
