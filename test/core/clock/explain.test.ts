/** Words for people: every term and its amount, every reason, every assumption. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUDGET_TERMS } from '../../../src/core/clock/budget.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { Clock } from '../../../src/core/clock/clock.ts';
import type { Estimate } from '../../../src/core/clock/estimate.ts';
import { assumptionsOf, explain, TERM_MEANINGS } from '../../../src/core/clock/explain.ts';
import { CODES } from '../../../src/core/codes.ts';
import { cardConfig, endOf, feedSecond, World, type SecondOptions } from './world.ts';

const config = cardConfig();

function after(count: number, options: SecondOptions = {}): Estimate {
  const world = new World();
  const clock = new Clock(config, 'boot');
  let estimate!: Estimate;
  for (let second = 1; second <= count; second++) {
    feedSecond(clock, world, second, second > 30 ? options : {});
    estimate = clock.estimate(world.mono(endOf(second)));
  }
  return estimate;
}

test('an issued interval is explained term by term, and the sum stands below', () => {
  const estimate = after(40);
  const lines = explain(estimate, config);
  for (const term of BUDGET_TERMS) {
    const line = lines.find((l) => l.trimStart().startsWith(term));
    assert.ok(line?.includes(TERM_MEANINGS[term]) && line.includes(`${estimate.budget![term]} ns`), term);
  }
  assert.ok(lines.some((l) => l.includes('sum of the above') && l.includes(`${estimate.guarantee} ns`)));
  assert.ok(lines.some((l) => l.includes('2026-11-20T12:01') && l.includes('TAI')));
  assert.ok(lines.some((l) => l.startsWith('source card0') && l.includes('0.015 ppb by class')));
  assert.ok(lines.includes('reference gnss0: trusted'));
});

test('the host identity in force is named, and its absence is said', () => {
  const estimate = after(40);
  assert.ok(explain(estimate, config).includes('host identity: none was in force'));
  const identity = new Uint8Array(32).fill(0xab);
  assert.ok(explain({ ...estimate, identity }, config).includes(`host identity ${toHex(identity)}`));
});

test('a refusal says why and what would clear it, and shows no interval', () => {
  const lines = explain(after(5), config);
  assert.ok(lines.includes('no interval is issued in this state'));
  assert.ok(lines.some((l) => l === `remedy: ${CODES['reference-settling'].remedy}`));
  assert.ok(!lines.some((l) => l.includes('guarantee')));
});

test('holdover names the reason it coasts for', () => {
  const lines = explain(after(40, { health: { jamming: 'critical' } }), config);
  assert.ok(lines.some((l) => l.includes('[reference-jammed]')));
  assert.ok(lines.some((l) => l.startsWith('reference gnss0: not trusted')));
});

test('every declaration that widens or narrows is listed as an assumption', () => {
  const lines = assumptionsOf(config).join('\n');
  for (const part of [
    '100000 ppb',
    '1 ppb per second',
    '50 ns',
    '20 ns',
    'rb oscillator',
    '0.015 ppb',
    '5 ppb',
    '10 s',
  ])
    assert.ok(lines.includes(part), part);
  const vouched = { ...config, references: config.references.map((r) => ({ ...r, health: 'none' as const })) };
  assert.ok(assumptionsOf(vouched).some((l) => l.includes('vouches')));
});
