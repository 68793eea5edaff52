/** Walks the lane and looks at a bounded sample of its evidence: everything a report is put together from. */

import { existsSync } from 'node:fs';
import { parseGenesis } from '../../core/attestation/genesis-json.ts';
import { kidOf } from '../../core/attestation/cose-sign1.ts';
import { decodeSignedStatement } from '../../core/attestation/verify-statement.ts';
import { decodeEvidence } from '../../core/clock/evidence.ts';
import type { EstimateInputs } from '../../core/clock/estimate.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { parseCheckpointText } from '../../core/log/checkpoint.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { decodeNote } from '../../core/log/signed-note.ts';
import { decodeEntries, TILE_WIDTH, tilePath } from '../../core/log/tiles.ts';
import { auditLane, type LaneFiles, type LaneReport } from '../../core/log/verify-lane.ts';
import { EvidenceWalk, type EvidenceFigures } from '../../core/report/evidence-figures.ts';
import {
  PeriodWalk,
  type Gap,
  type Mark,
  type PeriodFigures,
  type PeriodQuery,
  type Threshold,
} from '../../core/report/period.ts';
import { reasonFromEvidence, UNKNOWN_REASON, type GapReason, type ReportParts } from '../../core/report/report.ts';
import { BUILT_IN_LEAP_TABLE } from '../../core/time/leap-seconds.ts';
import { isBefore, type Nanos, type TaiInstant } from '../../core/time/nanos.ts';
import { isFault } from '../../core/verdict.ts';
import { EvidenceFiles } from '../../io/storage/evidence-files.ts';
import { fileDisk } from '../../io/storage/file-disk.ts';
import { pinLane } from '../../io/storage/pinned-lane.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { firstKeptOf } from '../entry-reader.ts';
import { laneFiles, ownerOf, readFile, type OwnerOptions } from '../lane-reader.ts';
import { ProgressBar } from '../progress-bar.ts';
import { readInstant } from '../read-instant.ts';

export type ReportSources = {
  readonly lane: string;
  /** The evidence store's directory, where there is one. */
  readonly evidence: string;
  readonly owner: OwnerOptions;
};

export type Asked = {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly gapAfter: Nanos;
  readonly thresholds: readonly Threshold[];
};

export async function gatherReport(sources: ReportSources, asked: Asked): Promise<ReportParts> {
  // A directory that is not there is a mistake in the command, not an empty lane.
  const plain = laneFiles(sources.lane);
  plain.list();
  // An agent may be writing: as of the newest checkpoint nothing changes any more.
  const files = pinLane(sources.lane) ?? plain;
  const { owner, judge } = ownerOf(files, sources.owner);
  const query = queryOf(files, asked);
  const walk = new PeriodWalk(query);
  const audit = auditLane({ files, owner, judge, onStatement: (statement, index) => walk.take(statement, index) });
  const lane = runToEnd(audit);
  const period = walk.figures();
  const { evidence, reasons } = await lookAtEvidence(sources.evidence, query, period);
  const kid = kidOf(owner.publicKey);
  const genesis = sources.owner.genesis === undefined ? undefined : parseGenesis(readFile(sources.owner.genesis));
  const known = genesis === undefined || isFault(genesis) ? undefined : genesis.genesis;
  const name = known?.validators.find(({ publicKey }) => compareBytes(publicKey, owner.publicKey) === 0)?.name;
  return {
    query,
    network: owner.network,
    networkName: known?.name,
    validator: { publicKey: owner.publicKey, kid, name },
    lane,
    period,
    evidence,
    reasonOf: (gap) => reasons.get(gap) ?? UNKNOWN_REASON,
    leapTable: BUILT_IN_LEAP_TABLE,
  };
}

function runToEnd(audit: ReturnType<typeof auditLane>): LaneReport {
  const bar = new ProgressBar();
  for (;;) {
    const step = audit.next();
    if (step.done) {
      bar.clear();
      return step.value;
    }
    bar.show(step.value);
  }
}

function queryOf(files: LaneFiles, { from, to, gapAfter, thresholds }: Asked): PeriodQuery {
  const begin = from === undefined ? timeOfEntry(files, 'first') : instantOf('--from', from);
  const end = to === undefined ? timeOfEntry(files, 'last') : instantOf('--to', to);
  if (!isBefore(begin, end)) throw new AgentError('cli-usage', 'report: --from is not before --to');
  return { from: begin, to: end, gapAfter, thresholds };
}

function instantOf(option: string, text: string): TaiInstant {
  const found = readInstant(text, BUILT_IN_LEAP_TABLE);
  if (found === undefined)
    throw new AgentError(
      'cli-usage',
      `report: ${option} ${text} is neither a UTC time the leap second table knows nor nanoseconds of TAI`,
    );
  return found;
}

/** Read without judging it: the walk judges every entry afterwards. */
function timeOfEntry(files: LaneFiles, which: 'first' | 'last'): TaiInstant {
  const note = decodeNote(files.read('checkpoint') ?? new Uint8Array());
  const checkpoint = isFault(note) ? note : parseCheckpointText(note.text);
  const size = isFault(checkpoint) ? 0 : checkpoint.size;
  const index = which === 'first' ? firstKeptOf(files) : size - 1;
  const tile = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - tile * TILE_WIDTH);
  const entries = [width, TILE_WIDTH]
    .map((w) => ({ w, bytes: files.read(tilePath({ level: 'entries', index: tile, width: w })) }))
    .map(({ w, bytes }) => (bytes === undefined ? undefined : decodeEntries(bytes, w)))
    .find((found) => found !== undefined);
  const bytesOfEntry = entries === undefined || isFault(entries) ? undefined : entries[index % TILE_WIDTH];
  const entry = bytesOfEntry === undefined ? undefined : decodeEntry(bytesOfEntry);
  const signed = entry === undefined || isFault(entry) ? undefined : decodeSignedStatement(entry.statement);
  if (signed === undefined || isFault(signed))
    throw new AgentError(
      'cli-usage',
      `report: the ${which} entry of the lane cannot be read; say the period with --from and --to`,
    );
  return signed.statement.time.tai;
}

async function lookAtEvidence(
  directory: string,
  query: PeriodQuery,
  period: PeriodFigures,
): Promise<{ evidence: EvidenceFigures | undefined; reasons: Map<Gap, GapReason> }> {
  const reasons = new Map<Gap, GapReason>();
  if (!existsSync(directory)) return { evidence: undefined, reasons };
  // Nothing is put into it, so its bounds have nothing to do.
  const unbounded = { bytesMax: Number.MAX_SAFE_INTEGER, hoursMax: Number.MAX_SAFE_INTEGER };
  const store = await EvidenceFiles.open(fileDisk, { directory, ...unbounded });
  try {
    const of = (mark: Mark): Promise<Uint8Array | undefined> => store.get(mark.statement.evidence, mark.tai);
    const walk = new EvidenceWalk(query);
    for (const sample of period.samples) walk.take(sample, await of(sample));
    const inputsOf = async (mark: Mark | undefined): Promise<EstimateInputs | undefined> => {
      const bytes = mark === undefined ? undefined : await of(mark);
      const evidence = bytes === undefined ? undefined : decodeEvidence(bytes);
      return evidence === undefined || 'fault' in evidence ? undefined : evidence.inputs;
    };
    for (const gap of period.gaps.longest)
      reasons.set(
        gap,
        gap.after === undefined
          ? { code: undefined, sentence: 'the lane ends there', rebooted: undefined }
          : reasonFromEvidence(await inputsOf(gap.before), await inputsOf(gap.after)),
      );
    return { evidence: walk.figures(), reasons };
  } finally {
    await store.close();
  }
}
