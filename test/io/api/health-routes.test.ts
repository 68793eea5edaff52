/** GET /v1/health: whether it signs, what fires, and the network's score with each deduction; without a network it is null. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { networkHealth } from '../../../src/core/peers/network-health.ts';
import { healthRoutes, type HealthNeeds } from '../../../src/io/api/health-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import type { AgentView } from '../../../src/ports/view.ts';
import { LOCKED, LOST } from '../metrics/made-up-agent.ts';

async function health(t: TestContext, needs: HealthNeeds): Promise<Record<string, unknown>> {
  const log = { write: (_level: string, message: string) => assert.fail(message) };
  const app = await buildApi({} as AgentView, { log, version: '1', groups: [healthRoutes(needs)] });
  t.after(() => app.close());
  const answer = await app.inject({ url: '/v1/health', headers: { host: '127.0.0.1:1' } });
  assert.equal(answer.statusCode, 200);
  return answer.json();
}

test('a signing agent in a small network: the score says what it lacks', async (t) => {
  const conduct = { peers: 4, latencyMs: 42, participation: 0.25, dropped: 0.1 };
  const status = { ...LOCKED.network!, health: networkHealth(conduct) };
  const { signing, reason, firing, network } = await health(t, {
    view: { status: () => LOCKED.status },
    alerts: { alerts: () => LOCKED.alerts },
    network: { network: () => status },
  });
  assert.deepEqual([signing, reason], [true, null]);
  assert.deepEqual(firing, { critical: 1, high: 0, warning: 0 });
  const { score, deductions, ...rest } = network as { score: number; deductions: { cause: string; points: number }[] };
  assert.ok(Math.abs(score - (100 - 30 - 20 - 5)) < 1e-9, String(score));
  assert.deepEqual(
    deductions.map(({ cause, points }) => [cause, Math.round(points)]),
    [
      ['peers', 30],
      ['participation', 20],
      ['drops', 5],
    ],
  );
  assert.deepEqual(Object.keys(deductions[0]!).sort(), ['cause', 'points', 'points_max', 'rule']);
  assert.deepEqual(rest, { peers: 4, round_trip_median_ns: '42000000', validators: 0, validators_heard: 3 });
});

test('an agent that does not sign, without a network', async (t) => {
  const told = await health(t, {
    view: { status: () => LOST.status },
    alerts: { alerts: () => LOST.alerts },
    network: { network: () => ({ ...LOCKED.network!, isNetworked: false }) },
  });
  assert.equal(told['signing'], false);
  assert.equal((told['reason'] as { code: string }).code, 'disk-full');
  assert.deepEqual(told['firing'], { critical: 1, high: 0, warning: 0 });
  assert.equal(told['network'], null);
});
