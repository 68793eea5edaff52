/**
 * A small world with one truth, for tests of the clock core: a host whose raw clock runs at a given rate, a card whose
 * clock stands at a given phase, a receiver. Every error is an argument; nothing is random here.
 */

import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import {
  monoInstant,
  nanos,
  NANOS_PER_SECOND,
  seconds,
  shift,
  taiInstant,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../../../src/core/time/nanos.ts';
import type { Clock } from '../../../src/core/clock/clock.ts';
import {
  defaultClockConfig,
  defaultReferenceSpec,
  defaultSourceSpec,
  type ClockConfig,
  type SourceSpec,
} from '../../../src/core/clock/configuration.ts';
import type { LabelledEdge, Reading, ReferenceHealth } from '../../../src/core/clock/observation.ts';

/** 2026-11-20T12:00:37 TAI, a whole second. */
export const EPOCH: TaiInstant = taiInstant(1_795_176_037n * NANOS_PER_SECOND);

export type WorldOptions = {
  /** Rate of true time against the host's raw clock, ppb. */
  readonly hostPpb?: number;
  /** How much of the bracket has passed when the device is read, in thousandths. */
  readonly latchPermille?: number;
  readonly bracketNs?: number;
};

/** Truth and what devices say of it, at instants given in nanoseconds since the world began. */
export class World {
  readonly hostPpb: bigint;
  readonly latchPermille: bigint;
  readonly bracket: bigint;

  constructor(options: WorldOptions = {}) {
    this.hostPpb = BigInt(options.hostPpb ?? 0);
    this.latchPermille = BigInt(options.latchPermille ?? 500);
    this.bracket = BigInt(options.bracketNs ?? 200);
  }

  /** The host's raw clock, an hour after boot when the world begins. */
  mono(at: Nanos): MonoInstant {
    return monoInstant(3_600n * NANOS_PER_SECOND + at);
  }

  /** True time when the host's raw clock has advanced by `at`. */
  truth(at: Nanos): TaiInstant {
    return shift(EPOCH, nanos(at + (at * this.hostPpb) / 1_000_000_000n));
  }

  /** The host's time at which true time is `second` seconds after the epoch, to the nanosecond. */
  atSecond(second: bigint): Nanos {
    const target = second * NANOS_PER_SECOND;
    let at = target - (target * this.hostPpb) / 1_000_000_000n;
    while (this.truth(nanos(at)) < shift(EPOCH, nanos(target))) at += 1n;
    return nanos(at);
  }

  /** A reading that begins at `at`, of a clock that is `ahead` of the truth when it is read. */
  reading(source: string, at: Nanos, ahead: Nanos = nanos(0), declaredError?: Nanos): Reading {
    const latch = nanos(at + (this.bracket * this.latchPermille) / 1_000n);
    return {
      kind: 'reading',
      source,
      before: this.mono(at),
      reading: shift(this.truth(latch), ahead),
      after: this.mono(nanos(at + this.bracket)),
      windowAdjust: nanos(0),
      declaredError,
    };
  }

  /** The edge of a whole second, stamped by a device that is `ahead`, of a pulse that comes `late`. */
  edge(
    source: string,
    reference: string,
    second: bigint,
    ahead: Nanos = nanos(0),
    late: Nanos = nanos(0),
  ): LabelledEdge {
    const marked = shift(EPOCH, nanos(second * NANOS_PER_SECOND));
    return {
      kind: 'edge',
      source,
      reference,
      stamp: shift(shift(marked, late), ahead),
      second: marked,
      sawtoothPs: 0n,
      learned: this.mono(nanos(this.atSecond(second) + 1_000_000n)),
    };
  }

  health(reference: string, at: Nanos, changes: Partial<ReferenceHealth> = {}): ReferenceHealth {
    return { ...GOOD, reference, at: this.mono(at), ...changes };
  }
}

const GOOD: Omit<ReferenceHealth, 'reference' | 'at'> = {
  kind: 'health',
  fix: 'time-only',
  timeValid: true,
  taiUtcSeconds: 37,
  leapSource: 'satellites',
  satellitesUsed: 12,
  antenna: 'ok',
  jamming: 'none',
  spoofing: 'none',
};

/** One card with its receiver. */
export function cardConfig(overrides: Partial<ClockConfig> = {}, card: Partial<SourceSpec> = {}): ClockConfig {
  return defaultClockConfig(
    {
      sources: [defaultSourceSpec('timecard', 'card0', { reference: 'gnss0', oscillator: 'rb', ...card })],
      references: [defaultReferenceSpec('gnss0')],
      leapTable: BUILT_IN_LEAP_TABLE,
    },
    overrides,
  );
}

export type SecondOptions = {
  /** How far the card is ahead in this second, or at each instant since the world began. */
  readonly ahead?: Nanos | ((at: Nanos) => Nanos);
  readonly late?: Nanos;
  readonly health?: Partial<ReferenceHealth> | 'silent';
  readonly isEdgeLost?: boolean;
  readonly readings?: number;
};

/** Feeds one second of a card's life: readings spread over it, its edge, a health report. */
export function feedSecond(clock: Clock, world: World, second: number, options: SecondOptions = {}): void {
  const { ahead = nanos(0), readings = 4, health = {} } = options;
  const aheadAt = typeof ahead === 'function' ? ahead : (): Nanos => ahead;
  const start = BigInt(second) * NANOS_PER_SECOND;
  if (options.isEdgeLost !== true) {
    const stamped = aheadAt(world.atSecond(BigInt(second)));
    clock.observe(world.edge('card0', 'gnss0', BigInt(second), stamped, options.late));
  }
  for (let i = 0; i < readings; i++) {
    const at = nanos(start + 100_000_000n + (BigInt(i) * 800_000_000n) / BigInt(readings));
    clock.observe(world.reading('card0', at, aheadAt(at)));
  }
  if (health !== 'silent') clock.observe(world.health('gnss0', nanos(start + 950_000_000n), health));
}

export const endOf = (second: number): Nanos => nanos(seconds(second + 1) - 10_000_000n);
