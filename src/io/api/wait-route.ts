/**
 * `/v1/time/wait`: answers when the bound is narrow enough, or when the asker's patience ends. The bound only narrows at a
 * beat, so it is looked at then. Waiters are few and each ends by itself; a caller that hangs up waits no more.
 */

import type { FastifyReply } from 'fastify';
import { LIMITS } from '../../core/limits.ts';
import type { AgentView, TimeView } from '../../ports/view.ts';
import { sendProblem } from './problem.ts';
import { renderTime } from './render.ts';
import type { RouteGroup } from './route-group.ts';
import { exactly, PROBLEMS, query } from './schemas/common.ts';
import { timeSchema } from './schemas/status.ts';

type Outcome = 'reached' | 'timeout' | 'gone' | 'stopping';
type Waiter = { readonly look: () => void; readonly end: (outcome: Outcome) => void };

const waitQuery = {
  ...query({
    guarantee_max_ns: { type: 'string', pattern: '^[0-9]{1,18}$', description: 'half-width to wait for, ns' },
    timeout_ms: { type: 'integer', minimum: 0, maximum: LIMITS.apiWaitMsMax, default: 10_000 },
  }),
  required: ['guarantee_max_ns'],
};

const waitSchema = exactly({
  reached: { type: 'boolean', description: 'false: the time ran out, and `time` is what holds instead' },
  time: timeSchema,
});

export const waitRoute =
  (view: AgentView): RouteGroup =>
  (app) => {
    const waiters = new Set<Waiter>();
    let endWatch: (() => void) | undefined;
    const leave = (waiter: Waiter): void => {
      waiters.delete(waiter);
      if (waiters.size > 0) return;
      endWatch?.();
      endWatch = undefined;
    };
    app.addHook('preClose', (done) => {
      for (const waiter of [...waiters]) waiter.end('stopping');
      done();
    });

    const wait = (isReached: () => boolean, timeoutMs: number, reply: FastifyReply): Promise<Outcome> =>
      new Promise((resolve) => {
        const end = (outcome: Outcome): void => {
          clearTimeout(timer);
          leave(waiter);
          resolve(outcome);
        };
        const waiter: Waiter = {
          look: () => {
            if (isReached()) end('reached');
          },
          end,
        };
        const timer = setTimeout(() => end('timeout'), timeoutMs);
        reply.raw.on('close', () => end('gone'));
        waiters.add(waiter);
        endWatch ??= view.watchBeats(() => {
          for (const each of [...waiters]) each.look();
        });
      });

    app.get<{ Querystring: { guarantee_max_ns: string; timeout_ms: number } }>(
      '/v1/time/wait',
      {
        exposeHeadRoute: false,
        schema: {
          summary: 'Wait until the guarantee is at most so wide, or the time runs out',
          querystring: waitQuery,
          response: { 200: waitSchema, ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const widest = BigInt(request.query.guarantee_max_ns);
        const isNarrow = ({ guarantee }: TimeView): boolean => guarantee !== undefined && guarantee <= widest;
        const first = view.now();
        if (isNarrow(first) || request.query.timeout_ms === 0)
          return { reached: isNarrow(first), time: renderTime(first) };
        if (waiters.size >= LIMITS.apiWaitersMax) {
          reply.header('retry-after', '1');
          return sendProblem(reply, 503, 'api-too-many-waiters', `${waiters.size} wait already`);
        }
        const outcome = await wait(() => isNarrow(view.now()), request.query.timeout_ms, reply);
        if (outcome === 'stopping') return sendProblem(reply, 503, 'api-stopping', 'the agent stops');
        // What holds now is what is told: a bound that was narrow at the beat may have grown since, by nanoseconds.
        const time = view.now();
        return { reached: outcome === 'reached' && isNarrow(time), time: renderTime(time) };
      },
    );
  };
