/** The local API by `inject`: request lines, headers and bodies as any local process may send them. */

import { budgetFrom } from '../../src/core/clock/budget.ts';
import { monoInstant, nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { AgentView, StatementView, TimeView } from '../../src/ports/view.ts';
import { buildApi } from '../../src/io/api/server.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { judgeAddCheckpoint } from '../../src/core/log/witness.ts';
import { checkpointKey } from '../../src/core/log/checkpoint.ts';
import { cosignerKey } from '../../src/core/log/cosignature.ts';
import { ALICE, BOB } from '../../test/core/attestation/actors.ts';
import { holds, utf8, type Target } from '../target.ts';
import { vectorInputs } from './laws.ts';

/** A made-up agent: what it says is of no matter here, only what is asked of it. */
const NOW = 1_795_000_000_123_456_789n;
const reason = { code: 'addon-not-loaded', sentence: 'it is so', remedy: 'change it' } as const;
const digest = (fill: number) => new Uint8Array(32).fill(fill);

const time: TimeView = {
  asOf: monoInstant(5n),
  state: 'locked',
  reason,
  earliest: taiInstant(NOW - 85n),
  latest: taiInstant(NOW + 85n),
  guarantee: nanos(85n),
  uncertainty: undefined,
  taiUtcSeconds: 37,
  nanoMoment: NOW - 37_000_000_000n,
};

const statement = (seq: bigint): StatementView => ({
  seq,
  id: digest(1),
  bytes: Uint8Array.of(0xd2, 0x84),
  earliest: taiInstant(NOW),
  latest: taiInstant(NOW + 1n),
  kind: 'heartbeat',
  taiUtcSeconds: 37,
  evidence: digest(9),
});

const LANE_SIZE = 250n;

const view: AgentView = {
  genesis: Uint8Array.of(0xa0),
  now: () => time,
  status: () => ({
    version: '1.2.3',
    startedAt: monoInstant(1n),
    bootId: 'boot',
    network: { name: 'test', id: digest(2) },
    validator: { publicKey: digest(3), kid: new Uint8Array(8) },
    time,
    budget: [{ term: 'floor', nanos: nanos(85n) }],
    secondsUntilLimit: undefined,
    assumptions: ['one'],
    estimate: { asOf: monoInstant(4n), earliest: taiInstant(NOW - 80n), latest: undefined },
    sources: [
      {
        name: 's',
        kind: 'sim',
        cause: 'c',
        verdict: 'truechimer',
        reason: undefined,
        earliest: undefined,
        latest: undefined,
      },
    ],
    identity: digest(7),
    attesting: { since: monoInstant(1n), reason: undefined },
    lane: { size: LANE_SIZE, lastTai: taiInstant(NOW), lastId: digest(1) },
    inbox: { waiting: 0, waitingMax: 4096, dropped: 0 },
    simulated: true,
  }),
  statements: (from, limit) =>
    Promise.resolve(
      Array.from({ length: limit }, (_, i) => from + BigInt(i))
        .filter((seq) => seq < LANE_SIZE)
        .map(statement),
    ),
  drift: (span, pointsMax) => ({
    length: nanos(1_000_000_000n),
    isTruncated: false,
    points: [
      {
        from: taiInstant(NOW),
        length: nanos(1_000_000_000n),
        samples: pointsMax,
        refused: 0,
        worst: 'locked',
        offset: { least: nanos(-3n), greatest: nanos(5n), mean: nanos(1n), count: 2 },
        frequency: undefined,
        guarantee: { least: span, greatest: span, mean: span, count: 1 },
        budget: undefined,
        states: { acquiring: 0, locked: 7, holdover: 0, unsynchronized: 0, faulted: 0 },
      },
    ],
    stability: [{ tauSeconds: 1, factor: 1, adev: 0.5, oadev: 0.5, mdev: 0.5, tdev: 0.3, hdev: undefined, mtie: 2 }],
  }),
  history: (span, pointsMax) => ({
    length: span,
    isTruncated: true,
    points: [
      {
        from: taiInstant(NOW),
        length: span,
        samples: pointsMax,
        refused: 1,
        worst: 'holdover',
        offset: undefined,
        frequency: undefined,
        guarantee: { least: nanos(1n), greatest: nanos(9n), mean: nanos(5n), count: 2 },
        budget: budgetFrom((term) => nanos(term.length)),
        states: { acquiring: 0, locked: 6, holdover: 1, unsynchronized: 0, faulted: 0 },
      },
    ],
  }),
  laneFile: (path) =>
    Promise.resolve(path === 'checkpoint' || path === 'tile/0/000' ? new TextEncoder().encode(path) : undefined),
  identity: Uint8Array.of(0xd2, 7),
  identityRecord: (wanted) => Promise.resolve(wanted[0] === 7 ? Uint8Array.of(0xd2, 6) : undefined),
  evidence: (wanted) => Promise.resolve(wanted[0] === 9 ? Uint8Array.of(1, 2) : undefined),
};

const COSIGNER = cosignerKey('witness', BOB.publicKey);
const failures: string[] = [];

const app = await buildApi(view, {
  version: '0.0.0',
  log: { write: (_level, message, fields) => failures.push(`${message} ${JSON.stringify(fields)}`) },
  metrics: () => Promise.resolve('up 1\n'),
  addCheckpoint: (body) => {
    const answer = judgeAddCheckpoint(body, {
      logKeyOf: (origin) => checkpointKey(origin, ALICE.publicKey),
      witnessed: () => undefined,
      check: () => true,
      cosigner: COSIGNER,
      sign: () => new Uint8Array(64),
      posixSeconds: 1_790_000_000n,
    });
    return Promise.resolve({ contentType: 'text/plain', ...answer });
  },
});

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;

const requestText = (method: string, url: string, body = '', headers = 'host: localhost'): Uint8Array =>
  utf8(`${method}\n${url}\n${headers}\n${body}`);

const api: Target = {
  name: 'api',
  about: 'io/api: method, path, query, headers and body',
  forms: ['text', 'bytes'],
  seeds: [
    ...['/v1/status', '/v1/time', '/v1/drift?span_s=60&points=10', '/v1/genesis', '/metrics', '/v1/openapi.json'],
    ...['/v1/statements?from=0&limit=2', '/v1/statements/1', '/v1/statements/1/cose', '/v1/identity'],
    `/v1/evidence/${'09'.repeat(32)}`,
    `/v1/identity/${'07'.repeat(32)}`,
    ...['/v1/lane/checkpoint', '/v1/lane/tile/0/000', '/v1/lane/../%2e%2e/x', '/%00'],
  ]
    .map((url) => requestText('GET', url))
    .concat(
      vectorInputs('witness.json')
        .slice(0, 6)
        .map(({ body }) => requestText('POST', '/v1/witness/add-checkpoint', String(body))),
      requestText('POST', '/v1/status', '{"a":1}', 'host: localhost\ncontent-type: application/json'),
      requestText('GET', '/v1/time', '', 'host: example.org'),
    ),
  inputBytesMax: 4_096,
  async run(input) {
    const [method = '', url = '', ...rest] = Buffer.from(input).toString('latin1').split('\n');
    const end = rest.indexOf('');
    const lines = (end < 0 ? rest.slice(0, 1) : rest.slice(0, end)).slice(0, 16);
    const headers = Object.fromEntries(
      lines
        .map((line) => /^([A-Za-z0-9-]{1,64}): ([\t\x20-\x7e]*)$/.exec(line))
        .flatMap((m) => (m === null ? [] : [[m[1]!.toLowerCase(), m[2]!]])),
    );
    // A body's length is the transport's to say, and a chunked one's the transport's to check.
    delete headers['content-length'];
    delete headers['transfer-encoding'];
    const path = `/${url.replaceAll(/[^\x21-\x7e]/g, '').replace(/^\/+/, '')}`;
    failures.length = 0;
    const payload = rest.slice(end < 0 ? 1 : end + 1).join('\n');
    const chosen = METHODS.find((name) => name === method) ?? 'GET';
    const answer = await app.inject({
      method: chosen,
      url: path,
      headers,
      ...(payload === '' ? {} : { payload: Buffer.from(payload, 'latin1') }),
    });
    holds(
      answer.statusCode < 500 || answer.statusCode === 503,
      `${answer.statusCode} for ${path}: ${failures.join()} ${answer.body.slice(0, 200)}`,
    );
    holds(failures.length === 0, `nothing fails inside: ${failures.join()}`);
    holds(answer.rawPayload.length <= LIMITS.rangeBytesMax, 'an answer is bounded');
    return `${chosen} ${answer.statusCode}`;
  },
};

export const API_TARGETS: readonly Target[] = [api];
