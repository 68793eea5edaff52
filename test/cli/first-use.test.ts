/** What a newcomer does first, from the README: the demo, its status, the check by a stranger; and the mistakes one makes. */

import assert from 'node:assert/strict';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { momentd, Running } from './run-momentd.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'momentd-first-use-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the demo signs statements that a stranger verifies with the genesis record alone', async (t) => {
  const temporary = await folder(t);
  const demo = new Running(['demo', '--keep'], { ...process.env, TMPDIR: temporary });
  t.after(() => demo.stop('SIGKILL'));
  await demo.line(/simulated: nothing here says what time it really is/);
  const socket = (await demo.line(/^status /)).split(' ').at(-1)!;
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await demo.line(/^local API/))![0];

  const early = await momentd('status', '--api', socket);
  assert.equal(early.code, 1, 'it does not sign yet');
  assert.match(early.stdout, /signing +no: .+\(.+\)\nremedy +\S/);

  await demo.line(/^locked .* statement [3-9]$/);
  const status = await momentd('status', '--api', socket);
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /SIMULATED TIME/);
  assert.match(status.stdout, /state +locked/);
  const overTcp = await momentd('status', '--api', url, '--json');
  const json = JSON.parse(overTcp.stdout) as { time: { guarantee_ns: string }; budget: { ns: string }[] };
  assert.ok(json.budget.length === 10);

  const mine = join(temporary, 'mine');
  const fetched = await momentd('fetch', '--api', socket, '--dir', mine, '--json');
  assert.equal(fetched.code, 0, fetched.stderr);
  const files = JSON.parse(fetched.stdout) as Record<'statement' | 'evidence' | 'identity' | 'genesis', string>;

  // Ctrl-C reaches us twice: from the terminal and from the launcher.
  assert.equal(await demo.stop('SIGINT', 2), 0);
  assert.match(demo.lines.join('\n'), /stopped cleanly after \d+ statements/);
  assert.doesNotMatch(demo.stderr, /error/i);

  // Another directory, with nothing but the lane and the genesis record.
  const state = dirname(socket);
  const elsewhere = join(temporary, 'elsewhere');
  await mkdir(elsewhere);
  await cp(join(state, 'lane'), join(elsewhere, 'lane'), { recursive: true });
  await cp(join(state, '..', 'genesis.cbor'), join(elsewhere, 'genesis.cbor'));
  const verified = await momentd('verify', join(elsewhere, 'lane'), '--genesis', join(elsewhere, 'genesis.cbor'));
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  const evidence = ['--genesis', files.genesis, '--evidence', files.evidence];
  const recomputed = await momentd('verify', files.statement, ...evidence);
  assert.equal(recomputed.code, 0, recomputed.stdout + recomputed.stderr);
  assert.match(recomputed.stdout, /source-accuracy/);
  assert.match(recomputed.stdout, /not checked: the host identity/);
  const hosted = await momentd('verify', files.statement, ...evidence, '--identity', files.identity);
  assert.equal(hosted.code, 0, hosted.stdout + hosted.stderr);
  assert.match(hosted.stdout, /checked +the host identity: its digest, its boot and the signature/);
  const record = await readFile(files.evidence);
  record[record.length >> 1]! ^= 1;
  await writeFile(files.evidence, record);
  assert.equal((await momentd('verify', files.statement, ...evidence)).code, 1, 'one altered bit is noticed');
});

test('init makes a network that runs, and overwrites nothing', async (t) => {
  const directory = await folder(t);
  const made = await momentd('init', '--dir', join(directory, 'a'), '--simulated', '--network', 'my-net', '--json');
  assert.equal(made.code, 0, made.stderr);
  const files = JSON.parse(made.stdout) as { config: string; key: string };
  const key = await readFile(files.key);
  const again = await momentd('init', '--dir', join(directory, 'a'), '--simulated');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists already/);
  assert.deepEqual(await readFile(files.key), key);

  const agent = new Running(['run', '--config', files.config]);
  t.after(() => agent.stop('SIGKILL'));
  await agent.line(/^local API: /);
  const second = await momentd('run', '--config', files.config);
  assert.equal(second.code, 2, 'one process per lane');
  assert.equal(await agent.stop('SIGTERM'), 0);
});

test('a lane that was lost is put back from a copy, and the agent goes on with it', async (t) => {
  const directory = await folder(t);
  const temporary = join(directory, 'tmp');
  await mkdir(temporary);
  const demo = new Running(['demo', '--keep'], { ...process.env, TMPDIR: temporary });
  t.after(() => demo.stop('SIGKILL'));
  const socket = (await demo.line(/^status /)).split(' ').at(-1)!;
  await demo.line(/^locked .* statement [3-9]$/);
  assert.equal(await demo.stop(), 0);
  const state = dirname(socket);
  const config = join(state, '..', 'momentd.toml');
  const copy = join(directory, 'copy');
  const exported = await momentd(
    'lane',
    'export',
    join(state, 'lane'),
    copy,
    '--genesis',
    join(state, '..', 'genesis.cbor'),
  );
  assert.equal(exported.code, 0, exported.stdout + exported.stderr);
  const there = await momentd('lane', 'import', copy, '--config', config);
  assert.equal(there.code, 2, 'a lane that is there is not overwritten');
  await rm(join(state, 'lane'), { recursive: true });
  const lost = await momentd('run', '--config', config);
  assert.equal(lost.code, 2, 'without its lane the agent refuses');
  assert.match(lost.stderr, /guard-ahead/);
  await rm(join(state, 'lane'), { recursive: true, force: true });
  const imported = await momentd('lane', 'import', copy, '--config', config);
  assert.equal(imported.code, 0, imported.stdout + imported.stderr);
  const again = new Running(['run', '--config', config]);
  t.after(() => again.stop('SIGKILL'));
  await again.line(/^local API: /);
  assert.equal(await again.stop(), 0);
});

test('init joins a network with the key that is registered in it', async (t) => {
  const directory = await folder(t);
  const first = JSON.parse((await momentd('init', '--dir', join(directory, 'a'), '--simulated', '--json')).stdout) as {
    genesis: string;
    key: string;
  };
  const dir = join(directory, 'b');
  const half = await momentd('init', '--dir', dir, '--genesis', first.genesis);
  assert.equal(half.code, 2);
  assert.match(half.stderr, /--genesis and --key go together/);
  const both = await momentd(
    'init',
    '--dir',
    dir,
    '--simulated',
    '--genesis',
    first.genesis,
    '--key',
    first.key,
    '--json',
  );
  assert.equal(both.code, 0, both.stderr);
  const agent = new Running(['run', '--config', join(dir, 'momentd.toml')]);
  t.after(() => agent.stop('SIGKILL'));
  await agent.line(/^local API: /);
  assert.equal(await agent.stop(), 0);
});

test('each first mistake is one line that names the file and the remedy, with exit code 2 and nothing written', async (t) => {
  const directory = await folder(t);
  const made = await momentd('init', '--dir', join(directory, 'n'), '--simulated', '--json');
  const files = JSON.parse(made.stdout) as { config: string; key: string; genesis: string };
  const good = await readFile(files.config, 'utf8');
  const genesis = await readFile(files.genesis);
  const before = (await readdir(directory, { recursive: true })).sort();

  const refused = async (why: string, message: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await momentd('run', '--config', files.config);
    assert.equal(code, 2, `${why}: ${stdout}${stderr}`);
    assert.match(stderr, message, why);
    assert.equal(stderr.trim().split('\n').length, 1, `${why}: one line, not\n${stderr}`);
    assert.equal(stdout, '', why);
    assert.deepEqual((await readdir(directory, { recursive: true })).sort(), before, `${why}: nothing written`);
  };

  await writeFile(files.config, good.replace('state_dir', 'sate_dir'));
  await refused('an unknown key', /momentd\.toml:\d+: sate_dir is not a key.*did you mean "state_dir"\?/);
  await writeFile(files.config, good.replace('"10us"', '10'));
  await refused('a wrong type', /momentd\.toml:\d+: limit must be a duration/);
  await writeFile(files.config, good.replace('validator.key', 'no.key'));
  await refused('an absent key', /no\.key/);
  await writeFile(files.config, good);
  await chmod(files.key, 0o644);
  await refused('a key others can read', /validator\.key.*644/);
  await chmod(files.key, 0o600);
  await writeFile(files.genesis, genesis.subarray(0, -1));
  await refused('a cut genesis record', /genesis/);
  await writeFile(files.genesis, genesis);

  const other = await momentd('init', '--dir', join(directory, 'm'), '--simulated', '--network', 'other', '--json');
  const others = JSON.parse(other.stdout) as { genesis: string };
  await cp(others.genesis, files.genesis);
  await rm(join(directory, 'm'), { recursive: true });
  await rm(join(directory, 'm.guard'), { force: true });
  await refused('the genesis record of another network', /not registered.*key-not-in-genesis/);
});

test('help is enough to work from, and wrong usage says where to look', async () => {
  const help = await momentd('--help');
  assert.equal(help.code, 0);
  for (const command of ['demo', 'init', 'run', 'status', 'verify', 'keygen', 'decode', 'devices', 'sim'])
    assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, 'm'), command);
  const wrong = await momentd('run');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--config/);
  assert.equal((await momentd('no-such-command')).code, 2);
  const nobody = await momentd('status', '--api', '/nonexistent/api.sock');
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /agent-not-reached/);
});
