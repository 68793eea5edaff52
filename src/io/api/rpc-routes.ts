/**
 * JSON-RPC 2.0 at POST /rpc, for programs that read a ROKO node. Every method reads, so no token is needed; a page of another
 * site is refused like everywhere. Answers are 200 with the error inside, as JSON-RPC wants it; batches are bounded.
 */

import { LIMITS } from '../../core/limits.ts';
import type { Log } from '../../ports/log.ts';
import type { RouteGroup } from './route-group.ts';
import { callRpc, RPC_METHODS, type RpcNeeds, type RpcOutcome } from './rpc-methods.ts';

type Id = string | number | null;
type Answer = { readonly jsonrpc: '2.0'; readonly id: Id } & RpcOutcome;

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;

const answerSchema = {
  type: 'object',
  required: ['jsonrpc', 'id'],
  properties: {
    jsonrpc: { type: 'string', enum: ['2.0'] },
    id: { description: 'that of the request: text, number or null' },
    result: {},
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'integer' }, message: { type: 'string' }, data: { type: 'object' } },
    },
  },
};

export const rpcRoutes =
  (needs: RpcNeeds, log: Log): RouteGroup =>
  (app) => {
    // What is no JSON is answered in JSON-RPC too, so it is parsed here.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));

    const answerOne = async (request: unknown): Promise<Answer | undefined> => {
      if (!isRequest(request)) return failed(idOf(request), INVALID_REQUEST, 'Invalid Request');
      let outcome: RpcOutcome;
      try {
        outcome = Array.isArray(request.params ?? [])
          ? await callRpc(needs, request.method, request.params ?? [])
          : { error: { code: -32_602, message: 'parameters go by position' } };
      } catch (error) {
        log.write('error', 'an RPC request failed', { method: request.method.slice(0, 80), error: String(error) });
        outcome = { error: { code: INTERNAL_ERROR, message: 'Internal error' } };
      }
      // A request without an id is a notification: nobody waits for its answer.
      return request.id === undefined ? undefined : { jsonrpc: '2.0', id: request.id, ...outcome };
    };

    app.post<{ Body: string }>(
      '/rpc',
      {
        config: { access: 'open', cost: 5 },
        schema: {
          summary: `JSON-RPC 2.0 reads as a ROKO node has them: ${RPC_METHODS.join(', ')}`,
          consumes: ['application/json'],
          response: { 200: { anyOf: [answerSchema, { type: 'array', items: answerSchema }] }, 204: { type: 'null' } },
        },
        // Results are of many forms; what they are is written by rpc-methods.ts.
        serializerCompiler: () => (data) => JSON.stringify(data),
      },
      async ({ body }, reply) => {
        const parsed = parseJson(typeof body === 'string' ? body : '');
        if (parsed === undefined) return failed(null, PARSE_ERROR, 'Parse error');
        const { value } = parsed;
        if (!Array.isArray(value)) return (await answerOne(value)) ?? reply.code(204).send();
        if (value.length === 0) return failed(null, INVALID_REQUEST, 'an empty batch asks for nothing');
        if (value.length > LIMITS.rpcBatchMax)
          return failed(null, INVALID_REQUEST, `a batch has at most ${LIMITS.rpcBatchMax} requests`);
        const answers: Answer[] = [];
        for (const request of value) {
          const answer = await answerOne(request);
          if (answer !== undefined) answers.push(answer);
        }
        return answers.length === 0 ? reply.code(204).send() : answers;
      },
    );
  };

type RpcRequest = { readonly method: string; readonly params?: unknown[]; readonly id?: Id };

function isRequest(value: unknown): value is RpcRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, id, params } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof method !== 'string') return false;
  if (params !== undefined && (typeof params !== 'object' || params === null)) return false;
  return id === undefined || isId(id);
}

const isId = (value: unknown): value is Id => value === null || typeof value === 'string' || typeof value === 'number';

function idOf(value: unknown): Id {
  const id = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['id'] : undefined;
  return isId(id) ? id : null;
}

const failed = (id: Id, code: number, message: string): Answer => ({ jsonrpc: '2.0', id, error: { code, message } });

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
