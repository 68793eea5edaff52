/** `momentd lane import` of what another validator kept of our lane: its checkpoint is not ours, its entries are. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { parseGenesis } from '../../src/core/attestation/genesis-json.ts';
import { networkIdOf } from '../../src/core/attestation/genesis.ts';
import type { Digest } from '../../src/core/codec/sha256.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { isFault } from '../../src/core/verdict.ts';
import { SIMULATED_SOURCES, writeFirstNetwork } from '../../src/cli/first-network.ts';
import { loadConfig } from '../../src/io/config/load.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { readKeyFile } from '../../src/io/keys/key-store.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { LaneCopies } from '../../src/io/storage/kept-lanes.ts';
import { openStorage } from '../../src/io/storage/open-storage.ts';
import type { Signer } from '../../src/ports/signer.ts';
import { runProgram, type Ended } from './run-momentd.ts';

const program = fileURLToPath(new URL('lane-program.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'momentd-import-'));
const copies = join(directory, 'peer', 'lanes');
let [config, lane, guard, genesis, copy] = ['', '', '', '', ''];
let network: Digest;
let signer: Signer;

const open = () =>
  openStorage(
    { disk: fileDisk, checkSignature },
    {
      network,
      publicKey: signer.publicKey,
      guardPath: guard,
      laneDirectory: lane,
      evidence: { directory: join(directory, 'evidence'), bytesMax: 1e8, hoursMax: 24 },
      createGuard: false,
    },
  );

/** A lane of 610 entries, and a peer's copy of it: 600 under the peer's checkpoint, the rest in its journal. */
before(async () => {
  const files = await writeFirstNetwork({
    directory: join(directory, 'own'),
    networkName: 'net',
    validatorName: 'one',
    region: 'EU',
    sealing: undefined,
    sources: SIMULATED_SOURCES,
    apiPort: undefined,
  });
  ({ config } = files);
  const { validator } = await loadConfig(config);
  ({ guard, genesis } = validator);
  lane = join(validator.state_dir, 'lane');
  const parsed = parseGenesis(readFileSync(genesis));
  assert.ok(!isFault(parsed));
  network = networkIdOf(parsed.genesis);
  signer = sodiumSigner(await readKeyFile(validator.key));
  const storage = await open();
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await protocol.start();
  const { kid } = signer;
  const peer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 5)));
  const needs = { disk: fileDisk, checkSignature, signer: peer, own: undefined };
  const kept = await LaneCopies.open(needs, { directory: copies, network, kids: [kid] });
  for (const count of [600, 10]) {
    const first = protocol.head.size;
    const drafts = Array.from({ length: count }, (_, i): Draft => {
      const time = { tai: taiInstant(1_790_000_000_000_000_000n + BigInt(first + i)), guarantee: nanos(80) };
      const subject = new Uint8Array(32);
      return { epoch: 0n, kind: 'heartbeat', time, subject, taiUtcSeconds: 37, evidence: Buffer.from('e'), body: null };
    });
    assert.equal((await protocol.commit(drafts)).kind, 'committed');
    await kept.append(kid, first, await storage.lane.read(first, first + count));
    if (count === 600) await kept.checkpoint();
  }
  await kept.close();
  await storage.close();
  copy = join(copies, readdirSync(copies)[0]!);
});

after(() => {
  signer.release();
  rmSync(directory, { recursive: true });
});

const importFrom = (from: string): Promise<Ended> => runProgram(program, 'lane', 'import', from, '--config', config);

test('a lane that is there is never written over', async () => {
  const there = await importFrom(copy);
  assert.equal(there.code, 2);
  assert.match(there.stderr, /file-exists/);
});

test('a copy that was altered, or is of another lane, is refused, and nothing is written', async () => {
  rmSync(lane, { recursive: true });
  const altered = join(directory, 'altered');
  const damages: readonly (readonly [RegExp, (at: string) => void])[] = [
    [/\[(cose|statement|lane)-/, (at) => flip(join(at, 'tile/entries/000'), 4_000)],
    [/lane-damaged/, (at) => flip(join(at, 'tile/0/001'), 40)],
    [/lane-damaged/, (at) => flip(join(at, 'journal', '000000000000000'), -3)],
    [/note-format/, (at) => writeFileSync(join(at, 'checkpoint'), 'no note')],
    [/checkpoint-origin/, (at) => putElsewhere(join(at, 'checkpoint'))],
    [/there is no entry in it/, (at) => rmSync(at, { recursive: true })],
  ];
  for (const [what, damage] of damages) {
    cpSync(copy, altered, { recursive: true });
    damage(altered);
    mkdirSync(altered, { recursive: true });
    const refused = await importFrom(altered);
    assert.equal(refused.code, 1, refused.stdout + refused.stderr);
    assert.match(refused.stdout, what);
    assert.ok(!existsSync(lane));
    rmSync(altered, { recursive: true });
  }
});

test('without its lane a start is refused, and recover says so where there is not even a checkpoint', async () => {
  const storage = await open();
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await assert.rejects(protocol.start(), { code: 'guard-ahead' });
  await storage.close();
  const told = await runProgram(program, 'recover', '--guard', guard, '--lane', lane, '--genesis', genesis);
  assert.equal(told.code, 1, told.stderr);
  assert.match(told.stdout, /guard-ahead/);
  assert.match(told.stdout, /momentd lane import/);
});

test('a whole copy comes in place of the empty lane that the refused start left, under our key and with its newest entries', async () => {
  const imported = await importFrom(copy);
  assert.equal(imported.code, 0, imported.stdout + imported.stderr);
  assert.match(imported.stdout, /610 entries, verified/);
  const audit = await runProgram(program, 'audit', lane, '--genesis', genesis);
  assert.equal(audit.code, 0, audit.stdout);
  const storage = await open();
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await protocol.start();
  assert.equal(protocol.head.size, 610);
  await storage.close();
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(path, bytes);
}

/** The checkpoint as it would be of another validator's lane. */
function putElsewhere(path: string): void {
  const text = readFileSync(path, 'latin1');
  writeFileSync(path, text.replaceAll(/\/[0-9a-f]{16}(?=[\n ])/g, '/0123456789abcdef'), 'latin1');
}
