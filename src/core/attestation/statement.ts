/**
 * The statement (NanoMoment), version 1: what a validator signs. A canonical CBOR map with exactly ten keys.
 *
 * This file owns the payload: its type, its bytes, every rule that one statement alone can break. The signature around it
 * is cose-sign1.ts; rules between statements of one lane (the chain, time that only rises) are lane-rules.ts.
 * docs/spec/statement.md is the interface other programs rely on.
 */

import { assert } from '../assert.ts';
import { decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import type { Interval } from '../time/interval.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { readLayout } from './statement-layout.ts';
import { decodeTime, encodeTime, intervalOfTime, type AttestedTime } from './statement-time.ts';

/** In the order of their numbers on the wire: 0 heartbeat ... 4 cut vote. */
export const STATEMENT_KINDS = ['heartbeat', 'reports', 'challenge-answer', 'checkpoint', 'cut-vote'] as const;
export type StatementKind = (typeof STATEMENT_KINDS)[number];

export type Statement = {
  /** SHA-256 of the canonical genesis record. */
  readonly network: Digest;
  /** Which validator set and parameters, 0..2^63-1. */
  readonly epoch: bigint;
  /** +1 per statement in the lane, from 0, 0..2^63-1; never reused. */
  readonly seq: bigint;
  /** SHA-256 of the previous statement's Sig_structure; 32 zero bytes exactly when `seq` is 0. */
  readonly previous: Digest;
  readonly kind: StatementKind;
  readonly time: AttestedTime;
  /** Merkle root of the reports, nonce hash, checkpoint hash, vote hash; 32 zero bytes exactly for a heartbeat. */
  readonly subject: Digest;
  /** TAI-UTC, whole seconds. */
  readonly taiUtcSeconds: number;
  /** SHA-256 of the evidence record. */
  readonly evidence: Digest;
};

export const STATEMENT_VERSION = 1n;

/** 32 zero bytes: no previous statement, no subject. A fresh array, because a caller may write into it. */
export const zeroDigest = (): Digest => new Uint8Array(SHA256_SIZE_BYTES);

const KEY_COUNT = 10;
const COUNTER_MAX = (1n << 63n) - 1n;

/** TAI-UTC was 10 s when whole seconds began (1972); it is bounded above so that it stays one CBOR byte and a head. */
const TAI_UTC_SECONDS_MIN = 10;
const TAI_UTC_SECONDS_MAX = 255;

/** The interval `[tai - guarantee, tai + guarantee]` the statement promises. */
export const intervalOf = (statement: Statement): Interval => intervalOfTime(statement.time);

/** The payload bytes. A statement that breaks a rule of its own is our bug: asserted, not encoded. */
export function encodeStatement(statement: Statement): Uint8Array {
  const kind = STATEMENT_KINDS.indexOf(statement.kind);
  const bytes = encodeCbor(
    new Map<CborKey, CborValue>([
      [0n, STATEMENT_VERSION],
      [1n, statement.network],
      [2n, statement.epoch],
      [3n, statement.seq],
      [4n, statement.previous],
      [5n, BigInt(kind)],
      [6n, encodeTime(statement.time)],
      [7n, statement.subject],
      [8n, BigInt(statement.taiUtcSeconds)],
      [9n, statement.evidence],
    ]),
  );
  const read = decodeByRules(bytes);
  assert(!isFault(read), `a statement we encode is one we accept${isFault(read) ? `: ${read.detail}` : ''}`);
  return bytes;
}

/** The statement in payload bytes, or the first rule it breaks. Digests are views of `payload`. */
export function decodeStatement(payload: Uint8Array): Statement | Fault {
  return decodeByLayout(payload) ?? decodeByRules(payload);
}

/** A right statement, read by position; undefined where the rules must be asked. */
export function decodeByLayout(payload: Uint8Array): Statement | undefined {
  const fields = readLayout(payload);
  if (fields === undefined) return undefined;
  const kind = STATEMENT_KINDS[fields.kind]!;
  const { network, epoch, seq, previous, time, subject, taiUtcSeconds, evidence } = fields;
  if ((seq === 0) !== isZero(previous) || (kind === 'heartbeat') !== isZero(subject)) return undefined;
  // Named one by one: a spread costs a tenth of the whole reading.
  const [bigEpoch, bigSeq] = [BigInt(epoch), BigInt(seq)];
  return { network, epoch: bigEpoch, seq: bigSeq, previous, kind, time, subject, taiUtcSeconds, evidence };
}

/** The rules in their order. Exported for the test that holds the two ways together. */
export function decodeByRules(payload: Uint8Array): Statement | Fault {
  // [REJECT] Length before anything else.
  if (payload.length > LIMITS.statementBytesMax)
    return fault('statement-too-long', `${payload.length} bytes of payload`);
  const decoded = decodeCbor(payload);
  // [REJECT] Canonical or nothing: one encoding per statement, so that one statement has one identity.
  if ('fault' in decoded) return fault('statement-not-canonical', `${decoded.fault} at byte ${decoded.offset}`);
  const map = decoded.value;
  // [REJECT] Exactly the ten keys: ten of them, and each of 0..9 is read below.
  if (!isMap(map) || map.size !== KEY_COUNT) return fault('statement-keys', 'not a map of the ten keys 0..9');
  return readFields(map);
}

function readFields(map: ReadonlyMap<CborKey, CborValue>): Statement | Fault {
  const version = map.get(0n);
  const kindNumber = map.get(5n);
  const timeValue = map.get(6n);
  const taiUtc = map.get(8n);
  const others = [map.get(1n), map.get(2n), map.get(3n), map.get(4n), map.get(7n), map.get(9n)];
  if (version === undefined || kindNumber === undefined || timeValue === undefined || taiUtc === undefined)
    return fault('statement-keys', 'one of the keys 0, 5, 6 and 8 is missing');
  if (others.includes(undefined)) return fault('statement-keys', 'one of the keys 1, 2, 3, 4, 7 and 9 is missing');
  // [REJECT] A version we do not know may mean anything.
  if (version !== STATEMENT_VERSION) return fault('statement-version', 'key 0 is not 1');
  const [network, epoch, seq, previous, subject, evidence] = others;
  if (!isDigest(network) || !isDigest(previous) || !isDigest(subject) || !isDigest(evidence))
    return fault('statement-type', 'keys 1, 4, 7 and 9 are 32-byte strings');
  if (!isCounter(epoch) || !isCounter(seq)) return fault('statement-type', 'keys 2 and 3 are integers in 0..2^63-1');
  const kind = typeof kindNumber === 'bigint' ? STATEMENT_KINDS[Number(kindNumber)] : undefined;
  // [REJECT] A kind we do not know: its subject would mean nothing to us.
  if (kind === undefined) return fault('statement-kind', 'key 5 is not in 0..4');
  const time = decodeTime(timeValue);
  if (isFault(time)) return time;
  const taiUtcSeconds = typeof taiUtc === 'bigint' ? Number(taiUtc) : undefined;
  if (taiUtcSeconds === undefined || taiUtcSeconds < TAI_UTC_SECONDS_MIN || taiUtcSeconds > TAI_UTC_SECONDS_MAX)
    return fault('statement-tai-utc', `key 8 is not in ${TAI_UTC_SECONDS_MIN}..${TAI_UTC_SECONDS_MAX}`);
  // [REJECT] The first statement has no predecessor and every other one has.
  if ((seq === 0n) !== isZero(previous))
    return fault('statement-previous', 'key 4 is zero exactly when key 3 is 0, and here it is not so');
  // [REJECT] A heartbeat is about nothing and every other kind is about something.
  if ((kind === 'heartbeat') !== isZero(subject))
    return fault('statement-subject', 'key 7 is zero exactly for a heartbeat, and here it is not so');
  return { network, epoch, seq, previous, kind, time, subject, taiUtcSeconds, evidence };
}

const isDigest = (value: CborValue | undefined): value is Digest =>
  value instanceof Uint8Array && value.length === SHA256_SIZE_BYTES;

const isCounter = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= COUNTER_MAX;

export function isZero(digest: Digest): boolean {
  for (const byte of digest) if (byte !== 0) return false;
  return true;
}
