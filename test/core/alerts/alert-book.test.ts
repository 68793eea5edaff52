/** The machine behind every alert: all its states and inputs, and the laws that keep it from flapping. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AlertBook, type AlertChange } from '../../../src/core/alerts/alert-book.ts';
import type { AlertRule, Judgement } from '../../../src/core/alerts/rule.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { seconds, since, ZERO, type MonoInstant } from '../../../src/core/time/nanos.ts';
import { at, facts } from './made-up-facts.ts';

/** What the probe sees at the next look: a number, several by subject, or nothing. */
type Sight = number | 'unknown' | 'absent' | Readonly<Record<string, number>>;

/** A book with one rule that sees what the test says. Above 10 is bad; once it fires, down to 8 still is. */
class Probe {
  sight: Sight = 0;
  readonly book: AlertBook;

  constructor(changes: Partial<AlertRule> = {}) {
    this.book = new AlertBook([{ ...this.#rule(), ...changes }]);
  }

  look(time: number, sight: Sight): readonly AlertChange[] {
    this.sight = sight;
    return this.book.look(at(time), facts());
  }

  /** `quiet`, or the state with the second since which the condition holds. */
  get state(): string {
    const [alert] = this.book.active();
    return alert === undefined ? 'quiet' : `${alert.state} since ${since(alert.since, at(0)) / 1_000_000_000n}`;
  }

  #rule(): AlertRule {
    return {
      code: 'alert-drift-high',
      severity: 'critical',
      unit: 'seconds',
      fires: 'above',
      threshold: 10,
      clear: 8,
      pendingFor: seconds(30),
      keepFor: seconds(60),
      judge: () => this.#judge(),
    };
  }

  #judge(): Judgement {
    const { sight } = this;
    if (sight === 'unknown') return { unknown: 'nobody looked' };
    if (sight === 'absent') return [];
    if (typeof sight === 'number') return [{ subject: undefined, value: sight }];
    return Object.entries(sight).map(([subject, value]) => ({ subject, value }));
  }
}

const kinds = (changes: readonly AlertChange[]): string => changes.map(({ kind }) => kind).join();

/** Puts a probe into a state by looks before second 100. */
const STATES: Readonly<Record<string, (probe: Probe) => void>> = {
  quiet: (probe) => probe.look(50, 0),
  pending: (probe) => probe.look(90, 11),
  firing: (probe) => {
    probe.look(50, 11);
    probe.look(90, 12);
  },
  'firing and over': (probe) => {
    probe.look(20, 11);
    probe.look(60, 11);
    probe.look(95, 7);
  },
};

/** State, input at second 100 or (`late`) when every wait has passed, then what is told and the state after it. */
const TRANSITIONS: readonly [state: string, when: 'soon' | 'late', input: Sight, told: string, after: string][] = [
  ['quiet', 'soon', 10, '', 'quiet'],
  ['quiet', 'soon', 11, '', 'pending since 100'],
  ['quiet', 'soon', 'unknown', '', 'quiet'],
  ['quiet', 'soon', 'absent', '', 'quiet'],
  ['pending', 'soon', 11, '', 'pending since 90'],
  ['pending', 'soon', 10, '', 'quiet'],
  ['pending', 'soon', 9, '', 'quiet'],
  ['pending', 'soon', 'unknown', '', 'quiet'],
  ['pending', 'soon', 'absent', '', 'quiet'],
  ['pending', 'late', 11, 'fired', 'firing since 90'],
  ['pending', 'late', 10, '', 'quiet'],
  ['pending', 'late', 'unknown', '', 'quiet'],
  ['firing', 'soon', 11, '', 'firing since 50'],
  ['firing', 'soon', 9, '', 'firing since 50'],
  ['firing', 'soon', 8, '', 'firing since 50'],
  ['firing', 'soon', 'unknown', '', 'firing since 50'],
  ['firing', 'soon', 'absent', '', 'firing since 50'],
  ['firing', 'late', 11, '', 'firing since 50'],
  ['firing', 'late', 8, '', 'firing since 50'],
  ['firing', 'late', 'unknown', '', 'firing since 50'],
  ['firing', 'late', 'absent', '', 'firing since 50'],
  ['firing and over', 'soon', 8, '', 'firing since 20'],
  ['firing and over', 'soon', 9, '', 'firing since 20'],
  ['firing and over', 'soon', 'unknown', '', 'firing since 20'],
  ['firing and over', 'soon', 'absent', '', 'firing since 20'],
  ['firing and over', 'soon', 11, '', 'firing since 20'],
  ['firing and over', 'late', 11, '', 'firing since 20'],
  ['firing and over', 'late', 9, '', 'firing since 20'],
  ['firing and over', 'late', 8, 'resolved', 'quiet'],
  ['firing and over', 'late', 'unknown', 'resolved', 'quiet'],
  ['firing and over', 'late', 'absent', 'resolved', 'quiet'],
];

test('every state with every input', () => {
  for (const [state, when, input, told, after] of TRANSITIONS) {
    const probe = new Probe();
    STATES[state]!(probe);
    const changes = probe.look(when === 'soon' ? 100 : 200, input);
    const name = `${state}, ${when}, ${JSON.stringify(input)}`;
    assert.equal(kinds(changes), told, name);
    assert.equal(probe.state, after, name);
  }
});

test('the waits are met to the nanosecond', () => {
  const probe = new Probe();
  probe.look(0, 11);
  assert.equal(kinds(probe.look(29.999, 11)), '');
  assert.equal(kinds(probe.look(30, 11)), 'fired');
  probe.look(40, 0);
  assert.equal(kinds(probe.look(99.999, 0)), '');
  assert.equal(kinds(probe.look(100, 0)), 'resolved');
});

test('a condition that comes back while it is over begins the wait anew', () => {
  const probe = new Probe();
  STATES['firing']!(probe);
  probe.look(100, 7);
  probe.look(150, 9);
  assert.equal(kinds(probe.look(165, 7)), '');
  assert.equal(kinds(probe.look(224, 7)), '');
  assert.equal(kinds(probe.look(225, 7)), 'resolved');
});

test('what is over says how bad it was, from when to when, and why it ended', () => {
  const probe = new Probe();
  probe.look(0, 11);
  probe.look(30, 19);
  probe.look(35, 12);
  assert.deepEqual(
    probe.book.active().map(({ value, worst, firingSince }) => [value, worst, firingSince]),
    [[12, 19, at(30)]],
  );
  probe.look(40, 'unknown');
  probe.look(100, 'unknown');
  const [past] = probe.book.history();
  const { since: began, firingSince, resolvedAt, worst, because } = past!;
  assert.deepEqual([began, firingSince, resolvedAt], [at(0), at(30), at(100)]);
  assert.deepEqual([worst, because], [19, 'unknown']);
  assert.deepEqual(probe.book.active(), []);
});

test('a rule that fires below keeps its worst below', () => {
  const probe = new Probe({ fires: 'below', threshold: 3, clear: 4, pendingFor: ZERO });
  assert.equal(kinds(probe.look(0, 3)), '');
  assert.equal(kinds(probe.look(1, 2)), 'fired');
  probe.look(2, 1);
  probe.look(3, 3.5);
  probe.look(70, 3.5);
  assert.deepEqual(
    probe.book.active().map(({ state, value, worst }) => [state, value, worst]),
    [['firing', 3.5, 1]],
  );
  probe.look(80, 4);
  assert.equal(kinds(probe.look(140, 4)), 'resolved');
});

test('subjects go their own ways, and one that is gone ends as unknown', () => {
  const probe = new Probe({ pendingFor: ZERO });
  assert.deepEqual(
    probe.look(0, { a: 11, b: 0, c: 12 }).map(({ alert }) => alert.subject),
    ['a', 'c'],
  );
  probe.look(1, { a: 11 });
  assert.equal(kinds(probe.look(61, { a: 11 })), 'resolved');
  assert.deepEqual(
    probe.book.history().map(({ subject, because }) => [subject, because]),
    [['c', 'unknown']],
  );
  assert.deepEqual(
    probe.book.active().map(({ subject }) => subject),
    ['a'],
  );
});

test('a rule that cannot judge says why, and nothing is judged before the first look', () => {
  const probe = new Probe();
  assert.equal(probe.book.standings()[0]!.unknown, 'the agent has only just started');
  probe.look(0, 'unknown');
  assert.equal(probe.book.standings()[0]!.unknown, 'nobody looked');
  probe.look(1, 5);
  assert.equal(probe.book.standings()[0]!.unknown, undefined);
});

test('history is bounded and keeps the newest, newest first', () => {
  const probe = new Probe({ pendingFor: ZERO, keepFor: ZERO });
  const rounds = LIMITS.alertHistoryMax + 10;
  for (let round = 0; round < rounds; round++) {
    probe.look(2 * round, 100 + round);
    probe.look(2 * round + 1, 0);
  }
  const worst = probe.book.history().map((past) => past.worst);
  assert.equal(worst.length, LIMITS.alertHistoryMax);
  assert.equal(worst[0], 100 + rounds - 1);
  assert.equal(worst.at(-1), 100 + 10);
});

test('looks that go back in time, a rule twice and a rule that ends where it begins are our bugs', () => {
  const probe = new Probe();
  probe.look(10, 0);
  assert.throws(() => probe.look(9, 0), /looks come in order/);
  assert.throws(() => new Probe({ clear: 11 }), /ends where it does not begin/);
  const { rule } = new Probe().book.standings()[0]!;
  assert.throws(() => new AlertBook([rule, rule]), /a code has one rule/);
});

// ---- laws

const looks = fc.array(
  fc.record({
    pause: fc.integer({ min: 0, max: 50_000 }),
    sight: fc.oneof(
      fc.integer({ min: 6, max: 13 }),
      fc.constantFrom<Sight>('unknown', 'absent'),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 6, max: 13 })),
    ),
  }),
  { maxLength: 60 },
);
const waits = fc.record({ pendingFor: fc.integer({ min: 0, max: 90 }), keepFor: fc.integer({ min: 0, max: 90 }) });

type Told = { readonly at: MonoInstant; readonly change: AlertChange };

function run(steps: typeof looks extends fc.Arbitrary<infer T> ? T : never, probe: Probe): readonly Told[] {
  let millisSoFar = 0;
  return steps.flatMap(({ pause, sight }) => {
    millisSoFar += pause;
    const time = at(millisSoFar / 1_000);
    return probe.look(millisSoFar / 1_000, sight).map((change) => ({ at: time, change }));
  });
}

test('law: it never fires, ends or fires again sooner than its waits allow', () => {
  fc.assert(
    fc.property(looks, waits, (steps, { pendingFor, keepFor }) => {
      const waiting = { pendingFor: seconds(pendingFor), keepFor: seconds(keepFor) };
      const bySubject = Map.groupBy(run(steps, new Probe(waiting)), ({ change }) => change.alert.subject);
      for (const told of bySubject.values())
        for (const [i, { at: when, change }] of told.entries()) {
          // Fired and resolved take turns, beginning with fired.
          assert.equal(change.kind, i % 2 === 0 ? 'fired' : 'resolved');
          if (change.kind === 'fired') assert.ok(since(when, change.alert.since) >= waiting.pendingFor);
          if (i === 0) continue;
          const wait = change.kind === 'fired' ? waiting.pendingFor : waiting.keepFor;
          assert.ok(since(when, told[i - 1]!.at) >= wait);
        }
    }),
  );
});

test('law: what fires is what was told to fire and not to end, and the history is what was told to end', () => {
  fc.assert(
    fc.property(looks, waits, (steps, { pendingFor, keepFor }) => {
      const probe = new Probe({ pendingFor: seconds(pendingFor), keepFor: seconds(keepFor) });
      const told = run(steps, probe).map(({ change }) => change);
      const firing = new Set<string | undefined>();
      for (const { kind, alert } of told)
        if (kind === 'fired') firing.add(alert.subject);
        else firing.delete(alert.subject);
      const active = probe.book.active().filter(({ state }) => state === 'firing');
      assert.deepEqual(new Set(active.map(({ subject }) => subject)), firing);
      const ended = told.flatMap((change) => (change.kind === 'resolved' ? [change.alert] : []));
      assert.deepEqual(probe.book.history(), ended.toReversed());
    }),
  );
});

test('law: a condition that holds at every look fires, and one that never does is never told', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 40 }), (pauses) => {
      const steady = (sight: number) => pauses.map((pause) => ({ pause, sight }));
      const total = pauses.slice(1).reduce((sum, pause) => sum + pause, 0);
      const fired = run(steady(11), new Probe({ pendingFor: seconds(30) }));
      assert.equal(kinds(fired.map(({ change }) => change)), total >= 30_000 ? 'fired' : '');
      assert.deepEqual(run(steady(10), new Probe()), []);
    }),
  );
});
