/** The clock's machine over every state and every input, and its hysteresis. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../../src/core/codes.ts';
import {
  CLOCK_INPUT_KINDS,
  CLOCK_STATES,
  initialMachine,
  mayAttest,
  step,
  transitionBetween,
  type ClockInput,
  type ClockState,
  type Machine,
} from '../../../src/core/clock/state.ts';
import { monoInstant, seconds, shift, type MonoInstant } from '../../../src/core/time/nanos.ts';

const HYSTERESIS = { lockAfter: seconds(5), relockAfter: seconds(10) };
const START: MonoInstant = monoInstant(1_000_000_000_000n);
const after = (n: number): MonoInstant => shift(START, seconds(n));

const INPUTS: Readonly<Record<ClockInput['kind'], ClockInput>> = {
  tracking: { kind: 'tracking' },
  coasting: { kind: 'coasting', code: 'reference-no-fix' },
  'over-limit': { kind: 'over-limit' },
  none: { kind: 'none', code: 'sources-disagree' },
  disjoint: { kind: 'disjoint' },
  disruption: { kind: 'disruption', code: 'host-suspended' },
};

const inState = (state: ClockState, steady: Machine['steady']): Machine => ({
  state,
  code: 'clock-starting',
  since: START,
  steady,
  held: undefined,
});

/** What every state does with every input: at once, and when the input has lasted long enough. */
type Row = readonly [at: ClockState, long: ClockState, codeAtOnce: string | undefined, codeLong: string | undefined];
const same = (state: ClockState): Row => [state, state, undefined, undefined];
const now = (state: ClockState, code: string): Row => [state, state, code, code];
const later = (from: ClockState, to: ClockState, code: string): Row => [from, to, undefined, code];

const TABLE: Readonly<Record<ClockState, Readonly<Record<ClockInput['kind'], Row>>>> = {
  acquiring: {
    tracking: later('acquiring', 'locked', 'clock-locked'),
    coasting: same('acquiring'),
    'over-limit': same('acquiring'),
    none: same('acquiring'),
    disjoint: same('acquiring'),
    disruption: now('acquiring', 'host-suspended'),
  },
  locked: {
    tracking: same('locked'),
    coasting: now('holdover', 'reference-no-fix'),
    'over-limit': now('unsynchronized', 'guarantee-over-limit'),
    none: now('unsynchronized', 'sources-disagree'),
    disjoint: now('faulted', 'recovery-disjoint'),
    disruption: now('acquiring', 'host-suspended'),
  },
  holdover: {
    tracking: later('holdover', 'locked', 'clock-relocked'),
    coasting: same('holdover'),
    'over-limit': now('unsynchronized', 'guarantee-over-limit'),
    none: now('unsynchronized', 'sources-disagree'),
    disjoint: now('faulted', 'recovery-disjoint'),
    disruption: now('acquiring', 'host-suspended'),
  },
  unsynchronized: {
    tracking: later('unsynchronized', 'locked', 'clock-relocked'),
    coasting: later('unsynchronized', 'holdover', 'clock-held-again'),
    'over-limit': same('unsynchronized'),
    none: same('unsynchronized'),
    disjoint: now('faulted', 'recovery-disjoint'),
    disruption: now('acquiring', 'host-suspended'),
  },
  faulted: {
    tracking: same('faulted'),
    coasting: same('faulted'),
    'over-limit': same('faulted'),
    none: same('faulted'),
    disjoint: same('faulted'),
    disruption: now('acquiring', 'host-suspended'),
  },
};

for (const state of CLOCK_STATES) {
  for (const kind of CLOCK_INPUT_KINDS) {
    const [atOnce, long, codeAtOnce, codeLong] = TABLE[state][kind];
    test(`${state} × ${kind}: ${atOnce} at once, ${long} when it lasts`, () => {
      const input = INPUTS[kind];
      const first = step(inState(state, undefined), input, after(1), HYSTERESIS);
      assert.equal(first.state, atOnce);
      if (codeAtOnce === undefined) assert.equal(first.code, 'clock-starting');
      else assert.equal(first.code, codeAtOnce);
      const kindOf = kind === 'tracking' || kind === 'coasting' ? kind : undefined;
      const steady = kindOf === undefined ? undefined : { kind: kindOf, since: START };
      const lasting = step(inState(state, steady), input, after(10), HYSTERESIS);
      assert.equal(lasting.state, long);
      assert.equal(lasting.code, codeLong ?? 'clock-starting');
    });
  }
}

test('every transition carries one code of the table, and staying is no transition', () => {
  for (const state of CLOCK_STATES) {
    for (const kind of CLOCK_INPUT_KINDS) {
      const before = inState(state, undefined);
      const machine = step(before, INPUTS[kind], after(10), HYSTERESIS);
      const transition = transitionBetween(before, machine);
      if (machine.state === before.state && machine.since === before.since) assert.equal(transition, undefined);
      else {
        assert.equal(transition?.to, machine.state);
        assert.equal(transition.code, machine.code);
        assert.ok(Object.hasOwn(CODES, transition.code));
      }
    }
  }
});

test('the way up takes its whole time: one bad input starts it again', () => {
  let machine = initialMachine(START);
  for (let s = 0; s < 5; s++) machine = step(machine, INPUTS.tracking, after(s), HYSTERESIS);
  assert.equal(machine.state, 'acquiring');
  machine = step(machine, INPUTS.none, after(5), HYSTERESIS);
  for (let s = 6; s < 11; s++) {
    machine = step(machine, INPUTS.tracking, after(s), HYSTERESIS);
    assert.equal(machine.state, 'acquiring', `after ${s} s`);
  }
  machine = step(machine, INPUTS.tracking, after(11), HYSTERESIS);
  assert.equal(machine.state, 'locked');
});

test('a source that flaps every few seconds never brings the clock back to locked', () => {
  let machine = inState('unsynchronized', undefined);
  for (let s = 0; s < 300; s++) {
    const input = s % 9 === 0 ? INPUTS.none : INPUTS.tracking;
    machine = step(machine, input, after(s), HYSTERESIS);
    assert.equal(machine.state, 'unsynchronized');
  }
});

test('tracking that turns to coasting does not count towards either', () => {
  let machine = inState('unsynchronized', undefined);
  for (let s = 0; s < 100; s++) {
    machine = step(machine, s % 2 === 0 ? INPUTS.tracking : INPUTS.coasting, after(s), HYSTERESIS);
    assert.equal(machine.state, 'unsynchronized');
  }
});

test('only a disruption or a reset leaves faulted, and it forgets the interval held', () => {
  const held = { asOf: START, interval: { earliest: 1n, latest: 2n } } as unknown as NonNullable<Machine['held']>;
  const faulted: Machine = { ...inState('faulted', undefined), held };
  assert.equal(step(faulted, INPUTS.tracking, after(1_000), HYSTERESIS), faulted);
  const fresh = step(faulted, { kind: 'disruption', code: 'clock-reset' }, after(1), HYSTERESIS);
  assert.deepEqual(fresh, { ...initialMachine(after(1)), code: 'clock-reset' });
});

test('statements are for locked and holdover', () => {
  assert.deepEqual(CLOCK_STATES.filter(mayAttest), ['locked', 'holdover']);
});
