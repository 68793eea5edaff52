/** GET /metrics: there when there are metrics, behind the same door as the rest, and a failure tells nothing of the inside. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildApi } from '../../../src/io/api/server.ts';
import type { AgentView } from '../../../src/ports/view.ts';

/** The route asks the metrics, never the view. */
const NOBODY = new Proxy({} as AgentView, {
  get: (_target, name) => {
    throw new Error(`the view was asked for ${String(name)}`);
  },
});
const LOCAL = { host: '127.0.0.1:1' };

async function api(metrics?: () => Promise<string>) {
  const problems: string[] = [];
  const log = { write: (_level: string, message: string) => void problems.push(message) };
  const app = await buildApi(NOBODY, { log, version: '1', ...(metrics === undefined ? {} : { metrics }) });
  return { app, problems };
}

test('metrics are served as Prometheus expects them, and not cached', async (t) => {
  const { app } = await api(() => Promise.resolve('momentd_attesting 1\n'));
  t.after(() => app.close());
  const answer = await app.inject({ url: '/metrics', headers: LOCAL });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, 'momentd_attesting 1\n');
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
});

test('without metrics there is no such path', async (t) => {
  const { app } = await api();
  t.after(() => app.close());
  assert.equal((await app.inject({ url: '/metrics', headers: LOCAL })).statusCode, 404);
});

test('another host’s name and another site are refused', async (t) => {
  const { app } = await api(() => Promise.resolve('momentd_attesting 1\n'));
  t.after(() => app.close());
  for (const [headers, status] of [
    [{ host: 'evil.example' }, 421],
    [{ ...LOCAL, origin: 'http://evil.example' }, 403],
  ] as const) {
    const answer = await app.inject({ url: '/metrics', headers });
    assert.equal(answer.statusCode, status);
    assert.doesNotMatch(answer.body, /momentd_attesting/);
  }
});

test('a failure is one problem, logged here and not told there', async (t) => {
  const { app, problems } = await api(() => Promise.reject(new Error('secret inside')));
  t.after(() => app.close());
  const answer = await app.inject({ url: '/metrics', headers: LOCAL });
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json<{ code: string }>().code, 'api-internal');
  assert.doesNotMatch(answer.body, /secret inside/);
  assert.equal(problems.length, 1);
});
