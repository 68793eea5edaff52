/**
 * The journal of a lane: entries in the order they were appended, durable before they are acknowledged.
 *
 *     journal/<first index, 15 digits>   = magic "momentdJ" | frames
 *     frame = length u32 BE | CRC-32 u32 BE of index (u64 BE) and entry | entry
 *
 * Tiles are rewritten whole at checkpoints; the journal is what makes the appends between them durable at one sequential
 * write and one sync per batch. Its check value only has to tell a torn write from a whole one (the tree vouches for the
 * content), so it is zlib's CRC-32, which Node computes natively. The index is under the check so that a frame can only be
 * read at its own place. docs/spec/lane.md section "Journal".
 */

import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '../../core/assert.ts';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';

const MAGIC = new TextEncoder().encode('momentdJ');
const HEAD_BYTES = 8;
const SEGMENT_NAME = /^\d{15}$/;

/** Frames as they are written, and where in them each entry lies: start and end, start and end. */
export type Frames = { readonly bytes: Uint8Array; readonly ranges: Uint32Array };

type Segment = { readonly name: string; readonly firstIndex: number };

export class Journal {
  readonly #disk: Disk;
  readonly #directory: string;
  #segments: Segment[];
  #file: DiskFile | undefined;
  #fileBytes = 0;
  /** Index of the next frame. */
  #next: number;

  private constructor(needs: { disk: Disk; directory: string; segments: Segment[]; next: number }) {
    this.#disk = needs.disk;
    this.#directory = needs.directory;
    this.#segments = needs.segments;
    this.#next = needs.next;
  }

  /**
   * Reads the journal from entry `from` on, handing over the whole frames at and after it, cuts a torn tail off, and is ready
   * to append. Only the newest segment may end torn: an older one was whole before the newer was made.
   */
  static async open(needs: {
    disk: Disk;
    directory: string;
    from: number;
    onEntries: (entries: readonly Uint8Array[]) => void;
  }): Promise<Journal> {
    const { disk, directory, from } = needs;
    await disk.makeDirectory(directory);
    const segments = (await disk.list(directory))
      .filter((name) => SEGMENT_NAME.test(name))
      .map((name) => ({ name, firstIndex: Number(name) }));
    const journal = new Journal({ disk, directory, segments, next: from });
    for (const [i, segment] of segments.entries()) await journal.#replay(segment, i === segments.length - 1, needs);
    return journal;
  }

  get next(): number {
    return this.#next;
  }

  /** The frames of entries that come next. */
  frame(entries: readonly Uint8Array[]): Frames {
    return encodeFrames(this.#next, entries);
  }

  /** Writes and syncs what `frame` made; on `disk-full` what was written of it is taken back. */
  async append({ bytes, ranges }: Frames): Promise<void> {
    if (this.#file === undefined || this.#fileBytes + bytes.length > LIMITS.journalSegmentBytesMax)
      await this.#beginSegment();
    const file = this.#file!;
    try {
      await file.writeSynced(this.#fileBytes, bytes);
    } catch (error) {
      if (error instanceof AgentError && error.code === 'disk-full') await file.truncate(this.#fileBytes);
      throw error;
    }
    this.#fileBytes += bytes.length;
    this.#next += ranges.length / 2;
  }

  /** Removes segments whose every entry is below `index`; the newest segment stays. */
  async dropBelow(index: number): Promise<void> {
    while (this.#segments.length > 1 && this.#segments[1]!.firstIndex <= index) {
      await this.#disk.remove(join(this.#directory, this.#segments[0]!.name));
      this.#segments = this.#segments.slice(1);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #beginSegment(): Promise<void> {
    const segment = { name: String(this.#next).padStart(15, '0'), firstIndex: this.#next };
    const file = await this.#disk.open(join(this.#directory, segment.name), { create: true });
    try {
      await file.truncate(0);
      await file.writeAt(0, MAGIC);
      await file.sync();
      await this.#disk.syncDirectory(this.#directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    await this.#file?.close();
    this.#file = file;
    this.#fileBytes = MAGIC.length;
    if (this.#segments.at(-1)?.name !== segment.name) this.#segments.push(segment);
  }

  async #replay(
    segment: Segment,
    isLast: boolean,
    { onEntries }: { onEntries: (entries: readonly Uint8Array[]) => void },
  ): Promise<void> {
    const path = join(this.#directory, segment.name);
    const file = await this.#disk.open(path, { create: false });
    const bytes = await file.readAt(0, await file.size());
    const { entries, wholeBytes } = decodeFrames(bytes, segment.firstIndex);
    const end = segment.firstIndex + entries.length;
    const gap = segment.firstIndex > this.#next;
    if (gap || (!isLast && wholeBytes < bytes.length)) {
      await file.close();
      const what = gap ? `entries from ${this.#next} are missing before it` : `a frame at byte ${wholeBytes} is broken`;
      throw new AgentError('lane-damaged', `read the journal ${path}: ${what}`, { fields: { path } });
    }
    // `next` begins at `from`; what lies before it is in tiles, or was in the segment before.
    const fresh = entries.slice(this.#next - segment.firstIndex);
    for (let at = 0; at < fresh.length; at += LIMITS.untiledEntriesMax)
      onEntries(fresh.slice(at, at + LIMITS.untiledEntriesMax));
    this.#next = Math.max(this.#next, end);
    if (!isLast) return file.close();
    // A segment that was begun and holds nothing whole is begun again; one that ends before the tiles do is of no use.
    if (wholeBytes < MAGIC.length || end < this.#next) {
      await file.close();
      if (segment.firstIndex < this.#next) {
        await this.#disk.remove(path);
        await this.#disk.syncDirectory(this.#directory);
        this.#segments.pop();
      }
      return;
    }
    if (wholeBytes < bytes.length) {
      await file.truncate(wholeBytes);
      await file.sync();
    }
    this.#file = file;
    this.#fileBytes = wholeBytes;
  }
}

export function encodeFrames(firstIndex: number, entries: readonly Uint8Array[]): Frames {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + HEAD_BYTES + entry.length, 0));
  const ranges = new Uint32Array(2 * entries.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [i, entry] of entries.entries()) {
    assert(entry.length <= LIMITS.laneEntryBytesMax, 'an entry fits its bound');
    view.setUint32(at, entry.length);
    view.setUint32(at + 4, checkOf(firstIndex + i, entry));
    at += HEAD_BYTES;
    ranges[2 * i] = at;
    bytes.set(entry, at);
    at += entry.length;
    ranges[2 * i + 1] = at;
  }
  return { bytes, ranges };
}

/** Every whole frame from the start, and how many bytes they fill with the magic; 0 when not even the magic is whole. */
export function decodeFrames(bytes: Uint8Array, firstIndex: number): { entries: Uint8Array[]; wholeBytes: number } {
  const entries: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < MAGIC.length || MAGIC.some((byte, i) => bytes[i] !== byte)) return { entries, wholeBytes: 0 };
  let at = MAGIC.length;
  while (at + HEAD_BYTES <= bytes.length) {
    const length = view.getUint32(at);
    const end = at + HEAD_BYTES + length;
    if (length > LIMITS.laneEntryBytesMax || end > bytes.length) break;
    const entry = bytes.subarray(at + HEAD_BYTES, end);
    if (view.getUint32(at + 4) !== checkOf(firstIndex + entries.length, entry)) break;
    entries.push(entry);
    at = end;
  }
  return { entries, wholeBytes: at };
}

const indexScratch = new Uint8Array(8);
const indexView = new DataView(indexScratch.buffer);

function checkOf(index: number, entry: Uint8Array): number {
  // Two halves of the u64: a bigint per entry would cost more than the check itself.
  indexView.setUint32(0, Math.floor(index / 2 ** 32));
  indexView.setUint32(4, index % 2 ** 32);
  return crc32(entry, crc32(indexScratch));
}
