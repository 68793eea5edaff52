/** `momentd audit`: walks a whole lane, judges every byte of it, and tells an auditor what the lane says. */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { decodePlain, encodePlain } from '../core/codec/plain-json.ts';
import { CODES } from '../core/codes.ts';
import { auditLane, type LaneProgress, type LaneReport, type SavedAudit } from '../core/log/verify-lane.ts';
import { formatNanos, formatTai } from '../core/time/text.ts';
import { EXIT, guarded, say, sayJson, warn } from './outcome.ts';
import { describeOwner, laneFiles, ownerOf, withOwnerOptions, type OwnerOptions } from './lane-reader.ts';
import { ProgressBar } from './progress-bar.ts';

type AuditOptions = OwnerOptions & { readonly copy?: true; readonly json?: true; readonly resume?: string };

export function addAudit(program: Command): void {
  withOwnerOptions(
    program
      .command('audit')
      .description('verify a lane from its first entry and report gaps, state changes, widths and drift')
      .argument('<directory>', 'the lane: a directory with a checkpoint and tiles'),
  )
    .option('--copy', 'the lane is a copy that another agent keeps (lanes/<key id>), under a checkpoint of its own')
    .option('--resume <file>', 'keep the place in this file and go on from it; delete it to start over')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 every byte is accounted for, 1 something is wrong (each finding is named), 2 it could not be read.',
    )
    .action(guarded(runAudit));
}

function runAudit(directory: string, options: AuditOptions): void {
  const files = laneFiles(directory);
  const { owner, judge } = ownerOf(files, options);
  const walk = auditLane({ files, owner, judge, isCopy: options.copy === true }, loadPlace(options.resume));
  const bar = new ProgressBar();
  let step = walk.next();
  for (let steps = 0; !step.done; step = walk.next(), steps++) {
    bar.show(step.value);
    if (steps % 64 === 63) savePlace(options.resume, step.value);
  }
  bar.clear();
  const report = step.value;
  // A finished audit starts over the next time: what was read may have changed since.
  if (options.resume !== undefined) rmSync(options.resume, { force: true });
  if (!report.isWhole) process.exitCode = EXIT.no;
  if (options.json === true) return sayJson(report);
  say(`${options.copy === true ? 'copy of the lane' : 'lane'} of ${describeOwner(owner)}`);
  sayFindings(report);
  sayFigures(report);
}

function sayFindings(report: LaneReport): void {
  const { checkpoint, isCopy, entriesAfterCheckpoint, firstKept, findings, findingsLeftOut } = report;
  if (checkpoint === undefined) say('checkpoint   none that holds');
  else if (isCopy)
    say(`checkpoint   ${checkpoint.size} entries, by whoever keeps the copy: that there are no more, it does not say`);
  else say(`checkpoint   ${checkpoint.size} entries, signed by the validator`);
  if (firstKept > 0)
    say(`pruned       entries before ${firstKept}, as the validator recorded: their hashes are all there`);
  if (entriesAfterCheckpoint > 0) say(`after it     ${entriesAfterCheckpoint} entries in the journal`);
  say(report.isWhole ? 'verdict      whole: every byte is accounted for' : `verdict      NOT WHOLE`);
  for (const { code, detail, path, index } of findings)
    say(`  ${path ?? (index === undefined ? 'lane' : `entry ${index}`)}: ${detail} [${code}]`);
  if (findingsLeftOut > 0) say(`  and ${findingsLeftOut} more`);
  if (findings.some(({ code }) => code === 'checkpoint-unsigned'))
    say(`next         ${CODES['checkpoint-unsigned'].remedy}`);
}

function sayFigures({ figures, firstKept }: LaneReport): void {
  const { first, last, guarantee, kinds, gaps, changes, changesLeftOut, growthPpbMax } = figures;
  say(`statements   ${figures.entries - firstKept}: ${nonZero(kinds)}`);
  if (first === undefined || last === undefined || guarantee === undefined) return;
  say(`time         ${formatTai(first)} to ${formatTai(last)}`);
  say(
    `guarantee    ${formatNanos(guarantee.min)} to ${formatNanos(guarantee.max)}; half at most ${formatNanos(guarantee.p50)}, 99 % at most ${formatNanos(guarantee.p99)}`,
  );
  say(`drift        guarantee grew by at most ${growthPpbMax} ppb`);
  for (const { index, length } of gaps) say(`gap          ${formatNanos(length)} before entry ${index}`);
  for (const { at, index, what } of changes.slice(0, 20)) say(`change       ${formatTai(at)} entry ${index}: ${what}`);
  const more = changes.length + changesLeftOut - 20;
  if (more > 0) say(`             and ${more} more changes (--json lists ${changes.length})`);
}

const nonZero = (kinds: Readonly<Record<string, number>>): string =>
  Object.entries(kinds)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');

/** This file is read by nobody else. */
function savePlace(path: string | undefined, progress: LaneProgress): void {
  const saved = path === undefined ? undefined : progress.save();
  if (path === undefined || saved === undefined) return;
  writeFileSync(`${path}.new`, encodePlain(saved), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function loadPlace(path: string | undefined): SavedAudit | undefined {
  if (path === undefined) return undefined;
  try {
    return decodePlain(readFileSync(path, 'utf8')) as SavedAudit;
  } catch {
    warn(`no place to go on from in ${path}: starting at the first entry`);
    return undefined;
  }
}
