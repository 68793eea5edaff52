/** What happens, as it happens (`/v1/events`, server-sent events) and what lately did (`/v1/events/recent`, pages). */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '../../core/limits.ts';
import type { EventFeed, EventKind } from '../../ports/event-log.ts';
import type { ApiCounts } from './api-counts.ts';
import { EventStream, type StartingPoint } from './event-stream.ts';
import { sendProblem } from './problem.ts';
import { EVENT_KINDS, eventIdOf, eventIdText, eventSchema, parseEventId, renderEvent } from './render-event.ts';
import type { RouteGroup } from './route-group.ts';
import { exactly, listOf, PROBLEMS, query } from './schemas/common.ts';

const HEARTBEAT_MS = 15_000;

const fromText = {
  type: 'string',
  pattern: '^(?:0|[0-9a-f]{8}-[0-9]{1,15})$',
  description: 'tell what is later than this id; 0: everything that is kept',
};
const kindsText = {
  type: 'string',
  pattern: `^(?:${EVENT_KINDS.join('|')})(?:,(?:${EVENT_KINDS.join('|')})){0,${EVENT_KINDS.length}}$`,
  description: 'only these kinds, separated by commas',
};

const recentSchema = exactly({
  events: listOf(eventSchema, LIMITS.apiEventPageMax),
  forgotten: {
    type: 'boolean',
    description: 'true when later events than `from` are no longer kept, or it is of another run',
  },
  next: { ...eventIdText, description: '`from` of the next page' },
  newest: { ...eventIdText, description: 'the newest event of all; equal to `next` at the end' },
});

type Query = { readonly from?: string; readonly kinds?: string; readonly limit: number };

export const eventRoutes =
  (feed: EventFeed, counts: Pick<ApiCounts, 'followers'>): RouteGroup =>
  (app) => {
    const streams = new Set<EventStream>();
    let heartbeat: NodeJS.Timeout | undefined;
    const endWatch = feed.watch(() => {
      for (const stream of streams) stream.pump();
    });
    // Before the server closes: a stream that is never finished would keep it open.
    app.addHook('preClose', (done) => {
      endWatch();
      clearInterval(heartbeat);
      for (const stream of streams) stream.end('api-stopping');
      done();
    });

    const follow = (request: FastifyRequest<{ Querystring: Query }>, reply: FastifyReply): FastifyReply | undefined => {
      if (streams.size >= LIMITS.apiEventClientsMax) {
        reply.header('retry-after', '10');
        return sendProblem(reply, 503, 'api-too-many-followers', `${streams.size} follow the events already`);
      }
      const lastEventId = request.headers['last-event-id'];
      // What a browser says when it comes back is newer than what its page once asked for.
      const from = startingPoint(feed, typeof lastEventId === 'string' ? lastEventId : request.query.from);
      reply.hijack();
      const stream = new EventStream(reply.raw, feed, { from, kinds: kindsOf(request.query.kinds) });
      streams.add(stream);
      counts.followers = streams.size;
      heartbeat ??= setInterval(() => {
        for (const each of streams) each.heartbeat();
      }, HEARTBEAT_MS).unref();
      reply.raw.on('close', () => {
        streams.delete(stream);
        counts.followers = streams.size;
      });
      return undefined;
    };

    app.get<{ Querystring: Query }>(
      '/v1/events',
      {
        exposeHeadRoute: false,
        schema: {
          summary: 'What happens, as server-sent events, replayed from an id (from, or Last-Event-ID)',
          querystring: query({ from: fromText, kinds: kindsText }),
          produces: ['text/event-stream'],
        },
      },
      (request, reply) => follow(request, reply),
    );

    app.get<{ Querystring: Query }>(
      '/v1/events/recent',
      {
        schema: {
          summary: 'What lately happened, in pages',
          querystring: query({
            from: { ...fromText, default: '0' },
            kinds: kindsText,
            limit: { type: 'integer', minimum: 1, maximum: LIMITS.apiEventPageMax, default: 100 },
          }),
          response: { 200: recentSchema, ...PROBLEMS },
        },
      },
      ({ query: { from, kinds, limit } }) => {
        const start = startingPoint(feed, from);
        const page = feed.after(start.kind === 'after' ? start.id : 0, { limit, kinds: kindsOf(kinds) });
        return {
          events: page.events.map((logged) => renderEvent(feed.run, logged)),
          forgotten: start.kind === 'other-run' || (start.kind === 'after' && page.forgottenUpTo !== undefined),
          next: eventIdOf(feed.run, page.upTo),
          newest: eventIdOf(feed.run, feed.newest),
        };
      },
    );
  };

/** An id that cannot be of this run is one we know nothing of. */
function startingPoint(feed: EventFeed, from: string | undefined): StartingPoint {
  if (from === undefined) return { kind: 'after', id: feed.newest };
  if (from === '0') return { kind: 'everything' };
  const asked = parseEventId(from);
  if (asked?.run !== feed.run || asked.id > feed.newest) return { kind: 'other-run' };
  return { kind: 'after', id: asked.id };
}

const kindsOf = (kinds: string | undefined): ReadonlySet<EventKind> | undefined =>
  kinds === undefined ? undefined : new Set(kinds.split(',') as EventKind[]);
