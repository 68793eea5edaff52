/**
 * The clock's finite machine: acquiring, locked, holdover, unsynchronized, faulted.
 *
 *     acquiring ──tracking for lockAfter──▶ locked ──coasting──▶ holdover
 *         ▲                                  ▲  │                  │  ▲
 *         │ disruption, reset (from any)     │  └── none, over ──▶ ▼  │ coasting for relockAfter
 *         │                                  └─ tracking for ─ unsynchronized
 *     faulted ◀── disjoint (from locked, holdover, unsynchronized)
 *
 * Hysteresis is explicit: the way up takes time (`lockAfter`, `relockAfter` of uninterrupted good input), the way down
 * none, because a wrong interval is the worst thing. Every transition carries exactly one code. Statements are allowed in
 * locked and holdover only.
 */

import type { Code } from '../codes.ts';
import { unreachable } from '../assert.ts';
import { since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import type { Interval } from '../time/interval.ts';

export const CLOCK_STATES = ['acquiring', 'locked', 'holdover', 'unsynchronized', 'faulted'] as const;
export type ClockState = (typeof CLOCK_STATES)[number];

/** What an estimate found; one of them for every estimate. */
export type ClockInput =
  /** An interval within the limit, and every source that set it is being fed. */
  | { readonly kind: 'tracking' }
  /** An interval within the limit from a source that coasts, for this reason. */
  | { readonly kind: 'coasting'; readonly code: Code }
  /** An interval wider than the limit. */
  | { readonly kind: 'over-limit' }
  /** No interval, for this reason. */
  | { readonly kind: 'none'; readonly code: Code }
  /** An interval that excludes the one issued before. */
  | { readonly kind: 'disjoint' }
  /** The host was disturbed, or an operator asked for a fresh start. */
  | { readonly kind: 'disruption'; readonly code: Code };

export const CLOCK_INPUT_KINDS = ['tracking', 'coasting', 'over-limit', 'none', 'disjoint', 'disruption'] as const;

export type Machine = {
  readonly state: ClockState;
  /** Why the state was entered. */
  readonly code: Code;
  readonly since: MonoInstant;
  /** Since when every input was `tracking`, or every input `coasting`: what the way up is measured by. */
  readonly steady: { readonly kind: 'tracking' | 'coasting'; readonly since: MonoInstant } | undefined;
  /** The last interval issued and when; what comes next must not exclude it. */
  readonly held: { readonly asOf: MonoInstant; readonly interval: Interval } | undefined;
};

export type Transition = {
  readonly from: ClockState;
  readonly to: ClockState;
  readonly code: Code;
  readonly at: MonoInstant;
};

export type Hysteresis = { readonly lockAfter: Nanos; readonly relockAfter: Nanos };

export const initialMachine = (at: MonoInstant, code: Code = 'clock-starting'): Machine => ({
  state: 'acquiring',
  code,
  since: at,
  steady: undefined,
  held: undefined,
});

/** The machine after one input. `held` is the caller's to set: it knows whether an interval was issued. */
export function step(machine: Machine, input: ClockInput, at: MonoInstant, hysteresis: Hysteresis): Machine {
  if (input.kind === 'disruption') return { ...initialMachine(at, input.code), steady: undefined };
  if (machine.state === 'faulted') return machine;
  const steady = steadyAfter(machine, input, at);
  const stay: Machine = { ...machine, steady };
  const to = (state: ClockState, code: Code): Machine => ({ ...stay, state, code, since: at });
  const lasted = steady === undefined ? undefined : since(at, steady.since);
  switch (machine.state) {
    case 'acquiring':
      return fromAcquiring(input, stay, to, lasted, hysteresis);
    case 'locked':
      return fromLocked(input, stay, to);
    case 'holdover':
      return fromHoldover(input, stay, to, lasted, hysteresis);
    case 'unsynchronized':
      return fromUnsynchronized(input, stay, to, lasted, hysteresis);
    default:
      return unreachable(machine.state);
  }
}

type To = (state: ClockState, code: Code) => Machine;

function fromAcquiring(input: ClockInput, stay: Machine, to: To, lasted: Nanos | undefined, h: Hysteresis): Machine {
  return input.kind === 'tracking' && lasted! >= h.lockAfter ? to('locked', 'clock-locked') : stay;
}

function fromLocked(input: ClockInput, stay: Machine, to: To): Machine {
  return input.kind === 'tracking'
    ? stay
    : input.kind === 'coasting'
      ? to('holdover', input.code)
      : down(input, stay, to);
}

function fromHoldover(input: ClockInput, stay: Machine, to: To, lasted: Nanos | undefined, h: Hysteresis): Machine {
  if (input.kind === 'tracking') return lasted! >= h.relockAfter ? to('locked', 'clock-relocked') : stay;
  return input.kind === 'coasting' ? stay : down(input, stay, to);
}

function fromUnsynchronized(
  input: ClockInput,
  stay: Machine,
  to: To,
  lasted: Nanos | undefined,
  h: Hysteresis,
): Machine {
  if (input.kind === 'tracking') return lasted! >= h.relockAfter ? to('locked', 'clock-relocked') : stay;
  if (input.kind === 'coasting') return lasted! >= h.relockAfter ? to('holdover', 'clock-held-again') : stay;
  return input.kind === 'disjoint' ? to('faulted', 'recovery-disjoint') : stay;
}

/** The way down is the same from locked and from holdover. */
function down(input: ClockInput, stay: Machine, to: To): Machine {
  if (input.kind === 'over-limit') return to('unsynchronized', 'guarantee-over-limit');
  if (input.kind === 'none') return to('unsynchronized', input.code);
  if (input.kind === 'disjoint') return to('faulted', 'recovery-disjoint');
  return stay;
}

function steadyAfter(machine: Machine, input: ClockInput, at: MonoInstant): Machine['steady'] {
  if (input.kind !== 'tracking' && input.kind !== 'coasting') return undefined;
  return machine.steady?.kind === input.kind ? machine.steady : { kind: input.kind, since: at };
}

/** Whether statements may be signed in this state. */
export const mayAttest = (state: ClockState): boolean => state === 'locked' || state === 'holdover';

/** The transition between two machines, if there was one. A fresh start from acquiring is one too: its code is new. */
export function transitionBetween(before: Machine, after: Machine): Transition | undefined {
  if (before.state === after.state && before.since === after.since) return undefined;
  return { from: before.state, to: after.state, code: after.code, at: after.since };
}
