/** The alert rules of Prometheus and those inside the agent are the same rules: names, severities, thresholds, waits. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FLAPPING_WINDOW } from '../../src/core/alerts/recent.ts';
import type { AlertRule } from '../../src/core/alerts/rule.ts';
import { alertRules } from '../../src/core/alerts/rules.ts';
import { DEFAULT_THRESHOLDS, peersWanted } from '../../src/core/alerts/thresholds.ts';
import { floatSeconds } from '../../src/core/time/float-seconds.ts';

const text = readFileSync(new URL('../../deploy/prometheus/momentd.rules.yml', import.meta.url), 'utf8');

type Shipped = {
  readonly name: string;
  readonly expr: string;
  readonly pendingSeconds: number;
  readonly keepSeconds: number;
  readonly severity: string | undefined;
  readonly code: string | undefined;
};

const shipped: readonly Shipped[] = text
  .split(/^ *- alert: /m)
  .slice(1)
  .map((block) => ({
    name: /^\w+/.exec(block)![0],
    expr: /^ *expr: (.+)$/m.exec(block)![1]!,
    pendingSeconds: secondsOf(/^ *for: (\w+)$/m.exec(block)?.[1]),
    keepSeconds: secondsOf(/^ *keep_firing_for: (\w+)$/m.exec(block)?.[1]),
    severity: /severity: (\w+)/.exec(block)?.[1],
    code: /code: ([a-z-]+)/.exec(block)?.[1],
  }));

const inside = alertRules({ ...DEFAULT_THRESHOLDS, peersMin: peersWanted(4) });

/** Who is down tells nothing. */
const OUTSIDE_ONLY = ['MomentdDown'];

function secondsOf(duration: string | undefined): number {
  if (duration === undefined) return 0;
  const [, count, unit] = /^(\d+)([smh])$/.exec(duration)!;
  return Number(count) * { s: 1, m: 60, h: 3_600 }[unit as 's' | 'm' | 'h'];
}

/** `alert-peers-low` as Prometheus names it. */
const nameOf = (code: string): string =>
  code.replace(/^alert/, 'Momentd').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The comparison of an expression: its operator and its number, before any `and on`. */
function comparisonOf(expr: string): { readonly operator: string; readonly number: number } {
  const parts = /(==|<|>)\s*([-\d.e]+)(?: and on .*)?$/.exec(expr);
  assert.ok(parts !== null, expr);
  return { operator: parts[1]!, number: Number(parts[2]) };
}

/** A claim is compared with the value that makes it hold; the agent counts it as 1 and fires above 0. */
function agrees(rule: AlertRule, expr: string): boolean {
  const { operator, number } = comparisonOf(expr);
  if (operator === '==') return rule.unit === 'flag' && (number === 1 || expr.startsWith('momentd_attesting =='));
  return operator === (rule.fires === 'above' ? '>' : '<') && number === rule.threshold;
}

test('each rule inside has its twin outside, under the same code, and only MomentdDown stands alone', () => {
  const expected = inside.map(({ code }) => [nameOf(code), code]);
  const twins = shipped.filter(({ name }) => !OUTSIDE_ONLY.includes(name));
  assert.deepEqual(twins.map(({ name, code }) => [name, code]).sort(), expected.sort());
  assert.deepEqual(
    shipped.filter(({ code }) => code === undefined).map(({ name }) => name),
    OUTSIDE_ONLY,
  );
});

test('twins have the same severity and the same waits', () => {
  for (const rule of inside) {
    const twin = shipped.find(({ code }) => code === rule.code)!;
    assert.deepEqual(
      [twin.severity, twin.pendingSeconds, twin.keepSeconds],
      [rule.severity, floatSeconds(rule.pendingFor), floatSeconds(rule.keepFor)],
      rule.code,
    );
  }
});

test('twins begin at the same number', () => {
  for (const rule of inside) {
    const { expr } = shipped.find(({ code }) => code === rule.code)!;
    // The number of peers follows from the genesis record, so the agent tells it.
    if (rule.code === 'alert-peers-low') assert.equal(expr, 'momentd_peers < momentd_peers_wanted');
    else assert.ok(agrees(rule, expr), `${rule.code}: ${expr}, inside ${rule.fires} ${rule.threshold}`);
  }
});

test('another number, operator or kind of comparison would be found', () => {
  const drift = inside.find(({ code }) => code === 'alert-drift-high')!;
  assert.ok(agrees(drift, 'abs(x) > 1e-6'));
  for (const wrong of ['abs(x) > 2e-6', 'abs(x) < 1e-6', 'abs(x) == 1']) assert.ok(!agrees(drift, wrong), wrong);
});

test('what stands inside an expression is the same too: windows, the slow commit, the state', () => {
  const expr = (code: string) => shipped.find((rule) => rule.code === code)!.expr;
  assert.ok(expr('alert-commit-slow').includes(`le="${floatSeconds(DEFAULT_THRESHOLDS.commitMax)}"`));
  assert.ok(expr('alert-falseticker-flapping').includes(`[${floatSeconds(FLAPPING_WINDOW) / 60}m]`));
  assert.ok(expr('alert-stalled').includes('[2m]'));
  for (const code of ['alert-commit-slow', 'alert-beats-skipped', 'alert-samples-dropped'])
    assert.ok(expr(code).includes('[5m]'), code);
  assert.ok(expr('alert-limit-soon').includes('momentd_clock_state{state="holdover"} == 1'));
  assert.ok(expr('alert-lane-not-checkpointed').includes('momentd_lane_entries_since_checkpoint > 0'));
});
