/** The page as it is served: where, as what, under which policy; and that every file it names is there. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TERM_MEANINGS } from '../../../src/core/clock/explain.ts';
import { dashboardRoutes, readPage, type Page } from '../../../src/io/api/dashboard-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { AgentView } from '../../../src/ports/view.ts';

const LOCAL = { host: '127.0.0.1:1' };
const NOBODY = {} as AgentView;

async function api(page: Page) {
  return buildApi(NOBODY, { log: { write: () => undefined }, version: '1', groups: [dashboardRoutes(page)] });
}

test('the page is at / and may load nothing but itself', async (t) => {
  const app = await api(await readPage());
  t.after(() => app.close());
  const answer = await app.inject({ url: '/', headers: LOCAL });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  const policy = String(answer.headers['content-security-policy']);
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.doesNotMatch(answer.body, /<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=|javascript:/i, 'nothing inline');
});

test('every file that a file of the page names is served, with its type', async (t) => {
  const page = await readPage();
  const app = await api(page);
  t.after(() => app.close());
  const named = new Set<string>(['/']);
  for (const path of named) {
    const answer = await app.inject({ url: path, headers: LOCAL });
    assert.equal(answer.statusCode, 200, path);
    if (path.endsWith('.js')) assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    const base = `http://127.0.0.1${path}`;
    for (const [, name] of answer.body.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"|^import .* from '(\.[^']+)'/gm))
      if (name !== undefined) named.add(new URL(name, base).pathname);
    for (const [, name] of answer.body.matchAll(/from '(\.[^']+\.js)'/g)) named.add(new URL(name!, base).pathname);
  }
  assert.ok(named.has('/dashboard/uplot/uPlot.js'));
  assert.deepEqual([...page.keys()].sort(), [...named].sort(), 'and nothing is served that nothing names');
});

test('what has not changed is not sent again, and a changed file has another tag', async (t) => {
  const app = await api(await readPage());
  t.after(() => app.close());
  const first = await app.inject({ url: '/dashboard/main.js', headers: LOCAL });
  const tag = String(first.headers.etag);
  const again = await app.inject({ url: '/dashboard/main.js', headers: { ...LOCAL, 'if-none-match': tag } });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
  const other = await app.inject({ url: '/', headers: { ...LOCAL, 'if-none-match': tag } });
  assert.equal(other.statusCode, 200);
});

test('only its own files are served, to this machine only', async (t) => {
  const app = await api(await readPage());
  t.after(() => app.close());
  for (const url of [
    '/dashboard/tsconfig.json',
    '/dashboard/answers.d.ts',
    '/dashboard/../../package.json',
    '/dashboard/%2e%2e/main.ts',
    '/dashboard/uplot/../../../package.json',
    '/index.html',
  ])
    assert.equal((await app.inject({ url, headers: LOCAL })).statusCode, 404, url);
  assert.equal((await app.inject({ url: '/', headers: { host: 'evil.example' } })).statusCode, 421);
});

test('an installation without a page is refused with a code', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-page-'));
  t.after(() => rm(directory, { recursive: true }));
  const isUnreadable = (error: unknown) => error instanceof AgentError && error.code === 'api-page-unreadable';
  await assert.rejects(readPage(join(directory, 'none')), isUnreadable);
  await assert.rejects(readPage(directory), isUnreadable);
  await writeFile(join(directory, 'index.html'), '<!doctype html>');
  assert.ok((await readPage(directory)).has('/'));
});

test('the page explains the terms of the budget in the words of the command line, each with a colour', async () => {
  const page = await readPage();
  const text = (path: string) => page.get(path)!.bytes.toString();
  for (const [term, meaning] of Object.entries(TERM_MEANINGS)) {
    const written = meaning.includes("'") ? `"${meaning}"` : `'${meaning}'`;
    assert.ok(text('/dashboard/panels/budget.js').includes(written), term);
    assert.ok(text('/dashboard/style/tokens.css').includes(`--term-${term}:`), term);
  }
});
