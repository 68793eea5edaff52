/**
 * The numbers an operator may change: where each alert begins. Requirement A18 gives four of them (peers, latency, drift,
 * participation); the rest are ours. `[alerts]` in the configuration sets them; deploy/prometheus has the same defaults.
 */

import { countsOf } from '../ordering/seen-interval.ts';
import { micros, millis, seconds, type Nanos } from '../time/nanos.ts';

export type AlertThresholds = {
  /** How long a condition must be away before its alert is resolved. */
  readonly keep: Nanos;
  /** A18: 1,000 ns. */
  readonly driftMax: Nanos;
  /** Share of the limit that the guarantee may take. */
  readonly limitShareMax: number;
  readonly limitSoon: Nanos;
  /** Changes in and out of agreement within FLAPPING_WINDOW. */
  readonly verdictChangesMax: number;
  readonly sourceSilenceMax: Nanos;
  readonly leapExpiryMin: Nanos;
  readonly freeBytesMin: number;
  readonly checkpointAgeMax: Nanos;
  /** A commit that takes longer counts as slow. */
  readonly commitMax: Nanos;
  /** Share of the beats that may be skipped. */
  readonly beatsSkippedMax: number;
  /** Undefined: no network, or one so small that nobody else is needed. */
  readonly peersMin: number | undefined;
  /** A18: 500 ms. */
  readonly latencyMax: Nanos;
  /** A18: 0.66. */
  readonly participationMin: number;
  readonly cosignatureAgeMax: Nanos;
  readonly finalityWaitMax: Nanos;
};

/** A18: fewer than 100 peers, in a network that has as many. */
export const PEERS_WANTED = 100;

export const DEFAULT_THRESHOLDS: Omit<AlertThresholds, 'peersMin'> = {
  keep: seconds(120),
  driftMax: micros(1),
  limitShareMax: 0.8,
  limitSoon: seconds(3_600),
  verdictChangesMax: 3,
  sourceSilenceMax: seconds(30),
  leapExpiryMin: seconds(30 * 86_400),
  freeBytesMin: 1_073_741_824,
  checkpointAgeMax: seconds(120),
  commitMax: millis(500),
  beatsSkippedMax: 0.05,
  latencyMax: millis(500),
  participationMin: 0.66,
  cosignatureAgeMax: seconds(600),
  finalityWaitMax: seconds(10),
};

/**
 * Peers wanted in a network of `validators`: 100 as A18 says, but never more than a quorum needs beside us, because a small
 * network cannot have 100 and would alert for ever, while below a quorum nothing becomes final. From 150 validators on it
 * is the 100 of A18. Undefined where we are a quorum alone.
 */
export function peersWanted(validators: number): number | undefined {
  const { q } = countsOf(validators);
  return q <= 1 ? undefined : Math.min(PEERS_WANTED, q - 1);
}
