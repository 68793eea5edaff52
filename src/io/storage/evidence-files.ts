/**
 * Evidence records on disk: one file per hour of TAI, append-only, found by digest. docs/spec/lane.md section "Evidence".
 *
 *     <hour, 8 digits> = magic "momentdE" | frames of length u32 BE | CRC-32 u32 BE | record
 *
 * A record is named by its SHA-256, so a reader needs no trust in this store. The oldest hours go when the store grows past
 * its bytes or age; the newest hour always stays. A crash can tear only the end of the newest file, and only records that
 * no statement refers to yet, because a statement is reserved after its evidence is synced.
 */

import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '../../core/assert.ts';
import { toHex } from '../../core/codec/hex.ts';
import { sha256, type Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { floorDivide, type TaiInstant } from '../../core/time/nanos.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';
import type { EvidenceItem, EvidenceStore } from '../../ports/lane.ts';
import { WriteState } from './write-state.ts';

const MAGIC = new TextEncoder().encode('momentdE');
const HEAD_BYTES = 8;
const HOUR_NANOS = 3_600_000_000_000n;
const NAME = /^\d{8}$/;

export type EvidenceOptions = {
  readonly directory: string;
  /** Bytes of records kept; the newest hour is kept whatever its size. */
  readonly bytesMax: number;
  /** Hours of records kept, counted from the newest. */
  readonly hoursMax: number;
};

type Place = { readonly offset: number; readonly length: number };
type Hour = { readonly name: string; sizeBytes: number; index: Map<string, Place> | undefined };

export class EvidenceFiles implements EvidenceStore {
  readonly #disk: Disk;
  readonly #options: EvidenceOptions;
  readonly #state = new WriteState('the evidence store');
  /** Oldest first. */
  #hours: Hour[];
  #open: { readonly hour: Hour; readonly file: DiskFile } | undefined;

  private constructor(disk: Disk, options: EvidenceOptions, hours: Hour[]) {
    this.#disk = disk;
    this.#options = options;
    this.#hours = hours;
  }

  static async open(disk: Disk, options: EvidenceOptions): Promise<EvidenceFiles> {
    assert(options.bytesMax > 0 && options.hoursMax > 0, 'an evidence store keeps something');
    await disk.makeDirectory(options.directory);
    const hours: Hour[] = [];
    for (const name of (await disk.list(options.directory)).filter((entry) => NAME.test(entry))) {
      const file = await disk.open(join(options.directory, name), { create: false });
      hours.push({ name, sizeBytes: await file.size(), index: undefined });
      await file.close();
    }
    return new EvidenceFiles(disk, options, hours);
  }

  put(items: readonly EvidenceItem[]): Promise<void> {
    return this.#state.write(async () => {
      const byHour = Map.groupBy(items, ({ at }) => nameOf(at));
      for (const [name, group] of byHour) await this.#putInHour(name, group);
      await this.#expire();
    });
  }

  /** `near` is the time of the statement that refers to it: with it only that hour and its neighbours are read. */
  async get(digest: Digest, near?: TaiInstant): Promise<Uint8Array | undefined> {
    const key = toHex(digest);
    const wanted = near === undefined ? undefined : hourOf(near);
    for (const hour of [...this.#hours].reverse()) {
      const distance = wanted === undefined ? 0n : BigInt(hour.name) - wanted;
      if (distance < -1n || distance > 1n) continue;
      const place = (await this.#indexOf(hour)).get(key);
      if (place === undefined) continue;
      const file = await this.#disk.open(join(this.#options.directory, hour.name), { create: false });
      const bytes = await file.readAt(place.offset, place.length).finally(() => file.close());
      // A record that is not what its name says was altered on disk: as good as not kept.
      return toHex(sha256(bytes)) === key ? bytes : undefined;
    }
    return undefined;
  }

  async close(): Promise<void> {
    if (!this.#state.close()) return;
    await this.#open?.file.close();
  }

  async #putInHour(name: string, items: readonly EvidenceItem[]): Promise<void> {
    const { hour, file } = await this.#openHour(name);
    const index = await this.#indexOf(hour);
    const fresh = new Map<string, EvidenceItem>();
    for (const item of items) if (!index.has(toHex(item.digest))) fresh.set(toHex(item.digest), item);
    if (fresh.size === 0) return;
    const places = new Map<string, Place>();
    const frames: Uint8Array[] = [];
    let at = hour.sizeBytes;
    for (const [key, { bytes }] of fresh) {
      assert(bytes.length <= LIMITS.evidenceBytesMax, 'an evidence record fits its bound');
      frames.push(frameHead(bytes), bytes);
      places.set(key, { offset: at + HEAD_BYTES, length: bytes.length });
      at += HEAD_BYTES + bytes.length;
    }
    try {
      await file.writeSynced(hour.sizeBytes, Buffer.concat(frames));
    } catch (error) {
      if (error instanceof AgentError && error.code === 'disk-full') await file.truncate(hour.sizeBytes);
      throw error;
    }
    hour.sizeBytes = at;
    for (const [key, place] of places) index.set(key, place);
  }

  /** The file of an hour, cut to its last whole record, open for appending. */
  async #openHour(name: string): Promise<{ hour: Hour; file: DiskFile }> {
    if (this.#open?.hour.name === name) return this.#open;
    await this.#open?.file.close();
    this.#open = undefined;
    const file = await this.#disk.open(join(this.#options.directory, name), { create: true });
    try {
      const bytes = await file.readAt(0, await file.size());
      const { index, wholeBytes } = scan(bytes);
      if (wholeBytes === 0) {
        await file.truncate(0);
        await file.writeAt(0, MAGIC);
        await file.sync();
        await this.#disk.syncDirectory(this.#options.directory);
      } else if (wholeBytes < bytes.length) await file.truncate(wholeBytes);
      let hour = this.#hours.find((known) => known.name === name);
      if (hour === undefined) {
        hour = { name, sizeBytes: 0, index: undefined };
        this.#hours.push(hour);
        this.#hours.sort((a, b) => (a.name < b.name ? -1 : 1));
      }
      hour.sizeBytes = Math.max(wholeBytes, MAGIC.length);
      hour.index = index;
      this.#open = { hour, file };
      return this.#open;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The index of an hour, read when it is first asked for; the oldest indexes in memory are let go. */
  async #indexOf(hour: Hour): Promise<Map<string, Place>> {
    if (hour.index !== undefined) return hour.index;
    const bytes = (await this.#disk.read(join(this.#options.directory, hour.name))) ?? new Uint8Array();
    const indexed = this.#hours.filter(({ index, name }) => index !== undefined && name !== this.#open?.hour.name);
    if (indexed.length >= LIMITS.evidenceIndexedHoursMax) indexed[0]!.index = undefined;
    hour.index = scan(bytes).index;
    return hour.index;
  }

  async #expire(): Promise<void> {
    const newest = this.#hours.at(-1);
    while (newest !== undefined && this.#hours[0] !== newest) {
      const oldest = this.#hours[0]!;
      const total = this.#hours.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const tooOld = BigInt(newest.name) - BigInt(oldest.name) >= BigInt(this.#options.hoursMax);
      if (total <= this.#options.bytesMax && !tooOld) return;
      if (this.#open?.hour === oldest) {
        await this.#open.file.close();
        this.#open = undefined;
      }
      await this.#disk.remove(join(this.#options.directory, oldest.name));
      this.#hours.shift();
    }
  }
}

const hourOf = (at: TaiInstant): bigint => floorDivide(at, HOUR_NANOS);

function nameOf(at: TaiInstant): string {
  assert(at >= 0n, 'evidence is kept of times from 1970 on');
  return String(hourOf(at)).padStart(8, '0');
}

function frameHead(bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, bytes.length);
  view.setUint32(4, crc32(bytes));
  return head;
}

/** Whole records of a file by digest, and how many bytes they fill with the magic; 0 when the magic is not whole. */
function scan(bytes: Uint8Array): { index: Map<string, Place>; wholeBytes: number } {
  const index = new Map<string, Place>();
  if (bytes.length < MAGIC.length || MAGIC.some((byte, i) => bytes[i] !== byte)) return { index, wholeBytes: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = MAGIC.length;
  while (at + HEAD_BYTES <= bytes.length) {
    const offset = at + HEAD_BYTES;
    const length = view.getUint32(at);
    if (length > LIMITS.evidenceBytesMax || offset + length > bytes.length) break;
    const record = bytes.subarray(offset, offset + length);
    if (view.getUint32(at + 4) !== crc32(record)) break;
    index.set(toHex(sha256(record)), { offset, length });
    at = offset + length;
  }
  return { index, wholeBytes: at };
}
