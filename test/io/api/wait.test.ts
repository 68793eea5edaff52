/** Waiting for a narrow bound: at once, at a beat, in vain, too many at once, and while the agent stops. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { nanos } from '../../../src/core/time/nanos.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import type { TimeView } from '../../../src/ports/view.ts';
import { LOCAL, noTime, time, view } from './made-up-view.ts';

async function waiting(t: TestContext, first: TimeView) {
  const watchers = new Set<() => void>();
  let arrived: (() => void) | undefined;
  let held = first;
  const app = await buildApi(
    {
      ...view,
      now: () => held,
      watchBeats: (wake) => {
        watchers.add(wake);
        arrived?.();
        return () => watchers.delete(wake);
      },
    },
    { log: { write: () => undefined }, version: '1' },
  );
  t.after(() => app.close());
  return {
    app,
    watchers,
    ask: (query: string) => app.inject({ url: `/v1/time/wait?${query}`, headers: LOCAL }),
    /** Resolves once somebody waits. */
    someoneWaits: () => (watchers.size > 0 ? Promise.resolve() : new Promise<void>((resolve) => (arrived = resolve))),
    beat: (now: TimeView) => {
      held = now;
      for (const wake of [...watchers]) wake();
    },
  };
}

type Body = { reached: boolean; time: { guarantee_ns: string | null } };
const wide: TimeView = { ...time, guarantee: nanos(500n) };

test('a bound that is narrow already is told at once, and who will not wait is told what holds', async (t) => {
  const { ask, watchers } = await waiting(t, time);
  assert.equal((await ask('guarantee_max_ns=85')).json<Body>().reached, true);
  const impatient = (await ask('guarantee_max_ns=84&timeout_ms=0')).json<Body>();
  assert.deepEqual([impatient.reached, impatient.time.guarantee_ns], [false, '85']);
  assert.equal(watchers.size, 0, 'nobody waited');
});

test('a waiter is answered at the beat that brings the bound, and watches no more', async (t) => {
  const { ask, someoneWaits, beat, watchers } = await waiting(t, noTime);
  const answer = ask('guarantee_max_ns=100&timeout_ms=60000');
  await someoneWaits();
  beat(wide);
  assert.equal(watchers.size, 1, 'too wide');
  beat(time);
  const body = (await answer).json<Body>();
  assert.deepEqual([body.reached, body.time.guarantee_ns], [true, '85']);
  assert.equal(watchers.size, 0);
});

test('patience that ends is answered with what holds instead', async (t) => {
  const { ask, watchers } = await waiting(t, noTime);
  const body = (await ask('guarantee_max_ns=100&timeout_ms=1')).json<Body>();
  assert.deepEqual([body.reached, body.time.guarantee_ns], [false, null]);
  assert.equal(watchers.size, 0);
});

test('so many wait and no more; when the agent stops, all are told', async (t) => {
  const { app, ask, someoneWaits } = await waiting(t, noTime);
  const answers = Array.from({ length: LIMITS.apiWaitersMax }, () => ask('guarantee_max_ns=1&timeout_ms=60000'));
  await someoneWaits();
  // Requests are taken in order, so the last comes after all that wait.
  const refused = await ask('guarantee_max_ns=1&timeout_ms=60000');
  assert.deepEqual([refused.statusCode, refused.json<{ code: string }>().code], [503, 'api-too-many-waiters']);
  await app.close();
  for (const answer of await Promise.all(answers))
    assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [503, 'api-stopping']);
});

test('what is no wait is refused', async (t) => {
  const { ask } = await waiting(t, time);
  for (const query of ['', 'guarantee_max_ns=-1', 'guarantee_max_ns=1.5', 'guarantee_max_ns=1&timeout_ms=60001'])
    assert.equal((await ask(query)).statusCode, 400, query);
});
