/** The Grafana dashboard: it names only metrics that exist, shows those an operator needs, and its panels do not overlap. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXPECTED } from '../io/metrics/expected.ts';
import { metricSeries, metricsNamedIn } from './metric-names.ts';

type Panel = {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly refId: string }[];
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
};

type Dashboard = {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};

const text = readFileSync(new URL('../../deploy/grafana/momentd.json', import.meta.url), 'utf8');
const { panels, templating } = JSON.parse(text) as Dashboard;
const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

test('every query names a metric, and only metrics that exist', () => {
  assert.ok(queries.length > 20);
  for (const { title, expr } of queries) {
    const names = metricsNamedIn(expr);
    assert.ok(names.length > 0, `${title}: ${expr}`);
    for (const name of names) assert.ok(metricSeries.has(name), `${title} names ${name}`);
  }
  for (const { definition } of templating.list)
    for (const name of metricsNamedIn(definition ?? '')) assert.ok(metricSeries.has(name), name);
});

test('a name that does not exist would be found', () => {
  const wrong = metricsNamedIn('rate(momentd_guarantee_nanoseconds{job="$job"}[5m])');
  assert.deepEqual(wrong, ['momentd_guarantee_nanoseconds']);
  assert.ok(!metricSeries.has(wrong[0]!));
});

test('every metric is on the dashboard, but for those that are nothing to look at', () => {
  const shown = queries.map(({ expr }) => expr).join('\n');
  const missing = Object.keys(EXPECTED).filter((name) => !shown.includes(name));
  assert.deepEqual(missing.sort(), [
    'momentd_build_info',
    'momentd_inbox_waiting_max',
    'momentd_tai_utc_offset_seconds',
  ]);
});

test('every query asks for the chosen instance only', () => {
  for (const { title, expr } of queries)
    assert.equal(expr.match(/\{job="\$job",instance="\$instance"/g)?.length, metricsNamedIn(expr).length, title);
});

test('a panel of seconds says so: what is only read in seconds is shown in seconds', () => {
  for (const { title, targets, fieldConfig } of panels) {
    const allSeconds = targets.every(({ expr }) => metricsNamedIn(expr).every((n) => /_seconds(?:_bucket)?$/.test(n)));
    const isRate = targets.some(({ expr }) => expr.startsWith('rate('));
    if (allSeconds && !isRate) assert.equal(fieldConfig.defaults.unit, 's', title);
  }
});

test('panels have their own ids and places, a title and a sentence', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, description, datasource, gridPos } of panels) {
    assert.ok(title.length > 0 && description.length > 0, title);
    assert.equal(datasource.uid, '${datasource}');
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), `${title} lies on another panel`);
        taken.add(`${x},${y}`);
      }
  }
});
