/**
 * A fault proof: one JSON file that convicts a validator with nothing beside it but the genesis record.
 *
 * It carries the signed bytes themselves and the network they belong to. Whoever checks it does not trust its author:
 * every signature is verified again, and the contradiction is found again by the same rule that found it first
 * (fault.ts). docs/spec/fault-proof.md has the format.
 */

import { assert } from '../assert.ts';
import { compareBytes } from '../codec/cbor.ts';
import { fromHex, toHex } from '../codec/hex.ts';
import { exactObject, parseJson, type JsonObject } from '../codec/json-shape.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { checkpointKey, openCheckpoint, type Checkpoint } from '../log/checkpoint.ts';
import { parseOrigin } from '../log/origin.ts';
import { accept, fault, isFault, reject, type Fault, type Refusal, type Verdict } from '../verdict.ts';
import { faultBetween, faultInReports, type LaneFault } from './fault.ts';
import { verifyStatement, type SignedStatement, type StatementJudge } from './verify-statement.ts';

export type FaultProof = { readonly network: Digest; readonly shown: LaneFault };

/** What a checked proof has shown. */
export type ProvenFault = {
  readonly proof: FaultProof;
  /** Of the validator who is convicted. */
  readonly kid: Uint8Array;
};

/** A byte order mark is part of an exhibit like every other byte. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The file: JSON with two spaces of indent and a final newline. */
export function encodeFaultProof({ network, shown }: FaultProof): string {
  const exhibits =
    shown.code === 'E3'
      ? { checkpoints: shown.checkpoints.map((note) => utf8.decode(note)) }
      : {
          statements: shown.statements.map(toHex),
          ...(shown.code === 'E2' && { body: shown.body === undefined ? null : toHex(shown.body) }),
        };
  const text = JSON.stringify(
    { momentd_fault: 1, network: toHex(network), code: shown.code, ...exhibits },
    undefined,
    2,
  );
  assert(text.length < LIMITS.faultProofBytesMax, 'a fault proof we write is one we read');
  return `${text}\n`;
}

/** The proof in a file, its exhibits not yet looked at. */
export function decodeFaultProof(bytes: Uint8Array): FaultProof | Fault {
  if (bytes.length > LIMITS.faultProofBytesMax) return fault('fault-too-long', `${bytes.length} bytes`);
  const parsed = parseJson(new TextDecoder().decode(bytes));
  const value = parsed?.value;
  const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : undefined;
  const head = ['momentd_fault', 'network', 'code'];
  switch (code) {
    case 'E1':
    case 'E4': {
      const object = exactObject(value, [...head, 'statements']);
      const statements = object && hexPair(object['statements']);
      return finish(object, statements && { code, statements });
    }
    case 'E2': {
      const object = exactObject(value, [...head, 'statements', 'body']);
      const statements = object && hexPair(object['statements']);
      const text = object?.['body'];
      const body = text === null ? undefined : hexOf(text);
      return finish(object, statements && (text === null || body) && { code, statements, body });
    }
    case 'E3': {
      const object = exactObject(value, [...head, 'checkpoints']);
      const checkpoints = object && textPair(object['checkpoints']);
      return finish(object, checkpoints && { code, checkpoints });
    }
    default:
      return fault('fault-format', 'not a JSON object with a code of E1 to E4');
  }
}

function finish(object: JsonObject | undefined, shown: LaneFault | undefined): FaultProof | Fault {
  const network = hexOf(object?.['network']);
  if (object?.['momentd_fault'] !== 1 || network?.length !== 32 || shown === undefined)
    return fault('fault-format', 'not exactly the fields its code asks for');
  return { network, shown };
}

/** Checks a proof from the start. Accepted: the validator with this kid signed things that contradict each other. */
export function verifyFaultProof(judge: StatementJudge, proof: FaultProof): Verdict<ProvenFault> {
  // [REJECT] A proof about another network convicts nobody here.
  if (compareBytes(proof.network, judge.network) !== 0)
    return reject('fault-network', 'the proof names a network other than the genesis record');
  const found =
    proof.shown.code === 'E3' ? checkFork(judge, proof.shown.checkpoints) : checkStatements(judge, proof.shown);
  return found.kind === 'accept' ? accept({ proof, kid: found.value }) : found;
}

function checkStatements(judge: StatementJudge, shown: Exclude<LaneFault, { code: 'E3' }>): Verdict<Uint8Array> {
  const exhibits: SignedStatement[] = [];
  for (const [i, bytes] of shown.statements.entries()) {
    // [REJECT] Only what the validator validly signed counts against it.
    const verdict = verifyStatement(judge, bytes);
    if (verdict.kind !== 'accept') return exhibitRefused(i, verdict);
    exhibits.push(verdict.value);
  }
  const [first, second] = exhibits as [SignedStatement, SignedStatement];
  const body = shown.code === 'E2' ? shown.body : undefined;
  const found = body === undefined ? faultBetween(first, second) : faultInReports(first, second, body);
  // [REJECT] The contradiction is the one that is claimed, with the exhibits in its order: one fault, one proof.
  if (found?.code !== shown.code || found.statements[0] !== first.bytes)
    return reject('fault-not-shown', `the statements do not show ${shown.code}`);
  return accept(first.kid);
}

function checkFork(judge: StatementJudge, notes: readonly [Uint8Array, Uint8Array]): Verdict<Uint8Array> {
  const opened: { checkpoint: Checkpoint; kid: Uint8Array }[] = [];
  for (const [i, note] of notes.entries()) {
    const checkpoint = openOwnCheckpoint(judge, note);
    if (isFault(checkpoint)) return exhibitRefused(i, { ...reject(checkpoint.fault, checkpoint.detail) });
    opened.push(checkpoint);
  }
  const [first, second] = opened as [(typeof opened)[0], (typeof opened)[0]];
  const { checkpoint: a } = first;
  const { checkpoint: b } = second;
  // [REJECT] One lane, one size, two roots; the smaller root first.
  if (a.origin !== b.origin || a.size !== b.size || compareBytes(a.root, b.root) >= 0)
    return reject('fault-not-shown', 'the checkpoints are not two roots, ascending, for one size of one lane');
  return accept(first.kid);
}

/** The fork two checkpoints of one lane show, or undefined. Both must open under `judge`. */
export function forkBetween(judge: StatementJudge, a: Uint8Array, b: Uint8Array): LaneFault | undefined {
  for (const checkpoints of [[a, b] as const, [b, a] as const])
    if (checkFork(judge, checkpoints).kind === 'accept') return { code: 'E3', checkpoints };
  return undefined;
}

/** A checkpoint of a lane of this network, signed by the validator whose lane it is. */
export function openOwnCheckpoint(
  judge: StatementJudge,
  bytes: Uint8Array,
): { readonly checkpoint: Checkpoint; readonly kid: Uint8Array } | Fault {
  const origin = utf8.decode(bytes.subarray(0, LIMITS.noteBytesMax)).split('\n', 1)[0]!;
  const name = parseOrigin(origin);
  if (name === undefined) return fault('checkpoint-origin', 'not the origin of a lane');
  if (compareBytes(name.network, judge.network) !== 0) return fault('checkpoint-origin', 'a lane of another network');
  const publicKey = judge.keyOf(name.kid);
  if (publicKey === undefined) return fault('key-unknown', 'no registered key has the key id of this lane');
  const opened = openCheckpoint(bytes, checkpointKey(origin, publicKey), judge.checkSignature);
  return isFault(opened) ? opened : { checkpoint: opened.checkpoint, kid: name.kid };
}

const exhibitRefused = (index: number, { code, detail }: Refusal): Refusal =>
  reject('fault-exhibit', `exhibit ${index + 1}: ${code}: ${detail}`);

function hexOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromHex(value) : undefined;
}

function pairOf<T>(value: unknown, read: (item: unknown) => T | undefined): readonly [T, T] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const first = read(value[0]);
  const second = read(value[1]);
  return first === undefined || second === undefined ? undefined : [first, second];
}

const hexPair = (value: unknown): readonly [Uint8Array, Uint8Array] | undefined => pairOf(value, hexOf);

const textPair = (value: unknown): readonly [Uint8Array, Uint8Array] | undefined =>
  pairOf(value, (item) =>
    typeof item === 'string' && item.isWellFormed() ? new TextEncoder().encode(item) : undefined,
  );
