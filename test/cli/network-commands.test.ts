/** The commands of the network and the order against a made-up agent that answers by the real API: words, JSON, exit codes, token. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '../../src/core/codec/hex.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { compare, type OrderPosition } from '../../src/core/ordering/order-position.ts';
import { taiInstant, type TaiInstant } from '../../src/core/time/nanos.ts';
import { accept, ignore } from '../../src/core/verdict.ts';
import { listen, type Listening } from '../../src/io/api/listen.ts';
import { networkRoutes } from '../../src/io/api/network-routes.ts';
import { buildApi } from '../../src/io/api/server.ts';
import { issueToken } from '../../src/io/api/token.ts';
import type { CapabilityOfferView, NetworkView, Submission } from '../../src/ports/network-view.ts';
import { madeUpNetwork, ORDER_SIZE } from '../dashboard/made-up-network.ts';
import { view } from '../io/api/made-up-view.ts';
import { runProgram, Running, type Ended } from './run-momentd.ts';

const PROGRAM = fileURLToPath(new URL('./network-commands.ts', import.meta.url));
const BEGIN = taiInstant(1_795_000_000_000_000_000n);
const folder = mkdtempSync(join(tmpdir(), 'momentd-network-commands-'));
const socket = join(folder, 'api.sock');
const world = madeUpNetwork(BEGIN);
const entries = await world.order(0n, ORDER_SIZE);

/** What is asked about a subject, by the first byte of its id. */
const ID = { final: 'f'.repeat(64), provisional: 'd'.repeat(64), reported: 'b'.repeat(64), unknown: '0'.repeat(64) };
const reports = [{ lane: 1, seq: 7, seen: entries[5]!.seen }];
function positionOf(id: Uint8Array): OrderPosition {
  switch (toHex(id)[0]) {
    case 'f':
      return { kind: 'final', entry: entries[0]! };
    case 'd':
      return { kind: 'provisional', seen: entries[5]!.seen, reports };
    case 'b':
      return { kind: 'reported', reports };
    default:
      return { kind: 'unknown' };
  }
}

const ARCHIVE: CapabilityOfferView = {
  name: '12D3KooWarchive',
  addresses: ['/ip4/192.0.2.7/tcp/16178'],
  check: 'confirmed',
  role: 'archive',
  kid: undefined,
  validator: undefined,
};
const HEARSAY: CapabilityOfferView = {
  ...ARCHIVE,
  name: '12D3KooWhearsay',
  addresses: [],
  check: 'unverified',
  role: undefined,
};

const submitted: Submission[] = [];
const network: NetworkView = {
  ...world,
  findByCapability: (capability) =>
    Promise.resolve(
      capability === 'archive' ? { isComplete: false, offers: [ARCHIVE, HEARSAY] } : { isComplete: true, offers: [] },
    ),
  faults: () => [{ code: 'E1', validator: 2, kid: new Uint8Array(8), digest: new Uint8Array(32).fill(9) }],
  faultProof: () => Promise.resolve(new TextEncoder().encode('{"proof":1}')),
  subject: (id) => Promise.resolve({ id, position: positionOf(id), record: undefined }),
  compare: (a, b) => Promise.resolve(compare(positionOf(a), positionOf(b))),
  certificate: (id) => Promise.resolve(positionOf(id).kind === 'final' ? Uint8Array.of(1, 2, 3) : undefined),
  receipt: (id) => Promise.resolve(positionOf(id).kind === 'unknown' ? undefined : Uint8Array.of(4, 5)),
  // The priority says where the subject will stand.
  submit: (submission) => {
    submitted.push(submission);
    const { priority } = submission;
    if (priority === 255) return ignore('subject-no-time', 'this validator has no interval to see it in');
    const id = priority === 0 ? ID.final : ID.provisional;
    return accept({ id: fromHex(id)!, record: Uint8Array.of(7) });
  },
};

let listening: Listening;
before(async () => {
  const token = await issueToken(folder);
  const app = await buildApi(view, {
    log: { write: () => undefined },
    version: '1',
    token,
    groups: [networkRoutes(network)],
  });
  listening = await listen(app, { socketPath: socket, port: 0 });
});
after(async () => {
  await listening.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Ended> => runProgram(PROGRAM, ...args, '--api', socket);
const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await run(...args, '--json')).stdout) as T;

test('peers: who is there, whose clock stands apart, who of the record is missing', async () => {
  const { code, stdout, stderr } = await run('peers');
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^we are amber, identity 12D3KooWourselves$/m);
  assert.match(stdout, /^birch +validator +outbound +610 us +-280 us \.\. 330 us +240 ns +0\.90 /m);
  assert.match(stdout, /^cedar .* 900 us \.\. 1\.64 ms APART/m);
  assert.match(stdout, /^dune .* not compared/m);
  assert.match(stdout, /^SILENT +dune \(3\)/m);
  assert.match(stdout, /^TIME +cedar stands outside/m);
  assert.match(stdout, /^3 ready for wider-ticks, a quorum$/m);
  assert.deepEqual((await json<{ missing: number[] }>('peers')).missing, [3]);
});

test('peers --capability: what each says itself, and what is hearsay', async () => {
  const { code, stdout, stderr } = await run('peers', '--capability', 'archive');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^confirmed +archive +not a validator +12D3KooWarchive at \/ip4\/192\.0\.2\.7\/tcp\/16178$/m);
  assert.match(stdout, /^unverified +not known +not known +12D3KooWhearsay at no address$/m);
  assert.match(stdout, /^unverified: .* word of anyone at all$/m);
  assert.match(stdout, /cut short/);
  const nobody = await run('peers', '--capability', 'gnss');
  assert.deepEqual([nobody.code, nobody.stdout], [1, 'nobody else is said to offer gnss\n']);
  const answer = await json<{ offers: { check: string }[]; complete: boolean }>('peers', '--capability', 'archive');
  assert.deepEqual([answer.offers.map(({ check }) => check), answer.complete], [['confirmed', 'unverified'], false]);
  const wrong = await run('peers', '--capability', 'no word');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /cli-usage/);
});

test('lanes: sizes, state and cosigners by name; a frozen one is exit code 1', async () => {
  const { code, stdout, stderr } = await run('lanes');
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^amber +4210 +none +our own +4200 +birch$/m);
  assert.match(stdout, /^cedar .* FROZEN +4200 +amber, birch, dune$/m);
  assert.match(stdout, /^dune .* catching up +none yet$/m);
});

test('faults: who, what, and the proof as a file', async () => {
  const directory = join(folder, 'proofs');
  const { code, stdout, stderr } = await run('faults', '--dir', directory);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^E1 cedar: signed two different statements/m);
  const saved = /^saved (.+)$/m.exec(stdout)![1]!;
  assert.equal(readFileSync(saved, 'utf8'), '{"proof":1}');
});

test('order: the newest, from an index, and how many more there are', async () => {
  const newest = await run('order', '--limit', '3');
  assert.equal(newest.code, 0, newest.stderr);
  assert.deepEqual(
    newest.stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(' ')[0]),
    ['54', '55', '56'],
  );
  assert.match(newest.stdout, /54 .* seen within 12 ms, late$/m);
  assert.match((await run('order', '--from', '0', '--limit', '2')).stdout, /^55 more: --from 2$/m);
  assert.match((await run('order', '--from', '57')).stdout, /^nothing is final from entry 57 on; the order has 57$/m);
  const all = await json<{ size: string; entries: unknown[] }>('order', '--from', '50');
  assert.deepEqual([all.size, all.entries.length], ['57', 7]);
});

test('order status: for whom finality waits, by name', async () => {
  const { code, stdout, stderr } = await run('order', 'status');
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^WAITS FOR +dune: their lanes are behind$/m);
  assert.match(stdout, /^pool +2 subjects not final \(200 bytes\), 0 gave way/m);
  assert.deepEqual((await json<{ waiting: object }>('order', 'status')).waiting, { lanes: [3], voters: [] });
});

test('order --follow goes on until it is told to stop', async () => {
  const following = new Running(['order', '--follow', '--from', '55', '--json', '--api', socket]);
  const line = await following.line(/"index":"56"/);
  assert.equal((JSON.parse(line) as { index: string }).index, '56');
  assert.equal(await following.stop('SIGINT'), 0, following.stderr);
});

test('submit: the digest of the file, priority, sender and claimed time reach the agent; files are saved', async () => {
  const content = join(folder, 'content');
  writeFileSync(content, 'some content');
  const [receipt, certificate] = [join(folder, 'receipt'), join(folder, 'certificate')];
  const claimed: TaiInstant = taiInstant(1_795_000_000_000_000_001n);
  const more = [
    '--sender',
    'notary',
    '--claimed',
    claimed.toString(),
    '--receipt',
    receipt,
    '--certificate',
    certificate,
  ];
  const { code, stdout, stderr } = await run('submit', content, ...more);
  assert.equal(code, 0, stderr);
  const sent = submitted.at(-1)!;
  assert.equal(toHex(sent.digest), createHash('sha256').update('some content').digest('hex'));
  assert.equal(Buffer.from(sent.sender).toString(), 'notary');
  assert.equal(sent.claimed, claimed);
  assert.match(stdout, new RegExp(`^subject +${ID.final}$`, 'm'));
  assert.match(stdout, /^final +entry 0 at /m);
  assert.deepEqual([...readFileSync(receipt)], [4, 5]);
  assert.deepEqual([...readFileSync(certificate)], [1, 2, 3]);
});

test('submit: --quiet prints the id alone; what does not get there in time says for whom it waits', async () => {
  const digest = 'ab'.repeat(32);
  const quiet = await run('submit', '--digest', digest, '--quiet');
  assert.equal(quiet.stdout, `${ID.final}\n`);
  const late = ['submit', '--digest', digest, '--priority', '1', '--wait', 'final', '--timeout', '1'];
  const { code, stdout } = await run(...late);
  assert.equal(code, 1);
  assert.match(stdout, /^reported by +birch$/m);
  assert.match(stdout, /^NOT THERE +provisional after 1 s: finality waits for dune$/m);
  const program = await json<{ reached: boolean; waits_for: string }>(...late);
  assert.equal(program.reached, false);
  assert.match(program.waits_for, /dune/);
});

test('submit: what the validator does not take is 1 with its code; wrong usage and no token are 2', async () => {
  const refused = await run('submit', '--digest', 'ab'.repeat(32), '--priority', '255');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /not taken: .*\[subject-no-time\]/);
  for (const [wrong, message] of [
    [['submit'], /name one file/],
    [['submit', '--digest', 'abc'], /64 hexadecimal digits/],
    [['submit', 'x', '--priority', '256'], /0 to 255/],
    [['submit', 'x', '--sender', 'x'.repeat(33)], /32 bytes/],
    [['submit', 'x', '--claimed', 'yesterday'], /nanoseconds of TAI/],
    [['submit', 'x', '--timeout', String(LIMITS.followSecondsMax + 1)], /1 to 3600/],
    [['submit', join(folder, 'no-such-file')], /file-unreadable/],
    [['submit', '--digest', 'ab'.repeat(32), '--state-dir', join(folder, 'elsewhere')], /API token/],
  ] as const) {
    const { code, stderr } = await run(...wrong);
    assert.equal(code, 2, wrong.join(' '));
    assert.match(stderr, message);
  }
  const url = listening.addresses.url!;
  const overPort = ['submit', '--digest', 'ab'.repeat(32), '--quiet', '--api', url];
  assert.match((await runProgram(PROGRAM, ...overPort)).stderr, /a port has no folder; give --state-dir/);
  const told = await runProgram(PROGRAM, ...overPort, '--state-dir', folder);
  assert.equal(told.code, 0, told.stderr);
});

test('certificate: saved, or where the subject stands', async () => {
  const out = join(folder, 'one.cert');
  const saved = await run('certificate', ID.final, '--out', out);
  assert.equal(saved.code, 0, saved.stderr);
  assert.equal(statSync(out).size, 3);
  const early = await run('certificate', ID.provisional, '--out', join(folder, 'none'));
  assert.equal(early.code, 1);
  assert.match(early.stderr, /not final yet/);
  assert.equal((await run('certificate', 'abc', '--out', out)).code, 2);
});

test('compare by ids: final, provisional with its assumption, and nothing to say yet', async () => {
  const same = await run('compare', ID.final, ID.final);
  assert.equal(same.code, 0, same.stderr);
  assert.match(same.stdout, /^a and b are the same subject$/m);
  const provisional = await run('compare', ID.final, ID.provisional);
  assert.equal(provisional.code, 0);
  assert.match(provisional.stdout, /^a was before b; this is provisional\nassuming that no lane/);
  assert.match(provisional.stdout, /^b d+ seen in \[\d+, \d+\] ns TAI, provisional$/m);
  const undecided = await run('compare', ID.final, ID.reported);
  assert.equal(undecided.code, 1);
  assert.match(undecided.stdout, /^nothing can be said yet/);
  assert.equal((await json<{ kind: string }>('compare', ID.final, ID.provisional)).kind, 'provisional');
  const neither = await run('compare', ID.final, join(folder, 'content'));
  assert.equal(neither.code, 2);
  assert.match(neither.stderr, /two certificates with --genesis, or two subject ids/);
});
