/** The alert rules: promtool accepts them, each fires when it should and not when it should not, each names what exists. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CODES } from '../../src/core/codes.ts';
import { ALERT_CASES, type Series } from './alert-cases.ts';
import { metricsNamedIn, metricSeries } from './metric-names.ts';

const RULES = fileURLToPath(new URL('../../deploy/prometheus/momentd.rules.yml', import.meta.url));
const rules = readFileSync(RULES, 'utf8');
const alerts = [...rules.matchAll(/^ *- alert: (\w+)$/gm)].map(([, name]) => name!);

const promtool = spawnSync('promtool', ['--version']).error === undefined;
const skip = promtool ? false : 'promtool is missing: install the Debian package prometheus';

function runPromtool(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  assert.equal(status, 0, `promtool ${args.join(' ')}\n${stdout}\n${stderr}`);
}

test('promtool accepts the rules', { skip }, () => runPromtool('check', 'rules', RULES));

test('every alert fires on its history and is quiet on its near misses', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'momentd-rules-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rules.test.json');
  writeFileSync(file, testFileOf(RULES));
  runPromtool('test', 'rules', file);
});

test('a rule that never fires would be found', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'momentd-rules-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const dead = join(folder, 'dead.rules.yml');
  writeFileSync(dead, rules.replace('momentd_attesting == 0', 'momentd_attesting == 2'));
  const file = join(folder, 'rules.test.json');
  writeFileSync(
    file,
    testFileOf(
      dead,
      ALERT_CASES.filter(({ alert }) => alert === 'MomentdNotAttesting'),
    ),
  );
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stdout + stderr, /MomentdNotAttesting/);
});

test('every alert has its cases, a severity, two sentences, and its line in docs/metrics.md', () => {
  assert.deepEqual(ALERT_CASES.map(({ alert }) => alert).sort(), [...alerts].sort());
  assert.ok(ALERT_CASES.every(({ quiet }) => quiet.length > 0));
  const blocks = rules.split(/^ *- alert: /m).slice(1);
  for (const block of blocks) {
    assert.match(block, /severity: (?:critical|high|warning)[, ]/);
    assert.match(block, /^ *summary: '.+'$/m);
    assert.match(block, /^ *description: '.+'$/m);
  }
  const document = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `(Momentd\w+)` \| (critical|high|warning) \|/gm)].map(
    ([, name, severity]) => [name!, severity!],
  );
  const shipped = blocks.map((block) => [/^\w+/.exec(block)![0], /severity: (\w+)/.exec(block)![1]!]);
  assert.deepEqual(rows.sort(), shipped.sort());
});

test('rules name only metrics and codes that exist', () => {
  const expressions = [...rules.matchAll(/^ *expr: (.+)$/gm)].map(([, text]) => text!);
  assert.equal(expressions.length, alerts.length);
  for (const text of expressions)
    for (const name of metricsNamedIn(text)) assert.ok(metricSeries.has(name), `${name} in ${text}`);
  const codes = [...rules.matchAll(/code="([^"]+)"/g)].map(([, code]) => code!);
  assert.ok(codes.length > 0);
  for (const code of codes) assert.ok(code in CODES, code);
});

/** promtool's test file; JSON is YAML. */
function testFileOf(ruleFile: string, cases = ALERT_CASES): string {
  const question = (alert: string, series: Series, fires: boolean) => ({
    interval: '1m',
    name: `${alert} ${fires ? 'fires' : 'is quiet'}`,
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count by (alertname) (ALERTS{alertname="${alert}",alertstate="firing"})`,
        eval_time: '20m',
        exp_samples: fires ? [{ labels: `{alertname="${alert}"}`, value: 1 }] : [],
      },
    ],
  });
  return JSON.stringify({
    rule_files: [ruleFile],
    evaluation_interval: '1m',
    tests: cases.flatMap(({ alert, fires, quiet }) => [
      question(alert, fires, true),
      ...quiet.map((series) => question(alert, series, false)),
    ]),
  });
}
