/** What an auditor does with evidence: the statement's time from the record alone. */

import { attestedTimeOf } from '../../src/core/attestation/statement-time.ts';
import { recompute } from '../../src/core/clock/evidence.ts';

export function recomputeEvidence(record: Uint8Array) {
  const result = recompute(record);
  if (!('estimate' in result) || result.estimate.interval === undefined) throw new Error(JSON.stringify(result));
  return attestedTimeOf(result.estimate.interval);
}
