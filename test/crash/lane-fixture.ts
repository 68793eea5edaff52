/** A small lane made by the real agent code on a simulated disk, and its files as a verifier reads them. */

import type { LaneFiles, LaneOwner } from '../../src/core/log/verify-lane.ts';
import { keyringOf } from '../../src/core/attestation/keyring.ts';
import type { StatementJudge } from '../../src/core/attestation/verify-statement.ts';
import { decodeFrames } from '../../src/io/storage/journal.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import { checkStandIn, commit, History, LANE, NETWORK, PUBLIC_KEY, standInSignature, startOn } from './world.ts';

export type Files = Map<string, Uint8Array>;

/** A checkpoint of `checkpointed` entries, pruned up to each of `prunedTo`, and a journal that goes `after` entries further. */
export async function makeLane(checkpointed: number, after: number, prunedTo: readonly number[] = []): Promise<Files> {
  const disk = new SimDisk();
  const history = new History();
  const running = await startOn(disk, history, true);
  for (let left = checkpointed; left > 0; left -= 200) await commit(running, history, Math.min(left, 200));
  await running.protocol.checkpoint();
  for (const to of prunedTo) await running.lane.prune(to, standInSignature);
  if (after > 0) await commit(running, history, after);
  await running.close();
  return new Map(
    [...disk.snapshot((path) => path.startsWith(`${LANE}/`))].map(([path, bytes]) => [
      path.slice(LANE.length + 1),
      bytes,
    ]),
  );
}

export function filesOf(files: Files): LaneFiles {
  return { read: (path) => files.get(path), list: () => [...files.keys()].sort(), decodeFrames };
}

export const owner: LaneOwner = { network: NETWORK, publicKey: PUBLIC_KEY };

export const judge: StatementJudge = {
  network: NETWORK,
  keyOf: keyringOf([PUBLIC_KEY])!,
  checkSignature: checkStandIn,
};
