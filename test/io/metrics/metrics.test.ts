/** Every metric is driven by a known agent and read back: name, type, labels, number. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { micros, millis } from '../../../src/core/time/nanos.ts';
import { Metrics } from '../../../src/io/metrics/metrics.ts';
import type { Snapshot } from '../../../src/io/metrics/row.ts';
import { processReading } from '../../../src/io/metrics/process-reading.ts';
import { World } from '../../agent/harness.ts';
import { at } from '../../core/alerts/made-up-facts.ts';
import { EXPECTED } from './expected.ts';
import { readExposition } from './exposition.ts';
import { LOCKED, LOST } from './made-up-agent.ts';

const promtool = spawnSync('promtool', ['--version']).error === undefined;
const needsPromtool = promtool ? false : 'promtool is missing: install the Debian package prometheus';

/** Metrics over whatever snapshot stands in `holder` when they are asked. */
function over(holder: { now: Snapshot }): Metrics {
  return new Metrics({
    view: { status: () => holder.now.status, meters: () => holder.now.meters },
    alerts: { alerts: () => holder.now.alerts },
    network: { network: () => holder.now.network ?? { ...LOCKED.network!, isNetworked: false } },
    api: {
      get answered() {
        return holder.now.api.answered;
      },
      get followers() {
        return holder.now.api.followers;
      },
      refusedFor: (code) => holder.now.api.refusedFor(code),
    },
    process: () => Promise.resolve(holder.now.process),
    freeBytes: () => Promise.resolve(holder.now.freeBytes),
  });
}

test('every metric has exactly the series that the agent’s state gives it, then those of another state', async () => {
  const holder = { now: LOCKED };
  const metrics = over(holder);
  metrics.beat();
  metrics.beat();
  metrics.committed(micros(1_500));
  happen(metrics);
  check(await metrics.text(), 'locked');
  holder.now = LOST;
  metrics.beat();
  metrics.committed(millis(3_000));
  check(await metrics.text(), 'lost');
});

/** What the network tells meanwhile. */
function happen(metrics: Metrics): void {
  metrics.happened({ kind: 'statement-heard', validator: 1, delay: millis(30) }, at(1));
  metrics.happened({ kind: 'statement-heard', validator: 2, delay: undefined }, at(1));
  metrics.happened({ kind: 'peer-joined', name: 'p', validator: 1 }, at(1));
  for (const took of [millis(12), millis(20)])
    metrics.happened({ kind: 'subject-reported', id: sha256(Uint8Array.of(1)), took }, at(2));
  const grew = { kind: 'order-grew', slot: 1, entries: [] } as const;
  metrics.happened({ ...grew, took: [millis(500), undefined], finality: millis(200) }, at(2));
  metrics.happened({ ...grew, slot: 2, took: [millis(750)], finality: undefined }, at(3.5));
}

function check(text: string, state: 'locked' | 'lost'): void {
  const families = readExposition(text);
  assert.deepEqual([...families.keys()].sort(), Object.keys(EXPECTED).sort());
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const { type, samples } = families.get(name)!;
    assert.equal(type, expected.type, name);
    const lines = expected[state].map((line) => `${name}${line}`);
    if (type !== 'histogram') assert.deepEqual(samples, lines, `${name} while ${state}`);
    else
      for (const line of lines)
        assert.ok(samples.includes(line), `${line}, while ${state}; got\n${samples.join('\n')}`);
  }
}

test('a name says its unit, a counter ends in _total and nothing else does', () => {
  // Flags, states, codes and counts have no unit.
  const unitless =
    /_(?:state|reason|verdict|refusal|info|attesting|simulated|fds|waiting|waiting_max|entries_since_checkpoint|peers|peers_wanted|followers|fault_proofs|apart|contradicted|score|deduction|firing)$/;
  for (const [name, { type }] of Object.entries(EXPECTED)) {
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    if (type !== 'counter') assert.match(name, new RegExp(`_(?:seconds|bytes|ratio)$|${unitless.source}`));
    assert.doesNotMatch(name, /_(?:ns|nanoseconds|ms|us|ppb|ppm|percent)(?:_|$)/);
  }
});

test('registry, assertions and docs/metrics.md name the same metrics with the same types', () => {
  const document = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `([a-z0-9_]+)` \| (gauge|counter|histogram) \|/gm)].map(([, name, type]) => [
    name!,
    type!,
  ]);
  const asserted = Object.entries(EXPECTED).map(([name, { type }]) => [name, type]);
  assert.deepEqual(rows.sort(), asserted.sort());
  assert.deepEqual([...over({ now: LOCKED }).names].sort(), Object.keys(EXPECTED).sort());
});

test('two agents in one process share nothing', async () => {
  const one = over({ now: LOCKED });
  const other = over({ now: LOCKED });
  one.committed(millis(1));
  assert.match(await one.text(), /^momentd_commit_duration_seconds_count 1$/m);
  assert.match(await other.text(), /^momentd_commit_duration_seconds_count 0$/m);
});

test('scrapes at once tell one state each', async () => {
  const holder = { now: LOCKED };
  const metrics = over(holder);
  const texts = await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
  assert.equal(new Set(texts).size, 1);
});

test('a label cannot break out of its line', async () => {
  const name = 'card"0\n# TYPE x gauge\\';
  const sources = LOCKED.status.sources.map((source) => ({ ...source, name }));
  const text = await over({ now: { ...LOCKED, status: { ...LOCKED.status, sources } } }).text();
  assert.ok(!text.split('\n').includes('# TYPE x gauge\\'));
  assert.match(text, /\{source="card\\"0\\n# TYPE x gauge\\\\",kind="timecard",verdict="truechimer"\} 1/);
});

test('promtool finds nothing to improve', { skip: needsPromtool }, async () => {
  const metrics = over({ now: LOST });
  metrics.beat();
  for (const input of [await metrics.text(), await over({ now: LOCKED }).text()])
    assert.equal(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' }), '');
});

test('over a real agent the numbers are the agent’s own', async (t) => {
  const world = await World.begin(t);
  const metrics = new Metrics({
    view: world.agent,
    alerts: { alerts: () => LOCKED.alerts },
    network: undefined,
    api: LOCKED.api,
    process: processReading,
    freeBytes: () => Promise.resolve(undefined),
  });
  await world.run(40);
  for (const took of world.commitTimes) metrics.committed(took);
  metrics.beat();
  const text = await metrics.text();
  const value = (line: string): number => {
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
    assert.ok(found !== undefined, `${line} is told`);
    return Number(found.slice(line.length + 1));
  };
  const status = world.agent.status();
  assert.equal(value('momentd_clock_state{state="locked"}'), 1);
  assert.equal(value('momentd_beats_total'), 40);
  assert.ok(status.lane.size > 0n);
  assert.equal(value('momentd_statements_total'), Number(status.lane.size));
  assert.equal(value('momentd_commit_duration_seconds_count'), Number(status.lane.size));
  assert.equal(value('momentd_guarantee_seconds'), Number(status.time.guarantee) / 1e9);
  assert.equal(value('momentd_beat_guarantee_seconds_count'), 1);
  assert.equal(value('momentd_guarantee_limit_seconds'), 1e-5);
  assert.equal(value('momentd_limit_reached_in_seconds'), status.secondsUntilLimit);
  // The newest reading was taken within the last poll; a checkpoint is due every ten seconds.
  assert.ok(value('momentd_source_reading_age_seconds{source="card0",kind="sim"}') <= 0.125);
  assert.ok(value('momentd_lane_checkpoint_age_seconds') <= 10);
  assert.ok(value('process_resident_memory_bytes') > 1e6);
});

test('the age of readings grows while a device is silent', async (t) => {
  const world = await World.begin(t);
  await world.run(12);
  const before = world.agent.meters().sources[0]!;
  assert.equal(before.kind, 'sim');
  world.host.pass(millis(700));
  const after = world.agent.meters().sources[0]!;
  assert.equal(after.age! - before.age!, millis(700));
});
