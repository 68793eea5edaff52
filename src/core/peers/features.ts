/**
 * Staged upgrades by signalling (requirement B8): a change of rules takes hold when a quorum of validators is ready for it.
 *
 * Each validator names in its hello the features its program is ready for. This file counts; what a feature changes, and
 * from which epoch, is for the module that has it. A signal is not a vote: it says "I can", and anyone can recount it.
 */

import { toHex } from '../codec/hex.ts';

/** What this program is ready for: version 1 has no change of rules staged. */
export const OWN_FEATURES: readonly string[] = [];

export type FeatureCount = {
  readonly feature: string;
  /** Validators that signal it. */
  readonly ready: number;
  readonly isQuorum: boolean;
};

/** What one validator's hello says it is ready for. */
export type Signal = { readonly kid: Uint8Array; readonly features: readonly string[] };

/** By name. A validator has one voice, the last heard, however many of its processes are connected; `quorum`: how many make one. */
export function countFeatures(signals: Iterable<Signal>, quorum: number): FeatureCount[] {
  const voices = new Map<string, readonly string[]>();
  for (const { kid, features } of signals) voices.set(toHex(kid), features);
  const ready = new Map<string, number>();
  for (const features of voices.values())
    for (const feature of features) ready.set(feature, (ready.get(feature) ?? 0) + 1);
  return [...ready]
    .map(([feature, count]) => ({ feature, ready: count, isQuorum: count >= quorum }))
    .sort((a, b) => (a.feature < b.feature ? -1 : 1));
}
