/** The command line's way to a running agent: one request over its unix socket or its port, bounded in time and size. */

import { existsSync } from 'node:fs';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { dirname } from 'node:path';
import { Option, type Command } from 'commander';
import { LIMITS } from '../core/limits.ts';
import { readToken, tokenPath } from '../io/api/token.ts';
import { AgentError } from '../ports/agent-error.ts';

/** A path to a unix socket, or `http://127.0.0.1:PORT`. */
export type ApiAddress = string;

export type Answer = { readonly status: number; readonly body: Buffer };

/** Where the packaged service listens, and where its state is. */
const SERVICE = { socket: '/run/momentd/api.sock', stateDir: '/var/lib/momentd/state' } as const;

export function withApiOption(command: Command): Command {
  return command.addOption(
    new Option('--api <address>', 'unix socket or http://127.0.0.1:PORT of the agent')
      .env('MOMENTD_API')
      .default(SERVICE.socket),
  );
}

/** For what changes something: where the agent keeps the token that says we may. */
export function withTokenOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--state-dir <directory>',
      'where the agent keeps its API token; default the folder of its socket, or that of the service',
    ).env('MOMENTD_STATE_DIR'),
  );
}

/** The token of the agent at `address`: where we were told, beside its socket, or where the service has it. */
export async function tokenFor(address: ApiAddress, stateDir: string | undefined): Promise<string> {
  if (stateDir !== undefined) return readToken(stateDir);
  if (address.startsWith('http://'))
    throw new AgentError('cli-usage', `find the token of ${address}: a port has no folder; give --state-dir`);
  const beside = dirname(address);
  return readToken(address === SERVICE.socket && !existsSync(tokenPath(beside)) ? SERVICE.stateDir : beside);
}

/** Where `node:http` finds the agent. */
export function httpOptionsOf(
  address: ApiAddress,
): Omit<RequestOptions, 'headers'> & { readonly headers: Readonly<Record<string, string>> } {
  return address.startsWith('http://')
    ? { host: new URL(address).hostname, port: new URL(address).port, headers: {} }
    : { socketPath: address, headers: { host: 'localhost' } };
}

export const get = (address: ApiAddress, path: string): Promise<Answer> => ask(address, path, {});

/** Sends JSON under the token; what the agent makes of it is in the answer. */
export async function post(address: ApiAddress, path: string, sent: { body: object; token: string }): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${sent.token}` };
  return ask(address, path, { method: 'POST', headers, body: JSON.stringify(sent.body) });
}

type Asked = {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

async function ask(address: ApiAddress, path: string, { method, headers, body }: Asked): Promise<Answer> {
  const { headers: own, ...options } = httpOptionsOf(address);
  const signal = AbortSignal.timeout(LIMITS.apiAnswerWaitMsMax);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ ...options, path, signal, method, headers: { ...own, ...headers } }, resolve)
        .on('error', reject)
        .end(body);
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LIMITS.apiAnswerBytesMax) throw new Error(`more than ${LIMITS.apiAnswerBytesMax} bytes of answer`);
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('agent-not-reached', `ask ${address} for ${path}: ${what}`, { cause });
  }
}

/** The JSON answer of `path`; an answer other than 200 becomes an error that quotes the agent's own words. */
export async function getJson<T>(address: ApiAddress, path: string): Promise<T> {
  const answer = await get(address, path);
  if (answer.status !== 200) throw refusedBy(address, path, answer);
  return JSON.parse(answer.body.toString('utf8')) as T;
}

/** A file of the agent; undefined where it has none. */
export async function getFile(address: ApiAddress, path: string): Promise<Buffer | undefined> {
  const answer = await get(address, path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusedBy(address, path, answer);
  return answer.body;
}

export const refusedBy = (address: ApiAddress, path: string, { status, body }: Answer): AgentError =>
  new AgentError('agent-refused', `ask ${address} for ${path}: ${status} ${body.toString('utf8').slice(0, 500)}`);
