/**
 * Subjects: what clients ask to have ordered, passed on between validators.
 *
 * What a subject is, how its claimed window is read and whether the pool has room for it is the ordering's to say; this
 * file gives it the pipeline's shape. Subjects carry no validator's signature: a quota and a bounded pool stand in for it.
 */

import type { Digest } from '../../core/codec/sha256.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Peer } from '../../ports/network.ts';
import type { KindJudge } from './kind-judge.ts';

export type SubjectJudgeNeeds<Subject> = {
  /** Shape and window of the subject of this id, against our interval now. [REJECT] malformed, [IGNORE] outside its window. */
  readonly judge: (bytes: Uint8Array, from: Peer, id: Digest) => Verdict<Subject>;
  readonly take: (subjects: readonly Subject[], from: Peer) => void;
};

export function subjectJudge<Subject>(needs: SubjectJudgeNeeds<Subject>): KindJudge<Subject> {
  return { prepare: (item, from, _way, id) => needs.judge(item, from, id), take: needs.take };
}
