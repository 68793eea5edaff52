/** The API over a made-up agent: what it answers, what it refuses, and that its own document describes it. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BUDGET_TERMS } from '../../../src/core/clock/budget.ts';
import { listen } from '../../../src/io/api/listen.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { AgentView } from '../../../src/ports/view.ts';
import { LOCAL, NOW, view } from './made-up-view.ts';

async function api(context: TestContext) {
  const errors: string[] = [];
  const app = await buildApi(view, { log: { write: (_level, message) => errors.push(message) }, version: '1.2.3' });
  context.after(() => app.close());
  return { app, errors };
}

test('time is told in decimal strings that keep every nanosecond', async (t) => {
  const { app } = await api(t);
  const answer = await app.inject({ url: '/v1/time', headers: LOCAL });
  assert.equal(answer.statusCode, 200);
  const body = answer.json<Record<string, unknown>>();
  assert.equal(body['earliest_ns'], '1795000000123456704');
  assert.equal(body['latest_ns'], '1795000000123456874');
  assert.equal(body['nano_moment'], '1794999963123456789');
  assert.equal(body['uncertainty_ns'], null, 'what is not known is null');
});

test('status is complete: the answer schema drops nothing that was rendered', async (t) => {
  const { app } = await api(t);
  const body = (await app.inject({ url: '/v1/status', headers: LOCAL })).json<Record<string, unknown>>();
  assert.deepEqual(Object.keys(body).sort(), [
    'assumptions',
    'attesting',
    'boot_id',
    'budget',
    'estimate',
    'host_identity',
    'inbox',
    'lane',
    'network',
    'role',
    'seconds_until_limit',
    'simulated',
    'sources',
    'started_mono_ns',
    'time',
    'validator',
    'version',
  ]);
  assert.equal(body['host_identity'], '07'.repeat(32));
  assert.deepEqual(body['budget'], [{ term: 'floor', ns: '85' }]);
  assert.deepEqual(body['estimate'], {
    as_of_mono_ns: '4',
    earliest_ns: '1795000000123456709',
    latest_ns: null,
  });
});

test('statements come in bounded pages that end', async (t) => {
  const { app } = await api(t);
  type Page = { statements: { seq: string }[]; next: string | null };
  const seen: string[] = [];
  let next: string | null = '0';
  for (let pages = 0; next !== null && pages < 10; pages++) {
    const page: Page = (
      await app.inject({ url: `/v1/statements?from=${next}&limit=100`, headers: LOCAL })
    ).json<Page>();
    seen.push(...page.statements.map((s) => s.seq));
    next = page.next;
  }
  assert.equal(next, null);
  assert.deepEqual(
    seen,
    Array.from({ length: 250 }, (_, i) => `${i}`),
  );
});

test('bytes are served as bytes', async (t) => {
  const { app } = await api(t);
  const cose = await app.inject({ url: '/v1/statements/7/cose', headers: LOCAL });
  assert.equal(cose.headers['content-type'], 'application/cose; cose-type="cose-sign1"');
  assert.deepEqual([...cose.rawPayload], [0xd2, 0x84]);
  const evidence = await app.inject({ url: `/v1/evidence/${'09'.repeat(32)}`, headers: LOCAL });
  assert.deepEqual([...evidence.rawPayload], [1, 2]);
  assert.deepEqual([...(await app.inject({ url: '/v1/genesis', headers: LOCAL })).rawPayload], [0xa0]);
});

test('host identities are served as signed, and their absence has a code', async (t) => {
  const { app } = await api(t);
  const current = await app.inject({ url: '/v1/identity', headers: LOCAL });
  assert.equal(current.headers['content-type'], 'application/cose; cose-type="cose-sign1"');
  assert.deepEqual([...current.rawPayload], [0xd2, 7]);
  const named = await app.inject({ url: `/v1/identity/${'07'.repeat(32)}`, headers: LOCAL });
  assert.deepEqual([...named.rawPayload], [0xd2, 6]);
  const none = await buildApi({ ...view, identity: undefined }, { log: { write: () => undefined }, version: '1' });
  t.after(() => none.close());
  const answer = await none.inject({ url: '/v1/identity', headers: LOCAL });
  assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [404, 'identity-none']);
});

test('drift is told with its extremes, and what was not measured is null', async (t) => {
  const { app } = await api(t);
  const answer = await app.inject({ url: '/v1/drift?span_s=60&points=7', headers: LOCAL });
  assert.equal(answer.statusCode, 200, answer.body);
  const body = answer.json<{ points: Record<string, unknown>[]; stability: Record<string, unknown>[] }>();
  assert.deepEqual(body.points[0]!['offset_ns'], { least: '-3', greatest: '5', mean: '1', count: 2 });
  assert.equal(body.points[0]!['frequency_ppt'], null);
  assert.deepEqual(body.points[0]!['guarantee_ns'], {
    least: '60000000000',
    greatest: '60000000000',
    mean: '60000000000',
    count: 1,
  });
  assert.equal(body.points[0]!['samples'], 7);
  assert.equal(body.stability[0]!['hdev_ppb'], null);
  assert.equal(body.stability[0]!['mtie_ns'], 2);
});

test('the history tells width, budget and states of each bucket', async (t) => {
  const { app } = await api(t);
  const answer = await app.inject({ url: '/v1/history?span_s=60&points=7', headers: LOCAL });
  assert.equal(answer.statusCode, 200, answer.body);
  const body = answer.json<{ terms: string[]; points: Record<string, unknown>[] }>();
  assert.deepEqual(body.terms, [...BUDGET_TERMS]);
  assert.deepEqual(body.points, [
    {
      from_tai_ns: NOW.toString(),
      samples: 7,
      refused: 1,
      guarantee_ns: { least: '1', greatest: '9', mean: '5', count: 2 },
      budget_ns: BUDGET_TERMS.map((term) => `${term.length}`),
      states: { acquiring: 0, locked: 6, holdover: 1, unsynchronized: 0, faulted: 0 },
    },
  ]);
});

test('the lane is served under the paths that foreign tools know', async (t) => {
  const { app } = await api(t);
  const checkpoint = await app.inject({ url: '/v1/lane/checkpoint', headers: LOCAL });
  assert.equal(checkpoint.body, 'checkpoint');
  assert.equal(checkpoint.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(checkpoint.headers['cache-control'], 'no-store');
  const tile = await app.inject({ url: '/v1/lane/tile/0/000', headers: LOCAL });
  assert.equal(tile.body, 'tile/0/000');
  assert.match(String(tile.headers['cache-control']), /immutable/);
});

const REFUSED: readonly [string, Record<string, string>, number, string][] = [
  ['/v1/time', { host: 'evil.example' }, 421, 'api-host-not-local'],
  ['/v1/time', { host: '127.0.0.1.evil.example' }, 421, 'api-host-not-local'],
  ['/v1/time', { host: '10.0.0.1' }, 421, 'api-host-not-local'],
  ['/v1/time', { ...LOCAL, origin: 'http://evil.example' }, 403, 'api-cross-site'],
  ['/v1/time', { ...LOCAL, origin: 'null' }, 403, 'api-cross-site'],
  ['/v1/nothing', LOCAL, 404, 'api-not-found'],
  ['/v1/statements?limit=101', LOCAL, 400, 'api-bad-request'],
  ['/v1/statements?limit=0', LOCAL, 400, 'api-bad-request'],
  ['/v1/statements?from=-1', LOCAL, 400, 'api-bad-request'],
  ['/v1/statements?from=1e3', LOCAL, 400, 'api-bad-request'],
  [`/v1/statements?from=${'9'.repeat(19)}`, LOCAL, 400, 'api-bad-request'],
  ['/v1/statements?form=1', LOCAL, 400, 'api-bad-request'],
  ['/v1/statements/250', LOCAL, 404, 'api-not-found'],
  ['/v1/statements/x', LOCAL, 400, 'api-bad-request'],
  ['/v1/evidence/00', LOCAL, 400, 'api-bad-request'],
  ['/v1/drift?points=1001', LOCAL, 400, 'api-bad-request'],
  ['/v1/drift?span_s=0', LOCAL, 400, 'api-bad-request'],
  ['/v1/lane/tile/0/001', LOCAL, 404, 'api-not-found'],
  ['/v1/lane/../guard', LOCAL, 404, 'api-not-found'],
  ['/v1/lane/..%2f..%2fguard', LOCAL, 404, 'api-not-found'],
  [`/v1/lane/${'x'.repeat(200)}`, LOCAL, 400, 'api-bad-request'],
  [`/v1/evidence/${'00'.repeat(32)}`, LOCAL, 404, 'evidence-not-kept'],
  [`/v1/identity/${'00'.repeat(32)}`, LOCAL, 404, 'identity-not-kept'],
  ['/v1/identity/00', LOCAL, 400, 'api-bad-request'],
  ['/v1/identity?seq=1', { host: 'evil.example' }, 421, 'api-host-not-local'],
];

test('what is refused is refused with a code, as problem+json', async (t) => {
  const { app, errors } = await api(t);
  for (const [url, headers, status, code] of REFUSED) {
    const answer = await app.inject({ url, headers });
    assert.equal(answer.statusCode, status, url);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, url);
    assert.equal(answer.json<{ code: string }>().code, code, url);
  }
  const post = await app.inject({ method: 'POST', url: '/v1/time', headers: LOCAL, payload: {} });
  assert.equal(post.statusCode, 404, 'read-only');
  assert.deepEqual(errors, [], 'a refusal is not our failure');
});

test('a failure of ours is a 500 with a code and a log line, and its cause stays here', async (t) => {
  const errors: string[] = [];
  const broken: AgentView = {
    ...view,
    now: () => {
      throw new Error('the secret cause');
    },
  };
  const app = await buildApi(broken, { log: { write: (_level, message) => errors.push(message) }, version: '1' });
  t.after(() => app.close());
  const answer = await app.inject({ url: '/v1/time', headers: LOCAL });
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json<{ code: string }>().code, 'api-internal');
  assert.doesNotMatch(answer.body, /secret cause/);
  assert.equal(errors.length, 1);
});

test('the OpenAPI document lists every path with its answers', async (t) => {
  const { app } = await api(t);
  const document = (await app.inject({ url: '/v1/openapi.json', headers: LOCAL })).json<{
    openapi: string;
    paths: Record<string, unknown>;
  }>();
  assert.equal(document.openapi, '3.0.3');
  assert.deepEqual(Object.keys(document.paths).sort(), [
    '/v1/drift',
    '/v1/evidence/{digest}',
    '/v1/genesis',
    '/v1/history',
    '/v1/identity',
    '/v1/identity/{digest}',
    '/v1/lane/{*}',
    '/v1/oscillator',
    '/v1/receivers',
    '/v1/sources',
    '/v1/statements',
    '/v1/statements/{seq}',
    '/v1/statements/{seq}/cose',
    '/v1/status',
    '/v1/time',
    '/v1/time/wait',
  ]);
});

test('it listens on a socket only its group may open and on a port of this machine', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-api-'));
  t.after(() => rm(directory, { recursive: true }));
  const socketPath = join(directory, 'api.sock');
  const { app } = await api(t);
  const listening = await listen(app, { socketPath, port: 0 });
  assert.equal((await stat(socketPath)).mode & 0o777, 0o660);
  assert.match(listening.addresses.url!, /^http:\/\/127\.0\.0\.1:\d+$/);

  const overTcp = await fetch(`${listening.addresses.url}/v1/time`);
  assert.equal(overTcp.status, 200);
  const overSocket = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request({ socketPath, path: '/v1/time', headers: { host: 'momentd' } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject).end();
  });
  assert.equal(overSocket, 200);

  const second = await buildApi(view, { log: { write: () => undefined }, version: '1' });
  await assert.rejects(
    listen(second, { socketPath, port: undefined }),
    (error) => error instanceof AgentError && error.code === 'api-address-in-use',
  );
  await listening.close();

  // A socket file nobody answers on (its process died) is taken over.
  const third = await buildApi(view, { log: { write: () => undefined }, version: '1' });
  const again = await listen(third, { socketPath, port: undefined });
  await again.close();
});
