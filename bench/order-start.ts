/**
 * What a start of the order takes in processor time: from a snapshot, against reading every lane from its beginning. Lanes and order
 * log are real ones on disk; both come to the same bytes, or it fails.
 *
 *     node bench/order-start.ts [--subjects 200000] [--rate 2000] [--validators 4] [--json]
 *
 * How long writing a snapshot holds the loop at once is measured beside it. After the snapshot the lanes have grown by what an agent lets them before it writes the next. Named baseline: the start without
 * one. The check of the order log beside the running agent, which only a start from a snapshot has, is told apart.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OrderKeeper } from '../src/agent/order/order-keeper.ts';
import { kidOf } from '../src/core/attestation/cose-sign1.ts';
import { DEFAULT_PARAMETERS } from '../src/core/attestation/genesis.ts';
import { compareBytes } from '../src/core/codec/cbor.ts';
import { toHex } from '../src/core/codec/hex.ts';
import { sha256 } from '../src/core/codec/sha256.ts';
import { LIMITS } from '../src/core/limits.ts';
import { openSnapshot, sealingSnapshot } from '../src/core/ordering/order-snapshot.ts';
import { Ordering } from '../src/core/ordering/ordering.ts';
import { ORDERING_RULES } from '../src/core/ordering/rules.ts';
import { fileDisk } from '../src/io/storage/file-disk.ts';
import { LaneDirectory } from '../src/io/storage/lane-directory.ts';
import { orderSnapshotFile } from '../src/io/storage/order-snapshot-file.ts';
import { OrderSnapshots } from '../src/io/storage/order-snapshots.ts';
import type { KeptLanes } from '../src/ports/kept-log.ts';
import { figure, say, tellFigures } from './figures.ts';
import { writeLanes } from './written-lanes.ts';

const { values } = parseArgs({
  options: {
    subjects: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '2000' },
    validators: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});
const [subjects, rate, validators] = [Number(values.subjects), Number(values.rate), Number(values.validators)];
const CHUNK = 4_096;

const written = writeLanes({ rate, seconds: subjects / rate, validators });
const { network, keys, judge } = written;
const [own] = keys;
const kids = keys.map(({ publicKey }) => kidOf(publicKey));
const total = written.lanes.reduce((sum, lane) => sum + lane.length, 0);
const directory = mkdtempSync(join(tmpdir(), 'momentd-bench-'));

const open = (name: string): Promise<LaneDirectory> =>
  LaneDirectory.open(
    { disk: fileDisk, checkSignature: judge.checkSignature },
    { directory: join(directory, name), origin: `momentd/${toHex(network)}/${name}`, publicKey: own!.publicKey },
  );

/** Starts an order as an agent does, on what is on disk; undefined: without a snapshot. */
async function start(kept: 'snapshot' | undefined) {
  const logs = await Promise.all(kids.map((kid) => open(toHex(kid))));
  const orderLog = await open('order');
  const lane = (kid: Uint8Array): LaneDirectory => logs[kids.findIndex((other) => compareBytes(other, kid) === 0)]!;
  const lanes: KeptLanes = {
    lane,
    sizes: () => kids.map((kid) => ({ kid, size: lane(kid).size })),
    read: ({ kid, from, to }) => lane(kid).read(from, Math.min(to, lane(kid).size)),
    append: () => Promise.reject(new Error('nothing is appended here')),
    tile: () => Promise.resolve(undefined),
  };
  const ordering = new Ordering({
    network,
    parameters: DEFAULT_PARAMETERS,
    validators,
    rules: ORDERING_RULES,
    self: 0,
  });
  const snapshots = new OrderSnapshots({
    ordering,
    lanes,
    kids,
    orderLog,
    shelf: orderSnapshotFile(fileDisk, join(directory, 'order')),
    seal: (state) => sealingSnapshot((bytes) => own!.sign(bytes), network, state),
    unseal: (bytes) => openSnapshot({ ...judge, publicKey: own!.publicKey }, bytes),
  });
  const ignore = (): void => undefined;
  const keeper = new OrderKeeper({
    ordering,
    lanes,
    kids,
    orderLog,
    snapshots: kept && snapshots,
    log: { write: (level, message, fields) => level === 'info' || say(`${message} ${JSON.stringify(fields)}`) },
    grew: ignore,
    final: ignore,
    contradicted: ignore,
  });
  const before = process.cpuUsage();
  await keeper.start();
  const started = process.cpuUsage(before);
  await keeper.settled();
  const settled = process.cpuUsage(before);
  return {
    logs,
    snapshots,
    entriesRead: keeper.entriesRead,
    state: toHex(sha256(ordering.save())),
    seconds: (started.user + started.system) / 1e6,
    checkSeconds: (settled.user + settled.system - started.user - started.system) / 1e6,
    orderLog,
    close: async () => {
      await keeper.stop();
      for (const log of [...logs, orderLog]) await log.close();
    },
  };
}

/** Writes a snapshot, and asks at every turn of the loop how long the thread has worked since the one before. */
async function keepWatched(snapshots: OrderSnapshots) {
  const before = process.cpuUsage();
  const save = { isDone: false };
  const kept = snapshots.keep().finally(() => (save.isDone = true));
  let [longest, turns] = [0, 0];
  for (let last = process.threadCpuUsage(); !save.isDone;) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = process.threadCpuUsage();
    longest = Math.max(longest, now.user + now.system - last.user - last.system);
    last = now;
    turns += 1;
  }
  await kept;
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, longestSeconds: longest / 1e6, turns };
}

async function grow(shares: readonly number[]): Promise<void> {
  for (const [i, lane] of written.lanes.entries()) {
    const log = await open(toHex(kids[i]!));
    const to = Math.round(shares[1]! * lane.length);
    for (let at = Math.round(shares[0]! * lane.length); at < to; at += CHUNK)
      await log.append(lane.slice(at, Math.min(at + CHUNK, to)).map(({ bytes }) => bytes));
    await log.close();
  }
}

try {
  const keptShare = 1 - LIMITS.orderSnapshotEveryEntries / total;
  await grow([0, keptShare]);
  const first = await start('snapshot');
  const kept = await keepWatched(first.snapshots);
  const { bytes } = first.snapshots;
  await first.close();
  await grow([keptShare, 1]);
  const whole = await start(undefined);
  await whole.close();
  const quick = await start('snapshot');
  await quick.close();
  if (whole.state !== quick.state) throw new Error('the two starts came to different orders');
  say(
    `${validators} validators, ${total} lane entries, ${quick.orderLog.size} subjects final; the same state in the end`,
  );
  say(`from the beginning   ${whole.seconds.toFixed(2)} s of processor time, ${whole.entriesRead} entries read`);
  say(
    `from a snapshot      ${quick.seconds.toFixed(2)} s, ${quick.entriesRead} entries read, ${bytes} bytes of snapshot`,
  );
  say(`beside it            ${quick.checkSeconds.toFixed(2)} s for the check of the order log`);
  say(
    `writing a snapshot   ${kept.seconds.toFixed(3)} s, the longest piece ${(1e3 * kept.longestSeconds).toFixed(1)} ms, in ${kept.turns} turns of the loop`,
  );
  figure({
    what: 'start of the order from a snapshot',
    value: quick.seconds,
    unit: 's of processor time',
    baseline: 'reading the lanes',
    ratio: quick.seconds / whole.seconds,
  });
  figure({ what: 'writing a snapshot', value: kept.seconds, unit: 's of processor time' });
  figure({ what: 'longest piece of writing a snapshot', value: kept.longestSeconds, unit: 's of processor time' });
  tellFigures('order-start');
} finally {
  rmSync(directory, { recursive: true, force: true });
}
