/**
 * What a scenario is: a world, a configuration, a script of what happens in it, and what it says about the assumptions.
 *
 * A scenario either keeps every declared assumption, and then every interval issued must contain the truth; or it breaks
 * one on purpose for a span, names it, and states within which time the clock must have stopped claiming to be locked on
 * the broken thing. Outside the span, and once the break is detected, the guarantee is checked as ever.
 */

import type { ClockConfig } from '../../core/clock/configuration.ts';
import type { Disruption } from '../../core/clock/observation.ts';
import type { ClockWorld } from '../clock-world.ts';
import type { FaultName } from '../faults.ts';
import type { Random } from '../random.ts';

export type ScriptStep =
  | {
      readonly atSeconds: number;
      readonly kind: 'fault';
      readonly device: string;
      readonly fault: FaultName;
      readonly on: boolean;
      readonly magnitude?: number;
    }
  /** The host sleeps or is paused; `told` says whether the agent learns of it, as it does from the boot clock. */
  | {
      readonly atSeconds: number;
      readonly kind: 'host-stop';
      readonly how: 'suspend' | 'pause';
      readonly seconds: number;
      readonly told: Disruption['cause'] | undefined;
    }
  | { readonly atSeconds: number; readonly kind: 'reboot'; readonly seconds: number }
  /** An operator acknowledges a fault. */
  | { readonly atSeconds: number; readonly kind: 'reset' };

/** An assumption broken on purpose. */
export type Break = {
  /** The declared assumption, in the words of the evidence. */
  readonly assumption: string;
  readonly fromSeconds: number;
  /** When the assumption holds again. */
  readonly untilSeconds: number;
  /** Within this time the clock must have noticed: left locked, refused, or dropped the source. */
  readonly detectWithinSeconds: number;
  /** The device that lies; detection may also be that this one is no longer among those believed. */
  readonly device: string;
  /** How long after `untilSeconds` the lie may still sit in the record; intervals are judged again from then. */
  readonly settleSeconds: number;
};

export type Staging = {
  readonly world: ClockWorld;
  readonly config: ClockConfig;
  /** In order of time. */
  readonly script: readonly ScriptStep[];
  readonly breaks: readonly Break[];
};

export type StagingNeeds = {
  readonly seed: number;
  readonly durationSeconds: number;
  /** The coarsest step the runner takes; ages in the configuration must allow it. */
  readonly stepSeconds: number;
  /** A stream of the scenario's own, for when things happen. */
  readonly random: Random;
};

export type Scenario = {
  readonly name: string;
  readonly summary: string;
  /** Source type under which tightness is reported. */
  readonly sourceType: string;
  /** A shorter run would not reach what the scenario is about. */
  readonly secondsMin: number;
  stage(needs: StagingNeeds): Staging;
};
