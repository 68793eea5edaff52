/**
 * Tile files and the checkpoint on disk: written under another name, synced, renamed, so that a name always holds a whole
 * file; read as wide as asked, from the partial or the full tile, whichever is there.
 */

import { dirname, join } from 'node:path';
import { SHA256_SIZE_BYTES } from '../../core/codec/sha256.ts';
import type { Code } from '../../core/codes.ts';
import { LIMITS } from '../../core/limits.ts';
import { decodeEntries, TILE_WIDTH, tilePath, type Tile } from '../../core/log/tiles.ts';
import { isFault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk } from '../../ports/disk.ts';

export type FileBytes = { readonly path: string; readonly bytes: Uint8Array };

/** Which log a damaged file belongs to: what helps is another thing for each. */
export type DamageCode = Extract<Code, 'lane-damaged' | 'lane-copy-damaged' | 'order-log-damaged'>;

/** Names that a crash left behind end like this; they are overwritten or ignored, never read. */
export const TEMPORARY_SUFFIX = '.new';

export class TileFiles {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #damagedAs: DamageCode;
  readonly #known = new Set<string>();

  constructor(disk: Disk, directory: string, damagedAs: DamageCode = 'lane-damaged') {
    this.#disk = disk;
    this.#directory = directory;
    this.#damagedAs = damagedAs;
  }

  /** Makes all files durable under their names; paths are relative to the lane directory. Order within is not promised. */
  async write(files: readonly FileBytes[]): Promise<void> {
    const targets = files.map(({ path, bytes }) => {
      const target = join(this.#directory, path);
      return { path: target, writtenAs: target + TEMPORARY_SUFFIX, bytes };
    });
    const directories = new Set(targets.map(({ path }) => dirname(path)));
    for (const directory of directories) {
      if (this.#known.has(directory)) continue;
      await this.#disk.makeDirectory(directory);
      this.#known.add(directory);
    }
    for (let at = 0; at < targets.length; at += LIMITS.tileWritesAtOnceMax)
      await this.#disk.replace(targets.slice(at, at + LIMITS.tileWritesAtOnceMax));
    await Promise.all([...directories].map((directory) => this.#disk.syncDirectory(directory)));
  }

  /** Removes partial tiles, and their directories when nothing is left in them. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const target = join(this.#directory, path);
      await this.#disk.remove(target);
      this.#known.delete(dirname(target));
      await this.#disk.removeEmptyDirectory(dirname(target));
    }
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.#disk.read(join(this.#directory, path));
  }

  /** The bytes of a hash tile, at least as wide as asked. */
  async hashes(tile: Tile): Promise<Uint8Array> {
    const bytes = await this.#readTile(tile);
    if (bytes.length < tile.width * SHA256_SIZE_BYTES) throw this.damaged(tilePath(tile), `${bytes.length} bytes`);
    return bytes;
  }

  /** The first `width` entries of an entry tile. */
  async entries(tile: Tile): Promise<Uint8Array[]> {
    const exact = await this.read(tilePath(tile));
    const width = exact === undefined ? TILE_WIDTH : tile.width;
    const bytes = exact ?? (await this.#readTile(tile));
    const entries = decodeEntries(bytes, width);
    if (isFault(entries)) throw this.damaged(tilePath(tile), entries.detail);
    return entries.slice(0, tile.width);
  }

  damaged(path: string, what: string): AgentError {
    const full = join(this.#directory, path);
    return new AgentError(this.#damagedAs, `read ${full}: ${what}`, { fields: { path: full } });
  }

  async #readTile(tile: Tile): Promise<Uint8Array> {
    const exact = await this.read(tilePath(tile));
    const bytes = exact ?? (await this.read(tilePath({ ...tile, width: TILE_WIDTH })));
    if (bytes === undefined) throw this.damaged(tilePath(tile), 'there is no such file');
    return bytes;
  }
}
