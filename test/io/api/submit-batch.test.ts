/** Many digests in one request: each judged alone, answered at its place, bounded, and only with the token. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant } from '../../../src/core/time/nanos.ts';
import { accept, ignore, reject } from '../../../src/core/verdict.ts';
import { networkRoutes } from '../../../src/io/api/network-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import type { NetworkView, Submission } from '../../../src/ports/network-view.ts';
import { LOCAL, view } from './made-up-view.ts';

const TOKEN = 'a-token-of-this-test';
const digest = (n: number): string => toHex(sha256(Uint8Array.of(n & 0xff, n >> 8)));

/** Knows digest 1 already, refuses digest 2 for good, takes the rest. */
async function served() {
  const taken: Submission[] = [];
  const network = {
    submit: (submission: Submission) => {
      taken.push(submission);
      const hex = toHex(submission.digest);
      if (hex === digest(1)) return ignore('subject-known', 'seen before');
      if (hex === digest(2)) return reject('subject-network', 'of another network');
      return accept({ id: submission.digest, record: Uint8Array.of(1, 2, 3) });
    },
  } as unknown as NetworkView;
  const app = await buildApi(view, {
    log: { write: () => undefined },
    version: '1.2.3',
    token: TOKEN,
    // The clock of the door stands still: what it lets in at once is its burst.
    now: () => monoInstant(7n),
    groups: [networkRoutes(network)],
  });
  const post = (body: object, token = TOKEN) =>
    app.inject({
      method: 'POST',
      url: '/v1/subjects/batch',
      headers: { ...LOCAL, authorization: `Bearer ${token}` },
      payload: body,
    });
  return { app, taken, post };
}

test('each digest is answered at its place: taken, perhaps later, or never', async () => {
  const { post, taken } = await served();
  const answer = await post({ digests: [digest(0), digest(1), digest(2)], sender: 'abcd', priority: 9 });
  assert.equal(answer.statusCode, 202);
  assert.deepEqual(answer.json(), {
    results: [
      { id: digest(0), record: '010203', refused: null },
      { id: null, record: null, refused: { code: 'subject-known', detail: 'seen before', is_final: false } },
      { id: null, record: null, refused: { code: 'subject-network', detail: 'of another network', is_final: true } },
    ],
  });
  for (const { sender, priority, claimed } of taken) {
    assert.equal(toHex(sender), 'abcd');
    assert.equal(priority, 9);
    assert.equal(claimed, undefined);
  }
});

test('a batch holds from one digest to the limit, and nothing of a batch that breaks a rule is taken', async () => {
  const { post, taken } = await served();
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => digest(i + 3));
  const wrong: readonly object[] = [
    {},
    { digests: [] },
    { digests: many(LIMITS.submissionsPerRequestMax + 1) },
    { digests: [digest(0), 'abcd'] },
    { digests: [digest(0), digest(3).toUpperCase()] },
    { digests: [digest(0)], priority: 256 },
    { digests: [digest(0)], sender: 'a' },
    { digests: [digest(0)], claimed_tai_ns: '1' },
  ];
  for (const body of wrong) {
    const answer = await post(body);
    assert.equal(answer.statusCode, 400, JSON.stringify(body).slice(0, 100));
    assert.equal(answer.json<{ code: string }>().code, 'api-bad-request');
  }
  assert.equal(taken.length, 0);
  const full = await post({ digests: many(LIMITS.submissionsPerRequestMax) });
  assert.equal(full.statusCode, 202);
  assert.equal(full.json<{ results: unknown[] }>().results.length, LIMITS.submissionsPerRequestMax);
});

test('a batch needs the token and costs the door as much as the requests it stands for in time', async () => {
  const { post, taken } = await served();
  assert.equal((await post({ digests: [digest(0)] }, 'another')).statusCode, 403);
  assert.equal(taken.length, 0);
  const answers: number[] = [];
  for (let i = 0; i < LIMITS.apiRequestBurstMax; i++) {
    const { statusCode } = await post({ digests: [digest(0)] });
    answers.push(statusCode);
    if (statusCode === 429) break;
  }
  assert.equal(answers.at(-1), 429);
  // One of the burst was the request with the wrong token.
  const cost = LIMITS.submissionsPerRequestMax / 16;
  assert.equal(answers.length - 1, Math.floor(LIMITS.apiRequestBurstMax / cost) - 1);
});
