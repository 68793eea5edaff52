/**
 * What a statement owes the one before it in its lane. Both have passed `verifyStatement`.
 *
 * A step that breaks one of the last two rules is more than a bad file: with the two statements in hand it is a proof
 * against the signer (fault-proof.ts). docs/spec/statement.md, "Rules within a lane".
 */

import { compareBytes } from '../codec/cbor.ts';
import { isBefore } from '../time/nanos.ts';
import { fault, type Fault } from '../verdict.ts';
import type { Report } from './reports.ts';
import type { SignedStatement } from './verify-statement.ts';

/** Why `next` cannot follow `previous` immediately, or undefined. */
export function stepFault(previous: SignedStatement, next: SignedStatement): Fault | undefined {
  const before = previous.statement;
  const after = next.statement;
  // [REJECT] One lane, one network, one signer.
  if (compareBytes(before.network, after.network) !== 0) return fault('lane-step-signer', 'another network');
  if (compareBytes(previous.kid, next.kid) !== 0) return fault('lane-step-signer', 'another key');
  // [REJECT] Sequence numbers go up by one; epochs never go back.
  if (after.seq !== before.seq + 1n) return fault('lane-step-seq', `seq ${after.seq} after ${before.seq}`);
  if (after.epoch < before.epoch) return fault('lane-step-epoch', `epoch ${after.epoch} after ${before.epoch}`);
  // [REJECT] Each statement names its predecessor.
  if (compareBytes(after.previous, previous.id) !== 0)
    return fault('lane-step-link', `seq ${after.seq} does not name seq ${before.seq} as its predecessor`);
  // [REJECT] Time within a lane strictly increases.
  if (!isBefore(before.time.tai, after.time.tai))
    return fault('lane-step-time', `the time of seq ${after.seq} is not after that of seq ${before.seq}`);
  return undefined;
}

/** Why these reports cannot stand in the statement that follows `previous`, or undefined. */
export function reportsStepFault(previous: SignedStatement, reports: readonly Report[]): Fault | undefined {
  // [REJECT] What was first seen after the previous statement cannot have been seen wholly before it.
  const early = reports.findIndex(({ seen }) => !isBefore(previous.statement.time.tai, seen.latest));
  return early < 0
    ? undefined
    : fault('lane-step-report', `report ${early} ends no later than the previous statement's time`);
}
