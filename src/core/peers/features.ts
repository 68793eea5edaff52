/**
 * Staged upgrades by signalling (requirement B8): a change of rules takes hold when a quorum of validators is ready for it.
 *
 * Each validator names in its hello the features its program is ready for. This file counts; what a feature changes, and
 * from which epoch, is for the module that has it. A signal is not a vote: it says "I can", and anyone can recount it.
 */

export type FeatureCount = {
  readonly feature: string;
  /** Validators that signal it. */
  readonly ready: number;
  readonly isQuorum: boolean;
};

/** `signals`: one list of features per validator heard (ours included); `quorum`: how many make one. */
export function countFeatures(signals: Iterable<readonly string[]>, quorum: number): FeatureCount[] {
  const ready = new Map<string, number>();
  for (const features of signals) for (const feature of features) ready.set(feature, (ready.get(feature) ?? 0) + 1);
  return [...ready]
    .map(([feature, count]) => ({ feature, ready: count, isQuorum: count >= quorum }))
    .sort((a, b) => (a.feature < b.feature ? -1 : 1));
}
