/** `momentd lane prune` on a validator that was stopped, and the agent that goes on from there. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { parseGenesis } from '../../src/core/attestation/genesis-json.ts';
import { networkIdOf } from '../../src/core/attestation/genesis.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { isFault } from '../../src/core/verdict.ts';
import { SIMULATED_SOURCES, writeFirstNetwork } from '../../src/cli/first-network.ts';
import { loadConfig } from '../../src/io/config/load.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { readKeyFile } from '../../src/io/keys/key-store.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { openStorage } from '../../src/io/storage/open-storage.ts';
import { startAgent } from '../../src/main/start-agent.ts';

const program = fileURLToPath(new URL('lane-program.ts', import.meta.url));
const HOUR = 3_600_000_000_000n;

/** A validator that has signed two statements an hour, 1,800 in all. */
async function validator(directory: string): Promise<{ config: string; stateDir: string }> {
  const files = await writeFirstNetwork({
    directory: join(directory, 'v'),
    networkName: 'net',
    validatorName: 'one',
    region: 'EU',
    sealing: undefined,
    sources: SIMULATED_SOURCES,
    apiPort: undefined,
  });
  const { validator: paths } = await loadConfig(files.config);
  const genesis = parseGenesis(readFileSync(paths.genesis));
  assert.ok(!isFault(genesis));
  const signer = sodiumSigner(await readKeyFile(paths.key));
  const network = networkIdOf(genesis.genesis);
  const storage = await openStorage(
    { disk: fileDisk, checkSignature },
    {
      network,
      publicKey: signer.publicKey,
      guardPath: paths.guard,
      laneDirectory: join(paths.state_dir, 'lane'),
      evidence: { directory: join(paths.state_dir, 'evidence'), bytesMax: 1e8, hoursMax: 1e6 },
      createGuard: false,
    },
  );
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await protocol.start();
  for (let round = 0; round < 2; round++) {
    const drafts = Array.from({ length: 900 }, (_, i): Draft => {
      const tai = taiInstant(1_700_000_000_000_000_000n + (BigInt(protocol.head.size + i) * HOUR) / 2n);
      const subject = new Uint8Array(32);
      const time = { tai, guarantee: nanos(80) };
      return { epoch: 0n, kind: 'heartbeat', time, subject, taiUtcSeconds: 37, evidence: Buffer.from('e'), body: null };
    });
    assert.equal((await protocol.commit(drafts)).kind, 'committed');
  }
  await protocol.checkpoint();
  await storage.close();
  signer.release();
  return { config: files.config, stateDir: paths.state_dir };
}

function momentd(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

/** The status and the bytes an API path answers with. */
function get(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, headers: { host: 'localhost' } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({ status: response.statusCode!, body: Buffer.concat(pieces).toString('latin1') }),
      );
    })
      .on('error', reject)
      .end();
  });
}

test('pruned as asked, and the agent goes on signing, ordering and answering from there', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-prune-'));
  try {
    const { config, stateDir } = await validator(directory);
    const prune = ['lane', 'prune', '--config', config];
    // 1,800 statements in 900 hours: 600 h back from the newest is entry 599, and whole tiles end at 512.
    const told = momentd(...prune, '--keep', '600h');
    assert.equal(told.status, 0, told.err);
    assert.match(told.out, /would prune entries 0 to 511 and keep 1288/);
    assert.equal(momentd(...prune, '--to', '1024').status, 2, 'the guard needs the end');
    const done = momentd(...prune, '--keep', '600h', '--apply', '--json');
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(JSON.parse(done.out), { entries: 1_800, first_kept: 512, would_keep_from: 512, pruned: true });
    const audit = momentd('audit', join(stateDir, 'lane'), '--genesis', join(directory, 'v', 'genesis.cbor'));
    assert.equal(audit.status, 0, audit.out + audit.err);

    const agent = await startAgent(config, { logLevel: 'error' });
    try {
      const gone = await get(agent.socket, '/v1/lane/tile/entries/000');
      assert.equal(gone.status, 410);
      assert.match(gone.body, /"code":"lane-pruned"/);
      assert.equal((await get(agent.socket, '/v1/statements/5')).status, 410);
      assert.equal((await get(agent.socket, '/v1/statements/600')).status, 200);
      assert.equal((await get(agent.socket, '/v1/lane/tile/entries/002')).status, 200);
      assert.equal((await get(agent.socket, '/v1/lane/tile/0/000')).status, 200, 'hashes are for ever');
      assert.equal((await get(agent.socket, '/v1/lane/tile/entries/999')).status, 404);
      assert.match((await get(agent.socket, '/v1/lane/pruned')).body, /^momentd-pruned\/v1\n/);
      // The agent holds the lane: nobody prunes under it.
      const running = spawn(process.execPath, [program, ...prune, '--to', '768', '--apply']);
      const said: Buffer[] = [];
      running.stderr.on('data', (piece: Buffer) => said.push(piece));
      const [status] = (await once(running, 'close')) as [number];
      assert.equal(status, 2);
      assert.match(Buffer.concat(said).toString(), /storage-in-use/);
    } finally {
      await agent.stop();
    }

    // A second pruning goes on from the state of the first.
    assert.equal(momentd(...prune, '--to', '768', '--apply').status, 0);
    await (await startAgent(config, { logLevel: 'error' })).stop();
    const snapshot = join(stateDir, 'order', 'snapshot');
    const bytes = readFileSync(snapshot);
    const altered = Buffer.from(bytes);
    altered[100]! ^= 1;
    writeFileSync(snapshot, altered);
    await assert.rejects(startAgent(config, { logLevel: 'error' }), { code: 'order-state-missing' });
    assert.equal(momentd(...prune, '--to', '776', '--apply').status, 2, 'nothing more goes without it');
    writeFileSync(snapshot, bytes);
    await (await startAgent(config, { logLevel: 'error' })).stop();
    rmSync(snapshot);
    await assert.rejects(startAgent(config, { logLevel: 'error' }), { code: 'order-state-missing' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
