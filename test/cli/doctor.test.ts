/** `momentd doctor` as a user runs it: what it prints, its JSON, its exit codes. */

import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { renderFindings } from '../../src/cli/doctor.ts';
import { examine } from '../../src/cli/doctor/examine.ts';
import { finding, passed, type Finding } from '../../src/cli/doctor/finding.ts';
import { writeFollower } from '../../src/cli/first-follower.ts';
import { SIMULATED_SOURCES, writeFirstNetwork } from '../../src/cli/first-network.ts';
import { CODES } from '../../src/core/codes.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import { millis, negate, seconds, shift } from '../../src/core/time/nanos.ts';
import { momentd } from './run-momentd.ts';

async function validator(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-doctor-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFirstNetwork({
    directory: join(directory, 'v'),
    networkName: 'net',
    validatorName: 'one',
    region: 'EU',
    sealing: undefined,
    sources: SIMULATED_SOURCES,
    apiPort: undefined,
  });
  return join(directory, 'v');
}

type Report = { readonly fit: boolean; readonly findings: readonly Finding[] };

test('a fresh validator on simulated time is fit: exit code 0, with the warnings it deserves', async (t) => {
  const directory = await validator(t);
  const { code, stdout, stderr } = await momentd('doctor', '--config', join(directory, 'momentd.toml'), '--json');
  assert.equal(code, 0, stderr + stdout);
  const { fit, findings } = JSON.parse(stdout) as Report;
  assert.equal(fit, true);
  const simulated = findings.find(({ code: which }) => which === 'source-simulated')!;
  assert.equal(simulated.severity, 'warn');
  for (const { code: which, sentence, remedy, subject, detail } of findings) {
    assert.deepEqual({ sentence, remedy }, { ...CODES[which] });
    assert.ok(subject.length > 0 && detail.length > 0);
  }
  assert.equal(new Set(findings.map(({ subject }) => subject)).size, findings.length, 'each thing is judged once');
});

test('one thing that fails makes exit code 1, in words with the remedy', async (t) => {
  const directory = await validator(t);
  await chmod(join(directory, 'validator.key'), 0o644);
  const { code, stdout } = await momentd('doctor', '--config', join(directory, 'momentd.toml'));
  assert.equal(code, 1);
  assert.match(stdout, /^fail {2}key +\S+validator\.key has mode 644, not 600$/m);
  assert.ok(stdout.includes(`-> ${CODES['key-file-permissions'].remedy}`));
  assert.match(stdout, /^1 fail, \d+ warn, \d+ ok$/m);
});

test('a configuration that is not there is exit code 2, and one with a mistake is a finding', async (t) => {
  const directory = await validator(t);
  const absent = await momentd('doctor', '--config', join(directory, 'absent.toml'));
  assert.equal(absent.code, 2);
  assert.match(absent.stderr, /config-unreadable/);
  const config = join(directory, 'momentd.toml');
  const mistaken = (await readFile(config, 'utf8')).replace('limit = ', 'limti = ');
  await writeFile(config, mistaken);
  const wrong = await momentd('doctor', '--config', config, '--json');
  assert.equal(wrong.code, 1);
  const { fit, findings } = JSON.parse(wrong.stdout) as Report;
  assert.equal(fit, false);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'fail').map(({ subject, code }) => `${subject}: ${code}`),
    ['configuration: config-invalid'],
  );
  const line = mistaken.split('\n').findIndex((text) => text.startsWith('limti')) + 1;
  assert.ok(findings[0]!.detail.includes(`momentd.toml:${line}: limti`), findings[0]!.detail);
});

test('a whole examination on made-up facts: a slow disk and an expired leap table are found together', async (t) => {
  const directory = await validator(t);
  const findings = await examine(join(directory, 'momentd.toml'), {
    roots: { devRoot: '/nowhere', sysRoot: '/nowhere', procRoot: '/nowhere' },
    facts: { cores: 32, memoryBytes: 64e9, linkBitsPerSecond: 1e10, clockSource: 'tsc', timePrograms: [] },
    native: { loaded: false, code: 'addon-not-loaded', attempts: [] },
    today: shift(BUILT_IN_LEAP_TABLE.expires, seconds(86_400)),
    measureSyncs: () => Promise.resolve([millis(400)]),
  });
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'fail').map(({ subject, code }) => `${subject}: ${code}`),
    ['disk sync: disk-sync-slow', 'leap second table: leap-table-expired'],
  );
  const addon = findings.find(({ subject }) => subject === 'native addon')!;
  assert.equal(addon.severity, 'warn', 'simulated sources need no addon');
});

test('an observer is not held to what a validator needs, and is told where its configuration contradicts its role', async (t) => {
  const directory = await validator(t);
  const files = await writeFollower({
    directory: join(directory, 'observer'),
    role: 'observer',
    genesis: join(directory, 'genesis.cbor'),
    peers: [],
    apiPort: undefined,
  });
  const look = async () => {
    const findings = await examine(files.config, {
      roots: { devRoot: '/nowhere', sysRoot: '/nowhere', procRoot: '/nowhere' },
      facts: { cores: 1, memoryBytes: 1, linkBitsPerSecond: 1, clockSource: 'hpet', timePrograms: ['chronyd', 'ntpd'] },
      native: { loaded: false, code: 'addon-not-loaded', attempts: [] },
      today: shift(BUILT_IN_LEAP_TABLE.expires, seconds(86_400)),
      measureSyncs: () => Promise.resolve([millis(4_000)]),
    });
    return findings.filter(({ severity }) => severity !== 'ok').map(({ severity, code }) => `${severity} ${code}`);
  };
  const asMade = await look();
  assert.ok(
    asMade.every((told) => told.startsWith('warn ')),
    asMade.join(),
  );
  assert.deepEqual(
    asMade.filter((told) => !/addon|disk-space|check-not-made/.test(told)),
    ['warn network-no-peers', 'warn leap-table-expired'],
  );
  await mkdir(join(files.stateDir, 'lane'));
  assert.ok((await look()).includes('warn role-contradicted'));
});

test('without a configuration only the host is examined; a probe that fails is no crash', async (t) => {
  const needs = {
    roots: { devRoot: '/nowhere', sysRoot: '/nowhere', procRoot: '/nowhere' },
    facts: { cores: 1, memoryBytes: 1, linkBitsPerSecond: 1, clockSource: 'hpet', timePrograms: [] },
    native: { loaded: false, code: 'addon-not-loaded', attempts: [] },
    today: shift(BUILT_IN_LEAP_TABLE.expires, negate(seconds(90 * 86_400))),
    measureSyncs: () => Promise.reject(new Error('the disk is gone')),
  } as const;
  const host = await examine(undefined, needs);
  assert.deepEqual(
    host.map(({ subject }) => subject),
    [
      'leap second table',
      'native addon',
      'kernel TAI offset',
      'clock source',
      'time programs',
      'processors',
      'memory',
      'network link',
      'time card',
    ],
  );
  assert.ok(host.every(({ severity }) => severity !== 'fail'));
  const directory = await validator(t);
  const sync = (await examine(join(directory, 'momentd.toml'), needs)).find(({ subject }) => subject === 'disk sync')!;
  assert.deepEqual([sync.severity, sync.code, sync.detail], ['warn', 'check-not-made', 'the disk is gone']);
});

test('what is well takes one line, what is not takes three', () => {
  const lines = renderFindings([passed('memory', '64 GB'), finding('disk', 'fail', 'disk-full', '1 MiB free')]);
  assert.deepEqual(lines, [
    'ok    memory  64 GB',
    'fail  disk    1 MiB free',
    `              ${CODES['disk-full'].sentence} (disk-full)`,
    `              -> ${CODES['disk-full'].remedy}`,
    '',
    '1 fail, 0 warn, 1 ok',
  ]);
});
