/** Errors as `application/problem+json` (RFC 9457) with a code of our table. */

import type { FastifyReply } from 'fastify';
import { CODES, type Code } from '../../core/codes.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** The code of the problem that was sent; undefined after any other answer. */
    problem: Code | undefined;
  }
}

export function sendProblem(reply: FastifyReply, status: number, code: Code, detail: string): FastifyReply {
  reply.problem = code;
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: `urn:momentd:code:${code}`, title: CODES[code].sentence, status, detail, code }));
}
