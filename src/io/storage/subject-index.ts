/**
 * The subject index of a lane: files that say which entries may speak of a subject, over ranges that grow sixteenfold.
 *
 * New entries come as blocks of 1,024; sixteen files of one width become one of the next, so a lane of a million entries has at
 * most some fifty, and memory holds a block or sixteen pages. Everything here can be dropped and made again from the lane:
 * a file that is torn, altered or of another lane is removed with those after it, and what is not covered is searched in
 * the lane itself. docs/spec/lane.md section "Subject index".
 */

import { join } from 'node:path';
import { assert } from '../../core/assert.ts';
import { sha256, type Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { subjectsOfEntry } from '../../core/log/entry-subjects.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk } from '../../ports/disk.ts';
import {
  compareRecords,
  keyOfSubject,
  parseSegmentName,
  SegmentDamaged,
  segmentName,
  SegmentReader,
  writeSegment,
  type IndexRecord,
  type Segment,
} from './index-segment.ts';
import { TEMPORARY_SUFFIX } from './tile-files.ts';

/** Files of one width that are joined, and how much wider the joined one is. */
const FANOUT = 16;

/** Beside the lane, not in it: every file in a lane is part of what is signed. */
export const indexDirectoryOf = (laneDirectory: string): string => `${laneDirectory.replace(/\/+$/, '')}.index`;

export type Candidates = {
  /** Entries that may speak of the subject, ascending. */
  readonly entries: readonly number[];
  /** The index says nothing of entries from here on. */
  readonly covered: number;
};

export class SubjectIndex {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #origin: Digest;
  /** From entry 0 without a gap. */
  #segments: Segment[];
  /** Files are removed while others are made: one call at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(disk: Disk, options: { directory: string; origin: Digest; segments: Segment[] }) {
    this.#disk = disk;
    this.#directory = options.directory;
    this.#origin = options.origin;
    this.#segments = options.segments;
  }

  /** Reads which files there are; makes nothing. */
  static async open(disk: Disk, options: { directory: string; origin: string }): Promise<SubjectIndex> {
    const names = await disk.list(options.directory);
    const found = names.map(parseSegmentName).filter((segment) => segment !== undefined);
    const segments: Segment[] = [];
    for (let next = 0; ;) {
      const here = found.filter(({ first, count }) => first === next && isWidth(count) && first % count === 0);
      if (here.length === 0) break;
      const widest = here.reduce((a, b) => (b.count > a.count ? b : a));
      segments.push(widest);
      next += widest.count;
    }
    const origin = sha256(new TextEncoder().encode(options.origin));
    return new SubjectIndex(disk, { directory: options.directory, origin, segments });
  }

  /** Entries [0, covered) are indexed. */
  get covered(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.first + last.count;
  }

  find(subject: Digest): Promise<Candidates> {
    return this.#inTurn(async () => {
      const key = keyOfSubject(subject);
      const entries: number[] = [];
      for (const segment of this.#segments) {
        const here = await this.#read(segment, (reader) => reader.find(key));
        if (here === undefined) return { entries, covered: segment.first };
        entries.push(...here);
      }
      return { entries, covered: this.covered };
    });
  }

  /** Indexes the block that comes next. */
  add(first: number, block: readonly Uint8Array[]): Promise<void> {
    return this.#inTurn(async () => {
      assert(first === this.covered && block.length === LIMITS.indexBlockEntries, 'blocks are indexed in their order');
      if (first === 0) await this.#disk.makeDirectory(this.#directory);
      const records = block.flatMap((entry, i) =>
        subjectsOfEntry(entry).map((subject): IndexRecord => ({ key: keyOfSubject(subject), entry: first + i })),
      );
      const segment = { first, count: block.length };
      await this.#write(segment, records.length, records.sort(compareRecords));
      this.#segments.push(segment);
      while (await this.#join());
    });
  }

  /** Removes every file that is no part of the index as it stands. */
  tidy(): Promise<void> {
    return this.#inTurn(async () => {
      const kept = new Set(this.#segments.map(segmentName));
      for (const name of await this.#disk.list(this.#directory)) {
        const isOurs = parseSegmentName(name.replace(TEMPORARY_SUFFIX, '')) !== undefined;
        if (isOurs && !kept.has(name)) await this.#disk.remove(join(this.#directory, name));
      }
    });
  }

  drop(): Promise<void> {
    this.#segments = [];
    return this.tidy();
  }

  /** Joins the last files when sixteen of one width end where a wider one would; false when there are none. */
  async #join(): Promise<boolean> {
    const last = this.#segments.slice(-FANOUT);
    const count = FANOUT * last[0]!.count;
    const isDue = last.length === FANOUT && last.every((segment) => segment.count === last[0]!.count);
    if (!isDue || last[0]!.first % count !== 0 || count > LIMITS.indexSegmentEntriesMax) return false;
    const readers: SegmentReader[] = [];
    try {
      for (const segment of last) readers.push(await this.#open(segment));
      const joined = { first: last[0]!.first, count };
      await this.#write(
        joined,
        readers.reduce((sum, { records }) => sum + records, 0),
        merged(readers),
      );
      this.#segments.splice(-FANOUT, FANOUT, joined);
    } catch (error) {
      if (!(error instanceof SegmentDamaged)) throw error;
      // Which of them it was is known to whoever asks next; here the whole range is indexed again.
      this.#segments.splice(-FANOUT, FANOUT);
      return false;
    } finally {
      for (const reader of readers) await reader.close();
    }
    for (const segment of last) await this.#disk.remove(this.#path(segment));
    return true;
  }

  async #write(
    segment: Segment,
    count: number,
    records: AsyncIterable<IndexRecord> | Iterable<IndexRecord>,
  ): Promise<void> {
    const path = this.#path(segment) + TEMPORARY_SUFFIX;
    await writeSegment({ disk: this.#disk, path, origin: this.#origin, segment }, count, records);
    await this.#disk.rename(path, this.#path(segment));
    await this.#disk.syncDirectory(this.#directory);
  }

  /** Undefined when the file cannot be read as what it should be: it and those after it no longer count. */
  async #read<T>(segment: Segment, ask: (reader: SegmentReader) => Promise<T>): Promise<T | undefined> {
    let reader: SegmentReader | undefined;
    try {
      reader = await this.#open(segment);
      return await ask(reader);
    } catch (error) {
      if (!(error instanceof SegmentDamaged) && !(error instanceof AgentError)) throw error;
      this.#segments = this.#segments.filter(({ first }) => first < segment.first);
      return undefined;
    } finally {
      await reader?.close();
    }
  }

  #open(segment: Segment): Promise<SegmentReader> {
    return SegmentReader.open(this.#disk, this.#path(segment), { segment, origin: this.#origin });
  }

  #path(segment: Segment): string {
    return join(this.#directory, segmentName(segment));
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(action);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function isWidth(count: number): boolean {
  let width: number = LIMITS.indexBlockEntries;
  while (width < count) width *= FANOUT;
  return width === count && count <= LIMITS.indexSegmentEntriesMax;
}

async function* merged(readers: readonly SegmentReader[]): AsyncGenerator<IndexRecord> {
  const sources = readers.map((reader) => reader.all());
  const next = async (source: AsyncGenerator<IndexRecord>): Promise<IndexRecord | undefined> => {
    const step = await source.next();
    return step.done === true ? undefined : step.value;
  };
  const heads = await Promise.all(sources.map(next));
  for (;;) {
    let least: { readonly at: number; readonly record: IndexRecord } | undefined;
    for (const [at, record] of heads.entries())
      if (record !== undefined && (least === undefined || compareRecords(record, least.record) < 0))
        least = { at, record };
    if (least === undefined) return;
    yield least.record;
    heads[least.at] = await next(sources[least.at]!);
  }
}
