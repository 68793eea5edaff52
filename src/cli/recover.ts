/**
 * `momentd recover`: what to do when guard and lane do not belong together.
 *
 * The agent refuses to start then, because going on could sign a second statement for a sequence number. This command says
 * what it finds and what the safe ways are. The one unsafe way, believing the lane and making a new guard from it, needs two
 * things said by a person: the flag, and how many entries of this lane the other validators have seen.
 */

import { rename } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Code } from '../core/codes.ts';
import { decodeEntry } from '../core/log/entry.ts';
import type { GuardRecord, LaneHead } from '../core/log/guard-record.ts';
import { EMPTY_ROOT } from '../core/log/merkle.ts';
import { asksOfLane, reconcile } from '../core/log/reconcile.ts';
import { verifyLane, type LaneFiles, type LaneOwner } from '../core/log/verify-lane.ts';
import { zeroDigest } from '../core/attestation/statement.ts';
import { decodeSignedStatement } from '../core/attestation/verify-statement.ts';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import { originOf } from '../core/log/origin.ts';
import { toHex } from '../core/codec/hex.ts';
import { isFault, type Fault } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { GuardFile } from '../io/storage/guard-file.ts';
import { LaneDirectory } from '../io/storage/lane-directory.ts';
import { describeOwner, laneFiles, ownerOf, withOwnerOptions, type OwnerOptions } from './lane-reader.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type RecoverOptions = OwnerOptions & {
  readonly guard: string;
  readonly lane: string;
  readonly adoptLane?: true;
  readonly highestSeen?: string;
  readonly json?: true;
};

/** What each refusal means and which ways lead on; only those in `ADOPTABLE` may be overruled. */
const WAYS: Partial<Record<Code, string>> = {
  'guard-missing': `The lane has entries, but what was signed after the last of them is not known.
  Safe: put the guard file back, if it was moved. Safe: register a new key and begin a new lane.
  If this lane is complete, --adopt-lane makes a new guard from it.`,
  'guard-damaged': `The guard file exists and cannot be read, so what was signed last is not known.
  Safe: restore the disk it lay on. Safe: register a new key and begin a new lane.
  If this lane is complete, --adopt-lane makes a new guard from it.`,
  'guard-behind': `The guard is older than the lane, as when it was restored from a backup.
  Safe: put the newer guard file back. Safe: register a new key and begin a new lane.
  If this lane is complete, --adopt-lane makes a new guard from it.`,
  'guard-ahead': `Statements were signed that this lane does not have. Going on would sign their sequence numbers again.
  Safe: put the newer lane directory back. Safe: move this one away, and momentd lane import the copy that another
  validator, observer or archive keeps of it (lanes/<key id> in its state directory).
  Safe: register a new key and begin a new lane. There is no other way.`,
  'guard-contradicts-lane': `The lane holds other statements than the ones that were reserved. One of the two was altered.
  Safe: keep both as evidence, register a new key and begin a new lane. There is no other way.`,
  'guard-other-validator': `The guard belongs to another key or network: the configuration points at the wrong file.`,
};

const ADOPTABLE: readonly Code[] = ['guard-missing', 'guard-damaged', 'guard-behind'];

export function addRecover(program: Command): void {
  withOwnerOptions(
    program
      .command('recover')
      .description('explain why guard and lane do not belong together, and make a new guard when told to')
      .requiredOption('--guard <file>', 'the guard file of the validator')
      .requiredOption('--lane <directory>', 'its lane'),
  )
    .option('--adopt-lane', 'make a new guard from the lane as it is; the old file is kept beside it')
    .option(
      '--highest-seen <count>',
      'with --adopt-lane: the most entries of this lane any other validator or mirror has',
    )
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
Stop the agent first. A guard made from a lane that misses published statements makes this key sign their sequence
numbers again: that is a fault others can prove, for ever. So ask the others how many entries they have, and say it.

Exit codes: 0 guard and lane belong together (now), 1 they do not, 2 they could not be read.`,
    )
    .action(guarded(recover));
}

async function recover(options: RecoverOptions): Promise<void> {
  const files = laneFiles(options.lane);
  // A directory that is not there is a mistake in the command, not an empty lane.
  files.list();
  const { owner, judge } = await ownerOfEither(files, options);
  const origin = originOf({ network: owner.network, kid: kidOf(owner.publicKey) });
  const lane = await LaneDirectory.open(
    { disk: fileDisk, checkSignature },
    { directory: options.lane, origin, publicKey: owner.publicKey },
  );
  try {
    const found = await diagnose(options.guard, lane, owner);
    const adopts = isFault(found) && options.adoptLane === true;
    if (!adopts) return report(options, owner, lane.size, found);
    if (!ADOPTABLE.includes(found.fault)) throw new AgentError(found.fault, `adopt the lane: ${found.detail}`);
    const seen = countOf(options.highestSeen);
    if (lane.size < seen)
      throw new AgentError('guard-ahead', `adopt the lane: it has ${lane.size} entries and others have seen ${seen}`);
    const audit = verifyLane({ files, owner, judge });
    if (!audit.isWhole)
      throw new AgentError('lane-damaged', `adopt the lane: ${audit.findings[0]?.detail ?? ''}; see momentd audit`);
    await adopt(options.guard, lane, owner);
    report(options, owner, lane.size, undefined);
  } finally {
    await lane.close();
  }
}

/** Whose they are: a lane that was lost names nobody, and the guard beside it still does. */
async function ownerOfEither(files: LaneFiles, options: RecoverOptions): Promise<ReturnType<typeof ownerOf>> {
  const isNameless = options.key === undefined && files.read('checkpoint') === undefined;
  const record = isNameless ? await recordIn(options.guard).catch(() => undefined) : undefined;
  return ownerOf(files, record === undefined ? options : { ...options, key: toHex(record.publicKey) });
}

async function recordIn(path: string): Promise<GuardRecord | undefined> {
  const guard = await GuardFile.open(fileDisk, path, { create: false });
  await guard.close();
  return guard.record;
}

/** What is wrong between guard and lane, or undefined. */
async function diagnose(guardPath: string, lane: LaneDirectory, owner: LaneOwner): Promise<Fault | undefined> {
  let record: GuardRecord | undefined;
  try {
    record = await recordIn(guardPath);
  } catch (error) {
    if (!(error instanceof AgentError) || !ADOPTABLE.includes(error.code)) throw error;
    return { fault: error.code, detail: error.message };
  }
  const asks = asksOfLane(record, lane.size);
  const result = reconcile(
    record,
    {
      size: lane.size,
      rootAtGuard: asks && (await lane.rootAt(asks.from)),
      tail: asks === undefined ? [] : await lane.read(asks.from, asks.to),
    },
    owner,
  );
  return isFault(result) ? result : undefined;
}

function report(options: RecoverOptions, owner: LaneOwner, entries: number, found: Fault | undefined): void {
  if (found !== undefined) process.exitCode = EXIT.no;
  const adopted = found === undefined && options.adoptLane === true;
  if (options.json === true)
    return sayJson({
      entries,
      belongTogether: found === undefined,
      adopted,
      code: found?.fault,
      detail: found?.detail,
    });
  say(`lane of ${describeOwner(owner)}: ${entries} entries`);
  if (found === undefined) return say('guard and lane belong together: momentd run will go on from here');
  say(`${found.detail} [${found.fault}]`);
  say(`  ${WAYS[found.fault] ?? ''}`);
}

/** Makes a guard that continues the lane as it is. The old file keeps its bytes under another name. */
async function adopt(guardPath: string, lane: LaneDirectory, owner: LaneOwner): Promise<void> {
  const head = await headOf(lane);
  const isThere = (await fileDisk.read(guardPath)) !== undefined;
  if (isThere) await rename(guardPath, `${guardPath}.replaced-at-${lane.size}`);
  const guard = await GuardFile.open(fileDisk, guardPath, { create: true });
  await guard.reserve({ network: owner.network, publicKey: owner.publicKey, head, reserved: [] });
  await guard.close();
}

async function headOf(lane: LaneDirectory): Promise<LaneHead> {
  if (lane.size === 0) return { size: 0, root: EMPTY_ROOT, previous: zeroDigest(), time: undefined, epoch: 0n };
  const [last] = await lane.read(lane.size - 1, lane.size);
  const entry = decodeEntry(last!);
  const signed = isFault(entry) ? entry : decodeSignedStatement(entry.statement);
  if (isFault(signed)) throw new AgentError(signed.fault, `read the last entry of the lane: ${signed.detail}`);
  const { time, epoch } = signed.statement;
  return { size: lane.size, root: lane.root(), previous: signed.id, time: time.tai, epoch };
}

function countOf(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text))
    throw new AgentError('guard-missing', 'adopt the lane: say with --highest-seen how many entries others have of it');
  return Number(text);
}
