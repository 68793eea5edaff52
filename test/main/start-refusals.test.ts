/** What keeps a start from beginning, each with its code, and nothing is left behind. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SIMULATED_SOURCES, writeFirstNetwork, type WrittenFiles } from '../../src/cli/first-network.ts';
import type { Code } from '../../src/core/codes.ts';
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
