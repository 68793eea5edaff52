/** `momentd lane`: finds entries in a lane, indexes it, copies what a mirror needs, and prunes what is old. */

import type { Command } from 'commander';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import { toHex } from '../core/codec/hex.ts';
import { originOf } from '../core/log/origin.ts';
import type { LaneReport } from '../core/log/verify-lane.ts';
import { formatTai } from '../core/time/text.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { IndexedLane } from '../io/storage/indexed-lane.ts';
import { indexDirectoryOf } from '../io/storage/subject-index.ts';
import { EntryReader, findEntries, type FindQuestion } from './entry-reader.ts';
import { copyLane } from './lane-copy.ts';
import { addLaneImport } from './lane-import.ts';
import { addLanePrune } from './lane-prune.ts';
import { laneFiles, ownerOf, withOwnerOptions, type OwnerOptions } from './lane-reader.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type FindOptions = OwnerOptions & FindQuestion & { readonly json?: true };
type IndexOptions = OwnerOptions & { readonly rebuild?: true; readonly json?: true };

export function addLane(program: Command): void {
  const lane = program.command('lane').description('look into a lane directory, or copy it');
  withOwnerOptions(
    lane
      .command('find')
      .description('the entry that was current at an instant, or the entries that report a subject')
      .argument('<directory>', 'the lane'),
  )
    .option('--at <tai>', 'instant in nanoseconds of TAI since 1970: the last entry not after it')
    .option('--subject <hex>', 'subject id, 32 bytes: entries whose subject or reports name it')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
What is found was read from the lane. An index beside it makes a subject quick to find; one that was altered can hide
entries, and momentd lane index --rebuild makes it again. Signatures are not checked: see momentd audit.

Exit codes: 0 found, 1 not there, 2 it could not be read.`,
    )
    .action(guarded(find));
  withOwnerOptions(
    lane
      .command('index')
      .description('bring the subject index beside a lane up to date; the agent does it for its own lane')
      .argument('<directory>', 'the lane'),
  )
    .option('--rebuild', 'forget the index there is and make it again from the lane')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExit codes: 0 done, 2 the lane could not be read or the index not written.')
    .action(guarded(index));
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
  addLaneImport(lane);
  addLanePrune(lane);
}

async function find(directory: string, options: FindOptions): Promise<void> {
  const files = laneFiles(directory);
  const { owner } = ownerOf(files, options);
  const lane = new EntryReader(files, originOf({ network: owner.network, kid: kidOf(owner.publicKey) }));
  const found = await findEntries(lane, directory, options);
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

/** The index lies beside the lane and belongs to whoever may write there: the agent, or this command while it is stopped. */
async function index(directory: string, options: IndexOptions): Promise<void> {
  const files = laneFiles(directory);
  const { owner } = ownerOf(files, options);
  const lane = new EntryReader(files, originOf({ network: owner.network, kid: kidOf(owner.publicKey) }));
  const searched = await IndexedLane.open({ disk: fileDisk, lane }, indexDirectoryOf(directory));
  if (options.rebuild === true) await searched.drop();
  await searched.catchUp();
  const { indexed } = searched;
  if (options.json === true) return sayJson({ indexed, entries: lane.size, directory: indexDirectoryOf(directory) });
  say(`${indexDirectoryOf(directory)}: ${indexed} of ${lane.size} entries; the rest is searched in the lane`);
}

function exportLane(directory: string, to: string, options: OwnerOptions): void {
  tellCopied(copyLane(directory, to, options), to);
}

function tellCopied(report: LaneReport, to: string): void {
  if (report.isWhole && report.checkpoint !== undefined)
    return say(`${to}: ${report.checkpoint.size} entries, verified`);
  process.exitCode = EXIT.no;
  say(`not copied: ${report.findings[0]?.detail ?? 'the lane has no checkpoint yet'}; see momentd audit`);
}
