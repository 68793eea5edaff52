/**
 * The newest checkpoint of each lane with the cosignatures that are known here, a note a file, named by the SHA-256 of the
 * origin as C2SP's monitoring prefix names it. Losing one costs waiting for the next checkpoint.
 */

import { toHex } from '../../core/codec/hex.ts';
import { sha256 } from '../../core/codec/sha256.ts';
import type { Disk } from '../../ports/disk.ts';
import type { CheckpointShelf } from '../../ports/kept-log.ts';
import { TileFiles } from './tile-files.ts';

export class CheckpointFiles implements CheckpointShelf {
  readonly #files: TileFiles;

  private constructor(files: TileFiles) {
    this.#files = files;
  }

  static async open(disk: Disk, directory: string): Promise<CheckpointFiles> {
    await disk.makeDirectory(directory);
    return new CheckpointFiles(new TileFiles(disk, directory));
  }

  put(origin: string, note: Uint8Array): Promise<void> {
    return this.#files.write([{ path: pathOf(origin), bytes: note }]);
  }

  get(origin: string): Promise<Uint8Array | undefined> {
    return this.#files.read(pathOf(origin));
  }
}

const pathOf = (origin: string): string => `${toHex(sha256(new TextEncoder().encode(origin)))}/checkpoint`;
