/** The doors of the API: who is let in, how often, with which token, and how large. Over inject, and over real sockets. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, millis, shift } from '../../../src/core/time/nanos.ts';
import { ApiCounts } from '../../../src/io/api/api-counts.ts';
import type { RouteGroup } from '../../../src/io/api/route-group.ts';
import { buildApi, type ApiOptions } from '../../../src/io/api/server.ts';
import { issueToken, readToken, tokenPath } from '../../../src/io/api/token.ts';
import { API_REFUSALS } from '../../../src/ports/api-use.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import { LOCAL, view } from './made-up-view.ts';

const TOKEN = 'a'.repeat(64);

/** Something that would change something. */
const writing: RouteGroup = (app) => {
  app.post('/v1/made-up', () => ({ done: true }));
  app.post('/v1/open', { config: { access: 'open' } }, () => ({ done: true }));
};

async function api(t: TestContext, options: Partial<ApiOptions> = {}) {
  const app = await buildApi(view, { log: { write: () => undefined }, version: '1', groups: [writing], ...options });
  t.after(() => app.close());
  return app;
}

const codeOf = (answer: { readonly body: string }): string => (JSON.parse(answer.body) as { code: string }).code;

test('what would change something needs the token of this run', async (t) => {
  const app = await api(t, { token: TOKEN });
  const post = (authorization?: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/made-up',
      headers: { ...LOCAL, ...(authorization === undefined ? {} : { authorization }) },
    });
  const none = await post();
  assert.deepEqual([none.statusCode, codeOf(none)], [401, 'api-token-missing']);
  assert.match(String(none.headers['www-authenticate']), /^Bearer/);
  for (const malformed of ['Basic YTpi', 'Bearer', 'Bearer ', `Bearer ${'a'.repeat(300)}`])
    assert.equal((await post(malformed)).statusCode, 401, malformed);
  for (const wrong of ['b'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), TOKEN.toUpperCase()]) {
    const answer = await post(`Bearer ${wrong}`);
    assert.deepEqual([answer.statusCode, codeOf(answer)], [403, 'api-token-wrong'], wrong);
  }
  assert.equal((await post(`Bearer ${TOKEN}`)).statusCode, 200);
  assert.equal((await app.inject({ method: 'POST', url: '/v1/open', headers: LOCAL })).statusCode, 200);
  assert.equal((await app.inject({ url: '/v1/time', headers: LOCAL })).statusCode, 200, 'reading needs none');
});

test('without a token nothing can be changed at all', async (t) => {
  const app = await api(t);
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/made-up',
    headers: { ...LOCAL, authorization: `Bearer ${TOKEN}` },
  });
  assert.deepEqual([answer.statusCode, codeOf(answer)], [403, 'api-token-wrong']);
});

test('the token is written for its owner alone, and is another one after each start', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-token-'));
  t.after(() => rm(directory, { recursive: true }));
  const first = await issueToken(directory);
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.equal((await stat(tokenPath(directory))).mode & 0o777, 0o600);
  assert.equal(await readToken(directory), first);
  const second = await issueToken(directory);
  assert.notEqual(second, first);
  assert.equal((await readFile(tokenPath(directory), 'utf8')).trim(), second);
  const nowhere = join(directory, 'none');
  const withCode = (code: string) => (error: unknown) => error instanceof AgentError && error.code === code;
  await assert.rejects(issueToken(nowhere), withCode('file-unwritable'));
  await assert.rejects(readToken(nowhere), withCode('file-unreadable'));
});

test('a web page of another site or port is refused, a link to a page of ours is not', async (t) => {
  const app = await api(t, { token: TOKEN });
  const get = (headers: Record<string, string>) => app.inject({ url: '/v1/time', headers: { ...LOCAL, ...headers } });
  for (const site of ['cross-site', 'same-site', 'anything'])
    for (const mode of ['cors', 'no-cors', 'websocket']) {
      const answer = await get({ 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': 'empty' });
      assert.deepEqual([answer.statusCode, codeOf(answer)], [403, 'api-cross-site'], `${site} ${mode}`);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  const navigate = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  assert.equal((await get({ ...navigate, 'sec-fetch-dest': 'document' })).statusCode, 200);
  assert.equal((await get({ ...navigate, 'sec-fetch-dest': 'iframe' })).statusCode, 403, 'not in a frame');
  for (const site of ['same-origin', 'none']) assert.equal((await get({ 'sec-fetch-site': site })).statusCode, 200);
  const form = await app.inject({
    method: 'POST',
    url: '/v1/open',
    headers: { ...LOCAL, ...navigate, 'sec-fetch-dest': 'document', origin: 'http://evil.example' },
  });
  assert.equal(form.statusCode, 403, 'a form of another site is refused though it navigates');
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/v1/time',
    headers: { ...LOCAL, origin: 'http://evil.example', 'access-control-request-method': 'GET' },
  });
  assert.equal(preflight.statusCode, 403);
  assert.equal(preflight.headers['access-control-allow-origin'], undefined);
});

test('more requests than the API answers are refused until time has passed; dear ones count more', async (t) => {
  let now = monoInstant(0n);
  const app = await api(t, { now: () => now });
  const statusOf = async (url: string) => (await app.inject({ url, headers: LOCAL })).statusCode;
  for (let i = 0; i < LIMITS.apiRequestBurstMax; i++) assert.equal(await statusOf('/v1/time'), 200);
  const refused = await app.inject({ url: '/v1/time', headers: LOCAL });
  assert.deepEqual([refused.statusCode, codeOf(refused)], [429, 'api-rate-limited']);
  assert.equal(refused.headers['retry-after'], '1');
  now = shift(now, millis(10));
  assert.equal(await statusOf('/v1/drift'), 429, 'five came back and a drift costs ten');
  assert.equal(await statusOf('/v1/time'), 200);
  now = shift(now, millis(60_000));
  for (let i = 0; i < LIMITS.apiRequestBurstMax / 10; i++) assert.equal(await statusOf('/v1/history'), 200);
  assert.equal(await statusOf('/v1/time'), 429);
});

test('a body that is too long is refused before it is read', async (t) => {
  const app = await api(t, { token: TOKEN });
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/open',
    headers: { ...LOCAL, 'content-type': 'application/json' },
    payload: JSON.stringify({ x: 'y'.repeat(70_000) }),
  });
  assert.deepEqual([answer.statusCode, codeOf(answer)], [413, 'api-body-too-large']);
});

test('what is answered and what is turned away is counted, each refusal under its code', async (t) => {
  const counts = new ApiCounts();
  const now = monoInstant(0n);
  const app = await api(t, { token: TOKEN, counts, now: () => now });
  const ask = (headers: Readonly<Record<string, string>>, method: 'GET' | 'POST' = 'GET') =>
    app.inject({ method, url: method === 'GET' ? '/v1/status' : '/v1/made-up', headers });
  await ask(LOCAL);
  await ask({ host: 'evil.example' });
  await ask({ ...LOCAL, origin: 'http://evil.example' });
  await ask(LOCAL, 'POST');
  await ask({ ...LOCAL, authorization: 'Bearer b' }, 'POST');
  await app.inject({ url: '/v1/nothing', headers: LOCAL });
  const { answered } = counts;
  assert.equal(answered, 6, 'what is merely not there is answered and no refusal');
  const refused = (): number[] => API_REFUSALS.map((code) => counts.refusedFor(code));
  assert.deepEqual(API_REFUSALS.slice(0, 5), [
    'api-cross-site',
    'api-host-not-local',
    'api-rate-limited',
    'api-token-missing',
    'api-token-wrong',
  ]);
  assert.deepEqual(refused(), [1, 1, 0, 1, 1, 0]);
  let asked = 0;
  while (counts.refusedFor('api-rate-limited') === 0 && asked++ < LIMITS.apiRequestBurstMax) await ask(LOCAL);
  assert.equal(counts.answered, answered + asked);
  assert.deepEqual(refused(), [1, 1, 1, 1, 1, 0]);
});
