/**
 * One file of a lane's subject index: which entries of a range speak of a subject, sorted so that a question reads a few pages.
 *
 *     <first entry, 15 digits>-<count of entries>
 *     page of 4,096 bytes = content | CRC-32 of the content
 *     page 0   magic "momentdI" | SHA-256 of the origin | records u64
 *     page n   up to 409 records: key 6 bytes | entry, counted from the first, u32; ascending; zeros after the last record
 *
 * The key is the beginning of SHA-256(subject): who chooses subject ids cannot choose which of them share one. A page whose
 * check fails makes the whole file worth nothing; it is made again from the lane. docs/spec/lane.md section "Subject index".
 */

import { crc32 } from 'node:zlib';
import { compareBytes } from '../../core/codec/cbor.ts';
import { sha256, type Digest } from '../../core/codec/sha256.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';

export type Segment = { readonly first: number; readonly count: number };

/** `entry` is an index of the lane. */
export type IndexRecord = { readonly key: number; readonly entry: number };

const PAGE_BYTES = 4_096;
const CONTENT_BYTES = PAGE_BYTES - 4;
const RECORD_BYTES = 10;
const RECORDS_PER_PAGE = Math.floor(CONTENT_BYTES / RECORD_BYTES);
const MAGIC = new TextEncoder().encode('momentdI');
const ORIGIN_AT = MAGIC.length;
const RECORDS_AT = ORIGIN_AT + 32;
const PAGES_PER_WRITE = 64;
const NAME = /^(\d{15})-([1-9]\d{0,14})$/;

export const segmentName = ({ first, count }: Segment): string => `${String(first).padStart(15, '0')}-${count}`;

export function parseSegmentName(name: string): Segment | undefined {
  const match = NAME.exec(name);
  return match === null ? undefined : { first: Number(match[1]), count: Number(match[2]) };
}

/** 48 bits of a number. */
export const keyOfSubject = (subject: Digest): number => Buffer.from(sha256(subject).buffer).readUIntBE(0, 6);

/** Records that share a key come in the order of their entries. */
export const compareRecords = (a: IndexRecord, b: IndexRecord): number => a.key - b.key || a.entry - b.entry;

/** Writes sorted records to a new file at `path` and syncs it; holds some pages of them in memory. */
export async function writeSegment(
  needs: { readonly disk: Disk; readonly path: string; readonly origin: Digest; readonly segment: Segment },
  count: number,
  records: AsyncIterable<IndexRecord> | Iterable<IndexRecord>,
): Promise<void> {
  const file = await needs.disk.open(needs.path, { create: true });
  try {
    await file.truncate(0);
    const head = Buffer.alloc(PAGE_BYTES);
    head.set(MAGIC);
    head.set(needs.origin, ORIGIN_AT);
    head.writeBigUInt64BE(BigInt(count), RECORDS_AT);
    await file.writeAt(0, sealed(head));
    let [at, filled] = [PAGE_BYTES, 0];
    const block = Buffer.alloc(PAGES_PER_WRITE * PAGE_BYTES);
    const flush = async (): Promise<void> => {
      const pages = Math.ceil(filled / RECORDS_PER_PAGE);
      for (let page = 0; page < pages; page++) sealed(block.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
      await file.writeAt(at, block.subarray(0, pages * PAGE_BYTES));
      at += pages * PAGE_BYTES;
      filled = 0;
      block.fill(0);
    };
    for await (const { key, entry } of records) {
      const place = Math.floor(filled / RECORDS_PER_PAGE) * PAGE_BYTES + (filled % RECORDS_PER_PAGE) * RECORD_BYTES;
      block.writeUIntBE(key, place, 6);
      block.writeUInt32BE(entry - needs.segment.first, place + 6);
      filled += 1;
      if (filled === PAGES_PER_WRITE * RECORDS_PER_PAGE) await flush();
    }
    await flush();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file that is not what it should be; whoever keeps the index makes it again. */
export class SegmentDamaged extends Error {
  override readonly name = 'SegmentDamaged';
}

export class SegmentReader {
  readonly records: number;
  readonly #file: DiskFile;
  readonly #segment: Segment;

  private constructor(file: DiskFile, segment: Segment, records: number) {
    this.#file = file;
    this.#segment = segment;
    this.records = records;
  }

  /** Rejects with `SegmentDamaged` for a file that is not whole, or of another lane. */
  static async open(disk: Disk, path: string, needs: { segment: Segment; origin: Digest }): Promise<SegmentReader> {
    const file = await disk.open(path, { create: false });
    try {
      const head = await readPage(file, 0);
      const isOurs =
        compareBytes(head.subarray(0, ORIGIN_AT), MAGIC) === 0 &&
        compareBytes(head.subarray(ORIGIN_AT, RECORDS_AT), needs.origin) === 0;
      const records = Number(head.readBigUInt64BE(RECORDS_AT));
      const pages = 1 + Math.ceil(records / RECORDS_PER_PAGE);
      if (!isOurs || (await file.size()) !== pages * PAGE_BYTES) throw new SegmentDamaged(path);
      return new SegmentReader(file, needs.segment, records);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Entries that may speak of a subject with this key, ascending. */
  async find(key: number): Promise<number[]> {
    let [low, high] = [0, this.#pages];
    // The first page that ends at or after the key.
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await this.#page(middle)).at(-1)!.key < key) low = middle + 1;
      else high = middle;
    }
    const found: number[] = [];
    for (let page = low; page < this.#pages; page++) {
      const records = await this.#page(page);
      for (const record of records) if (record.key === key) found.push(record.entry);
      if (records.at(-1)!.key > key) break;
    }
    return found;
  }

  async *all(): AsyncGenerator<IndexRecord> {
    for (let page = 0; page < this.#pages; page++) yield* await this.#page(page);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  get #pages(): number {
    return Math.ceil(this.records / RECORDS_PER_PAGE);
  }

  async #page(index: number): Promise<IndexRecord[]> {
    const bytes = await readPage(this.#file, 1 + index);
    const count = Math.min(RECORDS_PER_PAGE, this.records - index * RECORDS_PER_PAGE);
    return Array.from({ length: count }, (_, i) => ({
      key: bytes.readUIntBE(i * RECORD_BYTES, 6),
      entry: this.#segment.first + bytes.readUInt32BE(i * RECORD_BYTES + 6),
    }));
  }
}

async function readPage(file: DiskFile, index: number): Promise<Buffer> {
  const bytes = Buffer.from(await file.readAt(index * PAGE_BYTES, PAGE_BYTES));
  if (bytes.length !== PAGE_BYTES || crc32(bytes.subarray(0, CONTENT_BYTES)) !== bytes.readUInt32BE(CONTENT_BYTES))
    throw new SegmentDamaged(`page ${index}`);
  return bytes;
}

function sealed(page: Buffer): Buffer {
  page.writeUInt32BE(crc32(page.subarray(0, CONTENT_BYTES)), CONTENT_BYTES);
  return page;
}
