/**
 * Fault proofs: files that convict a validator by what it signed itself. Flooded, checked from the start, kept.
 *
 * Whoever passes on a proof that does not hold either did not check it or made it: that is held against the peer like any
 * other broken rule. What a proof has shown is not undone by who brought it.
 */

import { decodeFaultProof, verifyFaultProof, type ProvenFault } from '../../core/attestation/fault-proof.ts';
import type { StatementJudge } from '../../core/attestation/verify-statement.ts';
import { isFault, rejectFault, type Verdict } from '../../core/verdict.ts';
import type { Peer } from '../../ports/network.ts';
import type { KindJudge } from './kind-judge.ts';

export type ReceivedFault = ProvenFault & { readonly bytes: Uint8Array };

export type FaultJudgeNeeds = {
  readonly judge: StatementJudge;
  readonly take: (faults: readonly ReceivedFault[], from: Peer) => void;
};

export function faultJudge(needs: FaultJudgeNeeds): KindJudge<ReceivedFault> {
  return { prepare: (bytes) => prepareProof(needs.judge, bytes), take: needs.take };
}

function prepareProof(judge: StatementJudge, bytes: Uint8Array): Verdict<ReceivedFault> {
  const proof = decodeFaultProof(bytes);
  if (isFault(proof)) return rejectFault(proof);
  // [REJECT] Every exhibit's signature holds, and together they show the fault that is claimed.
  const verdict = verifyFaultProof(judge, proof);
  return verdict.kind === 'accept' ? { kind: 'accept', value: { ...verdict.value, bytes } } : verdict;
}
