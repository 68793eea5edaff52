/**
 * The local API as a fastify instance over an `AgentView`: read-only, bounded, validated. It knows nothing of the agent
 * beyond that view, so tests drive it with `inject` and a made-up view.
 */

import swagger from '@fastify/swagger';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { LIMITS } from '../../core/limits.ts';
import { monoInstant, type MonoInstant } from '../../core/time/nanos.ts';
import type { EventFeed } from '../../ports/event-log.ts';
import type { Log } from '../../ports/log.ts';
import type { AgentView } from '../../ports/view.ts';
import { ApiCounts } from './api-counts.ts';
import { refuseForeign } from './local-only.ts';
import { sendProblem } from './problem.ts';
import { deviceRoutes } from './device-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { identityRoutes } from './identity-routes.ts';
import { metricsRoute } from './metrics-route.ts';
import { refuseTooMany } from './request-rate.ts';
import type { RouteGroup } from './route-group.ts';
import { laneRoutes, statementRoutes } from './statement-routes.ts';
import { timeRoutes } from './time-routes.ts';
import { refuseWithoutToken } from './token.ts';
import { waitRoute } from './wait-route.ts';
import { witnessRoutes, type AddCheckpoint } from './witness-routes.ts';

export type ApiOptions = {
  readonly log: Log;
  readonly version: string;
  /** The metrics in Prometheus' text format; without it there is no /metrics. */
  readonly metrics?: () => Promise<string>;
  /** Answers the witness call; without it there is none. */
  readonly addCheckpoint?: AddCheckpoint;
  /** What happens; without it there are no events. */
  readonly events?: EventFeed;
  /** Without it nothing can be changed through the API. */
  readonly token?: string;
  /** The clock that requests are counted by. */
  readonly now?: () => MonoInstant;
  /** Counts what is answered and refused, for whoever gave it. */
  readonly counts?: ApiCounts;
  /** Routes of other views: each feature brings its own group. */
  readonly groups?: readonly RouteGroup[];
};

export async function buildApi(view: AgentView, options: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: LIMITS.apiBodyBytesMax,
    requestTimeout: LIMITS.apiRequestArrivesMsMax,
    routerOptions: { maxParamLength: 128 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array' } },
  });
  const { counts = new ApiCounts() } = options;
  app.decorateReply('problem', undefined);
  app.addHook('onResponse', async (_request, { problem }) => counts.took(problem));
  // Before anything is parsed: who asks, how often, and whether it may change something.
  app.addHook('onRequest', refuseForeign);
  app.addHook('onRequest', refuseTooMany(options.now ?? (() => monoInstant(process.hrtime.bigint()))));
  app.addHook('onRequest', refuseWithoutToken(options.token));
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, 'api-not-found', `nothing is at ${request.method} ${request.url.slice(0, 200)}`),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error.code === 'lane-pruned') return sendProblem(reply, 410, 'lane-pruned', error.message);
    const status = error.statusCode ?? 500;
    if (status === 413) return sendProblem(reply, 413, 'api-body-too-large', error.message);
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
  for (const group of groupsOf(view, counts, options))
    await app.register((scope, _options, done) => {
      group(scope);
      done();
    });
  app.get('/v1/openapi.json', { config: { cost: 10 }, schema: { hide: true } }, () => app.swagger());
  await app.ready();
  return app;
}

function groupsOf(
  view: AgentView,
  counts: ApiCounts,
  { metrics, addCheckpoint, events, groups = [] }: ApiOptions,
): readonly RouteGroup[] {
  return [
    timeRoutes(view),
    statementRoutes(view),
    identityRoutes(view),
    laneRoutes(view),
    waitRoute(view),
    deviceRoutes(view),
    ...(metrics === undefined ? [] : [metricsRoute(metrics)]),
    ...(addCheckpoint === undefined ? [] : [witnessRoutes(addCheckpoint)]),
    ...(events === undefined ? [] : [eventRoutes(events, counts)]),
    ...groups,
  ];
}
