/**
 * How many requests a second are answered. The loop that signs and the API share one core, so a caller that asks without end
 * must not take it. The unix socket and the port have a budget each: whoever floods the port leaves the operator's socket alone.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '../../core/limits.ts';
import { TokenBucket } from '../../core/peers/token-bucket.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import { sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How many ordinary requests this one costs; absent: one. */
    cost?: number;
  }
}

export function refuseTooMany(now: () => MonoInstant) {
  const rate = { perSecond: LIMITS.apiRequestsPerSecondMax, burst: LIMITS.apiRequestBurstMax };
  const doors = { socket: new TokenBucket(rate, now()), port: new TokenBucket(rate, now()) };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const door = request.raw.socket.remoteAddress === undefined ? 'socket' : 'port';
    if (doors[door].take(request.routeOptions.config.cost ?? 1, now())) return undefined;
    reply.header('retry-after', '1');
    return sendProblem(reply, 429, 'api-rate-limited', `more than ${rate.perSecond} requests a second on the ${door}`);
  };
}
