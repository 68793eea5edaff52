/** An agent in good order with a network around it, of which a test changes what it wants. */

import type { AlertFacts, NetworkFacts, SourceFacts } from '../../../src/core/alerts/facts.ts';
import { DEFAULT_THRESHOLDS, type AlertThresholds } from '../../../src/core/alerts/thresholds.ts';
import { micros, millis, monoInstant, nanos, seconds, shift, ZERO } from '../../../src/core/time/nanos.ts';
import type { MonoInstant } from '../../../src/core/time/nanos.ts';

export const THRESHOLDS: AlertThresholds = { ...DEFAULT_THRESHOLDS, peersMin: 2 };

export const sourceFacts = (changes: Partial<SourceFacts> = {}): SourceFacts => ({
  name: 'card0',
  isFalseticker: false,
  isUnusable: false,
  age: millis(200),
  phase: nanos(-13n),
  ...changes,
});

export const networkFacts = (changes: Partial<NetworkFacts> = {}): NetworkFacts => ({
  peers: 3,
  latency: millis(40),
  participation: 1,
  isOwnTimeApart: false,
  isOrderContradicted: false,
  cosignatureAge: ZERO,
  finalityWait: ZERO,
  ...changes,
});

export const facts = (changes: Partial<AlertFacts> = {}): AlertFacts => ({
  beats: 0,
  beatsSkipped: 0,
  samplesDropped: 0,
  commits: 0,
  commitsSlow: 0,
  isSimulated: false,
  state: 'locked',
  reason: 'clock-locked',
  refusal: undefined,
  guarantee: nanos(85n),
  limit: micros(10),
  secondsUntilLimit: 86_400,
  leapExpiresIn: seconds(200 * 86_400),
  sources: [sourceFacts()],
  checkpoint: { age: seconds(5), entriesSince: 5 },
  freeBytes: 5_000_000_000,
  network: networkFacts(),
  ...changes,
});

/** Instant `count` seconds after an arbitrary start of the raw clock. */
export const at = (count: number): MonoInstant =>
  shift(monoInstant(7_000_000_000_000n), millis(Math.round(1_000 * count)));
