/** What `momentd install` writes, judged by systemd's own tools and, for the udev rules, by a reader of their grammar. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram, type Ended } from './run-momentd.ts';

const PROGRAM = fileURLToPath(new URL('./host-commands.ts', import.meta.url));
const momentd = (...args: string[]): Promise<Ended> => runProgram(PROGRAM, ...args);

const SCORE_MAX = 2.5;
let root = '';
const unit = (): string => join(root, 'etc/systemd/system/momentd.service');

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'momentd-install-'));
  const { code, stdout, stderr } = await momentd('install', '--write', root);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.split('\n').filter((line) => line.startsWith('written')).length, 4, stdout);
});
after(() => rmSync(root, { recursive: true, force: true }));

function needs(t: TestContext, tool: string): boolean {
  if (spawnSync(tool, ['--version']).error === undefined) return true;
  t.skip(`needs ${tool} (Debian package systemd), which is not installed here`);
  return false;
}

test('without --write it prints every file and what is left to do, and writes nothing', async () => {
  const { code, stdout } = await momentd('install');
  assert.equal(code, 0);
  for (const place of ['systemd/system/momentd.service', 'sysusers.d/', 'tmpfiles.d/', 'udev/rules.d/'])
    assert.ok(stdout.includes(`# ---- /etc/${place}`), place);
  assert.match(stdout, /next, as root:\n.*systemd-sysusers/);
  const json = JSON.parse((await momentd('install', '--json')).stdout) as { files: { path: string }[]; next: string[] };
  assert.equal(json.files.length, 4);
});

test('files that differ are not overwritten unless told to, and then nothing else is touched either', async () => {
  const there = join(root, 'etc/tmpfiles.d/momentd.conf');
  const ours = readFileSync(there, 'utf8');
  const again = await momentd('install', '--write', root, '--json');
  assert.deepEqual(
    (JSON.parse(again.stdout) as { files: { outcome: string }[] }).files.map(({ outcome }) => outcome),
    ['unchanged', 'unchanged', 'unchanged', 'unchanged'],
  );
  writeFileSync(there, '# mine\n');
  rmSync(unit());
  const refused = await momentd('install', '--write', root);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /momentd\.conf: it is there and differs.*file-exists/);
  assert.equal(existsSync(unit()), false, 'a refusal comes before the first write');
  assert.equal(readFileSync(there, 'utf8'), '# mine\n');
  assert.equal((await momentd('install', '--write', root, '--replace')).code, 0);
  assert.equal(readFileSync(there, 'utf8'), ours);
  assert.equal((await momentd('install', '--write', root, '--apply')).code, 2, 'one or the other');
});

test('the unit starts the program that wrote it, and what it would not see is said', async () => {
  assert.match(
    readFileSync(unit(), 'utf8'),
    /^ExecStart=\/\S+ \/\S+\/bin\/momentd\.js run --config \$\{MOMENTD_CONFIG\}$/m,
  );
  const odd = await momentd('install', '--command', '/run/user/my tools/100%/momentd');
  assert.match(odd.stdout, /^ExecStart="\/run\/user\/my tools\/100%%\/momentd" run/m);
  assert.match(odd.stderr, /ProtectHome=yes and would not see \/run\/user\//);
});

test('systemd finds no mistake in the unit', (t) => {
  if (!needs(t, 'systemd-analyze')) return;
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', unit()], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test(`systemd-analyze security scores the unit at ${SCORE_MAX} or better`, (t) => {
  if (!needs(t, 'systemd-analyze')) return;
  const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit()], {
    encoding: 'utf8',
  });
  const score = Number(/Overall exposure level for \S+: (\d+\.\d)/.exec(stdout)?.[1]);
  assert.ok(score <= SCORE_MAX, `${score}: ${stdout.slice(-300)}${stderr}`);
  t.diagnostic(`exposure ${score}`);
});

test('sysusers makes the user and tmpfiles makes its directories', (t) => {
  if (!needs(t, 'systemd-sysusers') || !needs(t, 'systemd-tmpfiles')) return;
  mkdirSync(join(root, 'var/lib'), { recursive: true });
  const run = (tool: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(tool, [`--root=${root}`, ...args], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  };
  run('systemd-sysusers');
  assert.match(
    readFileSync(join(root, 'etc/passwd'), 'utf8'),
    /^momentd:x:\d+:\d+:[^:]+:\/var\/lib\/momentd:\S*nologin$/m,
  );
  run('systemd-tmpfiles', '--create', '--prefix=/etc/momentd', '--prefix=/var/lib/momentd');
  assert.equal(statSync(join(root, 'var/lib/momentd')).mode & 0o777, 0o700);
  assert.equal(statSync(join(root, 'etc/momentd')).mode & 0o777, 0o750);
});

type Device = Readonly<Record<string, string>>;

/** One rule as its matches and assignments, or a complaint: the grammar of udev(7). */
function parseRule(line: string): { matches: [string, string][]; assigns: Map<string, string> } {
  const matches: [string, string][] = [];
  const assigns = new Map<string, string>();
  for (const part of line.split(/,\s*/)) {
    const token = /^([A-Z]+)(\{[A-Za-z_]+\})?(==|=)"([^"]*)"$/.exec(part);
    assert.ok(token, `not a udev token: ${part}`);
    const [, key, attribute = '', operator, value] = token;
    if (operator === '==') {
      assert.ok(['SUBSYSTEM', 'KERNEL', 'DRIVERS', 'ATTRS'].includes(key!), key);
      matches.push([key! + attribute, value!]);
    } else {
      assert.ok(['GROUP', 'MODE', 'ENV'].includes(key!), key);
      assigns.set(key! + attribute, value!);
    }
  }
  return { matches, assigns };
}

test('the udev rules give the clocks, pulses and serial lines of cards to the agent, and nothing else', (t) => {
  const text = readFileSync(join(root, 'etc/udev/rules.d/60-momentd.rules'), 'utf8');
  const rules = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseRule);
  const outcome = (device: Device): string | undefined => {
    const rule = rules.find(({ matches }) =>
      matches.every(([key, pattern]) => {
        const glob = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        return device[key] !== undefined && glob.test(device[key]);
      }),
    );
    return rule && `${rule.assigns.get('GROUP')} ${rule.assigns.get('MODE')}`;
  };
  assert.equal(outcome({ SUBSYSTEM: 'ptp', KERNEL: 'ptp0' }), 'momentd 0660');
  assert.equal(outcome({ SUBSYSTEM: 'pps', KERNEL: 'pps12' }), 'momentd 0640');
  assert.equal(outcome({ SUBSYSTEM: 'tty', KERNEL: 'ttyS5', DRIVERS: 'ptp_ocp' }), 'momentd 0660');
  assert.equal(outcome({ SUBSYSTEM: 'tty', KERNEL: 'ttyACM0', 'ATTRS{idVendor}': '1546' }), 'momentd 0660');
  assert.equal(
    outcome({ SUBSYSTEM: 'tty', KERNEL: 'ttyS0', DRIVERS: 'serial8250' }),
    undefined,
    'the console is not ours',
  );
  assert.equal(outcome({ SUBSYSTEM: 'tty', KERNEL: 'ttyACM0', 'ATTRS{idVendor}': '2341' }), undefined);
  assert.equal(outcome({ SUBSYSTEM: 'block', KERNEL: 'sda' }), undefined);
  // From version 254 on udev checks its own rules.
  const udev = spawnSync('udevadm', ['--version'], { encoding: 'utf8' });
  if (udev.error !== undefined || Number.parseInt(udev.stdout) < 254) return t.diagnostic('no udevadm verify here');
  const verified = spawnSync('udevadm', ['verify', join(root, 'etc/udev/rules.d/60-momentd.rules')], {
    encoding: 'utf8',
  });
  assert.equal(verified.status, 0, verified.stderr);
});
