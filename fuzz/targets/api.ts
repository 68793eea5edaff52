/** The local API by `inject`: request lines, headers and bodies as any local process may send them. */

import { monoInstant } from '../../src/core/time/nanos.ts';
import { buildApi } from '../../src/io/api/server.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { judgeAddCheckpoint } from '../../src/core/log/witness.ts';
import { checkpointKey } from '../../src/core/log/checkpoint.ts';
import { cosignerKey } from '../../src/core/log/cosignature.ts';
import { ALICE, BOB } from '../../test/core/attestation/actors.ts';
import { view } from '../../test/io/api/made-up-view.ts';
import { holds, utf8, type Target } from '../target.ts';
import { vectorInputs } from './laws.ts';

const COSIGNER = cosignerKey('witness', BOB.publicKey);
const failures: string[] = [];

/** A second passes between two requests, so that none is refused for coming too soon. */
let seconds = 0n;

const app = await buildApi(view, {
  now: () => monoInstant((seconds += 1n) * 1_000_000_000n),
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
    ...['/v1/sources', '/v1/receivers', '/v1/oscillator', '/v1/host'],
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
    const path = `/${url.replaceAll(/[^\x21-\x5b\x5d-\x7e]/g, '').replace(/^\/+/, '')}`;
    // It waits for a beat that never comes here.
    if (/\/time\/(?:w|%)/i.test(path)) return 'not asked';
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
