/**
 * The dashboard's files, read once at start and served as they are: a page of this agent that needs no build and no other
 * server. Its policy allows the page nothing but itself: no inline script or style, no other origin.
 *
 * The files are src/dashboard in a clone and dist/dashboard in the package; the chart library is the installed package's.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { RouteGroup } from './route-group.ts';

export type PageFile = { readonly type: string; readonly bytes: Buffer; readonly tag: string };

/** By request path. */
export type Page = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const DIRECTORY = fileURLToPath(new URL('../../dashboard/', import.meta.url));

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Rejects with `api-page-unreadable` where the installation is not whole. */
export async function readPage(directory: string = DIRECTORY): Promise<Page> {
  const files = new Map<string, PageFile>();
  const add = async (at: string, path: string): Promise<void> => {
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    if (type === undefined) return;
    const bytes = await readFile(path);
    files.set(at, { type, bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` });
  };
  try {
    const chart = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist');
    await add('/dashboard/uplot/uPlot.js', join(chart, 'uPlot.esm.js'));
    await add('/dashboard/uplot/uPlot.css', join(chart, 'uPlot.min.css'));
    for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await add(`/dashboard/${path.slice(join(directory, '/').length)}`, path);
    }
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('api-page-unreadable', `read the dashboard in ${directory}: ${what}`, { cause });
  }
  const index = files.get('/dashboard/index.html');
  if (index === undefined || files.size > LIMITS.dashboardFilesMax)
    throw new AgentError('api-page-unreadable', `read the dashboard in ${directory}: ${files.size} files, no page`);
  files.delete('/dashboard/index.html');
  files.set('/', index);
  return files;
}

/** One route for each file: a path that is not one of them is answered like any other that does not exist. */
export const dashboardRoutes =
  (page: Page): RouteGroup =>
  (app) => {
    for (const [path, file] of page)
      app.get(path, { schema: { hide: true } }, (request, reply) => sendFile(request, reply, file));
  };

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  reply.headers({
    'content-security-policy': POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    // Asked again each time and answered from the tag: a page never outlives the agent that it belongs to.
    'cache-control': 'no-cache',
    etag: file.tag,
  });
  if (request.headers['if-none-match'] === file.tag) return reply.code(304).send();
  return reply.type(file.type).send(file.bytes);
}
