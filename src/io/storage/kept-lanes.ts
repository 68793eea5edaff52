/**
 * The lanes of other validators as they are kept here, each a lane directory of its own, and our own lane beside them.
 *
 * A copy is a C2SP tlog-tiles tree like the original. Its `checkpoint` file is not the validator's but ours: the note is
 * signed with our key and says how much we verified and made durable, so that a damaged copy is noticed when it is opened.
 * Losing a copy costs fetching it again.
 */

import { join } from 'node:path';
import { originOf } from '../../core/log/origin.ts';
import { encodeEntries, parseTilePath, TILE_HEIGHT, TILE_WIDTH } from '../../core/log/tiles.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../../core/codec/sha256.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { toHex } from '../../core/codec/hex.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { KeptLanes, KeptLog } from '../../ports/kept-log.ts';
import type { LaneRange, LaneSize } from '../../ports/network.ts';
import type { Signer } from '../../ports/signer.ts';
import { LaneDirectory, type LaneNeeds } from './lane-directory.ts';

export type KeptLanesNeeds = LaneNeeds & {
  readonly signer: Signer;
  /** Undefined for one who signs nothing: `signer` then only vouches for what is noted here. */
  readonly own: KeptLog | undefined;
};

export type KeptLanesOptions = {
  readonly directory: string;
  readonly network: Digest;
  /** Validators whose lanes are kept, our own left out. */
  readonly kids: readonly Uint8Array[];
};

export class LaneCopies implements KeptLanes {
  readonly #needs: KeptLanesNeeds;
  readonly #copies: ReadonlyMap<string, LaneDirectory>;

  private constructor(needs: KeptLanesNeeds, copies: ReadonlyMap<string, LaneDirectory>) {
    this.#needs = needs;
    this.#copies = copies;
  }

  /** Opens or begins the copy of every lane. Rejects like `LaneDirectory.open`; what was opened is closed again. */
  static async open(needs: KeptLanesNeeds, options: KeptLanesOptions): Promise<LaneCopies> {
    const { network, directory } = options;
    const { publicKey } = needs.signer;
    const copies = new Map<string, LaneDirectory>();
    await needs.disk.makeDirectory(directory);
    try {
      for (const kid of options.kids) {
        const name = toHex(kid);
        const origin = originOf({ network, kid });
        const copy = { directory: join(directory, name), origin, publicKey, damagedAs: 'lane-copy-damaged' } as const;
        copies.set(name, await LaneDirectory.open(needs, copy));
      }
    } catch (error) {
      for (const copy of copies.values()) await copy.close();
      throw error;
    }
    return new LaneCopies(needs, copies);
  }

  lane(kid: Uint8Array): KeptLog | undefined {
    const { own, signer } = this.#needs;
    return own !== undefined && compareBytes(kid, signer.kid) === 0 ? own : this.#copies.get(toHex(kid));
  }

  sizes(): readonly LaneSize[] {
    const { own, signer } = this.#needs;
    const ours = own === undefined ? [] : [{ kid: signer.kid, size: own.size }];
    const copies = [...this.#copies].map(([name, { size }]) => ({
      kid: Uint8Array.from(Buffer.from(name, 'hex')),
      size,
    }));
    return [...ours, ...copies].filter(({ size }) => size > 0);
  }

  async read({ kid, from, to }: LaneRange): Promise<readonly Uint8Array[]> {
    const lane = this.lane(kid);
    if (lane === undefined || from >= lane.size) return [];
    return lane.read(from, Math.min(to, lane.size));
  }

  async append(kid: Uint8Array, from: number, entries: readonly Uint8Array[]): Promise<void> {
    const copy = this.#copies.get(toHex(kid));
    if (copy === undefined) throw new AgentError('range-unavailable', `no lane of ${toHex(kid)} is kept here`);
    if (copy.size !== from)
      throw new AgentError('range-unavailable', `append to lane ${toHex(kid)} at ${from}: it has ${copy.size} entries`);
    await copy.append(entries);
  }

  async tile(kid: Uint8Array, path: string): Promise<Uint8Array | undefined> {
    const lane = this.lane(kid);
    return lane === undefined ? undefined : tileOfLog(lane, path);
  }

  /**
   * Notes how far each copy reaches that has grown by at least so many entries, so that opening it again reads less. Safe beside
   * appends.
   */
  async checkpoint(entriesMin = 1): Promise<void> {
    for (const copy of this.#copies.values())
      if (copy.entriesSinceCheckpoint >= entriesMin) await copy.checkpoint((bytes) => this.#needs.signer.sign(bytes));
  }

  async close(): Promise<void> {
    for (const copy of this.#copies.values()) await copy.close();
  }
}

/** A tile of a log at any width it has, made from what is stored; undefined for a path or a width it has not. */
export async function tileOfLog(log: KeptLog, path: string): Promise<Uint8Array | undefined> {
  const tile = parseTilePath(path);
  if (tile === undefined) return undefined;
  const first = tile.index * TILE_WIDTH;
  if (tile.level === 'entries') {
    if (first + tile.width > log.size) return undefined;
    return encodeEntries(await log.read(first, first + tile.width));
  }
  const level = tile.level * TILE_HEIGHT;
  if ((first + tile.width) * 2 ** level > log.size) return undefined;
  const subtrees = Array.from({ length: tile.width }, (_, i) => ({ level, index: first + i }));
  const hashes = await log.hashes(subtrees);
  const bytes = new Uint8Array(hashes.length * SHA256_SIZE_BYTES);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * SHA256_SIZE_BYTES);
  return bytes;
}
