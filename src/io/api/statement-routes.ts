/** The statements of our lane, the evidence behind them, and the lane itself under its standard paths. */

import { fromHex } from '../../core/codec/hex.ts';
import type { AgentView } from '../../ports/view.ts';
import { CBOR, COSE } from './content-types.ts';
import { sendProblem } from './problem.ts';
import { renderStatement } from './render.ts';
import type { RouteGroup } from './route-group.ts';
import { PROBLEMS } from './schemas/common.ts';
import {
  digestParams,
  lanePathParams,
  pageQuery,
  seqParams,
  statementSchema,
  statementsSchema,
} from './schemas/statements.ts';

export const statementRoutes =
  (view: AgentView): RouteGroup =>
  (app) => {
    app.get<{ Querystring: { from: string; limit: number } }>(
      '/v1/statements',
      {
        config: { cost: 5 },
        schema: {
          summary: 'Statements of our lane, by sequence number',
          querystring: pageQuery,
          response: { 200: statementsSchema, ...PROBLEMS },
        },
      },
      async (request) => {
        const { from, limit } = request.query;
        const page = await view.statements(BigInt(from), limit);
        const last = page.at(-1);
        const isEnd = last === undefined || last.seq + 1n >= view.status().lane.size;
        return { statements: page.map(renderStatement), next: isEnd ? null : (last.seq + 1n).toString() };
      },
    );
    app.get<{ Params: { seq: string } }>(
      '/v1/statements/:seq',
      { schema: { summary: 'One statement', params: seqParams, response: { 200: statementSchema, ...PROBLEMS } } },
      async (request, reply) => {
        const [statement] = await view.statements(BigInt(request.params.seq), 1);
        return statement === undefined ? noStatement(reply, request.params.seq) : renderStatement(statement);
      },
    );
    app.get<{ Params: { seq: string } }>(
      '/v1/statements/:seq/cose',
      { schema: { summary: 'The signed bytes of one statement', params: seqParams, produces: [COSE] } },
      async (request, reply) => {
        const [statement] = await view.statements(BigInt(request.params.seq), 1);
        if (statement === undefined) return noStatement(reply, request.params.seq);
        return reply.type(COSE).send(Buffer.from(statement.bytes));
      },
    );
    app.get<{ Params: { digest: string } }>(
      '/v1/evidence/:digest',
      { schema: { summary: 'The evidence record with this SHA-256', params: digestParams, produces: [CBOR] } },
      async (request, reply) => {
        const record = await view.evidence(fromHex(request.params.digest)!);
        if (record === undefined)
          return sendProblem(reply, 404, 'evidence-not-kept', 'no evidence with that digest is kept here');
        return reply.type(CBOR).send(Buffer.from(record));
      },
    );
  };

/** The lane under the standard paths, so that foreign tools can mirror it (C2SP tlog-tiles). */
export const laneRoutes =
  (view: AgentView): RouteGroup =>
  (app) => {
    app.get<{ Params: { '*': string } }>(
      '/v1/lane/*',
      {
        schema: { summary: 'Our lane as C2SP tlog-tiles: checkpoint, tile/…, tile/entries/…', params: lanePathParams },
      },
      async (request, reply) => {
        const path = request.params['*'];
        const bytes = await view.laneFile(path);
        if (bytes === undefined) return sendProblem(reply, 404, 'api-not-found', 'the lane has no such file');
        if (path === 'checkpoint') return reply.type('text/plain; charset=utf-8').send(Buffer.from(bytes));
        // A tile of a given width never changes.
        reply.header('cache-control', 'public, max-age=31536000, immutable');
        return reply.type('application/octet-stream').send(Buffer.from(bytes));
      },
    );
  };

const noStatement = (reply: Parameters<typeof sendProblem>[0], seq: string) =>
  sendProblem(reply, 404, 'api-not-found', `the lane has no statement ${seq} yet`);
