/** Errors as `application/problem+json` (RFC 9457) with a code of our table. */

import type { FastifyReply } from 'fastify';
import { CODES, type Code } from '../../core/codes.ts';

export function sendProblem(reply: FastifyReply, status: number, code: Code, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: `urn:momentd:code:${code}`, title: CODES[code].sentence, status, detail, code }));
}
