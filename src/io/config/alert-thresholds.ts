/** `[alerts]` as the thresholds the rules take. */

import { peersWanted, type AlertThresholds } from '../../core/alerts/thresholds.ts';
import type { Config } from './config.ts';

/** `validators` is the size of the genesis record, from which the number of peers follows unless it is given. */
export function alertThresholdsOf({ alerts }: Config, validators: number): AlertThresholds {
  return {
    keep: alerts.keep,
    driftMax: alerts.drift_max,
    limitShareMax: alerts.limit_share_max,
    limitSoon: alerts.limit_soon,
    verdictChangesMax: alerts.verdict_changes_max,
    sourceSilenceMax: alerts.source_silence_max,
    leapExpiryMin: alerts.leap_expiry_min,
    freeBytesMin: alerts.free_min_mib * 1_048_576,
    checkpointAgeMax: alerts.checkpoint_age_max,
    commitMax: alerts.commit_max,
    beatsSkippedMax: alerts.beats_skipped_max,
    peersMin: alerts.peers_min ?? peersWanted(validators),
    latencyMax: alerts.latency_max,
    participationMin: alerts.participation_min,
    cosignatureAgeMax: alerts.cosignature_age_max,
    finalityWaitMax: alerts.finality_wait_max,
  };
}
