/**
 * The witness call (C2SP tlog-witness `add-checkpoint`) as a function: request and what is remembered in, answer out.
 *
 * The caller must persist `remember` before it sends the answer, and must judge and persist without another request for the
 * same origin in between; then no two cosignatures of ours can contradict each other. A checkpoint that contradicts one we
 * know is a fork of its lane: `fork` carries both, for a fault proof.
 */

import { compareBytes } from '../codec/cbor.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import type { Sign } from '../attestation/cose-sign1.ts';
import type { CheckSignature } from '../attestation/verify-statement.ts';
import type { Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import { isFault } from '../verdict.ts';
import { openCheckpoint, parseCheckpointText, type Checkpoint } from './checkpoint.ts';
import { cosign } from './cosignature.ts';
import { EMPTY_ROOT } from './merkle.ts';
import { PROOF_HASHES_MAX, verifyConsistency } from './proofs.ts';
import { decodeNote, signatureLine, type NoteKey } from './signed-note.ts';

export type AddCheckpoint = {
  readonly oldSize: number;
  readonly proof: readonly Digest[];
  /** The checkpoint note, as received. */
  readonly note: Uint8Array;
};

/** What a witness remembers of an origin: the latest checkpoint it cosigned. */
export type Witnessed = { readonly size: number; readonly root: Digest; readonly note: Uint8Array };

export type WitnessNeeds = {
  /** The log keys trusted for an origin; undefined for an origin that is not known. */
  readonly logKeyOf: (origin: string) => NoteKey | undefined;
  readonly witnessed: (origin: string) => Witnessed | undefined;
  readonly check: CheckSignature;
  readonly cosigner: NoteKey;
  readonly sign: Sign;
  readonly posixSeconds: bigint;
};

export type WitnessAnswer =
  | {
      readonly status: 200;
      /** The cosignature line. */
      readonly body: string;
      readonly origin: string;
      /** Persist this before answering. */
      readonly remember: Witnessed;
    }
  | {
      readonly status: 400 | 403 | 404 | 409 | 422;
      readonly code: Code;
      readonly contentType: 'text/plain' | 'text/x.tlog.size';
      readonly body: string;
      /** Two notes of one origin that cannot both be of an append-only log. */
      readonly fork?: readonly [Uint8Array, Uint8Array];
    };

/** Judges a request body and, when all is well, cosigns. */
export function judgeAddCheckpoint(body: Uint8Array, needs: WitnessNeeds): WitnessAnswer {
  const request = parseAddCheckpoint(body);
  if (request === undefined) return refusal(400, 'witness-request', 'not an add-checkpoint request');
  const unverified = decodeNote(request.note);
  const named = isFault(unverified) ? unverified : parseCheckpointText(unverified.text);
  if (isFault(named)) return refusal(400, named.fault, named.detail);
  const key = needs.logKeyOf(named.origin);
  if (key === undefined) return refusal(404, 'checkpoint-origin', 'this origin is not witnessed here');
  const opened = openCheckpoint(request.note, key, needs.check);
  if (isFault(opened)) return refusal(403, opened.fault, opened.detail);
  return judgeOpened(request, opened.checkpoint, opened.note.text, needs);
}

function judgeOpened(request: AddCheckpoint, checkpoint: Checkpoint, text: string, needs: WitnessNeeds): WitnessAnswer {
  const { oldSize, proof, note } = request;
  const { origin, size, root } = checkpoint;
  if (oldSize > size) return refusal(400, 'witness-request', 'the old size is larger than the checkpoint');
  const known = needs.witnessed(origin);
  const knownSize = known?.size ?? 0;
  // Whatever the request says, a second root for a size we cosigned is a fork.
  const rival = known?.size === size && compareBytes(root, known.root) !== 0 ? known : undefined;
  const fork = rival === undefined ? {} : { fork: [rival.note, note] as const };
  if (oldSize !== knownSize || rival !== undefined)
    return {
      status: 409,
      code: rival === undefined ? 'witness-old-size' : 'witness-fork',
      contentType: 'text/x.tlog.size',
      body: `${knownSize}\n`,
      ...fork,
    };
  const oldRoot = known?.root ?? EMPTY_ROOT;
  const consistent = verifyConsistency({ oldSize, oldRoot, newSize: size, newRoot: root, proof });
  if (!consistent) return refusal(422, 'witness-proof', 'the consistency proof does not hold');
  const line = signatureLine(cosign(text, needs.posixSeconds, { key: needs.cosigner, sign: needs.sign }));
  return { status: 200, body: line, origin, remember: { size, root, note } };
}

function refusal(status: 400 | 403 | 404 | 422, code: Code, detail: string): WitnessAnswer {
  return { status, code, contentType: 'text/plain', body: `${detail}\n` };
}

const OLD_SIZE = /^old (0|[1-9]\d{0,15})$/;

/** The parts of a request body; undefined when it is not one. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | undefined {
  if (body.length > LIMITS.noteBytesMax) return undefined;
  // The lines before the empty one are ASCII; the note after it is kept as bytes.
  const gap = indexOfGap(body);
  if (gap === undefined) return undefined;
  const [first, ...rest] = String.fromCharCode(...body.subarray(0, gap)).split('\n');
  const oldSize = OLD_SIZE.exec(first!)?.[1];
  if (oldSize === undefined || Number(oldSize) > LIMITS.laneEntriesMax) return undefined;
  if (rest.length > PROOF_HASHES_MAX) return undefined;
  const proof = rest.map(fromBase64);
  if (!proof.every((hash) => hash?.length === SHA256_SIZE_BYTES)) return undefined;
  return { oldSize: Number(oldSize), proof: proof as Digest[], note: body.subarray(gap + 2) };
}

/** A request body, for asking another witness. */
export function encodeAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): Uint8Array {
  const head = new TextEncoder().encode(`old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n`);
  const out = new Uint8Array(head.length + note.length);
  out.set(head);
  out.set(note, head.length);
  return out;
}

/** Where the first empty line begins: the newline that ends the line before it. At most 64 lines of 45 bytes come first. */
function indexOfGap(body: Uint8Array): number | undefined {
  const end = Math.min(body.length - 1, 30 + (PROOF_HASHES_MAX + 1) * 45);
  for (let at = 0; at < end; at++) if (body[at] === 0x0a && body[at + 1] === 0x0a) return at;
  return undefined;
}
