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
import { keyOfDigest } from '../../core/codec/digest-key.ts';
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
  /** Records of closed hours whose places stay in memory. */
  readonly indexedRecordsMax?: number;
};

/** Where the frame of each record begins. An hour may have a hundred thousand of them: a number each, and no object. */
type Index = Map<string, number>;
type Hour = { readonly name: string; sizeBytes: number; index: Index | undefined };

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
    const key = keyOfDigest(digest);
    for (const hour of this.#hoursNear(near)) {
      const at = (await this.#indexOf(hour)).get(key);
      if (at === undefined) continue;
      const bytes = await this.#readFrame(hour, at);
      // A record that is not what its name says was altered on disk: as good as not kept.
      return bytes !== undefined && keyOfDigest(sha256(bytes)) === key ? bytes : undefined;
    }
    return undefined;
  }

  /** The hours that may have it, the likeliest first: a neighbour is read only for what was not in its own hour. */
  #hoursNear(near: TaiInstant | undefined): readonly Hour[] {
    const newestFirst = this.#hours.toReversed();
    if (near === undefined) return newestFirst;
    const wanted = hourOf(near);
    const named = (name: bigint): Hour[] => newestFirst.filter((hour) => BigInt(hour.name) === name);
    return [wanted, wanted + 1n, wanted - 1n].flatMap(named);
  }

  async #readFrame(hour: Hour, at: number): Promise<Uint8Array | undefined> {
    const file = await this.#disk.open(join(this.#options.directory, hour.name), { create: false });
    try {
      const head = await file.readAt(at, HEAD_BYTES);
      if (head.length < HEAD_BYTES) return undefined;
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
      return length > LIMITS.evidenceBytesMax ? undefined : await file.readAt(at + HEAD_BYTES, length);
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    if (!this.#state.close()) return;
    await this.#open?.file.close();
  }

  async #putInHour(name: string, items: readonly EvidenceItem[]): Promise<void> {
    const { hour, file } = await this.#openHour(name);
    const index = await this.#indexOf(hour);
    const fresh = new Map<string, EvidenceItem>();
    for (const item of items) {
      const key = keyOfDigest(item.digest);
      if (!index.has(key)) fresh.set(key, item);
    }
    if (fresh.size === 0) return;
    const places: [string, number][] = [];
    const frames: Uint8Array[] = [];
    let at = hour.sizeBytes;
    for (const [key, { bytes }] of fresh) {
      assert(bytes.length <= LIMITS.evidenceBytesMax, 'an evidence record fits its bound');
      frames.push(frameHead(bytes), bytes);
      places.push([key, at]);
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
      const { index, wholeBytes } = await scan(file);
      if (wholeBytes === 0) {
        await file.truncate(0);
        await file.writeAt(0, MAGIC);
        await file.sync();
        await this.#disk.syncDirectory(this.#options.directory);
      } else if (wholeBytes < (await file.size())) await file.truncate(wholeBytes);
      let hour = this.#hours.find((known) => known.name === name);
      if (hour === undefined) {
        hour = { name, sizeBytes: 0, index: undefined };
        this.#hours.push(hour);
        this.#hours.sort((a, b) => (a.name < b.name ? -1 : 1));
      }
      hour.sizeBytes = Math.max(wholeBytes, MAGIC.length);
      hour.index = index;
      this.#open = { hour, file };
      this.#forgetIndexes(hour);
      return this.#open;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The index of an hour, read when it is first asked for. */
  async #indexOf(hour: Hour): Promise<Index> {
    if (hour.index !== undefined) return hour.index;
    hour.index = await this.#readIndex(hour);
    this.#forgetIndexes(hour);
    return hour.index;
  }

  async #readIndex({ name }: Hour): Promise<Index> {
    // Whoever needs room may have taken an old hour away.
    if (!(await this.#disk.list(this.#options.directory)).includes(name)) return new Map();
    const file = await this.#disk.open(join(this.#options.directory, name), { create: false });
    try {
      return (await scan(file)).index;
    } finally {
      await file.close();
    }
  }

  /** Lets indexes of closed hours go, the oldest first, until those that are left are few enough; never that of `kept`. */
  #forgetIndexes(kept: Hour): void {
    const closed = this.#hours.filter((hour) => hour.index !== undefined && hour !== this.#open?.hour);
    let records = closed.reduce((sum, { index }) => sum + index!.size, 0);
    for (const hour of closed) {
      if (records <= (this.#options.indexedRecordsMax ?? LIMITS.evidenceIndexedRecordsMax)) return;
      if (hour === kept) continue;
      records -= hour.index!.size;
      hour.index = undefined;
    }
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

/**
 * Whole records of a file by digest, and how many bytes they fill with the magic; 0 when the magic is not whole. Read a window at
 * a time: an hour under load has a hundred megabytes, and whoever asks waits while it is hashed.
 */
async function scan(file: DiskFile): Promise<{ index: Index; wholeBytes: number }> {
  const index: Index = new Map();
  const magic = await file.readAt(0, MAGIC.length);
  if (magic.length < MAGIC.length || MAGIC.some((byte, i) => magic[i] !== byte)) return { index, wholeBytes: 0 };
  for (let at = MAGIC.length; ;) {
    const window = await file.readAt(at, LIMITS.evidenceWindowBytes);
    const { records, bytes } = wholeRecords(window);
    for (const { offset, record } of records) index.set(keyOfDigest(sha256(record)), at + offset);
    at += bytes;
    // A whole record fits a window, so one without is the end, or torn.
    if (bytes === 0) return { index, wholeBytes: at };
  }
}

type WholeRecords = {
  /** Where in the window the frame of each begins. */
  readonly records: readonly { readonly offset: number; readonly record: Uint8Array }[];
  /** What they fill. */
  readonly bytes: number;
};

function wholeRecords(window: Uint8Array): WholeRecords {
  const view = new DataView(window.buffer, window.byteOffset, window.byteLength);
  const records: { offset: number; record: Uint8Array }[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= window.length) {
    const length = view.getUint32(at);
    const end = at + HEAD_BYTES + length;
    if (length > LIMITS.evidenceBytesMax || end > window.length) break;
    const record = window.subarray(at + HEAD_BYTES, end);
    if (view.getUint32(at + 4) !== crc32(record)) break;
    records.push({ offset: at, record });
    at = end;
  }
  return { records, bytes: at };
}
