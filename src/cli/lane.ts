/** `momentd lane`: finds entries in a lane, and copies what a mirror needs. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { reportsOf } from '../core/attestation/reports.ts';
import { decodeSignedStatement, type SignedStatement } from '../core/attestation/verify-statement.ts';
import { toHex } from '../core/codec/hex.ts';
import { decodeEntry } from '../core/log/entry.ts';
import { decodeEntries, TILE_WIDTH, tilePath, type Tile } from '../core/log/tiles.ts';
import type { LaneFiles, LaneReport } from '../core/log/verify-lane.ts';
import { formatTai } from '../core/time/text.ts';
import { isBefore, taiInstant, type TaiInstant } from '../core/time/nanos.ts';
import { isFault } from '../core/verdict.ts';
import { loadConfig } from '../io/config/load.ts';
import { AgentError } from '../ports/agent-error.ts';
import { copyLane } from './lane-copy.ts';
import { laneFiles, ownerOf, withOwnerOptions, type OwnerOptions } from './lane-reader.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type FindOptions = OwnerOptions & { readonly at?: string; readonly subject?: string; readonly json?: true };

export function addLane(program: Command): void {
  const lane = program.command('lane').description('look into a lane directory, or copy it');
  withOwnerOptions(
    lane
      .command('find')
      .description('the entry that was current at an instant, or the entries that report a subject')
      .argument('<directory>', 'the lane'),
  )
    .option('--at <tai>', 'instant in nanoseconds of TAI since 1970: the last entry not after it')
    .option('--subject <hex>', 'subject id, 32 bytes: entries whose subject or reports name it (reads every entry)')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 found, 1 not there, 2 it could not be read. Nothing is verified: see momentd audit.',
    )
    .action(guarded(find));
  withOwnerOptions(
    lane
      .command('export')
      .description('verify a lane and copy what is under its checkpoint: a whole lane for a mirror or an archive')
      .argument('<directory>', 'the lane')
      .argument('<to>', 'a directory that does not exist yet'),
  )
    .addHelpText(
      'after',
      '\nExit codes: 0 copied, 1 the lane is not whole and nothing was copied, 2 it could not be read.',
    )
    .action(guarded(exportLane));
  lane
    .command('import')
    .description('verify a lane that a peer or an archive kept for us, and put it in place of one that was lost')
    .argument('<from>', 'the copy: a lane directory of this validator')
    .requiredOption('--config <file>', 'configuration of the validator; its lane directory must not exist')
    .addHelpText(
      'after',
      '\nExit codes: 0 in place, 1 the copy is not whole and nothing was written, 2 it could not be read or placed.',
    )
    .action(guarded(importLane));
}

type Found = { readonly index: number; readonly signed: SignedStatement };

function find(directory: string, options: FindOptions): void {
  const files = laneFiles(directory);
  ownerOf(files, options);
  const lane = new EntryReader(files);
  if ((options.at === undefined) === (options.subject === undefined))
    throw new AgentError('lane-proof-range', 'say what to find: --at NANOSECONDS or --subject HEX');
  const found = options.at === undefined ? findSubject(lane, options.subject!.toLowerCase()) : findAt(lane, options.at);
  if (found.length === 0) process.exitCode = EXIT.no;
  if (options.json === true)
    return sayJson(
      found.map(({ index, signed }) => ({
        index,
        id: signed.id,
        kind: signed.statement.kind,
        tai_ns: signed.statement.time.tai,
      })),
    );
  for (const { index, signed } of found)
    say(`entry ${index}  ${formatTai(signed.statement.time.tai)}  ${signed.statement.kind}  ${toHex(signed.id)}`);
}

/** Time rises from entry to entry, so the place is found by halving. */
function findAt(lane: EntryReader, text: string): Found[] {
  if (!/^\d{1,20}$/.test(text)) throw new AgentError('lane-proof-range', `--at ${text} is not a number of nanoseconds`);
  const at: TaiInstant = taiInstant(BigInt(text));
  let [low, high] = [0, lane.size];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (isBefore(at, lane.at(middle).signed.statement.time.tai)) high = middle;
    else low = middle + 1;
  }
  return low === 0 ? [] : [lane.at(low - 1)];
}

function findSubject(lane: EntryReader, subject: string): Found[] {
  const found: Found[] = [];
  for (let index = 0; index < lane.size; index++) {
    const item = lane.at(index);
    const { statement } = item.signed;
    const reports = item.body === null || statement.kind !== 'reports' ? [] : reportsOf(statement, item.body);
    const names = isFault(reports) ? [] : reports.map((report) => toHex(report.subject));
    if (toHex(statement.subject) === subject || names.includes(subject)) found.push(item);
  }
  return found;
}

/** Entries by index, from tiles and then from the journal. */
class EntryReader {
  readonly #files: LaneFiles;
  readonly #journal = new Map<number, Uint8Array>();
  readonly #tiled: number;
  #tile: { readonly index: number; readonly entries: readonly Uint8Array[] } | undefined;

  constructor(files: LaneFiles) {
    this.#files = files;
    let tiled = 0;
    for (let index = 0; ; index++) {
      const width = this.#widthOf(index);
      tiled = index * TILE_WIDTH + width;
      if (width < TILE_WIDTH) break;
    }
    this.#tiled = tiled;
    for (const path of files.list().filter((name) => /^journal\/\d{15}$/.test(name))) {
      const firstIndex = Number(path.slice('journal/'.length));
      const { entries } = files.decodeFrames(files.read(path) ?? new Uint8Array(), firstIndex);
      for (const [i, entry] of entries.entries()) if (firstIndex + i >= tiled) this.#journal.set(firstIndex + i, entry);
    }
  }

  get size(): number {
    return this.#tiled + this.#journal.size;
  }

  at(index: number): Found & { readonly body: Uint8Array | null } {
    const entry = decodeEntry(this.#bytesAt(index));
    const signed = isFault(entry) ? entry : decodeSignedStatement(entry.statement);
    if (isFault(entry) || isFault(signed))
      throw new AgentError('lane-damaged', `read entry ${index}: it is no statement; see momentd audit`);
    return { index, signed, body: entry.body };
  }

  #bytesAt(index: number): Uint8Array {
    const late = this.#journal.get(index);
    if (late !== undefined) return late;
    const tile = Math.floor(index / TILE_WIDTH);
    if (this.#tile?.index !== tile) {
      const width = this.#widthOf(tile);
      const path = tilePath(entryTile(tile, width));
      const entries = decodeEntries(this.#files.read(path)!, width);
      if (isFault(entries)) throw new AgentError(entries.fault, `read ${path}: ${entries.detail}`);
      this.#tile = { index: tile, entries };
    }
    return this.#tile.entries[index % TILE_WIDTH]!;
  }

  /** How many entries the widest file of this tile holds; 0 when there is none. */
  #widthOf(index: number): number {
    if (this.#files.read(tilePath(entryTile(index, TILE_WIDTH))) !== undefined) return TILE_WIDTH;
    const prefix = `${tilePath(entryTile(index, TILE_WIDTH))}.p/`;
    const widths = this.#files.list().filter((path) => path.startsWith(prefix) && !path.endsWith('.new'));
    return Math.max(0, ...widths.map((path) => Number(path.slice(prefix.length))));
  }
}

const entryTile = (index: number, width: number): Tile => ({ level: 'entries', index, width });

function exportLane(directory: string, to: string, options: OwnerOptions): void {
  tellCopied(copyLane(directory, to, options), to);
}

/** A lane that somebody else kept, put where the agent looks for its own. The guard judges it when the agent starts. */
async function importLane(from: string, { config: file }: { readonly config: string }): Promise<void> {
  const { validator } = await loadConfig(file);
  const to = join(validator.state_dir, 'lane');
  const report = copyLane(from, to, { genesis: validator.genesis });
  tellCopied(report, to);
  if (report.isWhole) say('next: momentd run, which refuses it unless it goes as far as the guard remembers');
}

function tellCopied(report: LaneReport, to: string): void {
  if (report.isWhole && report.checkpoint !== undefined)
    return say(`${to}: ${report.checkpoint.size} entries, verified`);
  process.exitCode = EXIT.no;
  say(`not copied: ${report.findings[0]?.detail ?? 'the lane has no checkpoint yet'}; see momentd audit`);
}
