/**
 * The C2SP witness call (tlog-witness): a POST whose authority is the signature in its body, so it needs no token. Bounded by
 * the API's body limit; what it may change is one remembered checkpoint per lane of our own network.
 */

import type { Code } from '../../core/codes.ts';
import { sendProblem } from './problem.ts';
import type { RouteGroup } from './route-group.ts';

/** The witness's answer as HTTP speaks it, or the code of why it cannot sign a time at all just now. */
export type WitnessReply =
  { readonly status: number; readonly contentType: string; readonly body: string } | { readonly refused: Code };

export type AddCheckpoint = (body: Uint8Array) => Promise<WitnessReply>;

export const witnessRoutes =
  (addCheckpoint: AddCheckpoint): RouteGroup =>
  (app) => {
    // The body is bytes whatever the caller calls it; how a foreign client labels it is not our business.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post(
      '/v1/witness/add-checkpoint',
      {
        config: { access: 'open' },
        schema: { summary: 'Cosign a checkpoint of another validator’s lane (C2SP tlog-witness)' },
      },
      async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const answer = await addCheckpoint(body);
        if ('refused' in answer)
          return sendProblem(reply, 503, answer.refused, 'a cosignature carries a time, and there is no interval now');
        return reply.code(answer.status).type(answer.contentType).send(answer.body);
      },
    );
  };
