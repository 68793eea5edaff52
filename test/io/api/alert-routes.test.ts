/** GET /v1/alerts and /v1/alerts/rules over a real book: what fires, what is over, page by page, and the rules in force. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AlertBook } from '../../../src/core/alerts/alert-book.ts';
import { alertRules } from '../../../src/core/alerts/rules.ts';
import { CODES } from '../../../src/core/codes.ts';
import { nanos, seconds } from '../../../src/core/time/nanos.ts';
import { alertRoutes } from '../../../src/io/api/alert-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import type { AgentView } from '../../../src/ports/view.ts';
import { at, facts, sourceFacts, THRESHOLDS } from '../../core/alerts/made-up-facts.ts';

const LOCAL = { host: '127.0.0.1:1' };
const NOBODY = new Proxy({} as AgentView, {
  get: (_target, name) => {
    throw new Error(`the view was asked for ${String(name)}`);
  },
});

type Listed = Readonly<Record<string, unknown>>;
type Alerts = { as_of_mono_ns: string; active: Listed[]; past: Listed[]; past_total: number };

async function api(t: TestContext, book: AlertBook) {
  const view = {
    alerts: () => ({
      asOf: at(99),
      active: book.active(),
      past: book.history(),
      standings: book.standings(),
      network: undefined,
      peersMin: undefined,
    }),
  };
  const log = { write: (_level: string, message: string) => assert.fail(message) };
  const app = await buildApi(NOBODY, { log, version: '1', groups: [alertRoutes(view)] });
  t.after(() => app.close());
  const ask = async (url: string) => app.inject({ url, headers: LOCAL });
  return { ask, alerts: async (query = '') => (await ask(`/v1/alerts${query}`)).json<Alerts>() };
}

test('a firing alert is told with everything an operator needs, numbers with their unit', async (t) => {
  const book = new AlertBook(alertRules(THRESHOLDS));
  const drifting = facts({ sources: [sourceFacts({ phase: nanos(-2_500n) })] });
  book.look(at(0), drifting);
  book.look(at(30), facts({ sources: [sourceFacts({ phase: nanos(1_700n) })] }));
  const { alerts } = await api(t, book);
  const { as_of_mono_ns, active, past, past_total } = await alerts();
  assert.equal(as_of_mono_ns, at(99).toString());
  assert.deepEqual(active, [
    {
      code: 'alert-drift-high',
      severity: 'critical',
      source: 'card0',
      ...CODES['alert-drift-high'],
      unit: 'seconds',
      state: 'firing',
      since_mono_ns: at(0).toString(),
      firing_since_mono_ns: at(30).toString(),
      value: 1.7e-6,
      worst: 2.5e-6,
      threshold: 1e-6,
    },
  ]);
  assert.deepEqual([past, past_total], [[], 0]);
});

test('a pending alert has no instant of firing; one that is over says why and when', async (t) => {
  const book = new AlertBook(alertRules({ ...THRESHOLDS, keep: seconds(10) }));
  book.look(at(0), facts({ state: 'faulted' }));
  book.look(at(5), facts({ state: 'holdover' }));
  book.look(at(15), facts({ state: 'holdover' }));
  const { alerts } = await api(t, book);
  const { active, past, past_total } = await alerts();
  assert.deepEqual(
    active.map(({ code, state, source, firing_since_mono_ns: firing }) => [code, state, source, firing]),
    [['alert-holdover', 'pending', null, null]],
  );
  assert.equal(past_total, 1);
  assert.deepEqual(
    [past[0]!['code'], past[0]!['because'], past[0]!['resolved_mono_ns']],
    ['alert-clock-faulted', 'over', at(15).toString()],
  );
});

test('what is over comes in pages, newest first', async (t) => {
  const book = new AlertBook(alertRules({ ...THRESHOLDS, keep: seconds(1) }));
  for (let i = 0; i < 21; i++) book.look(at(i), facts({ state: i % 3 === 0 ? 'faulted' : 'locked' }));
  const { alerts, ask } = await api(t, book);
  const whole = await alerts();
  assert.deepEqual([whole.past.length, whole.past_total], [7, 7]);
  assert.equal(whole.past[0]!['resolved_mono_ns'], at(20).toString());
  const first = await alerts('?limit=2');
  const second = await alerts('?limit=2&offset=2');
  assert.deepEqual([...first.past, ...second.past], whole.past.slice(0, 4));
  for (const wrong of ['?limit=0', '?limit=257', '?offset=-1', '?page=1', '?limit=x']) {
    const answer = await ask(`/v1/alerts${wrong}`);
    assert.equal(answer.statusCode, 400, wrong);
    assert.equal(answer.json<{ code: string }>().code, 'api-bad-request');
  }
});

test('the rules in force are listed with their numbers, and why one cannot be judged', async (t) => {
  const book = new AlertBook(alertRules(THRESHOLDS));
  book.look(at(0), facts({ network: undefined }));
  const { ask } = await api(t, book);
  const { rules } = (await ask('/v1/alerts/rules')).json<{ rules: Listed[] }>();
  assert.equal(rules.length, alertRules(THRESHOLDS).length);
  assert.deepEqual(
    rules.find(({ code }) => code === 'alert-latency-high'),
    {
      code: 'alert-latency-high',
      severity: 'high',
      ...CODES['alert-latency-high'],
      unit: 'seconds',
      fires: 'above',
      threshold: 0.5,
      clear: 0.45,
      pending_s: 60,
      keep_s: 120,
      cannot_judge: 'the agent runs without a network',
    },
  );
  assert.equal(rules.find(({ code }) => code === 'alert-drift-high')!['cannot_judge'], null);
});
