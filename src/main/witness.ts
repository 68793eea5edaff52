/**
 * The witness: answers the C2SP `add-checkpoint` call for the lanes of our network's other validators.
 *
 * It cosigns a checkpoint that is signed by the lane's validator, whose entries were all verified here, and that is proven to
 * extend the one it cosigned before; what it will remember is durable before it answers (io/storage/witness-state.ts). The
 * cosignature carries a time, so without an interval it signs nothing. Two checkpoints that cannot belong to one append-only
 * log convict their signer, and are handed on as a fault.
 */

import { join } from 'node:path';
import { forkBetween, openOwnCheckpoint } from '../core/attestation/fault-proof.ts';
import type { LaneFault } from '../core/attestation/fault.ts';
import type { StatementJudge } from '../core/attestation/verify-statement.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { checkpointKey, type Checkpoint } from '../core/log/checkpoint.ts';
import { cosignerKey } from '../core/log/cosignature.ts';
import { originOf, parseOrigin } from '../core/log/origin.ts';
import { parseAddCheckpoint } from '../core/log/witness.ts';
import { NANOS_PER_SECOND } from '../core/time/nanos.ts';
import { isFault } from '../core/verdict.ts';
import type { AddCheckpoint } from '../io/api/witness-routes.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { WitnessState } from '../io/storage/witness-state.ts';
import type { Signer } from '../ports/signer.ts';
import type { AgentView } from '../ports/view.ts';

export type WitnessNeeds = {
  readonly judge: StatementJudge;
  readonly signer: Signer;
  readonly view: Pick<AgentView, 'now'>;
  readonly stateDir: string;
  /** Whether every entry under the checkpoint was verified here, whoever asks. */
  readonly isVerified: (kid: Uint8Array, checkpoint: Checkpoint) => Promise<boolean>;
  /** Two checkpoints that cannot belong to one append-only log. */
  readonly fork: (fault: LaneFault) => void;
};

export type Witness = {
  /** Undefined for one who is no witness. */
  readonly addCheckpoint: AddCheckpoint | undefined;
  /** The size cosigned last for an origin; 0 for none. */
  readonly cosignedSize: (origin: string) => number;
  /** The signature line of our cosignature; undefined where the call is refused. */
  readonly cosign: (request: Uint8Array) => Promise<string | undefined>;
};

/** Of one who is no validator: nobody counts a cosignature of a key that is not registered. */
export const NO_WITNESS: Witness = {
  addCheckpoint: undefined,
  cosignedSize: () => 0,
  cosign: () => Promise.resolve(undefined),
};

export async function openWitness(needs: WitnessNeeds): Promise<Witness & { readonly addCheckpoint: AddCheckpoint }> {
  const { judge, signer, view, stateDir, isVerified, fork } = needs;
  const state = await WitnessState.open(fileDisk, join(stateDir, 'witness'));
  const { network, keyOf, checkSignature } = judge;
  const ownOrigin = originOf({ network, kid: signer.kid });
  const cosigner = cosignerKey(ownOrigin, signer.publicKey);
  /** Lanes of this network's other validators; our own needs other eyes than ours. */
  const logKeyOf = (origin: string): ReturnType<typeof checkpointKey> | undefined => {
    const name = parseOrigin(origin);
    if (name === undefined || origin === ownOrigin || compareBytes(name.network, network) !== 0) return undefined;
    const publicKey = keyOf(name.kid);
    return publicKey === undefined ? undefined : checkpointKey(origin, publicKey);
  };
  const addCheckpoint: AddCheckpoint = async (body) => {
    const { nanoMoment, reason } = view.now();
    if (nanoMoment === undefined) return { refused: reason.code };
    const opened = openOwnCheckpoint(judge, parseAddCheckpoint(body)?.note ?? new Uint8Array());
    // Whatever is wrong with the request is said in the call's own words below; what is right must be verified first.
    if (!isFault(opened) && compareBytes(opened.kid, signer.kid) !== 0) {
      const { checkpoint } = opened;
      const known = state.witnessed(checkpoint.origin);
      const isFork = known?.size === checkpoint.size && compareBytes(known.root, checkpoint.root) !== 0;
      if (!isFork && !(await isVerified(opened.kid, checkpoint))) return { refused: 'witness-unverified' };
    }
    const answer = await state.answer(body, {
      logKeyOf,
      check: checkSignature,
      cosigner,
      sign: (bytes) => signer.sign(bytes),
      posixSeconds: nanoMoment / NANOS_PER_SECOND,
    });
    if (answer.status === 200) return { status: 200, contentType: 'text/plain', body: answer.body };
    const shown = answer.fork === undefined ? undefined : forkBetween(judge, ...answer.fork);
    if (shown !== undefined) fork(shown);
    return { status: answer.status, contentType: answer.contentType, body: answer.body };
  };
  return {
    addCheckpoint,
    cosignedSize: (origin) => state.witnessed(origin)?.size ?? 0,
    cosign: async (request) => {
      const answer = await addCheckpoint(request);
      return 'status' in answer && answer.status === 200 ? answer.body : undefined;
    },
  };
}
