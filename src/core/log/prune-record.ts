/**
 * The record that the first entries of a lane are no longer kept: a signed note by the lane's key, in the lane's directory.
 *
 *     momentd-pruned/v1
 *     <origin>
 *     <index>             entries [0, index) are not kept; a multiple of 256
 *     <from>              those from here on went with this record; what the record before said
 *     <size>              the checkpoint that covered them
 *     <root, base64>      and its root
 *     <base64>            the statement of entry index - 1, signed: what the first kept entry follows
 *
 * It is durable before the first file goes, so that what is missing by policy is told from what is missing. It excuses
 * nothing but absent entry tiles below the index: every hash tile stays and leads to the checkpoint. The first line tells it
 * from the other texts this key signs. docs/spec/lane.md section "Pruning".
 */

import { assert } from '../assert.ts';
import { SIGNATURE_SIZE_BYTES, type Sign } from '../attestation/cose-sign1.ts';
import { signatureFault } from '../attestation/ed25519-rule.ts';
import {
  decodeSignedStatement,
  verifyStatement,
  type CheckSignature,
  type SignedStatement,
  type StatementJudge,
} from '../attestation/verify-statement.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { decodeNote, encodeNote, keyIdOf, signaturesBy, textBytes, type Note, type NoteKey } from './signed-note.ts';
import { TILE_WIDTH } from './tiles.ts';

/** Its path in the lane's directory. */
export const PRUNE_RECORD_FILE = 'pruned';

export type PruneRecord = {
  readonly origin: string;
  /** The first entry that is kept. */
  readonly index: number;
  readonly from: number;
  readonly size: number;
  readonly root: Digest;
  /** The statement before it. */
  readonly last: Uint8Array;
};

/** A record whose signature holds, with its statement decoded. */
export type OpenPruneRecord = { readonly record: PruneRecord; readonly last: SignedStatement };

const FIRST_LINE = 'momentd-pruned/v1';
const TEXT =
  /^momentd-pruned\/v1\n([^\n]+)\n([1-9]\d{0,15})\n(0|[1-9]\d{0,15})\n([1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n([A-Za-z0-9+/]+={0,2})\n$/;

export function signPruneRecord(record: PruneRecord, key: NoteKey, sign: Sign): Uint8Array {
  const { origin, index, from, size, root, last } = record;
  assert(origin === key.name && wrongNumbers(record) === undefined, 'a pruning record says what can be');
  const text = `${[FIRST_LINE, origin, index, from, size, toBase64(root), toBase64(last)].join('\n')}\n`;
  return encodeNote({ text, signatures: [{ name: key.name, keyId: keyIdOf(key), blob: sign(textBytes(text)) }] });
}

/**
 * The record that `key` signed, or why it is none. Whether its root is the lane's is for whoever has the tiles, whether its
 * statement's own signature holds for whoever judges statements.
 */
export function openPruneRecord(bytes: Uint8Array, key: NoteKey, check: CheckSignature): OpenPruneRecord | Fault {
  const read = readPruneRecord(bytes);
  if (isFault(read)) return read;
  const { note, record } = read;
  // [REJECT] The record of another lane excuses nothing in this one.
  if (record.origin !== key.name) return fault('prune-record-unsigned', `origin ${record.origin}`);
  const signatures = signaturesBy(note, key);
  const message = textBytes(note.text);
  // [REJECT] One signature, the lane's own: a line nobody can check here could hold anything.
  const holds =
    signatures.length === 1 &&
    note.signatures.length === 1 &&
    signatures.every(
      ({ blob }) =>
        blob.length === SIGNATURE_SIZE_BYTES &&
        signatureFault(blob) === undefined &&
        check({ publicKey: key.publicKey, message, signature: blob }),
    );
  if (!holds) return fault('prune-record-unsigned', `not signed by ${key.name} alone`);
  const signed = decodeSignedStatement(record.last);
  if (isFault(signed)) return fault(signed.fault, `the last statement that went: ${signed.detail}`);
  // [REJECT] The first kept entry is judged against this statement: it has to be the one before it.
  if (signed.statement.seq !== BigInt(record.index - 1))
    return fault('prune-record-format', `statement ${signed.statement.seq} before entry ${record.index}`);
  return { record, last: signed };
}

/** A record whose statement holds as well: what an auditor judges the first kept entry against. */
export function judgePruneRecord(bytes: Uint8Array, key: NoteKey, judge: StatementJudge): OpenPruneRecord | Fault {
  const opened = openPruneRecord(bytes, key, judge.checkSignature);
  if (isFault(opened)) return opened;
  const verdict = verifyStatement(judge, opened.record.last);
  return verdict.kind === 'accept' ? opened : fault(verdict.code, `the last statement that went: ${verdict.detail}`);
}

/** What is wrong with a record beside a checkpoint of `size`. */
export const recordFault = ({ size: covered }: PruneRecord, size: number): Fault | undefined =>
  covered > size ? fault('lane-damaged', `made under ${covered} entries, the checkpoint has ${size}`) : undefined;

/** What the file says, whoever wrote it: for readers that judge nothing. */
export function readPruneRecord(bytes: Uint8Array): { readonly record: PruneRecord; readonly note: Note } | Fault {
  const note = decodeNote(bytes);
  if (isFault(note)) return note;
  const match = TEXT.exec(note.text);
  const root = match === null ? undefined : fromBase64(match[5]!);
  const last = match === null ? undefined : fromBase64(match[6]!);
  if (match === null || root?.length !== SHA256_SIZE_BYTES || last === undefined)
    return fault('prune-record-format', 'not the seven lines of a pruning record');
  const [index, from, size] = [Number(match[2]), Number(match[3]), Number(match[4])];
  const record: PruneRecord = { origin: match[1]!, index, from, size, root, last };
  const wrong = wrongNumbers(record);
  return wrong === undefined ? { record, note } : fault('prune-record-format', wrong);
}

/** The furthest a lane may be pruned under a checkpoint of `size`: the end stays, because starting reads it. */
export function prunableTo(size: number): number {
  const most = Math.max(0, size - LIMITS.pruneKeptEntriesMin);
  return most - (most % TILE_WIDTH);
}

function wrongNumbers({ index, from, size }: PruneRecord): string | undefined {
  if (size > LIMITS.laneEntriesMax) return `size ${size} is beyond any lane`;
  if (index % TILE_WIDTH !== 0 || from % TILE_WIDTH !== 0) return 'an index within a tile';
  if (from >= index) return `nothing went between ${from} and ${index}`;
  return index > prunableTo(size) ? `index ${index} leaves too little of ${size} entries` : undefined;
}

assert(LIMITS.pruneKeptEntriesMin >= LIMITS.commitBatchStatementsMax, 'what the guard reserved last is always kept');
