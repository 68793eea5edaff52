/** The network, the lanes kept of it, and the order: who is there, what is final, what a client may submit and take away. */

import type { FastifyInstance } from 'fastify';
import { fromHex } from '../../core/codec/hex.ts';
import { taiInstant } from '../../core/time/nanos.ts';
import { LIMITS } from '../../core/limits.ts';
import type { NetworkView } from '../../ports/network-view.ts';
import { capabilityRoute } from './capability-route.ts';
import { CBOR } from './content-types.ts';
import { sendProblem } from './problem.ts';
import {
  renderComparison,
  renderFault,
  renderLane,
  renderNetwork,
  renderOrderEntry,
  renderOrderStatus,
  renderPeer,
  renderSubject,
  renderSubmitted,
} from './render-network.ts';
import type { RouteGroup } from './route-group.ts';
import { PROBLEMS } from './schemas/common.ts';
import {
  compareQuery,
  comparisonSchema,
  faultsSchema,
  idParams,
  laneFileParams,
  lanesSchema,
  networkSchema,
  orderQuery,
  orderSchema,
  orderStatusSchema,
  peersSchema,
  subjectSchema,
  submissionSchema,
  submissionsSchema,
  submittedSchema,
  submittedAllSchema,
} from './schemas/network.ts';
import { digestParams, lanePathParams } from './schemas/statements.ts';

type Submitted = {
  readonly digest?: string;
  readonly record?: string;
  readonly sender?: string;
  readonly priority: number;
  readonly claimed_tai_ns?: string;
};

type SubmittedMany = { readonly digests: readonly string[]; readonly sender?: string; readonly priority: number };

const OCTETS = 'application/octet-stream';
const JSON_FILE = 'application/json; charset=utf-8';

/** One batch takes the loop some 2 ms, a lone submission 0.1 ms: the door's budget is one of time. */
const BATCH_COST = LIMITS.submissionsPerRequestMax / 16;

export const networkRoutes =
  (view: NetworkView): RouteGroup =>
  (app) => {
    membershipRoutes(app, view);
    capabilityRoute(view)(app);
    laneFileRoutes(app, view);
    orderRoutes(app, view);
    subjectRoutes(app, view);
  };

function membershipRoutes(app: FastifyInstance, view: NetworkView): void {
  app.get(
    '/v1/network',
    { schema: { summary: 'The network around us, and how it does', response: { 200: networkSchema, ...PROBLEMS } } },
    () => renderNetwork(view.network()),
  );
  app.get(
    '/v1/peers',
    { schema: { summary: 'Who is connected, and what their clocks say', response: { 200: peersSchema, ...PROBLEMS } } },
    () => ({ peers: view.peers().map(renderPeer) }),
  );
  app.get(
    '/v1/faults',
    { schema: { summary: 'Validators that contradicted themselves', response: { 200: faultsSchema, ...PROBLEMS } } },
    () => ({ faults: view.faults().map(renderFault) }),
  );
  app.get<{ Params: { digest: string } }>(
    '/v1/faults/:digest',
    { schema: { summary: 'The proof, as a file that anyone can check', params: digestParams, produces: [JSON_FILE] } },
    async (request, reply) => {
      const proof = await view.faultProof(fromHex(request.params.digest)!);
      if (proof === undefined) return sendProblem(reply, 404, 'api-not-found', 'no such proof is kept here');
      return reply.type(JSON_FILE).send(Buffer.from(proof));
    },
  );
}

function laneFileRoutes(app: FastifyInstance, view: NetworkView): void {
  app.get(
    '/v1/lanes',
    { schema: { summary: 'Every validator’s lane as it is kept here', response: { 200: lanesSchema, ...PROBLEMS } } },
    () => {
      const { validators } = view.network();
      return { lanes: view.lanes().map((lane) => renderLane(lane, validators)) };
    },
  );
  app.get<{ Params: { validator: number; '*': string } }>(
    '/v1/lanes/:validator/*',
    { schema: { summary: 'A kept lane as C2SP tlog-tiles, its checkpoint with cosignatures', params: laneFileParams } },
    async (request, reply) => {
      const { validator, '*': path } = request.params;
      const bytes = await view.laneFile(validator, path);
      if (bytes === undefined) return sendProblem(reply, 404, 'api-not-found', 'the lane has no such file');
      return reply.type(path === 'checkpoint' ? 'text/plain; charset=utf-8' : OCTETS).send(Buffer.from(bytes));
    },
  );
}

function orderRoutes(app: FastifyInstance, view: NetworkView): void {
  app.get<{ Querystring: { from: string; limit: number } }>(
    '/v1/order',
    { schema: { summary: 'The final order', querystring: orderQuery, response: { 200: orderSchema, ...PROBLEMS } } },
    async (request) => {
      const entries = await view.order(BigInt(request.query.from), request.query.limit);
      const last = entries.at(-1);
      const isEnd = last === undefined || BigInt(last.index) + 1n >= view.orderStatus().size;
      return { entries: entries.map(renderOrderEntry), next: isEnd ? null : (last.index + 1).toString() };
    },
  );
  app.get(
    '/v1/order/status',
    {
      schema: {
        summary: 'How far the order is decided, and for whom it waits',
        response: { 200: orderStatusSchema, ...PROBLEMS },
      },
    },
    () => renderOrderStatus(view.orderStatus()),
  );
  app.get<{ Params: { '*': string } }>(
    '/v1/order/log/*',
    { schema: { summary: 'The order log as C2SP tlog-tiles', params: lanePathParams } },
    async (request, reply) => {
      const path = request.params['*'];
      const bytes = await view.orderFile(path);
      if (bytes === undefined) return sendProblem(reply, 404, 'api-not-found', 'the order log has no such file');
      return reply.type(path === 'checkpoint' ? 'text/plain; charset=utf-8' : OCTETS).send(Buffer.from(bytes));
    },
  );
  app.get<{ Querystring: { a: string; b: string } }>(
    '/v1/compare',
    {
      schema: {
        summary: 'Which of two subjects was first: before, after or concurrent',
        querystring: compareQuery,
        response: { 200: comparisonSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const [a, b] = [fromHex(request.query.a)!, fromHex(request.query.b)!];
      return renderComparison(await view.compare(a, b), a, b);
    },
  );
}

function subjectRoutes(app: FastifyInstance, view: NetworkView): void {
  app.post<{ Body: Submitted }>(
    '/v1/subjects',
    {
      schema: {
        summary: 'Submit a digest to be seen, reported and ordered',
        body: submissionSchema,
        response: { 202: submittedSchema, ...PROBLEMS },
      },
    },
    (request, reply) => {
      const { digest, record, sender, priority, claimed_tai_ns: claimed } = request.body;
      const verdict =
        record !== undefined
          ? view.submitRecord(fromHex(record)!, 'api')
          : view.submit(
              {
                digest: fromHex(digest!)!,
                sender: fromHex(sender ?? '')!,
                priority,
                claimed: claimed === undefined ? undefined : taiInstant(BigInt(claimed)),
              },
              'api',
            );
      if (verdict.kind === 'accept') return reply.code(202).send(renderSubmitted(verdict.value));
      // What is ignored may be taken later or elsewhere; what is rejected never will be.
      return sendProblem(reply, verdict.kind === 'reject' ? 422 : 409, verdict.code, verdict.detail);
    },
  );
  app.post<{ Body: SubmittedMany }>(
    '/v1/subjects/batch',
    {
      config: { cost: BATCH_COST },
      schema: {
        summary: 'Submit many digests at once; each is judged alone and answered at its place',
        body: submissionsSchema,
        response: { 202: submittedAllSchema, ...PROBLEMS },
      },
    },
    (request, reply) => {
      const { digests, sender, priority } = request.body;
      const from = fromHex(sender ?? '')!;
      const results = digests.map((digest) => {
        const verdict = view.submit({ digest: fromHex(digest)!, sender: from, priority, claimed: undefined }, 'api');
        if (verdict.kind === 'accept') return { ...renderSubmitted(verdict.value), refused: null };
        const { code, detail, kind } = verdict;
        return { id: null, record: null, refused: { code, detail, is_final: kind === 'reject' } };
      });
      return reply.code(202).send({ results });
    },
  );
  app.get<{ Params: { id: string } }>(
    '/v1/subjects/:id',
    {
      schema: {
        summary: 'Where a subject stands: unknown, reported, provisional or final',
        params: idParams,
        response: { 200: subjectSchema, ...PROBLEMS },
      },
    },
    async (request) => renderSubject(await view.subject(fromHex(request.params.id)!)),
  );
  const files = [
    ['certificate', 'The timestamp certificate of a final subject', (id: Uint8Array) => view.certificate(id)],
    ['receipt', 'Our own report of a subject with its proof', (id: Uint8Array) => view.receipt(id)],
  ] as const;
  for (const [name, summary, fetch] of files)
    app.get<{ Params: { id: string } }>(
      `/v1/subjects/:id/${name}`,
      { schema: { summary, params: idParams, produces: [CBOR] } },
      async (request, reply) => {
        const bytes = await fetch(fromHex(request.params.id)!);
        if (bytes === undefined) return sendProblem(reply, 404, 'api-not-found', `there is no ${name} of it here`);
        return reply.type(CBOR).send(Buffer.from(bytes));
      },
    );
}
