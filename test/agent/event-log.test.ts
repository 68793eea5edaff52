/** The event log: ids without holes, two rings whose merge is in order, gaps that are said, and one wake a turn. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventLog } from '../../src/agent/event-log.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { monoInstant, nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { AgentEvent, EventKind } from '../../src/ports/event-log.ts';

const statement: AgentEvent = {
  kind: 'statement-committed',
  seq: 1n,
  id: new Uint8Array(32),
  statement: 'heartbeat',
  tai: taiInstant(5n),
  guarantee: nanos(1n),
};
const warning: AgentEvent = { kind: 'warned', code: 'leap-table-expiring' };

function logWithTurns() {
  const waiting: (() => void)[] = [];
  const log = new EventLog({
    run: '0badcafe',
    now: () => monoInstant(7n),
    hostUtcMs: () => 1_795_000_000_000,
    soon: (wake) => waiting.push(wake),
  });
  return {
    log,
    turn: () => {
      for (const wake of waiting.splice(0)) wake();
    },
    planned: () => waiting.length,
  };
}

test('a page is everything later than an id, in order, whatever ring it stands in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.nat({ max: 70 }),
      fc.integer({ min: 1, max: 70 }),
      (steady, from, limit) => {
        const { log } = logWithTurns();
        for (const isSteady of steady) log.tell(isSteady ? statement : warning);
        const page = log.after(from, { limit, kinds: undefined });
        const expected = Array.from({ length: steady.length }, (_, i) => i + 1).filter((id) => id > from);
        assert.deepEqual(
          page.events.map(({ id }) => id),
          expected.slice(0, limit),
        );
        assert.equal(page.forgottenUpTo, undefined);
        assert.equal(page.upTo, expected.length > limit ? from + limit : Math.max(from, steady.length));
      },
    ),
  );
});

test('pages of one kind hold that kind only and still lead to the end', () => {
  const { log } = logWithTurns();
  for (let i = 0; i < 10; i++) log.tell(i % 3 === 0 ? warning : statement);
  const kinds = new Set<EventKind>(['warned']);
  const first = log.after(0, { limit: 2, kinds });
  assert.deepEqual(
    first.events.map(({ id }) => id),
    [1, 4],
  );
  assert.equal(first.upTo, 4);
  const rest = log.after(first.upTo, { limit: 10, kinds });
  assert.deepEqual(
    rest.events.map(({ id }) => id),
    [7, 10],
  );
  assert.equal(rest.upTo, log.newest);
  assert.deepEqual(log.after(0, { limit: 5, kinds: new Set<EventKind>(['fault-found']) }).events, []);
});

test('statements push out statements and never a change; what is gone is said to whoever could miss it', () => {
  const { log } = logWithTurns();
  log.tell(warning);
  const many = LIMITS.eventsSteadyMax + 10;
  for (let i = 0; i < many; i++) log.tell(statement);
  const all = log.after(0, { limit: 3, kinds: undefined });
  assert.deepEqual(
    all.events.map(({ id }) => id),
    [1, 12, 13],
    'the change is kept, ten statements are not',
  );
  assert.equal(all.forgottenUpTo, 11);
  assert.equal(log.after(11, { limit: 1, kinds: undefined }).forgottenUpTo, undefined, 'nothing later was forgotten');
  const changes = log.after(0, { limit: 3, kinds: new Set<EventKind>(['warned']) });
  assert.equal(changes.forgottenUpTo, undefined, 'no change was forgotten');
  assert.equal(log.after(0, { limit: many * 2, kinds: undefined }).events.length, LIMITS.eventsSteadyMax + 1);
});

test('whoever watches is woken once a turn, and not after it stopped watching', () => {
  const { log, turn, planned } = logWithTurns();
  log.tell(warning);
  assert.equal(planned(), 0, 'nobody watches');
  let wakes = 0;
  const end = log.watch(() => (wakes += 1));
  log.tell(warning);
  log.tell(statement);
  assert.equal(wakes, 0, 'not in the turn that tells');
  turn();
  assert.equal(wakes, 1);
  log.tell(warning);
  end();
  turn();
  assert.equal(wakes, 1);
});
