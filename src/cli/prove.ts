/** `momentd prove`: a file that proves one entry of a lane, or that a lane only grew, to anyone who has the key. */

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { compareBytes } from '../core/codec/cbor.ts';
import { openCheckpoint, checkpointKey } from '../core/log/checkpoint.ts';
import { encodeLaneProof } from '../core/log/lane-proof.ts';
import { joinSubtrees, leafHash, perfectSubtrees, type Subtree } from '../core/log/merkle.ts';
import { originOf } from '../core/log/origin.ts';
import { consistencyPlan, inclusionPlan, proofOf, verifyConsistency, verifyInclusion } from '../core/log/proofs.ts';
import { decodeEntries, subtreeHash, TILE_WIDTH, tileOf, tilePath, type Tile } from '../core/log/tiles.ts';
import type { LaneFiles } from '../core/log/verify-lane.ts';
import { encodeAddCheckpoint } from '../core/log/witness.ts';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import type { Digest } from '../core/codec/sha256.ts';
import { isFault } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { EntryReader, findEntries, firstKeptOf } from './entry-reader.ts';
import { laneFiles, ownerOf, withOwnerOptions, type OwnerOptions } from './lane-reader.ts';
import { guarded, say, sayJson, warn } from './outcome.ts';

type ProveOptions = OwnerOptions & {
  readonly entry?: string;
  readonly subject?: string;
  readonly at?: string;
  readonly grownFrom?: string;
  readonly out?: string;
  readonly json?: true;
};

export function addProve(program: Command): void {
  withOwnerOptions(
    program
      .command('prove')
      .description('prove that an entry is in a lane, or that a lane only grew')
      .argument('<directory>', 'the lane: a directory with a checkpoint and tiles'),
  )
    .option('--entry <index>', 'prove this entry: writes a tlog-proof that carries the entry and the checkpoint')
    .option('--subject <hex>', 'prove the first entry that names this subject')
    .option('--at <tai>', 'prove the entry that was current at this instant, nanoseconds of TAI since 1970')
    .option(
      '--grown-from <size>',
      'prove that the tree of this size is the beginning: writes an add-checkpoint request',
    )
    .option('--out <file>', 'write the proof here instead of printing it')
    .option('--json', 'say in JSON what was proven (the proof itself goes to --out)')
    .addHelpText(
      'after',
      '\nExit codes: 0 proven, 2 there is nothing to prove it from. momentd verify checks the file.',
    )
    .action(guarded(prove));
}

async function prove(directory: string, options: ProveOptions): Promise<void> {
  const files = laneFiles(directory);
  const { owner } = ownerOf(files, options);
  const key = checkpointKey(originOf({ network: owner.network, kid: kidOf(owner.publicKey) }), owner.publicKey);
  const note = files.read('checkpoint');
  if (note === undefined) throw new AgentError('lane-damaged', `read ${directory}/checkpoint: there is none`);
  const opened = openCheckpoint(note, key, checkSignature);
  if (isFault(opened)) throw new AgentError(opened.fault, `read ${directory}/checkpoint: ${opened.detail}`);
  const { size, root } = opened.checkpoint;
  const asked = [options.entry, options.subject, options.at, options.grownFrom].filter((one) => one !== undefined);
  if (asked.length !== 1)
    throw new AgentError('lane-proof-range', 'say what to prove: --entry, --subject, --at or --grown-from');
  const entry = options.grownFrom === undefined ? await entryToProve(files, key.name, directory, options) : undefined;
  const tree: Tree = { files, size, root };
  const proof =
    entry === undefined
      ? proveGrowth(tree, note, countOf(options.grownFrom!, size))
      : proveEntry(tree, note, countOf(entry, size - 1));
  if (options.out !== undefined) writeFileSync(options.out, proof);
  else if (options.json !== true) process.stdout.write(proof);
  if (options.json === true) sayJson({ origin: key.name, size, root, entry, grownFrom: options.grownFrom });
  else if (options.out !== undefined) say(`${options.out}: under the checkpoint of ${size} entries`);
}

async function entryToProve(
  files: LaneFiles,
  origin: string,
  directory: string,
  { entry, at, subject }: ProveOptions,
): Promise<string> {
  if (entry !== undefined) return entry;
  const question = { ...(at !== undefined && { at }), ...(subject !== undefined && { subject }) };
  const [first] = await findEntries(new EntryReader(files, origin), directory, question);
  if (first === undefined) throw new AgentError('lane-proof-range', `no entry ${at ?? subject} in ${directory}`);
  return String(first.index);
}

type Tree = { readonly files: LaneFiles; readonly size: number; readonly root: Digest };

function proveEntry({ files, size, root }: Tree, note: Uint8Array, index: number): Uint8Array {
  const hashes = hashesOf(files, inclusionPlan(index, size).flat(), size);
  const proof = proofOf(inclusionPlan(index, size), hashes);
  const entry = index < firstKeptOf(files) ? undefined : entryOf(files, index, size);
  const leaf = entry === undefined ? hashesOf(files, [{ level: 0, index }], size)[0]! : leafHash(entry);
  // What is written is what a stranger will check, so it is checked here first.
  if (!verifyInclusion({ leaf, index, size, root, proof }))
    throw new AgentError('lane-damaged', `prove entry ${index}: the tiles do not lead to the checkpoint`);
  if (entry === undefined)
    warn(`entry ${index} was pruned: the proof does not carry it, whoever has it gives it to verify [lane-pruned]`);
  return encodeLaneProof({ entry, index, hashes: proof, note });
}

function proveGrowth({ files, size, root }: Tree, note: Uint8Array, oldSize: number): Uint8Array {
  const plan = consistencyPlan(oldSize, size);
  const proof = proofOf(plan, hashesOf(files, plan.flat(), size));
  const oldRoot = joinSubtrees(hashesOf(files, perfectSubtrees(0, oldSize), size));
  const holds = verifyConsistency({ oldSize, oldRoot, newSize: size, newRoot: root, proof });
  if (!holds || (oldSize === size && compareBytes(oldRoot, root) !== 0))
    throw new AgentError('lane-damaged', `prove growth from ${oldSize}: the tiles do not lead to the checkpoint`);
  return encodeAddCheckpoint({ oldSize, proof, note });
}

function hashesOf(files: LaneFiles, subtrees: readonly Subtree[], size: number): Digest[] {
  return subtrees.map((subtree) => subtreeHash(subtree, readTile(files, tileOf(subtree, size)).bytes));
}

function entryOf(files: LaneFiles, index: number, size: number): Uint8Array {
  const tileIndex = Math.floor(index / TILE_WIDTH);
  const tile: Tile = { level: 'entries', index: tileIndex, width: Math.min(TILE_WIDTH, size - tileIndex * TILE_WIDTH) };
  const { bytes, width, path } = readTile(files, tile);
  const entries = decodeEntries(bytes, width);
  if (isFault(entries)) throw new AgentError(entries.fault, `read ${path}: ${entries.detail}`);
  return entries[index % TILE_WIDTH]!;
}

/** A tile at its width, or the full one in its place. */
function readTile(files: LaneFiles, tile: Tile): { path: string; bytes: Uint8Array; width: number } {
  for (const width of new Set([tile.width, TILE_WIDTH])) {
    const path = tilePath({ ...tile, width });
    const bytes = files.read(path);
    if (bytes === undefined) continue;
    if (tile.level !== 'entries' && bytes.length !== width * 32)
      throw new AgentError('lane-tile-format', `read ${path}: ${bytes.length} bytes`);
    return { path, bytes, width };
  }
  throw new AgentError('lane-damaged', `read ${tilePath(tile)}: there is no such tile`);
}

function countOf(text: string, max: number): number {
  const count = /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
  if (count === undefined || count > max)
    throw new AgentError('lane-proof-range', `${text} is not in 0..${max}, what the checkpoint covers`);
  return count;
}
