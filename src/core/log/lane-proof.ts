/**
 * A proof file (C2SP tlog-proof): one entry, its place in a lane, and the checkpoint it is under; checked offline with
 * nothing but the validator's key.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64 of the entry>
 *     index <decimal>
 *     <base64 hashes, leaf to root, one a line>
 *
 *     <checkpoint>
 *
 * The format leaves `extra` unauthenticated; here it is the entry itself, which the leaf hash vouches for.
 */

import { fromBase64, toBase64 } from '../codec/base64.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import type { CheckSignature } from '../attestation/verify-statement.ts';
import { LIMITS } from '../limits.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import { PROOF_HASHES_MAX, verifyInclusion } from './proofs.ts';
import type { NoteKey } from './signed-note.ts';

export type LaneProof = {
  /** Undefined when the file does not carry it: the verifier brings it. */
  readonly entry: Uint8Array | undefined;
  readonly index: number;
  readonly hashes: readonly Digest[];
  /** The checkpoint note, as it is. */
  readonly note: Uint8Array;
};

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

export function encodeLaneProof({ entry, index, hashes, note }: LaneProof): Uint8Array {
  const lines = [FIRST_LINE, ...(entry === undefined ? [] : [`extra ${toBase64(entry)}`]), `index ${index}`];
  const head = new TextEncoder().encode(`${[...lines, ...hashes.map(toBase64)].join('\n')}\n\n`);
  const out = new Uint8Array(head.length + note.length);
  out.set(head);
  out.set(note, head.length);
  return out;
}

export function decodeLaneProof(bytes: Uint8Array): LaneProof | Fault {
  if (bytes.length > LIMITS.laneProofBytesMax) return bad(`${bytes.length} bytes`);
  const gap = gapOf(bytes);
  if (gap === undefined) return bad('no empty line before a checkpoint');
  const [first, ...lines] = asciiOf(bytes.subarray(0, gap)).split('\n');
  if (first !== FIRST_LINE) return bad(`the first line is not ${FIRST_LINE}`);
  const hasExtra = lines[0]?.startsWith('extra ') === true;
  const extra = hasExtra ? fromBase64(lines.shift()!.slice(6)) : undefined;
  // [REJECT] An entry that cannot be read is not an absent one.
  if (hasExtra && extra === undefined) return bad('the extra line is not base64');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || Number(index) > LIMITS.laneEntriesMax) return bad('no index line');
  if (lines.length > PROOF_HASHES_MAX) return bad(`${lines.length} hashes`);
  const hashes = lines.map(fromBase64);
  if (!hashes.every((hash) => hash?.length === SHA256_SIZE_BYTES)) return bad('a line is no hash');
  return { entry: extra, index: Number(index), hashes: hashes as Digest[], note: bytes.subarray(gap + 2) };
}

/** The checkpoint the entry is proven to be under, or why it is not. `entry` is needed when the file carries none. */
export function verifyLaneProof(
  proof: LaneProof,
  needs: { readonly key: NoteKey; readonly check: CheckSignature; readonly entry?: Uint8Array },
): Checkpoint | Fault {
  const opened = openCheckpoint(proof.note, needs.key, needs.check);
  if (isFault(opened)) return opened;
  const entry = needs.entry ?? proof.entry;
  if (entry === undefined) return bad('the file carries no entry and none was given');
  const { size, root } = opened.checkpoint;
  const isIncluded = verifyInclusion({ leaf: leafHash(entry), index: proof.index, size, root, proof: proof.hashes });
  return isIncluded
    ? opened.checkpoint
    : fault('lane-proof-wrong', `entry ${proof.index} is not proven to be in the tree of ${size}`);
}

const bad = (detail: string): Fault => fault('lane-proof-format', detail);

function gapOf(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 1 < bytes.length; at++) if (bytes[at] === 0x0a && bytes[at + 1] === 0x0a) return at;
  return undefined;
}

/** Latin letters byte by byte; anything else fails the patterns above. */
function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
