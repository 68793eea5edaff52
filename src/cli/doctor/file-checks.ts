/** Checks of the files a configuration names: genesis and key, leap table, guard, state directory, and how fast it syncs. */

import { constants, type Stats } from 'node:fs';
import { access, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { genesisKeyFault } from '../../core/attestation/genesis.ts';
import { parseGenesis } from '../../core/attestation/genesis-json.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { LIMITS } from '../../core/limits.ts';
import { untilExpiry, type LeapTable } from '../../core/time/leap-seconds.ts';
import { floorDivide, nanos, seconds, times, type Nanos, type TaiInstant } from '../../core/time/nanos.ts';
import { formatNanos } from '../../core/time/text.ts';
import { isFault } from '../../core/verdict.ts';
import type { Config } from '../../io/config/config.ts';
import { checkSignature } from '../../io/keys/check-signature.ts';
import { isPrimeOrder } from '../../io/keys/second-opinion.ts';
import { ownSigner } from '../own-signer.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { readFile } from '../lane-reader.ts';
import { finding, findingOf, notMade, passed, type Finding } from './finding.ts';

const DAY = seconds(86_400);
const LEAP_WARNING_DAYS = 30n;

/** The genesis record is whole, and the key is one of its validators' exactly where the role is a validator's. */
export async function checkIdentity({ validator }: Config): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const genesis = await attempt('genesis record', findings, () => readGenesis(validator.genesis));
  if (genesis !== undefined)
    findings.push(passed('genesis record', `${genesis.name}, ${genesis.validators.length} validators`));
  const publicKey = await attempt('key', findings, () => publicKeyOf(validator));
  if (publicKey === undefined) return findings;
  findings.push(passed('key', 'readable by this user only'));
  if (genesis === undefined) return findings;
  const own = genesis.validators.find((one) => compareBytes(one.publicKey, publicKey) === 0);
  const { role } = validator;
  if (role !== 'validator') {
    findings.push(
      own === undefined
        ? passed('role', `${role}: follows ${genesis.name} and signs nothing`)
        : finding('role', 'fail', 'role-key-registered', `${role} with the key of ${own.name}`),
    );
    return findings;
  }
  findings.push(
    own === undefined
      ? finding('key and genesis', 'fail', 'key-not-in-genesis', `${genesis.name} does not list this key`)
      : passed('key and genesis', `this is ${own.name}`),
  );
  return findings;
}

async function attempt<T>(subject: string, findings: Finding[], look: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    findings.push(findingOf(subject, error));
    return undefined;
  }
}

function readGenesis(path: string) {
  const parsed = parseGenesis(readFile(path));
  if (isFault(parsed)) throw new AgentError(parsed.fault, `${path}: ${parsed.detail}`);
  const wrongKey = genesisKeyFault({ checkSignature, isPrimeOrder }, parsed.genesis);
  if (wrongKey !== undefined) throw new AgentError(wrongKey.fault, `${path}: ${wrongKey.detail}`);
  return parsed.genesis;
}

/** Unseals the key as the agent would, and forgets it at once. */
async function publicKeyOf(validator: Config['validator']): Promise<Uint8Array> {
  const signer = await ownSigner(validator);
  const publicKey = Uint8Array.from(signer.publicKey);
  signer.release();
  return publicKey;
}

/** An expired table is fatal only where no receiver could tell TAI-UTC instead. */
export function checkLeapTable(table: LeapTable, today: TaiInstant, hasReceiver: boolean): Finding {
  const subject = 'leap second table';
  const days = floorDivide(untilExpiry(table, today), DAY);
  if (days < 0n)
    return finding(subject, hasReceiver ? 'warn' : 'fail', 'leap-table-expired', `expired ${0n - days} days ago`);
  const detail = `${days} days left, ${table.source}`;
  return days < LEAP_WARNING_DAYS ? finding(subject, 'warn', 'leap-table-expiring', detail) : passed(subject, detail);
}

/** The guard is looked at from outside: opening it is the agent's alone. */
export async function checkGuard(path: string): Promise<Finding> {
  const there = await statOf(path);
  if (there === undefined) return finding('guard', 'fail', 'guard-missing', path);
  if (!there.isFile() || there.size !== 2 * LIMITS.guardSlotBytes)
    return finding('guard', 'fail', 'guard-damaged', `${path} has ${there.size} bytes`);
  if (!(await may(path, constants.R_OK | constants.W_OK)))
    return finding('guard', 'fail', 'state-unusable', `${path} may not be written by this user`);
  return isPrivate('guard', path, there);
}

/** Nothing of a validator's is where one who follows keeps its state: that validator's history would be left alone unseen. */
export async function checkFollower({ validator }: Config): Promise<Finding> {
  const { role, guard, state_dir: stateDir } = validator;
  const places = [guard, join(stateDir, 'lane')];
  const there = await Promise.all(places.map(async (path) => ((await statOf(path)) === undefined ? [] : [path])));
  const left = there.flat();
  return left.length === 0
    ? passed('guard and lane', `none, as the role of ${role} wants it`)
    : finding('guard and lane', 'warn', 'role-contradicted', `role = "${role}", and ${left.join(' and ')} is there`);
}

export async function checkStateDirectory(path: string): Promise<Finding> {
  const subject = 'state directory';
  const there = await statOf(path);
  if (there?.isDirectory() !== true)
    return finding(
      subject,
      'fail',
      'state-unusable',
      `${path} is ${there === undefined ? 'not there' : 'no directory'}`,
    );
  if (!(await may(path, constants.R_OK | constants.W_OK | constants.X_OK)))
    return finding(subject, 'fail', 'state-unusable', `${path} may not be written by this user`);
  return isPrivate(subject, path, there);
}

/** A directory others may list is a warning: what is in it is public or sealed, but nobody else has business there. */
function isPrivate(subject: string, path: string, { mode }: Stats): Finding {
  const permissions = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & 0o022) !== 0) return finding(subject, 'fail', 'state-open-to-others', `${path} has mode ${permissions}`);
  if ((mode & 0o077) !== 0) return finding(subject, 'warn', 'state-open-to-others', `${path} has mode ${permissions}`);
  return passed(subject, `${path}, mode ${permissions}`);
}

/** Sixteen appends of one page, each synced, in a file of its own that is removed; at most two seconds. */
const PROBE_WRITES = 16;
const PROBE_BYTES = 4_096;
const PROBE_MAX = seconds(2);
/** A statement waits for its evidence, its reservation and its entry. */
const SYNCS_PER_COMMIT = 3;

/** Durations of single write-and-sync steps in `directory`, shortest first. */
export async function measureSyncs(directory: string, now: () => Nanos = hostNanos): Promise<readonly Nanos[]> {
  const path = join(directory, `.doctor-probe-${process.pid}`);
  const file = await open(path, 'wx', 0o600);
  try {
    const page = new Uint8Array(PROBE_BYTES);
    const steps: Nanos[] = [];
    const begun = now();
    for (let i = 0; i < PROBE_WRITES && now() - begun < PROBE_MAX; i++) {
      const before = now();
      await file.write(page, 0, page.length, i * PROBE_BYTES);
      await file.datasync();
      steps.push(nanos(now() - before));
    }
    return steps.sort((a, b) => (a < b ? -1 : 1));
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** How long anything takes, not what time it is. */
const hostNanos = (): Nanos => nanos(process.hrtime.bigint());

export function checkSyncs(steps: readonly Nanos[], heartbeat: Nanos): Finding {
  const subject = 'disk sync';
  const median = steps[Math.floor(steps.length / 2)];
  if (median === undefined) return notMade(subject, 'no write was finished');
  const commit = times(median, SYNCS_PER_COMMIT);
  const detail = `median ${formatNanos(median)}, slowest ${formatNanos(steps.at(-1)!)} of ${steps.length}`;
  if (commit > heartbeat) return finding(subject, 'fail', 'disk-sync-slow', detail);
  return times(commit, 2) > heartbeat ? finding(subject, 'warn', 'disk-sync-slow', detail) : passed(subject, detail);
}

const statOf = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);

const may = (path: string, what: number): Promise<boolean> =>
  access(path, what).then(
    () => true,
    () => false,
  );
