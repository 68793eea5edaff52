/** Searches by capability for the API: few at once, none for words that are none, each ended with its asker or the agent. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { networkRoutes } from '../../../src/io/api/network-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import type { CapabilitySearchView } from '../../../src/ports/network-view.ts';
import { madeUpNetwork } from '../../dashboard/made-up-network.ts';
import { LOCAL, view } from './made-up-view.ts';

/** Searches that last until their signal fires, and then answer with nothing, as a real one does. */
async function searching(t: TestContext) {
  const begun: AbortSignal[] = [];
  let told: (() => void) | undefined;
  const app = await buildApi(view, {
    log: { write: () => undefined },
    version: '1',
    groups: [
      networkRoutes({
        ...madeUpNetwork(taiInstant(1_795_000_000_000_000_000n)),
        findByCapability: (_capability, signal) =>
          new Promise<CapabilitySearchView>((resolve) => {
            signal.addEventListener('abort', () => resolve({ offers: [], isComplete: false }));
            begun.push(signal);
            told?.();
          }),
      }),
    ],
  });
  t.after(() => app.close());
  const ask = (capability: string) => app.inject({ url: `/v1/capabilities/${capability}`, headers: LOCAL });
  const run = async (count: number): Promise<void> => {
    while (begun.length < count) await new Promise<void>((resolve) => (told = resolve));
  };
  return { app, ask, begun, run };
}

test('only so many search at once, and an agent that stops ends them', async (t) => {
  const { app, ask, run } = await searching(t);
  const asked = Array.from({ length: LIMITS.apiCapabilitySearchesMax }, () => ask('archive'));
  const answers = Promise.all(asked);
  await run(LIMITS.apiCapabilitySearchesMax);
  const refused = await ask('archive');
  assert.deepEqual([refused.statusCode, refused.json<{ code: string }>().code], [503, 'api-too-many-searches']);
  assert.equal(refused.headers['retry-after'], '10');
  await app.close();
  for (const answer of await answers)
    assert.deepEqual(answer.json(), { capability: 'archive', complete: false, offers: [] });
});

test('what is no capability is not searched for', async (t) => {
  const { ask, begun } = await searching(t);
  for (const word of ['-archive', 'a%20b', 'x'.repeat(33), '%00'])
    assert.equal((await ask(word)).json<{ code: string }>().code, 'api-bad-request', word);
  assert.equal(begun.length, 0);
});
