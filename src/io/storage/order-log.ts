/** The order log beside the lanes: a log like a lane, under the key of whoever keeps it, made again from the lanes when it is lost. */

import { toHex } from '../../core/codec/hex.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { LaneDirectory, type LaneNeeds } from './lane-directory.ts';

export type OrderLogOptions = {
  readonly directory: string;
  readonly network: Digest;
  readonly publicKey: Uint8Array;
};

/** Rejects like `LaneDirectory.open`, with `order-log-damaged` for what does not fit together. */
export const openOrderLog = (
  needs: LaneNeeds,
  { directory, network, publicKey }: OrderLogOptions,
): Promise<LaneDirectory> =>
  LaneDirectory.open(needs, {
    directory,
    origin: `momentd/${toHex(network)}/order`,
    publicKey,
    damagedAs: 'order-log-damaged',
  });
