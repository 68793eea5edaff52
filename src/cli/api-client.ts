/** The command line's way to a running agent: one GET over its unix socket or its port, bounded in time and size. */

import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { Option, type Command } from 'commander';
import { AgentError } from '../ports/agent-error.ts';

/** A path to a unix socket, or `http://127.0.0.1:PORT`. */
export type ApiAddress = string;

const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const ANSWER_WAIT_MS = 10_000;

export type Answer = { readonly status: number; readonly body: Buffer };

/** Where the packaged service listens. */
const SERVICE_SOCKET = '/run/momentd/api.sock';

export function withApiOption(command: Command): Command {
  return command.addOption(
    new Option('--api <address>', 'unix socket or http://127.0.0.1:PORT of the agent')
      .env('MOMENTD_API')
      .default(SERVICE_SOCKET),
  );
}

/** Where `node:http` finds the agent. */
export function httpOptionsOf(address: ApiAddress): RequestOptions & { readonly headers: Record<string, string> } {
  return address.startsWith('http://')
    ? { host: new URL(address).hostname, port: new URL(address).port, headers: {} }
    : { socketPath: address, headers: { host: 'localhost' } };
}

export async function get(address: ApiAddress, path: string): Promise<Answer> {
  const options = httpOptionsOf(address);
  const signal = AbortSignal.timeout(ANSWER_WAIT_MS);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ ...options, path, signal }, resolve)
        .on('error', reject)
        .end();
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes of answer`);
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
  const { status, body } = await get(address, path);
  if (status !== 200)
    throw new AgentError(
      'agent-refused',
      `ask ${address} for ${path}: ${status} ${body.toString('utf8').slice(0, 500)}`,
    );
  return JSON.parse(body.toString('utf8')) as T;
}
