/** The temporal_* reads: their meanings, null where nothing can be said, and JSON-RPC's own rules. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LIMITS } from '../../../src/core/limits.ts';
import { nanos } from '../../../src/core/time/nanos.ts';
import { RPC_METHODS, type RpcNetwork } from '../../../src/io/api/rpc-methods.ts';
import { rpcRoutes } from '../../../src/io/api/rpc-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import type { AgentView, TimeView } from '../../../src/ports/view.ts';
import { LOCAL, NOW, noTime, time, view } from './made-up-view.ts';

const HASH = `0x${'ab'.repeat(32)}`;
const network: RpcNetwork = {
  peerCount: () => 3,
  subjectMoment: (id) => Promise.resolve(id[0] === 0xab ? NOW : undefined),
  watermark: () => NOW - 5n,
};

async function rpc(t: TestContext, now: TimeView = time, around: RpcNetwork | 'none' = network) {
  const failures: string[] = [];
  const agent: AgentView = { ...view, now: () => now, status: () => ({ ...view.status(), time: now }) };
  const group = rpcRoutes(
    { view: agent, ownIndex: 2, network: around === 'none' ? undefined : around },
    { write: (_level, message) => failures.push(message) },
  );
  const app = await buildApi(agent, { log: { write: () => undefined }, version: '1', groups: [group] });
  t.after(() => app.close());
  const post = (payload: string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/rpc',
      headers: { ...LOCAL, 'content-type': 'application/json', ...headers },
      payload,
    });
  const call = async (method: string, ...params: unknown[]) => {
    const answer = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json<{ result?: unknown; error?: { code: number; data?: { code: string } } }>();
  };
  return { app, post, call, failures };
}

test('every method answers what it can vouch for, and null for what it cannot', async (t) => {
  const { call } = await rpc(t);
  assert.deepEqual((await call('temporal_getConsensusTime')).result, {
    consensusTimeNs: (NOW - 37_000_000_000n).toString(),
    timeQuality: null,
    convergenceState: 'Converged',
    peerCount: 3,
    consensusOffsetNs: null,
  });
  assert.deepEqual((await call('temporal_getMeshState')).result, {
    peerCount: 3,
    timeQuality: null,
    convergenceState: 'Converged',
  });
  assert.equal((await call('temporal_getTransactionTimestamp', HASH)).result, NOW.toString());
  assert.equal((await call('temporal_getTransactionTimestamp', `0x${'00'.repeat(32)}`)).result, null);
  assert.deepEqual((await call('temporal_getWatermarkInfo')).result, { watermarkNs: (NOW - 5n).toString() });
  assert.deepEqual((await call('temporal_getValidatorTimeQuality', 2)).result, {
    authorityIndex: 2,
    timeQuality: null,
    rootDistanceNs: '85',
    tier: 'Anchor',
    convergenceState: 'Converged',
  });
  assert.equal((await call('temporal_getValidatorTimeQuality', 0)).result, null, 'of others we do not say');
  assert.deepEqual((await call('temporal_getTemporalMetrics')).result, {
    timeSourceType: 'sim',
    localRootDistanceNanoseconds: '85',
    tier: 'Anchor',
    convergenceState: 'Converged',
    timeQuality: null,
    peerCount: 3,
    sourceCount: 1,
    truechimerCount: 1,
    statementCount: '250',
    isAttesting: true,
    isSimulated: true,
  });
  assert.equal(RPC_METHODS.length, 6, 'each is tried above');
});

test('without a network there is no mesh, no watermark and no count of peers', async (t) => {
  const { call } = await rpc(t, time, 'none');
  for (const [method, ...params] of [
    ['temporal_getMeshState'],
    ['temporal_getWatermarkInfo'],
    ['temporal_getTransactionTimestamp', HASH],
    ['temporal_getValidatorTimeQuality', 0],
  ] as const)
    assert.equal((await call(method, ...params)).result, null, method);
  assert.equal(((await call('temporal_getConsensusTime')).result as { peerCount: unknown }).peerCount, null);
});

test('where there is no time, none is told: the error says why', async (t) => {
  const starting = (await (await rpc(t, noTime)).call('temporal_getConsensusTime')).error!;
  assert.deepEqual([starting.code, starting.data!.code], [40, 'addon-not-loaded']);
  const lost = (await (await rpc(t, { ...noTime, state: 'faulted' })).call('temporal_getConsensusTime')).error!;
  assert.equal(lost.code, 41);
});

test('a tier follows the bound, at its very edge the worse', async (t) => {
  for (const [guarantee, tier] of [
    [999n, 'Anchor'],
    [1_000n, 'Standard'],
    [9_999n, 'Standard'],
    [10_000n, 'Minimal'],
  ] as const) {
    const { call } = await rpc(t, { ...time, guarantee: nanos(guarantee) });
    assert.equal(((await call('temporal_getTemporalMetrics')).result as { tier: string }).tier, tier);
  }
});

test('JSON-RPC’s own rules hold: ids come back, notifications are silent, mistakes have their codes', async (t) => {
  const { post, call } = await rpc(t);
  const errorOf = async (payload: string) => {
    const answer = await post(payload);
    assert.equal(answer.statusCode, 200, answer.body);
    const { id, error } = answer.json<{ id: unknown; error: { code: number } }>();
    return [id, error.code];
  };
  assert.deepEqual(await errorOf('{'), [null, -32_700]);
  assert.deepEqual(await errorOf(''), [null, -32_700]);
  for (const wrong of [
    '1',
    'null',
    '"x"',
    '{}',
    '{"jsonrpc":"1.0","id":1,"method":"x"}',
    '[]',
    '{"jsonrpc":"2.0","method":5}',
  ])
    assert.equal((await errorOf(wrong))[1], -32_600, wrong);
  assert.deepEqual(await errorOf('{"jsonrpc":"2.0","id":"seven","method":"temporal_none"}'), ['seven', -32_601]);
  for (const inherited of ['toString', '__proto__', 'constructor'])
    assert.equal((await call(inherited)).error!.code, -32_601, inherited);
  for (const [method, ...params] of [
    ['temporal_getConsensusTime', 1],
    ['temporal_getTransactionTimestamp'],
    ['temporal_getTransactionTimestamp', '0x12'],
    ['temporal_getTransactionTimestamp', 5],
    ['temporal_getValidatorTimeQuality', -1],
    ['temporal_getValidatorTimeQuality', 1.5],
    ['temporal_getValidatorTimeQuality', '0'],
    ['temporal_getWatermarkInfo', 1, 2],
  ] as const)
    assert.equal((await call(method, ...params)).error!.code, -32_602, method);
  assert.deepEqual(
    await errorOf('{"jsonrpc":"2.0","id":1,"method":"temporal_getMeshState","params":{"by":"name"}}'),
    [1, -32_602],
  );
  const silent = await post('{"jsonrpc":"2.0","method":"temporal_getMeshState"}');
  assert.deepEqual([silent.statusCode, silent.body], [204, '']);
});

test('a batch is answered in order, without its notifications, and is bounded', async (t) => {
  const { post } = await rpc(t);
  const one = (id?: number) => ({
    jsonrpc: '2.0',
    method: 'temporal_getMeshState',
    ...(id === undefined ? {} : { id }),
  });
  const answers = (await post(JSON.stringify([one(3), one(), 7, one(1)]))).json<{ id: unknown }[]>();
  assert.deepEqual(
    answers.map(({ id }) => id),
    [3, null, 1],
  );
  const most = Array.from({ length: LIMITS.rpcBatchMax }, (_, i) => one(i));
  assert.equal((await post(JSON.stringify(most))).json<unknown[]>().length, LIMITS.rpcBatchMax);
  const tooMany = await post(JSON.stringify([...most, one(99)]));
  assert.equal(tooMany.json<{ error: { code: number } }>().error.code, -32_600);
  assert.equal((await post(JSON.stringify([one(), one()]))).statusCode, 204);
});

test('a failure of ours is told as such, its cause stays here, and the rest of the batch is answered', async (t) => {
  const { post, failures } = await rpc(t, time, {
    ...network,
    subjectMoment: () => Promise.reject(new Error('the secret cause')),
  });
  const answer = await post(
    JSON.stringify([
      { jsonrpc: '2.0', id: 1, method: 'temporal_getTransactionTimestamp', params: [HASH] },
      { jsonrpc: '2.0', id: 2, method: 'temporal_getMeshState' },
    ]),
  );
  const [failed, whole] = answer.json<{ error?: { code: number }; result?: unknown }[]>();
  assert.equal(failed!.error!.code, -32_603);
  assert.ok(whole!.result !== undefined);
  assert.doesNotMatch(answer.body, /secret/);
  assert.deepEqual(failures, ['an RPC request failed']);
});

test('reading needs no token, and a page of another site is refused', async (t) => {
  const { app, post } = await rpc(t);
  const foreign = await post('{}', { origin: 'http://evil.example' });
  assert.equal(foreign.statusCode, 403);
  const form = await app.inject({
    method: 'POST',
    url: '/rpc',
    headers: { ...LOCAL, 'content-type': 'text/plain' },
    payload: '{}',
  });
  assert.equal(form.statusCode, 415, 'what a form can send is not taken');
  assert.equal(form.json<{ code: string }>().code, 'api-bad-request');
});
