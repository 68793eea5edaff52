/**
 * Worlds that are as bad as the declared assumptions allow, one per budget term and one for all together. In each the truth
 * stands as far from what the devices say as that term permits; the interval must still contain it. Without the term
 * it does not: `mutation.test.ts` removes each from the code and looks.
 */

import { BUDGET_TERMS, type BudgetTerm } from '../../../src/core/clock/budget.ts';
import { Clock } from '../../../src/core/clock/clock.ts';
import { defaultClockConfig, defaultSourceSpec, type SourceSpec } from '../../../src/core/clock/configuration.ts';
import type { Estimate } from '../../../src/core/clock/estimate.ts';
import type { Reading } from '../../../src/core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE, type LeapTable } from '../../../src/core/time/leap-seconds.ts';
import {
  micros,
  millis,
  nanos,
  negate,
  seconds,
  shift,
  taiInstant,
  type Nanos,
  type TaiInstant,
} from '../../../src/core/time/nanos.ts';
import { cardConfig, endOf, EPOCH, feedSecond, World, type SecondOptions } from './world.ts';

export type WorstCase = { readonly estimate: Estimate; readonly truth: TaiInstant };

/** The error each world brings: far above all that the other terms sum up to. */
const ERROR = micros(20);
const WIDE = { limit: seconds(5) };
const LAST = 40;

/** A card that lived through `LAST` seconds, each fed with `options`. */
function cardWorld(
  card: Partial<SourceSpec>,
  world: World,
  options: (second: number) => SecondOptions,
  last = LAST,
): WorstCase {
  const clock = new Clock(cardConfig(WIDE, { accuracy: nanos(0), pathDelay: nanos(0), floors: {}, ...card }), 'boot');
  for (let second = 1; second <= last; second++) feedSecond(clock, world, second, options(second));
  return { estimate: clock.estimate(world.mono(endOf(last))), truth: world.truth(endOf(last)) };
}

/** One source that is read directly, without edges or receiver. */
function soleWorld(
  spec: Partial<SourceSpec>,
  readings: readonly Reading[],
  world: World,
  asOf: Nanos,
  leapTable: LeapTable = BUILT_IN_LEAP_TABLE,
): WorstCase {
  const declared = { accuracy: nanos(0), pathDelay: nanos(0), phaseOffset: nanos(0), floors: {} };
  const source = defaultSourceSpec('phc', 'phc0', { ...declared, ...spec });
  const clock = new Clock(defaultClockConfig({ sources: [source], references: [], leapTable }, WIDE), 'boot');
  for (const reading of readings) clock.observe(reading);
  return { estimate: clock.estimate(world.mono(asOf)), truth: world.truth(asOf) };
}

/** Readings once a second, each changed by `change`. */
const everySecond = (world: World, ahead: Nanos, change: (r: Reading) => Reading = (r) => r): Reading[] =>
  Array.from({ length: LAST }, (_, second) => change(world.reading('phc0', nanos(seconds(second)), ahead)));

/** Ahead by a rate that grows by 0.9 ppb a second from the 20th second on: 162 ppb, and 16 us, after 180 s. */
const runningOff = (at: Nanos): Nanos => {
  const elapsed = at > seconds(20) ? at - seconds(20) : 0n;
  return nanos((9n * elapsed * elapsed) / (20n * 10n ** 18n));
};

const steady = (): SecondOptions => ({});

/** Down to a whole step, as a clock of that granularity reads. */
const floorTo = (instant: TaiInstant, step: Nanos): TaiInstant => taiInstant(instant - (instant % step));

export const WORST_CASES: Readonly<Record<BudgetTerm | 'all', () => WorstCase>> = {
  // The pulse comes late by all that the reference is declared to be wrong by.
  'source-accuracy': () =>
    cardWorld({ accuracy: ERROR, phaseOffsetMax: millis(1) }, new World(), () => ({ late: ERROR })),
  // The cable delays the pulse by all that was declared.
  'path-delay': () => cardWorld({ pathDelay: ERROR }, new World(), () => ({ late: ERROR })),
  // The device is always read at the very beginning of a wide bracket.
  'read-bracket': () => cardWorld({}, new World({ latchPermille: 0, bracketNs: Number(ERROR) * 2 }), steady),
  // The clock stands off by its declared bound, and no edge shows it.
  'phase-offset': () => {
    const world = new World();
    return soleWorld({ phaseOffset: ERROR }, everySecond(world, ERROR), world, endOf(LAST - 1));
  },
  // Every edge is stamped a whole step early.
  quantisation: () => cardWorld({ quantisation: ERROR }, new World(), () => ({ late: negate(ERROR) })),
  // The fix is lost after 20 s, and the oscillator's rate moves away as fast as rates may.
  'drift-since-sample': () =>
    cardWorld(
      { oscillator: 'tcxo' },
      new World(),
      (second) => (second <= 20 ? {} : { ahead: runningOff, isEdgeLost: true, health: { fix: 'none' } }),
      220,
    ),
  // A single reading, so that the host's rate is only declared, and a host that is off by nearly all of it.
  extrapolation: () => {
    const world = new World({ hostPpb: 99_000 });
    return soleWorld({}, [world.reading('phc0', nanos(0))], world, seconds(2));
  },
  // A clock that is read in coarse steps, just before its next one.
  granularity: () => {
    const world = new World();
    const coarse = (r: Reading): Reading => ({ ...r, reading: floorTo(r.reading, ERROR) });
    // 19,900 ns past a step: the reading falls short by nearly all of it.
    const readings = everySecond(world, nanos(0), (r) => r).map((_, second) =>
      coarse(world.reading('phc0', nanos(seconds(second) + 19_800n))),
    );
    return soleWorld({ granularity: ERROR }, readings, world, endOf(LAST - 1));
  },
  // A UTC label inside a leap second: the converter took the wrong one of two seconds.
  'leap-ambiguity': () => {
    const world = new World();
    const fromTai = shift(EPOCH, seconds(LAST));
    const leapTable: LeapTable = {
      source: 'a table with a step ahead',
      steps: [...BUILT_IN_LEAP_TABLE.steps, { fromTai, taiUtcSeconds: 38 }],
      expires: BUILT_IN_LEAP_TABLE.expires,
    };
    return soleWorld({ labels: 'utc' }, everySecond(world, seconds(1)), world, endOf(LAST - 1), leapTable);
  },
  // An error nobody modelled, as large as the operator's floor.
  floor: () => {
    const world = new World();
    return soleWorld({ floors: { floor: ERROR } }, everySecond(world, ERROR), world, endOf(LAST - 1));
  },
  all: allAtOnce,
};

/**
 * Everything at once and the same way: a late pulse through an uncalibrated cable, stamped late by a step, read at the
 * beginning of the bracket, of a device whose servo pulls it back all the time. The host runs 80 ppm off.
 */
function allAtOnce(): WorstCase {
  const world = new World({ latchPermille: 0, hostPpb: 80_000 });
  const clock = new Clock(cardConfig(), 'boot');
  // 4 ns a second, below the servo's 5 ppb.
  const aheadAt = (second: number): Nanos => nanos(500 - 4 * second);
  for (let second = 1; second <= LAST; second++)
    feedSecond(clock, world, second, { ahead: aheadAt(second), late: nanos(50 + 20) });
  return { estimate: clock.estimate(world.mono(endOf(LAST))), truth: world.truth(endOf(LAST)) };
}

export const isContained = ({ estimate, truth }: WorstCase): boolean => {
  const { candidate } = estimate;
  return candidate !== undefined && candidate.interval.earliest <= truth && truth <= candidate.interval.latest;
};

/** Terms whose world the interval misses. */
export const missedTerms = (): string[] =>
  [...BUDGET_TERMS, 'all' as const].filter((term) => !isContained(WORST_CASES[term]()));
