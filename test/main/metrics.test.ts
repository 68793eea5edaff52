/** A running agent, composed as in production: what its socket tells at /metrics, and what the doctor says meanwhile. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from '../../src/cli/api-client.ts';
import { lookAtApi } from '../../src/cli/doctor/api-check.ts';
import { SIMULATED_SOURCES, writeFirstNetwork } from '../../src/cli/first-network.ts';
import { startAgent } from '../../src/main/start-agent.ts';
import { EXPECTED } from '../io/metrics/expected.ts';
import { readExposition } from '../io/metrics/exposition.ts';

test('a running agent serves every metric on its socket, and the doctor knows it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'momentd-metrics-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { config } = await writeFirstNetwork({
    directory: join(folder, 'v'),
    networkName: 'net',
    validatorName: 'one',
    region: 'EU',
    sealing: undefined,
    sources: SIMULATED_SOURCES,
    apiPort: undefined,
  });
  const agent = await startAgent(config, { logLevel: 'error' });
  t.after(() => agent.stop());

  const { status, body } = await get(agent.socket, '/metrics');
  assert.equal(status, 200);
  const families = readExposition(body.toString('utf8'));
  assert.deepEqual([...families.keys()].sort(), Object.keys(EXPECTED).sort());
  assert.deepEqual(families.get('momentd_simulated')!.samples, ['momentd_simulated 1']);
  assert.equal(families.get('momentd_state_free_bytes')!.samples.length, 1, 'the file system tells');

  const look = await lookAtApi(agent.socket, undefined);
  assert.equal(look.agentRuns, true);
  assert.match(look.findings[0]!.detail, /does not sign/);
});
