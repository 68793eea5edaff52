/**
 * The local API as a fastify instance over an `AgentView`: read-only, bounded, validated. It knows nothing of the agent
 * beyond that view, so tests drive it with `inject` and a made-up view.
 */

import swagger from '@fastify/swagger';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { fromHex } from '../../core/codec/hex.ts';
import { seconds } from '../../core/time/nanos.ts';
import type { Log } from '../../ports/log.ts';
import type { AgentView } from '../../ports/view.ts';
import { refuseForeign } from './local-only.ts';
import { sendProblem } from './problem.ts';
import { renderDrift, renderStatement, renderStatus, renderTime } from './render.ts';
import { witnessRoutes, type AddCheckpoint } from './witness-routes.ts';
import {
  digestParams,
  driftQuery,
  driftSchema,
  lanePathParams,
  pageQuery,
  problemSchema,
  seqParams,
  statementSchema,
  statementsSchema,
  statusSchema,
  timeSchema,
} from './schemas.ts';

const PROBLEMS = { '4xx': problemSchema, '5xx': problemSchema };
const COSE = 'application/cose; cose-type="cose-sign1"';
const CBOR = 'application/cbor';
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

export type ApiOptions = {
  readonly log: Log;
  readonly version: string;
  /** The metrics in Prometheus' text format; without it there is no /metrics. */
  readonly metrics?: () => Promise<string>;
  /** Answers the witness call; without it there is none. */
  readonly addCheckpoint?: AddCheckpoint;
};

export async function buildApi(view: AgentView, options: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    // A local reader that has not sent its request in ten seconds is holding a descriptor, not reading time.
    requestTimeout: 10_000,
    routerOptions: { maxParamLength: 128 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array' } },
  });
  app.addHook('onRequest', refuseForeign);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, 'api-not-found', `nothing is at ${request.method} ${request.url.slice(0, 200)}`),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return sendProblem(reply, status, 'api-bad-request', error.message);
    options.log.write('error', 'an API request failed', { error: error.message, code: error.code });
    return sendProblem(reply, 500, 'api-internal', 'the request failed inside momentd; its log says why');
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'momentd local API', version: options.version, license: { name: 'Apache-2.0' } },
    },
  });
  await app.register(async (scope) => {
    timeRoutes(scope, view);
    statementRoutes(scope, view);
    identityRoutes(scope, view);
    laneRoutes(scope, view);
    if (options.metrics !== undefined) metricsRoute(scope, options.metrics);
    await Promise.resolve();
  });
  const { addCheckpoint } = options;
  if (addCheckpoint !== undefined)
    await app.register(async (scope) => {
      witnessRoutes(scope, addCheckpoint);
      await Promise.resolve();
    });
  app.get('/v1/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.ready();
  return app;
}

function timeRoutes(app: FastifyInstance, view: AgentView): void {
  app.get(
    '/v1/status',
    { schema: { summary: 'Everything at a glance, with reasons', response: { 200: statusSchema, ...PROBLEMS } } },
    () => renderStatus(view.status()),
  );
  app.get('/v1/time', { schema: { summary: 'The interval now', response: { 200: timeSchema, ...PROBLEMS } } }, () =>
    renderTime(view.now()),
  );
  app.get<{ Querystring: { span_s: number; points: number } }>(
    '/v1/drift',
    {
      schema: {
        summary: 'Offset, frequency, guarantee and state over time, with stability statistics',
        querystring: driftQuery,
        response: { 200: driftSchema, ...PROBLEMS },
      },
    },
    (request) => renderDrift(view.drift(seconds(request.query.span_s), request.query.points)),
  );
  app.get('/v1/genesis', { schema: { summary: 'The canonical genesis record', produces: [CBOR] } }, (_request, reply) =>
    reply.type(CBOR).send(Buffer.from(view.genesis)),
  );
}

function statementRoutes(app: FastifyInstance, view: AgentView): void {
  app.get<{ Querystring: { from: string; limit: number } }>(
    '/v1/statements',
    {
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
}

/** What machine and software stand behind the intervals, as signed records (docs/spec/identity.md). */
function identityRoutes(app: FastifyInstance, view: AgentView): void {
  app.get(
    '/v1/identity',
    { schema: { summary: 'The signed host identity record in force', produces: [COSE] } },
    (_request, reply) => {
      if (view.identity === undefined)
        return sendProblem(reply, 404, 'identity-none', 'no host identity record is in force here');
      return reply.type(COSE).send(Buffer.from(view.identity));
    },
  );
  app.get<{ Params: { digest: string } }>(
    '/v1/identity/:digest',
    { schema: { summary: 'The signed host identity record with this digest', params: digestParams, produces: [COSE] } },
    async (request, reply) => {
      const record = await view.identityRecord(fromHex(request.params.digest)!);
      if (record === undefined)
        return sendProblem(reply, 404, 'identity-not-kept', 'no host identity record with that digest is kept here');
      return reply.type(COSE).send(Buffer.from(record));
    },
  );
}

/** The lane under the standard paths, so that foreign tools can mirror it (C2SP tlog-tiles). */
function laneRoutes(app: FastifyInstance, view: AgentView): void {
  app.get<{ Params: { '*': string } }>(
    '/v1/lane/*',
    { schema: { summary: 'Our lane as C2SP tlog-tiles: checkpoint, tile/…, tile/entries/…', params: lanePathParams } },
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
}

/** Where Prometheus looks by itself. Behind the same door as the rest: this machine only. */
function metricsRoute(app: FastifyInstance, metrics: () => Promise<string>): void {
  app.get(
    '/metrics',
    { schema: { summary: 'Metrics in Prometheus’ text format', produces: [PROMETHEUS] } },
    (_, reply) => metrics().then((text) => reply.type(PROMETHEUS).send(text)),
  );
}

const noStatement = (reply: Parameters<typeof sendProblem>[0], seq: string) =>
  sendProblem(reply, 404, 'api-not-found', `the lane has no statement ${seq} yet`);
