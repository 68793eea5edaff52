/**
 * Every entry of the order log against the root that a quorum voted for: what a start from a snapshot did not compare.
 *
 * It goes in short steps beside the running agent; a million entries take some seconds of it.
 */

import { compareBytes } from '../../core/codec/cbor.ts';
import { Frontier, leafHash } from '../../core/log/merkle.ts';
import { TILE_WIDTH } from '../../core/log/tiles.ts';
import type { OrderHead } from '../../core/ordering/cut.ts';
import type { KeptLog } from '../../ports/kept-log.ts';

/** Whether the first entries of the log have this root; undefined when it was stopped before it knew. */
export async function holdsRoot(
  log: Pick<KeptLog, 'read'>,
  { size, root }: OrderHead,
  isStopped: () => boolean,
): Promise<boolean | undefined> {
  const frontier = new Frontier();
  for (let from = 0; from < size; from += TILE_WIDTH) {
    if (isStopped()) return undefined;
    for (const entry of await log.read(from, Math.min(from + TILE_WIDTH, size))) frontier.append(leafHash(entry));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return compareBytes(frontier.root(), root) === 0;
}
