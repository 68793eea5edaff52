/** What network this is, and what machine and software stand behind the intervals, as the records themselves. */

import { fromHex } from '../../core/codec/hex.ts';
import type { AgentView } from '../../ports/view.ts';
import { CBOR, COSE } from './content-types.ts';
import { sendProblem } from './problem.ts';
import type { RouteGroup } from './route-group.ts';
import { digestParams } from './schemas/statements.ts';

/** What machine and software stand behind the intervals, as signed records (docs/spec/identity.md). */
export const identityRoutes =
  (view: AgentView): RouteGroup =>
  (app) => {
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
      {
        schema: { summary: 'The signed host identity record with this digest', params: digestParams, produces: [COSE] },
      },
      async (request, reply) => {
        const record = await view.identityRecord(fromHex(request.params.digest)!);
        if (record === undefined)
          return sendProblem(reply, 404, 'identity-not-kept', 'no host identity record with that digest is kept here');
        return reply.type(COSE).send(Buffer.from(record));
      },
    );
    app.get(
      '/v1/genesis',
      { schema: { summary: 'The canonical genesis record', produces: [CBOR] } },
      (_request, reply) => reply.type(CBOR).send(Buffer.from(view.genesis)),
    );
  };
