/** What is signed next when several things are due at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_PARAMETERS } from '../../../src/core/attestation/genesis.ts';
import { zeroDigest } from '../../../src/core/attestation/statement.ts';
import { Agenda, type NextUp } from '../../../src/core/ordering/agenda.ts';
import type { DueVote } from '../../../src/core/ordering/ordering.ts';
import { slotEnd } from '../../../src/core/ordering/slots.ts';
import { Tick } from '../../../src/core/ordering/tick.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { millis, monoInstant, nanos, shift, type TaiInstant } from '../../../src/core/time/nanos.ts';

const SLOT = 7_200_000_000;
const BEGIN = shift(slotEnd(SLOT - 1, DEFAULT_PARAMETERS), nanos(1_000_000n));
const GUARANTEE = nanos(500n);
const VOTE: DueVote = {
  vote: { slot: SLOT - 1, lanesDigest: zeroDigest(), order: { size: 0, root: zeroDigest() } },
  body: new Uint8Array(1),
  subject: zeroDigest(),
};

/** An agenda whose validator sees one subject between any two statements, 20 ms apart: reports always wait. */
function busy(due: { vote: DueVote | undefined; isOrderBusy: boolean }) {
  const tick = new Tick(DEFAULT_PARAMETERS);
  const agenda = new Agenda({
    parameters: DEFAULT_PARAMETERS,
    tick,
    voteDue: () => due.vote,
    isOrderBusy: () => due.isOrderBusy,
    isBacklogged: () => false,
  });
  let now: TaiInstant = BEGIN;
  let previous: TaiInstant | undefined;
  let seen = 0;
  const next = (isBeat = false): NextUp | undefined => {
    const subject = new Uint8Array(32).fill((seen += 1));
    tick.see(subject, interval(now, shift(now, GUARANTEE)), monoInstant(now));
    now = shift(now, millis(20));
    const time = { tai: now, guarantee: GUARANTEE };
    const said = agenda.next({ time, previous, size: seen, at: monoInstant(now), isBeat });
    if (said !== undefined) previous = now;
    return said;
  };
  return { agenda, next };
}

test('reports come before a vote, once: a vote is cast although there are always more', () => {
  const due = { vote: VOTE as DueVote | undefined, isOrderBusy: true };
  const { next } = busy(due);
  assert.deepEqual(
    [next(), next()].map((said) => said?.kind),
    ['reports', 'cut-vote'],
  );
  due.vote = undefined;
  assert.deepEqual(
    [next(), next()].map((said) => said?.kind),
    ['reports', 'reports'],
    'with nothing else due, reports follow reports',
  );
});

test('an answer waits for one statement of reports at most, and a vote goes before it', () => {
  const due = { vote: VOTE as DueVote | undefined, isOrderBusy: true };
  const { agenda, next } = busy(due);
  agenda.answer(zeroDigest());
  assert.deepEqual(
    [next(), next()].map((said) => said?.kind),
    ['reports', 'cut-vote'],
  );
  due.vote = undefined;
  assert.deepEqual(
    [next(), next()].map((said) => said?.kind),
    ['reports', 'challenge-answer'],
  );
});

test('what was seen before the vote is reported after it, with an end past it', () => {
  const due = { vote: VOTE as DueVote | undefined, isOrderBusy: true };
  const { next } = busy(due);
  next();
  next();
  due.vote = undefined;
  const said = next();
  assert.ok(said?.kind === 'reports');
  const voted = shift(BEGIN, millis(40));
  assert.deepEqual(
    said.reports.map(({ seen }) => seen.latest > voted),
    [true, true],
  );
  assert.ok(said.reports[0]!.seen.earliest < voted, 'when it was seen first is not touched');
});

test('a heartbeat never takes the place of reports: they pass the slot as well', () => {
  const { next } = busy({ vote: undefined, isOrderBusy: true });
  assert.deepEqual(
    [next(true), next(true), next(true)].map((said) => said?.kind),
    ['reports', 'reports', 'reports'],
  );
});
