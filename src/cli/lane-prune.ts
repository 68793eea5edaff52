/**
 * `momentd lane prune`: lets a stopped validator's own lane go of its oldest entries; says what would go until told to do it.
 *
 * The order is made from the lanes, so first it is made here, up to where the lane will begin, and where it stands is kept as
 * the snapshot that every later start needs; then the record, then the entries go. Stopped anywhere, the next run or start goes on.
 */

import { join } from 'node:path';
import type { Command } from 'commander';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import { networkIdOf } from '../core/attestation/genesis.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import type { Digest } from '../core/codec/sha256.ts';
import { originOf } from '../core/log/origin.ts';
import { prunableTo } from '../core/log/prune-record.ts';
import { parseCheckpointText } from '../core/log/checkpoint.ts';
import { decodeNote } from '../core/log/signed-note.ts';
import { TILE_WIDTH } from '../core/log/tiles.ts';
import { Ordering } from '../core/ordering/ordering.ts';
import { itemOf } from '../core/ordering/lane-item.ts';
import { openSnapshot, sealingSnapshot } from '../core/ordering/order-snapshot.ts';
import { ORDERING_RULES } from '../core/ordering/rules.ts';
import { isBefore, nanos, negate, shift, times, type Nanos, type TaiInstant } from '../core/time/nanos.ts';
import { isFault } from '../core/verdict.ts';
import { loadConfig } from '../io/config/load.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { LaneCopies } from '../io/storage/kept-lanes.ts';
import { LaneDirectory } from '../io/storage/lane-directory.ts';
import { openOrderLog } from '../io/storage/order-log.ts';
import { orderSnapshotFile } from '../io/storage/order-snapshot-file.ts';
import { OrderSnapshots } from '../io/storage/order-snapshots.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { KeptLog } from '../ports/kept-log.ts';
import type { Lane } from '../ports/lane.ts';
import type { Signer } from '../ports/signer.ts';
import { readGenesis } from './lane-reader.ts';
import { guarded, say, sayJson } from './outcome.ts';
import { ownSigner } from './own-signer.ts';

export type PruneOptions = {
  readonly config: string;
  readonly to?: string;
  readonly keep?: string;
  readonly apply?: true;
  readonly json?: true;
};

export function addLanePrune(lane: Command): void {
  lane
    .command('prune')
    .description('let our own lane go of its oldest entries; every hash stays, and so does every proof')
    .requiredOption('--config <file>', 'configuration of the validator; its agent must be stopped')
    .option('--to <index>', 'keep the entries from this one on')
    .option('--keep <age>', 'keep what is younger than this, counted back from the newest entry: 90d, 36h')
    .option('--apply', 'do it; without it, only say what would go')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
What went is recorded in the lane under its key, before it goes. It cannot be undone: keep an archive (momentd lane export) first
if anyone may still want to judge the statements. Peers that are further behind than what is kept must fetch from an archive.

Exit codes: 0 done, or said, 2 it could not be done.`,
    )
    .action(guarded(prune));
}

/** The command, for those who have no command line. */
export async function prune(options: PruneOptions): Promise<void> {
  const { validator } = await loadConfig(options.config);
  const genesis = readGenesis(validator.genesis);
  const { state_dir: stateDir } = validator;
  const signer = await ownSigner(validator);
  const { parameters, validators } = genesis;
  const network = networkIdOf(genesis);
  const self = validators.findIndex(({ publicKey }) => compareBytes(publicKey, signer.publicKey) === 0);
  const origin = originOf({ network, kid: signer.kid });
  const needs = { disk: fileDisk, checkSignature };
  const own = await LaneDirectory.open(needs, {
    directory: join(stateDir, 'lane'),
    origin,
    publicKey: signer.publicKey,
  });
  const kids = validators.map(({ publicKey }) => kidOf(publicKey));
  const copies = await LaneCopies.open(
    { ...needs, signer, own },
    { directory: join(stateDir, 'lanes'), network, kids: kids.filter((_, index) => index !== self) },
  ).catch(async (error: unknown) => {
    await own.close();
    throw error;
  });
  try {
    const asked = await indexAsked(own, options);
    const ordering = new Ordering({ network, parameters, validators: validators.length, rules: ORDERING_RULES, self });
    const keepOrder = await orderUpTo(
      ordering,
      { network, signer, kids, lanes: copies, stateDir },
      { self, to: asked },
    );
    const to = Math.min(asked, ordering.sizeOf(self) - (ordering.sizeOf(self) % TILE_WIDTH));
    const before = own.firstKept;
    if (options.apply === true && to > before) {
      // Before anything goes, what the next start needs in its place.
      await keepOrder();
      while (await own.prune(to, (bytes) => signer.sign(bytes)));
    }
    tell(options, { entries: own.size, before, to: Math.max(before, to), asked });
  } finally {
    await copies.close();
    await own.close();
    signer.release();
  }
}

type Told = { readonly entries: number; readonly before: number; readonly to: number; readonly asked: number };

function tell({ apply, json }: PruneOptions, { entries, before, to, asked }: Told): void {
  const isDone = apply === true;
  if (json === true) return sayJson({ entries, first_kept: isDone ? to : before, would_keep_from: to, pruned: isDone });
  if (to <= before) say(`nothing to prune: the lane of ${entries} entries begins at ${before}`);
  else if (isDone) say(`entries ${before} to ${to - 1} are pruned; ${entries - to} are kept, and every hash`);
  else say(`would prune entries ${before} to ${to - 1} and keep ${entries - to}, and every hash; --apply does it`);
  if (to < asked) say(`not up to ${asked}: the order waits for another lane there; prune again when it has come`);
}

/** A multiple of 256 that the checkpoint, the guard and what was asked for allow. */
async function indexAsked(lane: Lane, { to, keep }: PruneOptions): Promise<number> {
  const most = prunableTo(checkpointSize(lane));
  if ((to === undefined) === (keep === undefined))
    throw new AgentError('lane-prune-range', 'say how far: --to INDEX or --keep AGE');
  const wanted = to === undefined ? await firstYounger(lane, ageOf(keep!)) : indexOf(to);
  const index = wanted - (wanted % TILE_WIDTH);
  if (to !== undefined && index > most)
    throw new AgentError('lane-prune-range', `prune up to entry ${to}: ${most} is the furthest under the checkpoint`);
  return Math.min(index, most);
}

function checkpointSize({ lastCheckpoint }: Lane): number {
  const note = decodeNote(lastCheckpoint ?? new Uint8Array());
  const checkpoint = isFault(note) ? note : parseCheckpointText(note.text);
  return isFault(checkpoint) ? 0 : checkpoint.size;
}

/** By halving: times rise from entry to entry. The newest statement says what time it is; the host's clock is not asked. */
async function firstYounger(lane: Lane, age: Nanos): Promise<number> {
  if (lane.size === 0) return 0;
  const limit = shift(await timeOf(lane, lane.size - 1), negate(age));
  let [low, high] = [lane.firstKept, lane.size - 1];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (isBefore(await timeOf(lane, middle), limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function timeOf(lane: Lane, index: number): Promise<TaiInstant> {
  const [entry] = await lane.read(index, index + 1);
  return itemOf(entry!).signed.statement.time.tai;
}

type OrderOwner = {
  readonly network: Digest;
  readonly signer: Signer;
  readonly kids: readonly Uint8Array[];
  readonly lanes: LaneCopies;
  readonly stateDir: string;
};

/**
 * Makes the order until our own lane was taken up to `to`, or another lane has no more. Returns what keeps it for the next
 * start.
 */
async function orderUpTo(
  ordering: Ordering,
  { network, signer, kids, lanes, stateDir }: OrderOwner,
  own: { readonly self: number; readonly to: number },
): Promise<() => Promise<void>> {
  const directory = join(stateDir, 'order');
  const { publicKey } = signer;
  const orderLog = await openOrderLog({ disk: fileDisk, checkSignature }, { directory, network, publicKey });
  try {
    const snapshots = new OrderSnapshots({
      ordering,
      lanes,
      kids,
      orderLog,
      shelf: orderSnapshotFile(fileDisk, directory),
      seal: (state) => sealingSnapshot((bytes) => signer.sign(bytes), network, state),
      unseal: (bytes) => openSnapshot({ network, publicKey: signer.publicKey, checkSignature }, bytes),
    });
    // One that does not hold is as good as none while the lanes are whole; where they are not, this rejects.
    await snapshots.load();
    await readUpTo(
      ordering,
      kids.map((kid) => lanes.lane(kid)!),
      own,
    );
    await checkOrderLog(ordering, orderLog);
    return async () => {
      if (await snapshots.keep()) return;
      throw new AgentError(
        'lane-prune-range',
        'prune: where the order stands is too large to keep; prune at a calm time',
      );
    };
  } finally {
    await orderLog.close();
  }
}

/** What is final has to be in the order log already: it cannot be made again from entries that are gone. */
async function checkOrderLog({ decidedHead, contradictedSlot }: Ordering, log: KeptLog): Promise<void> {
  const { size, root } = decidedHead;
  const isThere = log.size >= size && compareBytes(await log.rootAt(size), root) === 0;
  if (isThere && contradictedSlot === undefined) return;
  throw new AgentError(
    'lane-prune-range',
    `prune: the order log has ${log.size} of ${size} final entries, or another order; start the agent first`,
  );
}

async function readUpTo(
  ordering: Ordering,
  lanes: readonly KeptLog[],
  { self, to }: { readonly self: number; readonly to: number },
): Promise<void> {
  for (let grew = true; grew && ordering.sizeOf(self) < to;) {
    grew = false;
    for (const [index, lane] of lanes.entries()) {
      const from = ordering.sizeOf(index);
      const end = Math.min(from + TILE_WIDTH, index === self ? to : lane.size);
      if (from >= end || !ordering.wants(index)) continue;
      for (const entry of await lane.read(from, end)) {
        if (!ordering.wants(index)) break;
        ordering.append(index, itemOf(entry));
        grew = true;
      }
    }
  }
}

function indexOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new AgentError('lane-prune-range', `--to ${text} is not an index`);
  return Number(text);
}

function ageOf(text: string): Nanos {
  const match = /^([1-9]\d{0,5})(h|d)$/.exec(text);
  if (match === null) throw new AgentError('lane-prune-range', `--keep ${text} is not an age like 90d or 36h`);
  return times(nanos(match[2] === 'd' ? 86_400_000_000_000n : 3_600_000_000_000n), BigInt(match[1]!));
}
