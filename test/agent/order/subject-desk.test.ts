/** Subjects on their way in: seen before anything else, never without a clock, passed on once, reported once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SubjectDesk } from '../../../src/agent/order/subject-desk.ts';
import { DEFAULT_PARAMETERS } from '../../../src/core/attestation/genesis.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { decodeSubject, encodeSubject } from '../../../src/core/ordering/subject.ts';
import { Tick } from '../../../src/core/ordering/tick.ts';
import { intervalAround, type Interval } from '../../../src/core/time/interval.ts';
import { monoInstant, nanos, seconds, shift, taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';

const NETWORK = sha256(Uint8Array.of(1));
const NOW = taiInstant(1_800_000_000_000_000_000n);
const digestOf = (text: string) => sha256(new TextEncoder().encode(text));

function deskOf({ follows = false } = {}) {
  const state = { interval: intervalAround(NOW, nanos(200n)) as Interval | undefined, at: monoInstant(0n) };
  const tick = new Tick(DEFAULT_PARAMETERS);
  const passedOn: Uint8Array[] = [];
  let pokes = 0;
  const desk = new SubjectDesk({
    network: NETWORK,
    parameters: DEFAULT_PARAMETERS,
    tick: follows ? undefined : tick,
    interval: () => state.interval,
    now: () => state.at,
    passOn: (records) => passedOn.push(...records),
    poke: () => (pokes += 1),
    accepted: () => undefined,
  });
  return { desk, tick, passedOn, state, pokes: () => pokes };
}

const submission = (text: string) => ({
  digest: digestOf(text),
  sender: new Uint8Array(),
  priority: 0,
  claimed: undefined,
});

test('a submission is claimed for now, pooled, put on the tick and passed on', () => {
  const { desk, tick, passedOn, pokes } = deskOf();
  const verdict = desk.submit(submission('one'), 'api');
  assert.ok(verdict.kind === 'accept');
  const subject = decodeSubject(verdict.value.record);
  assert.ok(!isFault(subject));
  assert.equal(subject.claimed, NOW);
  assert.equal(desk.pool.size, 1);
  assert.equal(tick.waitingReports, 1);
  assert.deepEqual(passedOn, [verdict.value.record]);
  assert.equal(pokes(), 1);
});

test('two submissions in one nanosecond get two nanoseconds', () => {
  const { desk } = deskOf();
  const [a, b] = [desk.submit(submission('one'), 'api'), desk.submit(submission('two'), 'api')];
  assert.ok(a.kind === 'accept' && b.kind === 'accept');
  const times = [a, b].map(({ value }) => {
    const subject = decodeSubject(value.record);
    assert.ok(!isFault(subject));
    return subject.claimed;
  });
  assert.deepEqual(times, [NOW, shift(NOW, nanos(1n))]);
});

test('whoever follows takes no subject, and says why', () => {
  const { desk, passedOn, state } = deskOf({ follows: true });
  state.interval = undefined;
  const verdict = desk.submit(submission('one'), 'api');
  assert.ok(verdict.kind === 'ignore');
  assert.equal(verdict.code, 'role-observer');
  assert.deepEqual([desk.pool.size, passedOn], [0, []]);
});

test('without an interval nothing is seen, nothing pooled, nothing passed on', () => {
  const { desk, tick, passedOn, state } = deskOf();
  state.interval = undefined;
  const verdict = desk.submit(submission('one'), 'api');
  assert.ok(verdict.kind === 'ignore');
  assert.equal(verdict.code, 'subject-no-time');
  const record = encodeSubject({
    network: NETWORK,
    claimed: NOW,
    priority: 0,
    sender: new Uint8Array(),
    digest: NETWORK,
  });
  assert.equal(desk.admit(record, 'peer x').kind, 'ignore');
  assert.equal(desk.pool.size + tick.waitingReports + passedOn.length, 0);
});

test('what came while the clock was too wide to report is seen when it is not', () => {
  const { desk, tick, state } = deskOf();
  state.interval = intervalAround(NOW, nanos(2n * DEFAULT_PARAMETERS.guaranteeMax));
  assert.equal(desk.submit(submission('one'), 'api').kind, 'accept');
  assert.equal(tick.waitingReports, 0);
  state.interval = intervalAround(shift(NOW, seconds(1)), nanos(200n));
  desk.beat();
  assert.equal(tick.waitingReports, 1);
  desk.beat();
  assert.equal(tick.waitingReports, 1, 'once');
});

test('what nobody may report any more leaves the pool', () => {
  const { desk, state } = deskOf();
  assert.equal(desk.submit(submission('one'), 'api').kind, 'accept');
  state.interval = intervalAround(shift(NOW, nanos(2n * DEFAULT_PARAMETERS.window)), nanos(200n));
  desk.beat();
  assert.equal(desk.pool.size, 0);
});

test('how long a subject took to be final is told once, and then no memory of its first sight is left', () => {
  const { desk, state } = deskOf();
  const submitted = desk.submit(submission('one'), 'api');
  assert.ok(submitted.kind === 'accept');
  const { id } = submitted.value;
  state.at = monoInstant(7n);
  assert.equal(desk.sinceFirstSeen(id, state.at), 7n);
  assert.equal(desk.tookToFinal(id, state.at), 7n);
  assert.equal(desk.sinceFirstSeen(id, state.at), undefined);
  assert.equal(desk.tookToFinal(id, state.at), undefined);
});
