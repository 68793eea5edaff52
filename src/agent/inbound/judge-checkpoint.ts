/**
 * Checkpoints: a validator's signed tree head, announced so that others can check that it shows everyone the same lane.
 *
 * A checkpoint that holds may still contradict another of the same lane; finding that out needs both, so it is done where
 * checkpoints are kept (`forkBetween`). Cosignatures ride in the note and are judged there too.
 */

import type { StatementJudge } from '../../core/attestation/verify-statement.ts';
import { openOwnCheckpoint } from '../../core/attestation/fault-proof.ts';
import type { Checkpoint } from '../../core/log/checkpoint.ts';
import { accept, ignore, isFault, rejectFault } from '../../core/verdict.ts';
import type { Peer } from '../../ports/network.ts';
import type { KindJudge, Prepared } from './kind-judge.ts';

export type ReceivedCheckpoint = {
  readonly note: Uint8Array;
  readonly kid: Uint8Array;
  readonly checkpoint: Checkpoint;
};

export type CheckpointJudgeNeeds = {
  readonly judge: StatementJudge;
  readonly take: (checkpoints: readonly ReceivedCheckpoint[], from: Peer) => void;
};

export function checkpointJudge(needs: CheckpointJudgeNeeds): KindJudge<ReceivedCheckpoint> {
  return { prepare: (note) => prepareNote(needs.judge, note), take: needs.take };
}

function prepareNote(judge: StatementJudge, note: Uint8Array): Prepared<ReceivedCheckpoint> {
  // The note names its own signer, so shape, key and signature are read in one go; there are a handful a minute.
  const opened = openOwnCheckpoint(judge, note);
  // [IGNORE] A key we do not know may belong to an epoch we have not seen.
  if (isFault(opened) && opened.fault === 'key-unknown') return ignore(opened.fault, opened.detail);
  // [REJECT] Not a signed note, not of a lane of this network, or not signed by its lane's validator.
  if (isFault(opened)) return rejectFault(opened);
  return accept({ note, kid: opened.kid, checkpoint: opened.checkpoint });
}
