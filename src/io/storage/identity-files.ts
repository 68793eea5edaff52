/**
 * Host identity records on disk, one file each, and the count of boots. docs/spec/identity.md.
 *
 *     <digest>.cbor   a signed record, written once
 *     index           one line per record, oldest first: `<digest> <in force from, ns of a coarse TAI>`
 *     boots           `<boot id> <count>`
 *
 * Every file is written under another name, synced and renamed. A record is in the index before anyone refers to it, so one
 * that is not (a crash between the two) is referred to by nobody. A record goes when another has taken its place for longer
 * than evidence is kept; the dates for that are the system's own, so the newest `identityRecordsMin` stay whatever they say.
 */

import { join } from 'node:path';
import { toHex } from '../../core/codec/hex.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { isBefore, shift, taiInstant, type Nanos, type TaiInstant } from '../../core/time/nanos.ts';
import type { Disk } from '../../ports/disk.ts';
import type { IdentityItem, IdentityStore } from '../../ports/identity-store.ts';
import { TileFiles, TEMPORARY_SUFFIX } from './tile-files.ts';
import { WriteState } from './write-state.ts';

export type IdentityFilesOptions = {
  readonly directory: string;
  /** How long evidence is kept that may refer to a record. */
  readonly keep: Nanos;
  /** The date, coarse and unproven: used for retention alone. */
  readonly dateNow: () => TaiInstant;
};

type Kept = { readonly name: string; readonly from: TaiInstant };

const INDEX = 'index';
const BOOTS = 'boots';
const RECORD = /^([0-9a-f]{64})\.cbor$/;
const LINE = /^([0-9a-f]{64}) (-?\d{1,19})$/;
const BOOT_LINE = /^(\S{1,64}) ([1-9]\d{0,17})\n$/;

export class IdentityFiles implements IdentityStore {
  readonly #disk: Disk;
  readonly #options: IdentityFilesOptions;
  readonly #files: TileFiles;
  readonly #state = new WriteState('the host identity records');
  /** Oldest first; undefined until first needed, so that a directory in trouble keeps no agent from starting. */
  #kept: Kept[] | undefined;

  constructor(disk: Disk, options: IdentityFilesOptions) {
    this.#disk = disk;
    this.#options = options;
    this.#files = new TileFiles(disk, options.directory);
  }

  put({ digest, bytes }: IdentityItem): Promise<void> {
    return this.#state.write(async () => {
      const now = this.#options.dateNow();
      const name = toHex(digest);
      const known = (this.#kept ??= await this.#load(now)).filter((record) => record.name !== name);
      const all = [...known, { name, from: now }];
      const gone = this.#expired(all, now);
      await this.#files.write([{ path: `${name}.cbor`, bytes }]);
      const kept = all.slice(gone);
      await this.#files.write([{ path: INDEX, bytes: encodeIndex(kept) }]);
      this.#kept = kept;
      for (const old of all.slice(0, gone)) await this.#disk.remove(join(this.#options.directory, `${old.name}.cbor`));
    });
  }

  get(digest: Digest): Promise<Uint8Array | undefined> {
    return this.#files.read(`${toHex(digest)}.cbor`);
  }

  /** How many boots this directory has seen, this one included; undefined where the count was damaged and is lost. */
  countBoot(bootId: string): Promise<bigint | undefined> {
    return this.#state.write(async () => {
      const bytes = await this.#files.read(BOOTS);
      const found = bytes === undefined ? undefined : BOOT_LINE.exec(new TextDecoder().decode(bytes));
      if (found === null) return undefined;
      if (found?.[1] === bootId) return BigInt(found[2]!);
      const count = found === undefined ? 1n : BigInt(found[2]!) + 1n;
      await this.#files.write([{ path: BOOTS, bytes: new TextEncoder().encode(`${bootId} ${count}\n`) }]);
      return count;
    });
  }

  /** How many of the oldest records go: those no kept evidence refers to, and any beyond the bound of the directory. */
  #expired(all: readonly Kept[], now: TaiInstant): number {
    let gone = 0;
    while (all.length - gone > LIMITS.identityRecordsMin) {
      const replaced = all[gone + 1]!.from;
      const isUnreferred = isBefore(shift(replaced, this.#options.keep), now);
      if (!isUnreferred && all.length - gone <= LIMITS.identityRecordsMax) break;
      gone += 1;
    }
    return gone;
  }

  /** What the index lists and is there, after what is there and not listed: left by a crash, or by a lost index. */
  async #load(now: TaiInstant): Promise<Kept[]> {
    const there = new Set<string>();
    for (const entry of await this.#disk.list(this.#options.directory)) {
      const name = RECORD.exec(entry)?.[1];
      if (name !== undefined) there.add(name);
      else if (entry.endsWith(TEMPORARY_SUFFIX)) await this.#disk.remove(join(this.#options.directory, entry));
    }
    const bytes = await this.#files.read(INDEX);
    const listed = (bytes === undefined ? [] : decodeIndex(bytes)).filter(({ name }) => there.delete(name));
    return [...[...there].map((name) => ({ name, from: now })), ...listed];
  }
}

const encodeIndex = (kept: readonly Kept[]): Uint8Array =>
  new TextEncoder().encode(kept.map(({ name, from }) => `${name} ${from}\n`).join(''));

/** A line that is none is left out: its record is then found in the directory. */
function decodeIndex(bytes: Uint8Array): Kept[] {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .flatMap((line) => {
      const found = LINE.exec(line);
      return found === null ? [] : [{ name: found[1]!, from: taiInstant(BigInt(found[2]!)) }];
    });
}
