/**
 * The token without which the API changes nothing. Made afresh at every start and written beside the state for whoever may
 * read it there (mode 0600), so that a token that leaked ends with the process. Compared in constant time.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AgentError } from '../../ports/agent-error.ts';
import { sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `open`: a POST that needs no token, because it only reads or carries its own authority. */
    access?: 'open';
  }
}

export const tokenPath = (stateDir: string): string => join(stateDir, 'api.token');

/** Makes a new token and writes it where `readToken` finds it. */
export async function issueToken(stateDir: string): Promise<string> {
  const path = tokenPath(stateDir);
  const token = randomBytes(32).toString('hex');
  const fresh = `${path}.new`;
  try {
    // A leftover of a process that died; created anew so that its mode is ours.
    await rm(fresh, { force: true });
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(`${token}\n`);
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('file-unwritable', `write the API token ${path}: ${what}`, { cause });
  }
  return token;
}

/** The token of the agent that runs on this state directory. */
export async function readToken(stateDir: string): Promise<string> {
  const path = tokenPath(stateDir);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('file-unreadable', `read the API token ${path}: ${what}`, { cause });
  }
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses whatever could change something and does not carry the token. Without a token nothing can be changed at all. */
export function refuseWithoutToken(token: string | undefined) {
  const expected = token === undefined ? undefined : digestOf(token);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (request.is404 || READS.has(request.method) || request.routeOptions.config.access === 'open') return undefined;
    const given = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined) {
      reply.header('www-authenticate', 'Bearer realm="momentd"');
      return sendProblem(reply, 401, 'api-token-missing', `${request.method} needs the token`);
    }
    // Digests are of one length whatever was given, and their comparison takes one time.
    if (expected !== undefined && timingSafeEqual(expected, digestOf(given))) return undefined;
    return sendProblem(reply, 403, 'api-token-wrong', 'the token is not that of this run of the agent');
  };
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
