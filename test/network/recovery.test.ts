/**
 * What docs/operating.md says of a validator that refuses to start, followed by the letter: each remedy brings it back to the
 * same order bytes. Four processes on loopback; one of them has an old lane, which it prunes.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommitProtocol } from '../../src/agent/commit-protocol.ts';
import { parseGenesis } from '../../src/core/attestation/genesis-json.ts';
import { networkIdOf } from '../../src/core/attestation/genesis.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { isFault } from '../../src/core/verdict.ts';
import { loadConfig } from '../../src/io/config/load.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { readKeyFile } from '../../src/io/keys/key-store.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { fileDisk } from '../../src/io/storage/file-disk.ts';
import { openStorage } from '../../src/io/storage/open-storage.ts';
import { momentd } from '../cli/run-momentd.ts';
import { localNetwork, type Member } from './local-network.ts';

type Status = { readonly time: { readonly state: string } };
type Order = { readonly size: string };

/** 1,800 statements of long ago in a lane that is not running yet. Returns its key id. */
async function age(member: Member): Promise<string> {
  const { validator } = await loadConfig(member.files.config);
  const parsed = parseGenesis(readFileSync(validator.genesis));
  assert.ok(!isFault(parsed));
  const network = networkIdOf(parsed.genesis);
  const signer = sodiumSigner(await readKeyFile(validator.key));
  const storage = await openStorage(
    { disk: fileDisk, checkSignature },
    {
      network,
      publicKey: signer.publicKey,
      guardPath: validator.guard,
      laneDirectory: join(validator.state_dir, 'lane'),
      evidence: { directory: join(validator.state_dir, 'evidence'), bytesMax: 1e8, hoursMax: 1e6 },
      createGuard: false,
    },
  );
  const protocol = new CommitProtocol({ ...storage, signer }, { network });
  await protocol.start();
  for (let round = 0; round < 2; round++) {
    const first = protocol.head.size;
    const drafts = Array.from({ length: 900 }, (_, i): Draft => {
      const tai = taiInstant(1_700_000_000_000_000_000n + BigInt(first + i) * 1_000_000_000n);
      const time = { tai, guarantee: nanos(80) };
      const subject = new Uint8Array(32);
      return { epoch: 0n, kind: 'heartbeat', time, subject, taiUtcSeconds: 37, evidence: Buffer.from('e'), body: null };
    });
    assert.equal((await protocol.commit(drafts)).kind, 'committed');
  }
  await protocol.checkpoint();
  await storage.close();
  const kid = toHex(signer.kid);
  signer.release();
  return kid;
}

async function orderOf(member: Member, size: number): Promise<string> {
  const tile = await member.ask(`/v1/order/log/tile/entries/000.p/${size}`);
  assert.equal(tile.status, 200);
  return tile.bytes.toString('hex');
}

async function refusedWith(member: Member, code: string): Promise<void> {
  const refused = await momentd('run', '--config', member.files.config);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, new RegExp(`\\[${code}\\]`));
}

/** Alters one byte near the end of the only file of a directory. */
async function damageFileIn(directory: string): Promise<void> {
  const path = join(directory, readdirSync(directory)[0]!);
  const bytes = await readFile(path);
  bytes[bytes.length - 5]! ^= 1;
  await writeFile(path, bytes);
}

test(
  'order log, snapshot, own lane and a copy lost or damaged, whole and pruned: each remedy leads back',
  { timeout: 600_000 },
  async (t) => {
    const members = await localNetwork(t, 4);
    const [one, two] = [members[0]!, members[1]!];
    const { config, stateDir, genesis } = one.files;
    const kid = await age(one);
    const [lane, order] = [join(stateDir, 'lane'), join(stateDir, 'order')];
    const copyAtPeer = join(two.files.stateDir, 'lanes', kid);
    let [final, aways] = [0, 0];
    const moveAway = (path: string): Promise<void> => rename(path, `${path}.away-${aways++}`);
    const importLane = async (): Promise<void> => {
      const imported = await momentd('lane', 'import', copyAtPeer, '--config', config);
      assert.equal(imported.code, 0, imported.stdout + imported.stderr);
    };
    /** It runs, takes part, and has the bytes that the others have. */
    const isBack = async (): Promise<void> => {
      one.start();
      await one.until<Status>('/v1/status', ({ time }) => time.state === 'locked');
      await one.until<{ peers: object[] }>('/v1/peers', ({ peers }) => peers.length === 3);
      await one.json('/v1/subjects', { digest: createHash('sha256').update(`subject ${final}`).digest('hex') });
      final += 1;
      for (const member of members) await member.until<Order>('/v1/order/status', ({ size }) => size === String(final));
      const bytes = await Promise.all(members.map((member) => orderOf(member, final)));
      assert.equal(new Set(bytes).size, 1, 'all hold the same order');
      assert.equal(await one.stop(), 0);
    };
    for (const member of members.slice(1)) member.start();
    await isBack();

    // Whole lanes: the order is made again from them, and a copy is fetched again.
    await damageFileIn(join(order, 'tile/entries/000.p'));
    await refusedWith(one, 'order-log-differs');
    await moveAway(order);
    const otherCopy = join(stateDir, 'lanes', readdirSync(join(stateDir, 'lanes'))[0]!);
    await writeFile(join(otherCopy, 'checkpoint'), 'not a checkpoint');
    await refusedWith(one, 'lane-copy-damaged');
    await moveAway(otherCopy);
    await isBack();

    // Pruned: without the order there is no beginning. A peer has the whole lane.
    const pruned = await momentd('lane', 'prune', '--config', config, '--to', '512', '--apply');
    assert.equal(pruned.code, 0, pruned.stderr);
    await damageFileIn(join(order, 'tile/0/000.p'));
    await refusedWith(one, 'order-log-damaged');
    await moveAway(order);
    await refusedWith(one, 'order-state-missing');
    await moveAway(lane);
    // Nothing else is done in between: the refused start left an order log behind that is empty.
    await importLane();
    await isBack();

    // The lane itself, and the guard that remembers it.
    await moveAway(lane);
    await refusedWith(one, 'guard-ahead');
    await importLane();
    const audit = await momentd('audit', lane, '--genesis', genesis);
    assert.equal(audit.code, 0, audit.stdout);
    await isBack();
  },
);
