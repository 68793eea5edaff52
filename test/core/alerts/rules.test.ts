/** Each rule on an agent in good order but for one thing: just beyond its threshold it holds, at the threshold it does not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertBook } from '../../../src/core/alerts/alert-book.ts';
import type { AlertFacts } from '../../../src/core/alerts/facts.ts';
import type { AlertCode } from '../../../src/core/alerts/rule.ts';
import { alertRules } from '../../../src/core/alerts/rules.ts';
import { peersWanted, PEERS_WANTED } from '../../../src/core/alerts/thresholds.ts';
import { ALERT_CODES } from '../../../src/core/codes/alerts.ts';
import { floatSeconds } from '../../../src/core/time/float-seconds.ts';
import { millis, nanos, plus, seconds, ZERO } from '../../../src/core/time/nanos.ts';
import { at, facts, networkFacts, sourceFacts, THRESHOLDS } from './made-up-facts.ts';

type Changes = Partial<AlertFacts>;
type Case = {
  readonly bad: Changes;
  /** As near to the threshold as it goes. */
  readonly good: readonly Changes[];
  readonly value: number;
  readonly source?: string;
};

const silent = { beats: 0 };
const ofSource = (changes: Parameters<typeof sourceFacts>[0]): Changes => ({ sources: [sourceFacts(changes)] });
const ofNetwork = (changes: Parameters<typeof networkFacts>[0]): Changes => ({ network: networkFacts(changes) });

/** Rules over a single look; those over several are below. */
const CASES: Readonly<Partial<Record<AlertCode, Case>>> = {
  'alert-not-attesting': { bad: { refusal: 'clock-starting' }, good: [{}], value: 1 },
  'alert-simulated-time': { bad: { isSimulated: true }, good: [{}], value: 1 },
  'alert-clock-faulted': { bad: { state: 'faulted' }, good: [{ state: 'unsynchronized' }], value: 1 },
  'alert-guarantee-over-limit': {
    bad: { reason: 'guarantee-over-limit' },
    good: [{}],
    value: 1,
  },
  'alert-guarantee-near-limit': {
    bad: { guarantee: nanos(8_001n) },
    good: [{ guarantee: nanos(8_000n) }, { guarantee: undefined }],
    value: 0.8001,
  },
  'alert-holdover': { bad: { state: 'holdover' }, good: [{}], value: 1 },
  'alert-limit-soon': {
    bad: { state: 'holdover', secondsUntilLimit: 3_599 },
    good: [
      { state: 'holdover', secondsUntilLimit: 3_600 },
      { state: 'locked', secondsUntilLimit: 10 },
      { state: 'holdover', secondsUntilLimit: undefined },
    ],
    value: 3_599,
  },
  'alert-leap-table-expiring': {
    bad: { leapExpiresIn: seconds(30 * 86_400 - 1) },
    good: [{ leapExpiresIn: seconds(30 * 86_400) }, { leapExpiresIn: undefined }],
    value: 30 * 86_400 - 1,
  },
  'alert-leap-table-expired': { bad: { leapExpiresIn: nanos(-1n) }, good: [{ leapExpiresIn: ZERO }], value: -1e-9 },
  'alert-drift-high': {
    bad: ofSource({ phase: nanos(-1_001n) }),
    good: [ofSource({ phase: nanos(1_000n) }), ofSource({ phase: undefined })],
    value: 1.001e-6,
    source: 'card0',
  },
  'alert-falseticker': { bad: ofSource({ isFalseticker: true }), good: [{}], value: 1, source: 'card0' },
  'alert-source-unusable': { bad: ofSource({ isUnusable: true }), good: [{}], value: 1, source: 'card0' },
  'alert-source-silent': {
    bad: ofSource({ age: millis(30_001) }),
    good: [ofSource({ age: seconds(30) }), ofSource({ age: undefined })],
    value: 30.001,
    source: 'card0',
  },
  'alert-disk-full': { bad: { refusal: 'disk-full' }, good: [{ refusal: 'clock-starting' }], value: 1 },
  'alert-disk-filling': {
    bad: { freeBytes: 1_073_741_823 },
    good: [{ freeBytes: 1_073_741_824 }, { freeBytes: undefined }],
    value: 1_073_741_823,
  },
  'alert-lane-not-checkpointed': {
    bad: { checkpoint: { age: millis(120_001), entriesSince: 1 } },
    good: [
      { checkpoint: { age: seconds(120), entriesSince: 9 } },
      { checkpoint: { age: seconds(5_000), entriesSince: 0 } },
    ],
    value: 120.001,
  },
  'alert-peers-low': {
    bad: ofNetwork({ peers: 1 }),
    good: [ofNetwork({ peers: 2 }), ofNetwork({ peers: undefined }), { network: undefined }],
    value: 1,
  },
  'alert-latency-high': {
    bad: ofNetwork({ latency: plus(millis(500), nanos(1n)) }),
    good: [ofNetwork({ latency: millis(500) }), ofNetwork({ latency: undefined })],
    value: 0.500000001,
  },
  'alert-participation-low': {
    bad: ofNetwork({ participation: 0.659 }),
    good: [ofNetwork({ participation: 0.66 }), ofNetwork({ participation: undefined })],
    value: 0.659,
  },
  'alert-containment-failed': { bad: ofNetwork({ isOwnTimeApart: true }), good: [{}], value: 1 },
  'alert-order-contradicted': { bad: ofNetwork({ isOrderContradicted: true }), good: [{}], value: 1 },
  'alert-lane-not-cosigned': {
    bad: ofNetwork({ cosignatureAge: seconds(601) }),
    good: [ofNetwork({ cosignatureAge: seconds(600) }), ofNetwork({ cosignatureAge: undefined })],
    value: 601,
  },
  'alert-finality-waiting': {
    bad: ofNetwork({ finalityWait: millis(10_001) }),
    good: [ofNetwork({ finalityWait: seconds(10) }), ofNetwork({ finalityWait: undefined })],
    value: 10.001,
  },
};

/** Counts at each look, one second apart; the last look decides. */
type Story = { readonly looks: readonly Changes[]; readonly value: number; readonly source?: string };
type OverTime = { readonly bad: Story; readonly good: Story['looks'] };

const times = (count: number, changes: (i: number) => Changes): Changes[] =>
  Array.from({ length: count }, (_, i) => changes(i));

const OVER_TIME: Readonly<Partial<Record<AlertCode, OverTime>>> = {
  'alert-stalled': {
    bad: { looks: times(130, () => ({ beats: 500 })), value: 0 },
    good: times(130, (i) => ({ beats: i < 100 ? 500 : 501 })),
  },
  'alert-beats-skipped': {
    bad: { looks: times(101, (i) => ({ beats: i, beatsSkipped: Math.min(i, 6) })), value: 0.06 },
    good: times(101, (i) => ({ beats: i, beatsSkipped: Math.min(i, 5) })),
  },
  'alert-samples-dropped': {
    bad: { looks: times(10, (i) => ({ samplesDropped: i < 5 ? 7 : 8 })), value: 1 },
    good: times(10, () => ({ samplesDropped: 7 })),
  },
  'alert-commit-slow': {
    bad: { looks: times(101, (i) => ({ commits: i, commitsSlow: Math.min(i, 2) })), value: 0.02 },
    good: times(101, (i) => ({ commits: i, commitsSlow: Math.min(i, 1) })),
  },
  'alert-falseticker-flapping': {
    bad: { looks: times(5, (i) => ofSource({ isFalseticker: i % 2 === 1 })), value: 4, source: 'card0' },
    good: times(5, (i) => ofSource({ isFalseticker: i % 2 === 1 && i < 3 })).with(4, ofSource({ isFalseticker: true })),
  },
};

/** What holds after these looks a second apart, pending or firing. */
function active(looks: readonly Changes[]): { code: AlertCode; value: number; source: string | undefined }[] {
  const book = new AlertBook(alertRules(THRESHOLDS));
  for (const [i, changes] of looks.entries()) book.look(at(i), facts({ ...silent, ...changes }));
  return book.active().map(({ rule, value, subject }) => ({ code: rule.code, value, source: subject }));
}

const holds = (code: AlertCode, looks: readonly Changes[]): boolean =>
  active(looks).some((alert) => alert.code === code);

test('an agent in good order has no alert', () => {
  assert.deepEqual(active(times(200, (i) => ({ beats: i, commits: i }))), []);
});

test('every code of an alert has a rule and a case, and every rule a code of its own', () => {
  const codes = Object.keys(ALERT_CODES).sort();
  assert.deepEqual([...Object.keys(CASES), ...Object.keys(OVER_TIME)].sort(), codes);
  assert.deepEqual(
    alertRules(THRESHOLDS)
      .map(({ code }) => code as string)
      .sort(),
    codes,
  );
});

test('just beyond its threshold a rule holds, with its number; at the threshold it does not', () => {
  for (const [code, { bad, good, value, source }] of Object.entries(CASES) as [AlertCode, Case][]) {
    const seen = active([bad]).find((alert) => alert.code === code);
    assert.ok(seen !== undefined, code);
    assert.ok(Math.abs(seen.value - value) < 1e-12, `${code}: ${seen.value}`);
    assert.equal(seen.source, source, code);
    for (const changes of good) assert.ok(!holds(code, [changes]), `${code} ${JSON.stringify(Object.keys(changes))}`);
  }
});

test('the same of rules that look at a span of time', () => {
  for (const [code, { bad, good }] of Object.entries(OVER_TIME) as [AlertCode, OverTime][]) {
    const seen = active(bad.looks).find((alert) => alert.code === code);
    assert.deepEqual(seen, { code, value: bad.value, source: bad.source }, code);
    assert.ok(!holds(code, good), code);
  }
});

test('what happened long ago no longer counts', () => {
  const book = new AlertBook(alertRules(THRESHOLDS));
  book.look(at(0), facts({ beats: 0 }));
  book.look(at(1), facts({ beats: 1, samplesDropped: 5 }));
  assert.ok(book.active().some(({ rule }) => rule.code === 'alert-samples-dropped'));
  for (let i = 2; i <= 440; i++) book.look(at(i), facts({ beats: i, samplesDropped: 5 }));
  assert.deepEqual(book.active(), []);
  assert.equal(book.history()[0]!.rule.code, 'alert-samples-dropped');
});

test('a rule whose input is not known says why; without a network all rules of the network say so', () => {
  const book = new AlertBook(alertRules(THRESHOLDS));
  book.look(at(0), facts({ network: undefined, freeBytes: undefined, guarantee: undefined, leapExpiresIn: undefined }));
  const why = new Map(book.standings().map(({ rule, unknown }) => [rule.code, unknown]));
  for (const code of ['alert-peers-low', 'alert-containment-failed', 'alert-finality-waiting'] as const)
    assert.equal(why.get(code), 'the agent runs without a network');
  assert.match(why.get('alert-disk-filling')!, /file system/);
  assert.match(why.get('alert-guarantee-near-limit')!, /no interval/);
  assert.match(why.get('alert-leap-table-expired')!, /leap second table/);
  assert.match(why.get('alert-stalled')!, /two minutes/);
  assert.equal(why.get('alert-not-attesting'), undefined);
  book.look(at(1), facts({ network: {} }));
  assert.match(book.standings().find(({ rule }) => rule.code === 'alert-latency-high')!.unknown!, /not told it yet/);
});

test('the four thresholds of requirement A18', () => {
  const rule = (code: AlertCode) => alertRules(THRESHOLDS).find((candidate) => candidate.code === code)!;
  assert.equal(PEERS_WANTED, 100);
  assert.equal(rule('alert-peers-low').severity, 'high');
  assert.equal(rule('alert-latency-high').threshold, 0.5);
  assert.deepEqual([rule('alert-drift-high').threshold, rule('alert-drift-high').severity], [1e-6, 'critical']);
  assert.equal(rule('alert-participation-low').threshold, 0.66);
});

test('peers wanted: 100 where there can be as many, else what a quorum needs beside us', () => {
  const wanted = [1, 2, 3, 4, 7, 10, 149, 150, 151, 1_024].map(peersWanted);
  assert.deepEqual(wanted, [undefined, 1, 2, 2, 4, 6, 99, 100, 100, 100]);
  const alone = new AlertBook(alertRules({ ...THRESHOLDS, peersMin: peersWanted(1) }));
  alone.look(at(0), facts({ network: networkFacts({ peers: 0 }) }));
  assert.ok(!alone.active().some(({ rule }) => rule.code === 'alert-peers-low'));
  assert.match(alone.standings().find(({ rule }) => rule.code === 'alert-peers-low')!.unknown!, /so small/);
});

test('every number that can be set moves its rule', () => {
  const moved = alertRules({
    keep: seconds(7),
    driftMax: nanos(50n),
    limitShareMax: 0.5,
    limitSoon: seconds(60),
    verdictChangesMax: 9,
    sourceSilenceMax: seconds(5),
    leapExpiryMin: seconds(86_400),
    freeBytesMin: 33_554_432,
    checkpointAgeMax: seconds(33),
    commitMax: millis(1),
    beatsSkippedMax: 0.5,
    peersMin: 42,
    latencyMax: millis(80),
    participationMin: 0.9,
    cosignatureAgeMax: seconds(44),
    finalityWaitMax: seconds(3),
  });
  const threshold = new Map(moved.map((rule) => [rule.code, rule.threshold]));
  assert.ok(moved.every(({ keepFor }) => floatSeconds(keepFor) === 7));
  const expected: [AlertCode, number][] = [
    ['alert-drift-high', 5e-8],
    ['alert-guarantee-near-limit', 0.5],
    ['alert-limit-soon', 60],
    ['alert-falseticker-flapping', 9],
    ['alert-source-silent', 5],
    ['alert-leap-table-expiring', 86_400],
    ['alert-disk-filling', 33_554_432],
    ['alert-lane-not-checkpointed', 33],
    ['alert-beats-skipped', 0.5],
    ['alert-peers-low', 42],
    ['alert-latency-high', 0.08],
    ['alert-participation-low', 0.9],
    ['alert-lane-not-cosigned', 44],
    ['alert-finality-waiting', 3],
  ];
  for (const [code, number] of expected) assert.equal(threshold.get(code), number, code);
});
