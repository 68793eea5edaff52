/** What keeps a start from beginning, each with its code, and nothing is left behind. */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SIMULATED_SOURCES, writeFirstNetwork, type WrittenFiles } from '../../src/cli/first-network.ts';
import type { Code } from '../../src/core/codes.ts';
import { generateKey } from '../../src/io/keys/key-format.ts';
import { writeKeyFile } from '../../src/io/keys/key-store.ts';
import { startAgent } from '../../src/main/start-agent.ts';

async function files(t: TestContext): Promise<WrittenFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'momentd-start-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return writeFirstNetwork({
    directory: join(folder, 'v'),
    networkName: 'net',
    validatorName: 'one',
    region: 'EU',
    sealing: undefined,
    sources: SIMULATED_SOURCES,
    apiPort: undefined,
  });
}

const refuses = (config: string, code: Code): Promise<void> =>
  assert.rejects(startAgent(config, { logLevel: 'error' }), { code });

test('a genesis record that is not there', async (t) => {
  const { config, genesis } = await files(t);
  await rm(genesis);
  await refuses(config, 'genesis-unreadable');
});

test('a leap second file that is not there, and one that is none', async (t) => {
  const { config } = await files(t);
  const text = await readFile(config, 'utf8');
  const list = join(config, '..', 'leap-seconds.list');
  await writeFile(config, text.replace('[clock]', '[clock]\nleap_seconds_file = "leap-seconds.list"'));
  await refuses(config, 'leap-file-unusable');
  await writeFile(list, 'no list\n');
  await refuses(config, 'leap-file-unusable');
});

test('a role and a key that contradict each other', async (t) => {
  const { config, key, stateDir } = await files(t);
  const text = await readFile(config, 'utf8');
  const following = text
    .replace('[validator]', '[validator]\nrole = "observer"')
    .replace(/\[\[source\]\][\s\S]*/, '[network]\nlisten = ["/ip4/127.0.0.1/tcp/0"]\n');
  await writeFile(config, following);
  await refuses(config, 'role-key-registered');
  await rm(key);
  await writeKeyFile(key, generateKey(), undefined);
  await writeFile(config, text);
  await refuses(config, 'key-not-in-genesis');
  assert.deepEqual(await readdir(stateDir), [], 'nothing was begun');
});
