/**
 * What the rules judge: one instant of the agent. Undefined means not known; a rule that needs it does not fire and says
 * that it cannot judge. Counts are since the start.
 */

import type { Code } from '../codes.ts';
import type { ClockState } from '../clock/state.ts';
import type { Nanos } from '../time/nanos.ts';

export type SourceFacts = {
  readonly name: string;
  readonly isFalseticker: boolean;
  readonly isUnusable: boolean;
  /** Age of its newest reading. */
  readonly age: Nanos | undefined;
  /** Measured phase against its reference. */
  readonly phase: Nanos | undefined;
};

/** What only a network can tell; each may be left out until it is known. */
export type NetworkFacts = {
  /** Connected peers. */
  readonly peers?: number | undefined;
  /** Median round trip to them. */
  readonly latency?: Nanos | undefined;
  /** Share of the validators heard in the last minute, 0..1. */
  readonly participation?: number | undefined;
  /** Whether our own interval lies outside what enough validators agree on. */
  readonly isOwnTimeApart?: boolean | undefined;
  /** Whether a decided cut was not ours. */
  readonly isOrderContradicted?: boolean | undefined;
  /** Since our lane's newest checkpoint lacks a cosignature of another; zero while it has one. */
  readonly cosignatureAge?: Nanos | undefined;
  /** How far the newest final slot lies back while subjects wait; zero when none waits. */
  readonly finalityWait?: Nanos | undefined;
};

export type AlertFacts = {
  readonly beats: number;
  readonly beatsSkipped: number;
  readonly samplesDropped: number;
  readonly commits: number;
  /** Those that took longer than the threshold. */
  readonly commitsSlow: number;
  readonly isSimulated: boolean;
  readonly state: ClockState;
  readonly reason: Code;
  /** Why nothing is signed; undefined while it is. */
  readonly refusal: Code | undefined;
  readonly guarantee: Nanos | undefined;
  readonly limit: Nanos;
  readonly secondsUntilLimit: number | undefined;
  readonly leapExpiresIn: Nanos | undefined;
  readonly sources: readonly SourceFacts[];
  readonly checkpoint: { readonly age: Nanos; readonly entriesSince: number };
  readonly freeBytes: number | undefined;
  /** Undefined: the agent runs without a network. */
  readonly network: NetworkFacts | undefined;
};
