/**
 * A lane of a million entries: durable appends against a bare loop that writes and syncs the same bytes, proof latency,
 * start-up after a crash, memory.
 *
 *     node bench/lane.ts [--entries 1000000] [--batch 256] [--entry-bytes 300] [--directory DIR] [--json]
 *
 * Rounds alternate between the two, in one process and one directory, so that both meet the same disk; the ratio is of the
 * medians. The bare loop is synchronous, which is the fastest way to write and sync from Node. Targets: 20,000 entries/s
 * and a ratio of 0.7 (design section 11).
 */

import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, hrtime, memoryUsage } from 'node:process';
import { parseArgs } from 'node:util';
import { kidOf } from '../src/core/attestation/cose-sign1.ts';
import { sha256 } from '../src/core/codec/sha256.ts';
import { originOf } from '../src/core/log/origin.ts';
import { consistencyPlan, inclusionPlan, proofOf, verifyInclusion } from '../src/core/log/proofs.ts';
import { leafHash } from '../src/core/log/merkle.ts';
import { loadNative } from '../src/io/clocks/native.ts';
import { checkSignature } from '../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../src/io/keys/key-format.ts';
import { sodiumSigner } from '../src/io/keys/sodium-signer.ts';
import { fileDiskWith } from '../src/io/storage/file-disk.ts';
import { LaneDirectory } from '../src/io/storage/lane-directory.ts';
import { figure, say, tellFigures } from './figures.ts';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '256' },
    'entry-bytes': { type: 'string', default: '300' },
    directory: { type: 'string', default: tmpdir() },
    /** Without the addon: hashes and files one by one, as on a machine that could not build it. */
    'no-addon': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Used by the benchmark itself: open this lane, print what it took, and end. */
    open: { type: 'string' },
  },
});

const ROUNDS = 20;
const CHECKPOINT_EVERY = 65_536;
/** Entries in the journal and not under a checkpoint when the machine stops: the most the agent lets come together. */
const LEFT_BEHIND = 65_536;

const load = loadNative();
const native = load.loaded && !values['no-addon'] ? load.native : undefined;
const signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 1)));
const { publicKey } = signer;
const origin = originOf({ network: sha256(new Uint8Array()), kid: kidOf(publicKey) });

const openLane = (directory: string): Promise<LaneDirectory> =>
  LaneDirectory.open(
    { disk: fileDiskWith(native), checkSignature, hashRanges: native?.sha256Ranges },
    { directory, origin, publicKey },
  );

const since = (start: bigint): number => Number(hrtime.bigint() - start) / 1e9;
const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const quantile = (numbers: number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(share * (numbers.length - 1))]!;

function* batches(from: number, count: number, batch: number, entryBytes: number): Generator<Uint8Array[]> {
  for (let at = from; at < from + count; at += batch)
    yield Array.from({ length: Math.min(batch, from + count - at) }, (_, i) => {
      const entry = Buffer.alloc(entryBytes, (at + i) % 251);
      entry.writeUInt32BE(at + i);
      return entry;
    });
}

function bareRound(fd: number, made: Uint8Array[][]): number {
  const start = hrtime.bigint();
  for (const batch of made) {
    writeSync(fd, Buffer.concat(batch));
    fdatasyncSync(fd);
  }
  return since(start);
}

async function laneRound(lane: LaneDirectory, made: Uint8Array[][], stalls: number[]): Promise<number> {
  const start = hrtime.bigint();
  let last = start;
  const watch = setInterval(() => {
    const now = hrtime.bigint();
    stalls.push(Number(now - last) / 1e6);
    last = now;
  }, 1);
  // As in the agent, appends go on while a checkpoint is being written; the round ends when it is.
  let checkpoint: Promise<unknown> | undefined;
  for (const batch of made) {
    await lane.append(batch);
    if (checkpoint !== undefined || lane.entriesSinceCheckpoint < CHECKPOINT_EVERY) continue;
    checkpoint = lane.checkpoint((bytes) => signer.sign(bytes)).finally(() => (checkpoint = undefined));
  }
  await checkpoint;
  clearInterval(watch);
  return since(start);
}

async function proofs(lane: LaneDirectory): Promise<void> {
  const times: number[] = [];
  const size = lane.size;
  const root = lane.root();
  for (let i = 0; i < 1_000; i++) {
    const index = Math.floor(((i * 0.618_034) % 1) * size);
    const start = hrtime.bigint();
    const plan = inclusionPlan(index, size);
    const proof = proofOf(plan, await lane.hashes(plan.flat()));
    times.push(since(start) * 1e3);
    const leaf = leafHash((await lane.read(index, index + 1))[0]!);
    if (!verifyInclusion({ leaf, index, size, root, proof })) throw new Error(`entry ${index} is not proven`);
  }
  const start = hrtime.bigint();
  const plan = consistencyPlan(Math.floor(size / 3), size);
  proofOf(plan, await lane.hashes(plan.flat()));
  say(
    `inclusion proof from disk   p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms; consistency ${(since(start) * 1e3).toFixed(2)} ms`,
  );
}

async function run(): Promise<void> {
  const [entries, batch, entryBytes] = [values.entries, values.batch, values['entry-bytes']].map(Number) as [
    number,
    number,
    number,
  ];
  const directory = mkdtempSync(join(values.directory, 'momentd-bench-'));
  try {
    const lane = await openLane(join(directory, 'lane'));
    const fd = openSync(join(directory, 'bare'), 'a');
    const perRound = Math.ceil(entries / ROUNDS);
    const [bare, ours, stalls]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      const made = [...batches(round * perRound, perRound, batch, entryBytes)];
      bare.push(bareRound(fd, made));
      ours.push(await laneRound(lane, made, stalls));
    }
    closeSync(fd);
    await lane.checkpoint((bytes) => signer.sign(bytes));
    const [bareRate, laneRate] = [perRound / median(bare), perRound / median(ours)];
    say(`entries                     ${lane.size}, ${entryBytes} bytes each, ${batch} a batch`);
    say(`bare write and fdatasync    ${Math.round(bareRate)} entries/s`);
    say(`lane append, durable        ${Math.round(laneRate)} entries/s`);
    say(`ratio                       ${(laneRate / bareRate).toFixed(2)} (target 0.70)`);
    figure({
      what: 'lane append, durable, batched',
      value: laneRate,
      unit: 'entries/s',
      baseline: 'bare write and fdatasync',
      ratio: laneRate / bareRate,
      target: '>= 20,000/s and >= 0.7',
    });
    say(
      `event loop while appending  longest stall ${Math.max(...stalls).toFixed(1)} ms, p99 ${quantile(stalls, 0.99).toFixed(1)} ms`,
    );
    say(`bare file                   ${(statSync(join(directory, 'bare')).size / 1e6).toFixed(0)} MB`);
    await proofs(lane);
    for (const made of batches(lane.size, LEFT_BEHIND, batch, entryBytes)) await lane.append(made);
    const root = Buffer.from(lane.root()).toString('hex');
    // Closing writes nothing: the next process finds what a crash would have left.
    await lane.close();
    const child = spawnSync(execPath, [argv[1]!, '--open', join(directory, 'lane')], { encoding: 'utf8' });
    if (!child.stdout.includes(root)) throw new Error(`the lane opened as another: ${child.stdout}${child.stderr}`);
    say(child.stdout.trimEnd());
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function open(directory: string): Promise<void> {
  const before = memoryUsage.rss();
  const start = hrtime.bigint();
  const lane = await openLane(directory);
  const took = since(start);
  const grown = (memoryUsage.rss() - before) / 1e6;
  console.log(
    `start-up after a crash      ${(took * 1e3).toFixed(0)} ms, ${lane.entriesSinceCheckpoint} entries replayed`,
  );
  console.log(
    `memory of the open lane     ${(memoryUsage.rss() / 1e6).toFixed(0)} MB resident, ${grown.toFixed(0)} MB more than before opening`,
  );
  console.log(`root                        ${Buffer.from(lane.root()).toString('hex')}`);
  await lane.close();
}

if (values.open !== undefined) await open(values.open);
else {
  await run();
  tellFigures('lane');
}
