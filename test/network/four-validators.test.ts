/**
 * Four validator processes on loopback, as an operator runs them: one order, certificates that verify offline, a validator
 * that is killed and comes back. Real libp2p, real disks, simulated cards in one simulated world.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { momentd } from '../cli/run-momentd.ts';
import { localNetwork, type Member } from './local-network.ts';

type OrderStatus = { readonly size: string; readonly waiting: { readonly lanes: number[]; readonly voters: number[] } };
type Subject = { readonly id: string; readonly position: string; readonly seen: object | null };
type Network = { readonly self: number; readonly validators: { readonly index: number; readonly name: string }[] };
type Lanes = {
  readonly lanes: {
    readonly validator: number;
    readonly size: string;
    readonly frozen: boolean;
    readonly checkpoint: { readonly size: string; readonly cosigners: number[] } | null;
  }[];
};
type Peers = {
  readonly peers: { readonly validator: number; readonly time: { readonly consistent: boolean } | null }[];
};

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function submit(member: Member, text: string): Promise<string> {
  return (await member.json<{ id: string }>('/v1/subjects', { digest: digest(text) })).id;
}

/** The order as bytes: every entry tile's content, from the API every validator serves alike. */
async function orderOf(member: Member, size: number): Promise<string> {
  const tile = await member.ask(`/v1/order/log/tile/entries/000.p/${size}`);
  assert.equal(tile.status, 200);
  return tile.bytes.toString('hex');
}

const indexOf = async (member: Member): Promise<number> => (await member.json<Network>('/v1/network')).self;

test('four processes: one order, certificates, comparison, a kill and a return', { timeout: 300_000 }, async (t) => {
  const members = await localNetwork(t, 4);
  for (const member of members) member.start();
  for (const member of members) await member.until<{ time: { state: string } }>('/v1/status', isLocked);
  for (const member of members) await member.until<Peers>('/v1/peers', ({ peers }) => peers.length === 3);

  // Everyone's clients submit.
  const ids: string[] = [];
  for (let i = 0; i < 24; i++) ids.push(await submit(members[i % 4]!, `subject ${i}`));
  for (const member of members) await member.until<OrderStatus>('/v1/order/status', ({ size }) => size === '24');
  const orders = await Promise.all(members.map((member) => orderOf(member, 24)));
  assert.equal(new Set(orders).size, 1, 'all four hold the same bytes');

  await certificatesHold(t, members, ids);
  await momentsRise(members[0]!, ids);

  // One dies. What is submitted is provisional, finality waits, and says for whom.
  const dead = members[3]!;
  const deadIndex = await indexOf(dead);
  await dead.stop('SIGKILL');
  const late = await submit(members[0]!, 'while one is away');
  for (const member of members.slice(0, 3))
    await member.until<Subject>(`/v1/subjects/${late}`, ({ position }) => position === 'provisional');
  const waiting = await members[0]!.until<OrderStatus>('/v1/order/status', (order) => order.waiting.lanes.length > 0);
  assert.deepEqual(waiting.waiting.lanes, [deadIndex]);
  assert.equal(waiting.size, '24');

  // It comes back, catches up with the others' lanes, and the order goes on, the same everywhere.
  dead.start();
  for (const member of members) await member.until<OrderStatus>('/v1/order/status', ({ size }) => size === '25');
  assert.equal(new Set(await Promise.all(members.map((member) => orderOf(member, 25)))).size, 1);

  // Lanes are whole everywhere, and vouched for by others.
  for (const member of members) {
    const { lanes } = await member.until<Lanes>('/v1/lanes', (kept) =>
      kept.lanes.every(({ checkpoint }) => (checkpoint?.cosigners.length ?? 0) >= 2),
    );
    assert.ok(lanes.every(({ frozen }) => !frozen));
  }
  // Clocks were compared by nonce, and agree.
  const { peers } = await members[0]!.until<Peers>('/v1/peers', (view) =>
    view.peers.every(({ time }) => time !== null),
  );
  assert.ok(peers.every(({ time }) => time!.consistent));

  // What each signed is a lane that verifies.
  const { stateDir, genesis } = dead.files;
  await dead.stop();
  const verified = await momentd('verify', join(stateDir, 'lane'), '--genesis', genesis);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

function isLocked({ time }: { readonly time: { readonly state: string } }): boolean {
  return time.state === 'locked';
}

async function certificatesHold(t: TestContext, members: readonly Member[], ids: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'momentd-certificates-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { genesis } = members[0]!.files;
  const files: string[] = [];
  for (const [i, member] of members.slice(0, 2).entries()) {
    const { status, bytes } = await member.ask(`/v1/subjects/${ids[i]!}/certificate`);
    assert.equal(status, 200, bytes.toString());
    files.push(join(folder, `${i}.cbor`));
    await writeFile(files[i]!, bytes);
    const verified = await momentd('verify', files[i]!, '--genesis', genesis);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    assert.match(verified.stdout, /VALID certificate/);
  }
  const compared = await momentd('compare', files[0]!, files[1]!, '--genesis', genesis, '--json');
  assert.equal(compared.code, 0, compared.stderr);
  const answer = JSON.parse(compared.stdout) as { relation: string; final: boolean };
  assert.ok(['before', 'after', 'concurrent'].includes(answer.relation));
  assert.equal(answer.final, true);
  const asked = await members[2]!.json<{ kind: string; relation: string }>(`/v1/compare?a=${ids[0]!}&b=${ids[1]!}`);
  assert.deepEqual([asked.kind, asked.relation], ['final', answer.relation]);

  // The receipt of whoever was asked first, without any quorum.
  const receipt = await members[0]!.ask(`/v1/subjects/${ids[0]!}/receipt`);
  assert.equal(receipt.status, 200);
  await writeFile(join(folder, 'receipt.cbor'), receipt.bytes);
  const verified = await momentd('verify', join(folder, 'receipt.cbor'), '--genesis', genesis);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);

  // One altered byte of a certificate and it is none.
  const { bytes } = await members[0]!.ask(`/v1/subjects/${ids[0]!}/certificate`);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await writeFile(join(folder, 'altered.cbor'), bytes);
  assert.equal((await momentd('verify', join(folder, 'altered.cbor'), '--genesis', genesis)).code, 1);
}

/** NanoMoments along the order are unique and strictly increasing, and every subject is there once. */
async function momentsRise(member: Member, ids: readonly string[]): Promise<void> {
  type Page = { entries: { index: string; subject: string; moment_tai_ns: string }[]; next: string | null };
  const { entries } = await member.json<Page>('/v1/order?limit=256');
  assert.deepEqual(new Set(entries.map(({ subject }) => subject)), new Set(ids));
  const moments = entries.map(({ moment_tai_ns }) => BigInt(moment_tai_ns));
  assert.ok(moments.every((moment, i) => i === 0 || moment > moments[i - 1]!));
}
