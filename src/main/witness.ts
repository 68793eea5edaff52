/**
 * The witness: answers the C2SP `add-checkpoint` call for the lanes of our network's other validators.
 *
 * It cosigns a checkpoint that is signed by the lane's validator and proven to extend the one it cosigned before; what it
 * will remember is durable before it answers (io/storage/witness-state.ts). The cosignature carries a time, so without an
 * interval it signs nothing. Two checkpoints that cannot belong to one append-only log convict their signer: the proof is
 * written to the faults folder and kept.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFaultProof, forkBetween } from '../core/attestation/fault-proof.ts';
import type { StatementJudge } from '../core/attestation/verify-statement.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { toHex } from '../core/codec/hex.ts';
import { sha256 } from '../core/codec/sha256.ts';
import { checkpointKey } from '../core/log/checkpoint.ts';
import { cosignerKey } from '../core/log/cosignature.ts';
import { originOf, parseOrigin } from '../core/log/origin.ts';
import { NANOS_PER_SECOND } from '../core/time/nanos.ts';
import type { AddCheckpoint } from '../io/api/witness-routes.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { WitnessState } from '../io/storage/witness-state.ts';
import type { Log } from '../ports/log.ts';
import type { Signer } from '../ports/signer.ts';
import type { AgentView } from '../ports/view.ts';

export type WitnessNeeds = {
  readonly judge: StatementJudge;
  readonly signer: Signer;
  readonly view: AgentView;
  readonly log: Log;
  readonly stateDir: string;
};

export async function openWitness({ judge, signer, view, log, stateDir }: WitnessNeeds): Promise<AddCheckpoint> {
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
  return async (body) => {
    const { nanoMoment, reason } = view.now();
    if (nanoMoment === undefined) return { refused: reason.code };
    const answer = await state.answer(body, {
      logKeyOf,
      check: checkSignature,
      cosigner,
      sign: (bytes) => signer.sign(bytes),
      posixSeconds: nanoMoment / NANOS_PER_SECOND,
    });
    if (answer.status === 200) return { status: 200, contentType: 'text/plain', body: answer.body };
    if (answer.fork !== undefined) await keepFork(answer.fork, { judge, log, stateDir });
    return { status: answer.status, contentType: answer.contentType, body: answer.body };
  };
}

/** Keeps the proof that a validator showed two histories. Its name is its digest, so that the same one is kept once. */
async function keepFork(
  [a, b]: readonly [Uint8Array, Uint8Array],
  { judge, log, stateDir }: Pick<WitnessNeeds, 'judge' | 'log' | 'stateDir'>,
): Promise<void> {
  const shown = forkBetween(judge, a, b);
  if (shown === undefined) return;
  const proof = Buffer.from(encodeFaultProof({ network: judge.network, shown }));
  const file = join(stateDir, 'faults', `${shown.code}-${toHex(sha256(proof)).slice(0, 32)}.json`);
  await mkdir(join(stateDir, 'faults'), { recursive: true, mode: 0o700 });
  await writeFile(file, proof);
  log.write('error', 'a validator showed two histories of its lane', { code: shown.code, file });
}
