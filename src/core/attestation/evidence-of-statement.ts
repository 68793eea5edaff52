/** Whether a statement's interval follows from its evidence: the digest, the recomputation, the interval and TAI-UTC. */

import { recompute, type Recomputed } from '../clock/evidence.ts';
import { compareBytes } from '../codec/cbor.ts';
import { toHex } from '../codec/hex.ts';
import { sha256 } from '../codec/sha256.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import type { Statement } from './statement.ts';
import { attestedTimeOf } from './statement-time.ts';

/** The estimate recomputed, or why the evidence does not show what was signed. */
export function evidenceAgainst(statement: Statement, evidence: Uint8Array): Recomputed | Fault {
  if (compareBytes(sha256(evidence), statement.evidence) !== 0)
    return fault('evidence-digest', `its SHA-256 is ${toHex(sha256(evidence))}, not ${toHex(statement.evidence)}`);
  const recomputed = recomputedOf(evidence);
  if (isFault(recomputed)) return recomputed;
  const { estimate } = recomputed;
  if (estimate.interval === undefined) return fault('evidence-interval', 'the evidence gives no interval at all');
  const { tai, guarantee } = attestedTimeOf(estimate.interval);
  if (tai !== statement.time.tai || guarantee !== statement.time.guarantee)
    return fault(
      'evidence-interval',
      `recomputed ${tai} +- ${guarantee}, signed ${statement.time.tai} +- ${statement.time.guarantee}`,
    );
  if (estimate.taiUtcSeconds !== statement.taiUtcSeconds)
    return fault(
      'evidence-interval',
      `TAI-UTC recomputed ${estimate.taiUtcSeconds ?? 'unknown'}, signed ${statement.taiUtcSeconds}`,
    );
  return recomputed;
}

/** A record recomputed by itself, with a code of our table where it does not hold. */
export function recomputedOf(evidence: Uint8Array): Recomputed | Fault {
  const found = recompute(evidence);
  if (!('fault' in found)) return found;
  const code = found.fault === 'mismatch' || found.fault === 'digest' ? 'evidence-mismatch' : 'evidence-format';
  return fault(code, `${found.fault} at ${found.at === '' ? 'the record' : found.at}`);
}
