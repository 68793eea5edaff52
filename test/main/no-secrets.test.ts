/** Known secrets go through a whole run, wrong ones through its refusals, and none is found in anything it wrote or told. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFirstNetwork, SIMULATED_SOURCES } from '../../src/cli/first-network.ts';
import { readKeyFile } from '../../src/io/keys/key-store.ts';
import { readToken, tokenPath } from '../../src/io/api/token.ts';
import { momentd, Running } from '../cli/run-momentd.ts';

const PASSPHRASE = 'correct-horse-battery-staple';
const WRONG = 'wrong-horse-battery-staple';

/** A secret in every form in which a careless line might show it. */
const forms = (secret: Uint8Array): string[] => {
  const bytes = Buffer.from(secret);
  return [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('latin1')];
};

function assertSilent(text: string, secrets: readonly Uint8Array[], where: string): void {
  for (const secret of secrets)
    for (const form of forms(secret))
      assert.ok(!text.toLowerCase().includes(form.toLowerCase()), `${where} tells a secret`);
}

test('no secret is in the output of a run, in an answer or in a file that is not its own', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'momentd-secrets-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const directory = join(folder, 'v');
  // Cheap sealing: the cost of opening is not what is tested.
  const sealing = { passphrase: Buffer.from(PASSPHRASE), cost: { passes: 1, memoryBytes: 8_192 } };
  const { config, key, stateDir } = await writeFirstNetwork({
    directory,
    networkName: 'net',
    validatorName: 'one',
    region: 'EU',
    sealing,
    sources: SIMULATED_SOURCES,
    apiPort: undefined,
  });
  const passphraseFile = join(directory, 'passphrase');
  const text = await readFile(config, 'utf8');
  assert.match(text, /^passphrase_file = "passphrase"/m);
  await writeFile(config, `${text}\n[log]\nlevel = "debug"\n`);
  const pair = await readKeyFile(key, Buffer.from(PASSPHRASE));

  await writeFile(passphraseFile, `${WRONG}\n`, { mode: 0o600 });
  const refused = await momentd('run', '--config', config);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /key-passphrase-wrong|passphrase/);
  assertSilent(refused.stdout + refused.stderr, [Buffer.from(WRONG), ...pairSecrets(pair)], 'the refusal');

  await writeFile(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  const agent = new Running(['run', '--config', config]);
  t.after(() => agent.stop('SIGKILL'));
  await waitForLog(agent, /signing statements/);
  const token = await readToken(stateDir);
  const secrets = [Buffer.from(PASSPHRASE), Buffer.from(token, 'hex'), ...pairSecrets(pair)];
  const socket = join(stateDir, 'api.sock');
  const status = await momentd('status', '--api', socket, '--json');
  const doctor = await momentd('doctor', '--config', config, '--json');
  await agent.stop('SIGTERM');
  assertSilent(status.stdout + status.stderr, secrets, 'the status');
  assertSilent(doctor.stdout + doctor.stderr, secrets, 'the doctor');
  assertSilent(agent.lines.join('\n') + agent.stderr, secrets, 'the run');
  assert.match(agent.stderr, /momentd is running/);
  assert.throws(() => assertSilent(`token=${token.toUpperCase()}`, secrets, 'a careless line'), /tells a secret/);

  // Nor does any file of the state hold one, but the token's own and the one that was given.
  const files = await readdir(directory, { recursive: true });
  assert.ok(files.length > 5);
  for (const name of files) {
    const path = join(directory, name);
    if ([tokenPath(stateDir), passphraseFile].includes(path) || !(await stat(path)).isFile()) continue;
    assertSilent((await readFile(path)).toString('latin1'), secrets, name);
  }
});

const pairSecrets = (pair: Awaited<ReturnType<typeof readKeyFile>>): Uint8Array[] => [
  pair.secretKey.subarray(0, 32),
  pair.secretKey,
];

/** Resolves once a line of standard error matches; the process's end is the bound. */
function waitForLog(agent: Running, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (pattern.test(agent.stderr)) resolve();
    };
    agent.child.stderr!.on('data', look);
    agent.child.once('close', () => reject(new Error(agent.stderr)));
    look();
  });
}
