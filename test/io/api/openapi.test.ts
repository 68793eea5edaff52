/**
 * The OpenAPI document against a validator that is not ours, and the API against its own document: requests made from it, right
 * and wrong ones, over every path, by inject and over a real socket. No answer may be our failure, and every answer must be
 * what the document says.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { EventLog } from '../../../src/agent/event-log.ts';
import { AlertBook } from '../../../src/core/alerts/alert-book.ts';
import { alertRules } from '../../../src/core/alerts/rules.ts';
import { CODES, type Code } from '../../../src/core/codes.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { compare, type OrderPosition } from '../../../src/core/ordering/order-position.ts';
import { monoInstant, nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { alertRoutes } from '../../../src/io/api/alert-routes.ts';
import { healthRoutes } from '../../../src/io/api/health-routes.ts';
import { hostRoute } from '../../../src/io/api/device-routes.ts';
import { listen } from '../../../src/io/api/listen.ts';
import { networkRoutes } from '../../../src/io/api/network-routes.ts';
import { rpcRoutes } from '../../../src/io/api/rpc-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import { hostMeters } from '../../../src/io/host/host-meters.ts';
import { accept, ignore, reject } from '../../../src/core/verdict.ts';
import type { NetworkView } from '../../../src/ports/network-view.ts';
import { at, facts, sourceFacts, THRESHOLDS } from '../../core/alerts/made-up-facts.ts';
import { madeUpNetwork } from '../../dashboard/made-up-network.ts';
import { LOCAL, view } from './made-up-view.ts';

type Schema = Readonly<Record<string, unknown>>;
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Schema };
type Answer = { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, Answer>>;
  readonly requestBody?: unknown;
};
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const TOKEN = 'a'.repeat(64);
/** Never ends by itself; has its own test. */
const STREAMS = new Set(['/v1/events']);

/** Half of what is asked for is there, whatever the request happens to name. */
const half = {
  ...view,
  evidence: (digest: Uint8Array) => Promise.resolve(digest[0]! % 2 === 0 ? Uint8Array.of(1) : undefined),
  identityRecord: (digest: Uint8Array) => Promise.resolve(digest[0]! % 2 === 0 ? Uint8Array.of(1) : undefined),
  laneFile: (path: string) => Promise.resolve(path.length % 2 === 0 ? Uint8Array.of(1) : undefined),
};

const network = madeUpNetwork(taiInstant(1_795_000_000_000_000_000n));
const [firstEntry] = await network.order(0n, 1);
/** Every kind of answer, by the first byte of what is asked for. */
const halfNetwork: NetworkView = {
  ...network,
  faults: () => [{ code: 'E1', validator: undefined, kid: new Uint8Array(8), digest: new Uint8Array(32) }],
  findByCapability: (capability) =>
    Promise.resolve({
      isComplete: capability.length % 2 === 0,
      offers: [
        {
          name: 'p',
          addresses: ['/ip4/127.0.0.1/tcp/1'],
          check: 'unverified',
          role: undefined,
          kid: undefined,
          validator: undefined,
        },
        { name: 'q', addresses: [], check: 'confirmed', role: 'validator', kid: new Uint8Array(8), validator: 0 },
      ],
    }),
  faultProof: (digest) => Promise.resolve(digest[0]! % 2 === 0 ? Uint8Array.of(123, 125) : undefined),
  laneFile: (_validator, path) => Promise.resolve(path.length % 2 === 0 ? Uint8Array.of(1) : undefined),
  orderFile: (path) => Promise.resolve(path.length % 2 === 0 ? Uint8Array.of(1) : undefined),
  certificate: (id) => Promise.resolve(id[0]! % 2 === 0 ? Uint8Array.of(1) : undefined),
  receipt: (id) => Promise.resolve(id[0]! % 2 === 0 ? Uint8Array.of(1) : undefined),
  subject: (id) => Promise.resolve({ id, position: positionFor(id), record: id[1]! % 2 === 0 ? id : undefined }),
  compare: (a, b) => Promise.resolve(compare(positionFor(a), positionFor(b))),
  submit: ({ digest }) => submitted(digest),
  submitRecord: (record) => submitted(record),
};

function positionFor(id: Uint8Array): OrderPosition {
  const reports = [{ lane: 1, seq: 7, seen: firstEntry!.seen }];
  if (id[0]! < 64) return { kind: 'unknown' };
  if (id[0]! < 128) return { kind: 'reported', reports };
  if (id[0]! < 192) return { kind: 'provisional', seen: firstEntry!.seen, reports };
  return { kind: 'final', entry: firstEntry! };
}

function submitted(bytes: Uint8Array): ReturnType<NetworkView['submit']> {
  if (bytes[0]! < 64) return reject('subject-format', 'not a subject');
  if (bytes[0]! < 128) return ignore('subject-no-time', 'no interval');
  return accept({ id: sha256(bytes), record: bytes });
}

async function served(t: TestContext) {
  const failures: string[] = [];
  const log = {
    write: (level: string, message: string): void => {
      if (level === 'error') failures.push(message);
    },
  };
  const events = new EventLog({
    run: '0badcafe',
    now: () => monoInstant(7n),
    hostUtcMs: () => 0,
    soon: () => undefined,
  });
  events.tell({ kind: 'warned', code: 'leap-table-expiring' });
  const meters = hostMeters(() => Promise.resolve(5));
  t.after(() => meters.stop());
  const book = new AlertBook(alertRules(THRESHOLDS));
  for (const second of [0, 30]) book.look(at(second), facts({ sources: [sourceFacts({ phase: nanos(-2_500n) })] }));
  const alerts = () => ({
    asOf: at(99),
    active: book.active(),
    past: book.history(),
    standings: book.standings(),
    network: undefined,
    peersMin: undefined,
  });
  // Each request finds a second later, so that the rate is never what is tested here.
  let asked = 0n;
  const app = await buildApi(half, {
    log,
    version: '1.2.3',
    events,
    metrics: () => Promise.resolve('momentd_attesting 1\n'),
    addCheckpoint: () => Promise.resolve({ status: 200, contentType: 'text/plain', body: 'cosigned\n' }),
    token: TOKEN,
    now: () => monoInstant((asked += 1_000_000_000n)),
    groups: [
      alertRoutes({ alerts }),
      healthRoutes({ view: half, alerts: { alerts }, network: undefined }),
      hostRoute(meters.read),
      networkRoutes(halfNetwork),
      rpcRoutes({ view, ownIndex: 0, network: undefined }, log),
    ],
  });
  t.after(() => app.close());
  const document = (await app.inject({ url: '/v1/openapi.json', headers: LOCAL })).json<Document>();
  return { app, document, failures };
}

type Request = {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
  readonly path: string;
};
type Got = { readonly status: number; readonly type: string; readonly body: string };

/** Values that fit a schema now and then, and often just do not. */
function valueOf(schema: Schema): fc.Arbitrary<string> {
  const wild = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('', '-1', '1e3', '0x10', 'null', '%00', '../..', '９'),
  );
  const { pattern, minimum, maximum, enum: words } = schema;
  const fits: fc.Arbitrary<string>[] = [];
  if (typeof pattern === 'string') fits.push(fc.stringMatching(new RegExp(pattern)));
  if (Array.isArray(words)) fits.push(fc.constantFrom(...(words as string[])));
  if (schema['type'] === 'integer')
    fits.push(
      fc.integer({ min: Number(minimum ?? -5) - 1, max: Math.min(Number(maximum ?? 1e6) + 1, 1_001) }).map(String),
    );
  return fits.length === 0
    ? wild
    : fc.oneof({ weight: 3, arbitrary: fc.oneof(...fits) }, { weight: 1, arbitrary: wild });
}

function requestsOf({ paths }: Document): fc.Arbitrary<Request> {
  const each = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => requestOf(path, method, operation)),
  );
  return fc.oneof(...each);
}

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
/** A subject as the document asks for it, or with something too much or too little. */
const submission = fc
  .record(
    {
      digest: hex(64),
      record: hex(20),
      sender: hex(8),
      priority: fc.integer({ min: -1, max: 256 }),
      claimed_tai_ns: fc.constantFrom('0', '1795000000000000000', '-1', '1e9'),
      stray: fc.constant(1),
    },
    { requiredKeys: [] },
  )
  .map((body) => JSON.stringify(body));
const plain = fc.record({ digest: hex(64) }).map((body) => JSON.stringify(body));
const many = fc
  .record({ digests: fc.array(hex(64), { maxLength: 3 }), priority: fc.integer({ min: -1, max: 9 }) })
  .map((body) => JSON.stringify(body));

function requestOf(path: string, method: string, { parameters = [] }: Operation): fc.Arbitrary<Request> {
  const values = fc.record(
    Object.fromEntries(
      parameters.map(({ name, schema }) => [
        name,
        name === 'timeout_ms' ? fc.constantFrom('0', '1', '-1') : valueOf(schema),
      ]),
    ),
    { requiredKeys: parameters.filter((p) => p.in === 'path').map(({ name }) => name) },
  );
  const body =
    method === 'get'
      ? fc.constant(undefined)
      : fc.oneof(fc.json({ maxDepth: 2 }), fc.string({ maxLength: 50 }), submission, plain, many);
  const stray = fc.option(fc.constantFrom('stray=1', '__proto__=1', 'limit[]=1', '&&', '%'), { freq: 8 });
  return fc.tuple(values, body, stray).map(([given, sent, extra]) => {
    let url = path;
    const query: string[] = [];
    for (const [name, value] of Object.entries(given as Record<string, string>)) {
      if (url.includes(`{${name}}`)) url = url.replace(`{${name}}`, () => encodeURIComponent(value));
      else query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    }
    if (extra !== null) query.push(extra);
    return {
      method: method.toUpperCase(),
      url: query.length > 0 ? `${url}?${query.join('&')}` : url,
      body: sent,
      path,
    };
  });
}

/** What the document says of this status, else of its class. */
const describedBy = ({ responses }: Operation, status: number): Answer | undefined =>
  responses[String(status)] ?? responses[`${String(status)[0]}XX`] ?? responses['default'];

test('a validator that is not ours accepts the document', async (t) => {
  const { document } = await served(t);
  const result = await new Validator().validate(document);
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations))
      assert.ok('summary' in operation, `${method} ${path} says what it is for`);
});

test('every code of the API is met in a test', () => {
  const tests = readdirSync(import.meta.dirname)
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .join('\n');
  const unmet = Object.keys(CODES).filter((code) => code.startsWith('api-') && !tests.includes(`'${code}'`));
  assert.deepEqual(unmet, []);
});

test('whatever is asked, no answer is our failure and each is what the document says', async (t) => {
  const { app, document, failures } = await served(t);
  const ajv = new Ajv({ strict: false });
  const compiled = new WeakMap<object, ReturnType<Ajv['compile']>>();
  const seen = new Map<string, number>();
  const check = (request: Request, { status, type, body }: Got): void => {
    const what = `${request.method} ${request.url} -> ${status} ${body.slice(0, 200)}`;
    assert.ok(status < 500 || status === 503, what);
    seen.set(request.path, Math.min(seen.get(request.path) ?? 999, status));
    if (type.startsWith('application/problem+json')) {
      const problem = JSON.parse(body) as { code: Code; status: number };
      assert.ok(problem.code in CODES && problem.status === status, what);
      return;
    }
    assert.ok(status < 400, what);
    const operation = document.paths[request.path]?.[request.method.toLowerCase()];
    // A path parameter that is empty or a dot segment asks for another path.
    if (operation === undefined) return;
    const schema = describedBy(operation, status)?.content?.['application/json']?.schema;
    if (schema === undefined || !type.startsWith('application/json')) return;
    const matches = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, matches);
    assert.ok(matches(JSON.parse(body)), `${what}: ${ajv.errorsText(matches.errors)}`);
  };
  const headersOf = ({ body }: Request) =>
    body === undefined ? {} : { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  const requests = requestsOf(document).filter((r) => !STREAMS.has(r.path) || !r.url.startsWith('/v1/events'));

  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const answer = await app.inject({
        method: request.method as 'GET',
        url: request.url,
        headers: { ...LOCAL, ...headersOf(request) },
        ...(request.body === undefined ? {} : { payload: request.body }),
      });
      check(request, {
        status: answer.statusCode,
        type: answer.headers['content-type'] ?? '',
        body: answer.body,
      });
    }),
    { numRuns: 1_500 },
  );

  const listening = await listen(app, { socketPath: undefined, port: 0 });
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const answer = await fetch(`${listening.addresses.url}${request.url}`, {
        method: request.method,
        headers: headersOf(request),
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      check(request, {
        status: answer.status,
        type: answer.headers.get('content-type') ?? '',
        body: await answer.text(),
      });
    }),
    { numRuns: 500 },
  );
  await listening.close();

  for (const path of Object.keys(document.paths))
    if (!STREAMS.has(path)) assert.ok((seen.get(path) ?? 999) < 300, `${path} was answered as asked at least once`);
  assert.deepEqual(failures, []);
});
