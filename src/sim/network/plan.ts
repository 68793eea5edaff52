/**
 * What goes wrong in one run, drawn from the seed: a mix names the kinds of fault, the plan gives each its time and victim.
 *
 * All faults end at `quietAtNs`; after that every honest subject must become final. A validator that forked its lane never
 * becomes good again: operators then replace the set without it, which run.ts plays.
 */

import { LIMITS } from '../../core/limits.ts';
import { countsOf } from '../../core/ordering/seen-interval.ts';
import { streamOf, type Random } from '../random.ts';
import type { OffsetNs } from './schedule.ts';

export const MIXES = ['calm', 'lossy', 'partition', 'churn', 'clock', 'byzantine', 'everything'] as const;
export type Mix = (typeof MIXES)[number];

export const isMix = (name: string): name is Mix => (MIXES as readonly string[]).includes(name);

/** What a Byzantine validator does from `fromNs` to `toNs`; a fork and an equivocation are for ever. */
export const VICES = [
  'fork',
  'equivocate',
  'stale',
  'future',
  'liar',
  'flood',
  'withhold',
  'partial',
  'false-vote',
  'mute-voter',
  'censor',
] as const;
export type Vice = (typeof VICES)[number];

export type Span = { readonly fromNs: OffsetNs; readonly toNs: OffsetNs };

export type Plan = {
  readonly seed: number;
  readonly mix: Mix;
  readonly validators: number;
  readonly delay: { readonly baseNs: number; readonly tailNs: number };
  readonly loss: number;
  readonly duplication: number;
  /** During the span, validators of different sides do not hear each other; side 2 hears everyone. */
  readonly partitions: readonly (Span & { readonly sides: readonly number[] })[];
  /** The process dies and comes back with what was fsynced. */
  readonly crashes: readonly (Span & { readonly validator: number })[];
  /** During the span the validator's clock has no interval, or one wider than the order accepts. */
  readonly clockFaults: readonly (Span & { readonly validator: number; readonly kind: 'refuses' | 'wide' })[];
  readonly byzantine: ReadonlyMap<number, { readonly vices: readonly Vice[]; readonly span: Span }>;
  readonly quietAtNs: OffsetNs;
};

const MS = 1_000_000;

export function planOf(seed: number, mix: Mix, validators: number): Plan {
  const draw = streamOf(seed, 'plan');
  const has = (...names: Mix[]): boolean => mix === 'everything' || names.includes(mix);
  const quietAtNs = draw.between(1_500, 2_500) * MS;
  const some = (most: number): number => 1 + Math.floor(draw.unit() * most);
  const span = (): Span => {
    const fromNs = draw.between(100 * MS, quietAtNs - 200 * MS);
    return { fromNs, toNs: draw.between(fromNs + 50 * MS, quietAtNs) };
  };
  const anyone = (): number => Math.floor(draw.unit() * validators);
  const byzantine = has('byzantine') ? byzantineOf(draw, validators, span) : new Map<number, never>();
  const sideOf = (validator: number): number =>
    byzantine.has(validator) && draw.chance(0.7) ? 2 : draw.chance(0.5) ? 1 : 0;
  const partitions = has('partition')
    ? Array.from({ length: some(2) }, () => ({
        ...span(),
        sides: Array.from({ length: validators }, (_, validator) => sideOf(validator)),
      }))
    : [];
  const crashes = has('churn')
    ? crashesOf(some(3), span, anyone).filter(({ validator }) => !byzantine.has(validator))
    : [];
  const clockFaults = has('clock')
    ? Array.from({ length: some(2) }, () => ({
        ...span(),
        validator: anyone(),
        kind: draw.chance(0.5) ? ('refuses' as const) : ('wide' as const),
      }))
    : [];
  return {
    seed,
    mix,
    validators,
    delay: { baseNs: draw.between(0.05, 40) * MS, tailNs: draw.between(0.1, 60) * MS },
    loss: has('lossy') ? draw.between(0.02, 0.25) : 0,
    duplication: has('lossy') ? draw.between(0, 0.2) : 0,
    partitions,
    crashes,
    clockFaults,
    byzantine,
    quietAtNs,
  };
}

function crashesOf(count: number, span: () => Span, anyone: () => number): Plan['crashes'] {
  const crashes: (Span & { readonly validator: number })[] = [];
  for (let i = 0; i < count; i++) {
    const crash = { ...span(), validator: anyone() };
    // A process cannot die while it is dead.
    const overlaps = crashes.some(
      (other) => other.validator === crash.validator && crash.fromNs <= other.toNs && other.fromNs <= crash.toNs,
    );
    if (!overlaps) crashes.push(crash);
  }
  return crashes;
}

/** One to f liars, each with one or two vices. */
function byzantineOf(draw: Random, validators: number, span: () => Span): Plan['byzantine'] {
  const { f } = countsOf(validators);
  const byzantine = new Map<number, { vices: readonly Vice[]; span: Span }>();
  const count = f === 0 ? 0 : 1 + Math.floor(draw.unit() * f);
  while (byzantine.size < count) {
    const vices = Array.from(
      { length: draw.chance(0.3) ? 2 : 1 },
      () => VICES[Math.floor(draw.unit() * VICES.length)]!,
    );
    byzantine.set(Math.floor(draw.unit() * validators), { vices, span: span() });
  }
  return byzantine;
}

/** The plan after the forkers were replaced: nothing goes wrong any more. */
export function quietPlan(plan: Plan, validators: number): Plan {
  return {
    ...plan,
    validators,
    loss: 0,
    duplication: 0,
    partitions: [],
    crashes: [],
    clockFaults: [],
    byzantine: new Map(),
  };
}

/** Networks larger than a genesis record allows cannot be planned. */
export const isPlannable = (validators: number): boolean =>
  Number.isInteger(validators) && validators >= 1 && validators <= LIMITS.validatorsMax;
