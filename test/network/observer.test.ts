/**
 * Those who follow three validators, as processes on loopback: an archive works out the same order bytes, an observer gets all
 * it needs from the archive alone, both tell their role plainly and sign nothing.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { freePorts } from '../../src/cli/free-ports.ts';
import { momentd } from '../cli/run-momentd.ts';
import { localNetwork, Member } from './local-network.ts';

type OrderStatus = { readonly size: string };
type Status = {
  readonly role: string;
  readonly time: {
    readonly state: string;
    readonly reason: { readonly code: string };
    readonly earliest_ns: string | null;
  };
  readonly attesting: { readonly signing: boolean };
};
type Peers = { readonly peers: { readonly role: string; readonly validator: number | null }[] };

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function submit(member: Member, text: string): Promise<string> {
  return (await member.json<{ id: string }>('/v1/subjects', { digest: digest(text) })).id;
}

/** Beside the validators, as an operator makes it: `init` with the genesis record and addresses to follow through. */
async function follower(near: Member, role: 'observer' | 'archive', peers: readonly string[]): Promise<Member> {
  const { genesis, config } = near.files;
  const directory = join(dirname(dirname(config)), role);
  const words = ['--role', role, '--genesis', genesis, '--dir', directory, '--json', '--peer', ...peers];
  const made = await momentd('init', ...words);
  assert.equal(made.code, 0, made.stderr);
  const files = JSON.parse(made.stdout) as Member['files'];
  const [port] = await freePorts(1);
  const text = await readFile(files.config, 'utf8');
  const more = `[network]\nlisten = ["/ip4/127.0.0.1/tcp/${port!}"]\npeers_per_address = 16\n`;
  await writeFile(files.config, text.replace('[network]\n', more));
  return new Member({ ...files, socket: join(files.stateDir, 'api.sock') });
}

/** Where it can be dialled, as it says itself. */
async function addressOf(member: Member): Promise<string> {
  const { addresses } = await member.json<{ addresses: string[] }>('/v1/network');
  return addresses[0]!;
}

async function orderOf(member: Member, size: number): Promise<string> {
  const tile = await member.ask(`/v1/order/log/tile/entries/000.p/${size}`);
  assert.equal(tile.status, 200);
  return tile.bytes.toString('hex');
}

const size12 = ({ size }: OrderStatus): boolean => size === '12';

test(
  'an archive comes to the validators’ order bytes and brings a late observer to them, all validators away',
  { timeout: 180_000 },
  async (t) => {
    const validators = await localNetwork(t, 3);
    for (const member of validators) member.start();
    for (const member of validators) await member.until<Status>('/v1/status', ({ time }) => time.state === 'locked');
    const archive = await follower(validators[0]!, 'archive', await Promise.all(validators.map(addressOf)));
    t.after(() => archive.stop('SIGKILL'));

    // Some is ordered before it is there, some after.
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await submit(validators[i % 3]!, `before ${i}`));
    await validators[0]!.until<OrderStatus>('/v1/order/status', ({ size }) => size === '6');
    archive.start();
    await archive.until<Peers>('/v1/peers', ({ peers }) => peers.length === 3);
    for (let i = 0; i < 6; i++) ids.push(await submit(validators[i % 3]!, `after ${i}`));
    for (const member of [...validators, archive]) await member.until<OrderStatus>('/v1/order/status', size12);
    const orders = await Promise.all([...validators, archive].map((member) => orderOf(member, 12)));
    assert.equal(new Set(orders).size, 1, 'all hold the same bytes');

    // The others see what it is.
    const { peers } = await validators[0]!.json<Peers>('/v1/peers');
    const seen = peers.filter(({ role }) => role === 'archive');
    assert.deepEqual(
      seen.map(({ validator }) => validator),
      [null],
    );

    for (const member of validators) assert.equal(await member.stop(), 0);
    const observer = await follower(validators[0]!, 'observer', [await addressOf(archive)]);
    t.after(() => observer.stop('SIGKILL'));
    observer.start();
    await observer.until<OrderStatus>('/v1/order/status', size12);
    assert.equal(await orderOf(observer, 12), orders[0], 'from the archive alone');
    await saysItsRole(observer);
    await signsNothing(observer);

    // A certificate is anyone's to give, and a second start goes on from what is kept.
    assert.equal(await observer.stop(), 0);
    observer.start();
    await observer.until<OrderStatus>('/v1/order/status', size12);
    const certificate = join(observer.files.stateDir, 'one.cert');
    await writeFile(certificate, (await observer.ask(`/v1/subjects/${ids[0]!}/certificate`)).bytes);
    const verified = await momentd('verify', certificate, '--genesis', observer.files.genesis);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  },
);

async function saysItsRole(observer: Member): Promise<void> {
  const { role, attesting, time } = await observer.json<Status>('/v1/status');
  assert.deepEqual(
    [role, attesting.signing, time.earliest_ns, time.reason.code],
    ['observer', false, null, 'role-observer'],
  );
  const said = await momentd('status', '--api', observer.files.socket);
  assert.equal(said.code, 0, said.stderr);
  assert.match(said.stdout, /^role +observer: follows the network and signs nothing$/m);
  const examined = await momentd('doctor', '--config', observer.files.config);
  assert.match(examined.stdout, /^ok +role +observer: follows local and signs nothing$/m);
  assert.match(examined.stdout, /and follows as observer$/m);
  assert.match(examined.stdout, /^ok +guard and lane +none, as the role of observer wants it$/m);
}

async function signsNothing(observer: Member): Promise<void> {
  const refused = await observer.ask('/v1/subjects', { digest: digest('here') });
  assert.ok(refused.status >= 400);
  assert.match(refused.bytes.toString(), /role-observer/);
  const state = await readdir(observer.files.stateDir);
  const signed = ['lane', 'evidence', 'witness', 'identity'].filter((name) => state.includes(name));
  assert.deepEqual(signed, [], 'no lane, no evidence, no cosignature');
}
