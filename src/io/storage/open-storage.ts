/**
 * Everything a validator keeps, opened together and closed together: guard, lane, evidence.
 *
 * The guard comes first, because it names the one process that may go on. The three paths are separate on purpose: the lane
 * may be backed up, copied and served; the guard must not be copied with it.
 */

import { originOf } from '../../core/log/origin.ts';
import { kidOf } from '../../core/attestation/cose-sign1.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { EvidenceFiles, type EvidenceOptions } from './evidence-files.ts';
import { GuardFile } from './guard-file.ts';
import { LaneDirectory, type LaneNeeds } from './lane-directory.ts';

export type StorageOptions = {
  readonly network: Digest;
  readonly publicKey: Uint8Array;
  readonly guardPath: string;
  readonly laneDirectory: string;
  readonly evidence: EvidenceOptions;
  /** Makes the guard file where there is none: right only when the validator is set up, wrong when it is started. */
  readonly createGuard: boolean;
};

export type Storage = {
  readonly guard: GuardFile;
  readonly lane: LaneDirectory;
  readonly evidence: EvidenceFiles;
  /** Closes all three in reverse; may be called twice. */
  close(): Promise<void>;
};

export async function openStorage(needs: LaneNeeds, options: StorageOptions): Promise<Storage> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.reverse()) await part.close();
    opened.length = 0;
  };
  try {
    const guard = await GuardFile.open(needs.disk, options.guardPath, { create: options.createGuard });
    opened.push(guard);
    const { network, publicKey } = options;
    const origin = originOf({ network, kid: kidOf(publicKey) });
    const lane = await LaneDirectory.open(needs, { directory: options.laneDirectory, origin, publicKey });
    opened.push(lane);
    const evidence = await EvidenceFiles.open(needs.disk, options.evidence);
    opened.push(evidence);
    return { guard, lane, evidence, close };
  } catch (error) {
    await close();
    throw error;
  }
}
