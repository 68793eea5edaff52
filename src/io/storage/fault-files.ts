/** Fault proofs on disk: `<code>-<digest>.json` in one folder, bounded in number, never overwritten. */

import { join } from 'node:path';
import { toHex } from '../../core/codec/hex.ts';
import { sha256 } from '../../core/codec/sha256.ts';
import { decodeFaultProof } from '../../core/attestation/fault-proof.ts';
import { LIMITS } from '../../core/limits.ts';
import { isFault } from '../../core/verdict.ts';
import type { Disk } from '../../ports/disk.ts';
import type { FaultShelf } from '../../ports/kept-log.ts';
import { TileFiles } from './tile-files.ts';

const NAME = /^E[1-4]-[0-9a-f]{32}\.json$/;

export class FaultFiles implements FaultShelf {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #files: TileFiles;
  readonly #names: Set<string>;

  private constructor(disk: Disk, directory: string, names: readonly string[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.#files = new TileFiles(disk, directory);
    this.#names = new Set(names);
  }

  static async open(disk: Disk, directory: string): Promise<FaultFiles> {
    await disk.makeDirectory(directory);
    const names = (await disk.list(directory)).filter((name) => NAME.test(name));
    return new FaultFiles(disk, directory, names.slice(0, LIMITS.faultsKeptMax));
  }

  async keep(proof: Uint8Array): Promise<boolean> {
    const decoded = decodeFaultProof(proof);
    if (isFault(decoded)) return false;
    const name = `${decoded.shown.code}-${toHex(sha256(proof)).slice(0, 32)}.json`;
    if (this.#names.has(name) || this.#names.size >= LIMITS.faultsKeptMax) return false;
    this.#names.add(name);
    await this.#files.write([{ path: name, bytes: proof }]);
    return true;
  }

  async all(): Promise<readonly Uint8Array[]> {
    const proofs: Uint8Array[] = [];
    for (const name of this.#names) {
      const bytes = await this.#disk.read(join(this.#directory, name));
      if (bytes !== undefined) proofs.push(bytes);
    }
    return proofs;
  }
}
