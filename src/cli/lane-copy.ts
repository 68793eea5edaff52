/** A verified copy of a lane: what is under its checkpoint, and nothing unless every byte is accounted for. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PRUNE_RECORD_FILE } from '../core/log/prune-record.ts';
import { verifyLane, type LaneFiles, type LaneReport } from '../core/log/verify-lane.ts';
import { AgentError } from '../ports/agent-error.ts';
import { laneFiles, ownerOf, type OwnerOptions } from './lane-reader.ts';

/** Copies `from` to `to`, which must not exist, when the lane is whole; the report says what was found either way. */
export function copyLane(from: string, to: string, options: OwnerOptions): LaneReport {
  const files = laneFiles(from);
  const { owner, judge } = ownerOf(files, options);
  const report = verifyLane({ files, owner, judge });
  if (!report.isWhole || report.checkpoint === undefined) return report;
  const isPart = (path: string): boolean => path.startsWith('tile/') || path === PRUNE_RECORD_FILE;
  placeFiles(files, to, files.list().filter(isPart));
  return report;
}

/** Writes these files of a lane into a directory that must not be there yet, and its checkpoint. */
export function placeFiles(files: LaneFiles, to: string, paths: readonly string[]): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    mkdirSync(to);
  } catch (cause) {
    throw new AgentError('file-exists', `create ${to}: it must not be there yet`, { cause });
  }
  // The checkpoint last: a copy that was interrupted is not mistaken for a lane.
  for (const path of [...paths, 'checkpoint']) {
    const bytes = files.read(path);
    // A lane of a few entries may have none yet; any other file was there when the lane was verified.
    if (bytes === undefined && path === 'checkpoint') continue;
    if (bytes === undefined) throw new AgentError('file-unreadable', `read ${path}: it went while the lane was copied`);
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), bytes);
  }
}
