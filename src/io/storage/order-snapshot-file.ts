/** The newest snapshot of the order, one file beside the order log: whoever moves the log away takes it along. */

import type { Disk } from '../../ports/disk.ts';
import type { SnapshotShelf } from './order-snapshots.ts';
import { TileFiles } from './tile-files.ts';

const FILE = 'snapshot';

export function orderSnapshotFile(disk: Disk, directory: string): SnapshotShelf {
  const files = new TileFiles(disk, directory);
  return {
    get: () => files.read(FILE),
    put: (bytes) => files.write([{ path: FILE, bytes }]),
    remove: () => files.remove([FILE]),
  };
}
