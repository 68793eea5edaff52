/** Guard against lane, over every relation the two can be in: finish exactly what was reserved, or refuse by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sealPayload } from '../../../src/core/attestation/cose-sign1.ts';
import { decodeEntry, encodeEntry } from '../../../src/core/log/entry.ts';
import { decodeGuardRecord, encodeGuardRecord, type GuardRecord } from '../../../src/core/log/guard-record.ts';
import { EMPTY_ROOT } from '../../../src/core/log/merkle.ts';
import { originOf, parseOrigin } from '../../../src/core/log/origin.ts';
import { reconcile, type LaneView } from '../../../src/core/log/reconcile.ts';
import { encodeCbor } from '../../../src/core/codec/cbor.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';

const kid = new Uint8Array(8).fill(2);
const root = new Uint8Array(32).fill(9);
const owner = { network: new Uint8Array(32).fill(1), publicKey: new Uint8Array(32).fill(3) };
const payloads = Array.from({ length: 4 }, (_, i) => new Uint8Array(30).fill(i + 1));
const reserved = payloads.slice(0, 3).map((payload, i) => ({ payload, body: i === 1 ? Uint8Array.of(7) : null }));
const head = { size: 10, root, previous: new Uint8Array(32).fill(5), time: taiInstant(77n), epoch: 4n };
const guard: GuardRecord = { ...owner, head, reserved };

const entry = (i: number, body = reserved[i]?.body ?? null): Uint8Array =>
  encodeEntry({
    statement: sealPayload({ kid, sign: () => new Uint8Array(64) }, payloads[i]!).bytes,
    body,
  });

const lane = (size: number, over: Partial<LaneView> = {}): LaneView => ({
  size,
  rootAtGuard: size < 10 ? undefined : root,
  tail: Array.from({ length: Math.max(0, Math.min(3, size - 10)) }, (_, i) => entry(i)),
  ...over,
});

const outcome = (record: GuardRecord | undefined, view: LaneView, of = owner): string => {
  const result = reconcile(record, view, of);
  if (isFault(result)) return result.fault;
  return result.kind === 'first-start' ? 'first-start' : `resume ${result.appended}`;
};

test('every size of the lane against the guard', () => {
  const expected = [
    'guard-ahead',
    'guard-ahead',
    'resume 0',
    'resume 1',
    'resume 2',
    'resume 3',
    'guard-behind',
    'guard-behind',
  ];
  const found = [0, 9, 10, 11, 12, 13, 14, 900].map((size) => outcome(guard, lane(size)));
  assert.deepEqual(found, expected);
});

test('without a guard record only an empty lane may begin', () => {
  const empty: LaneView = { size: 0, rootAtGuard: EMPTY_ROOT, tail: [] };
  assert.equal(outcome(undefined, empty), 'first-start');
  assert.equal(outcome(undefined, { ...empty, size: 1 }), 'guard-missing');
});

test('a guard of another key or network, and a lane with other entries, are refused', () => {
  const other = new Uint8Array(32).fill(0xee);
  assert.equal(outcome(guard, lane(10), { ...owner, network: other }), 'guard-other-validator');
  assert.equal(outcome(guard, lane(10), { ...owner, publicKey: other }), 'guard-other-validator');
  assert.equal(outcome(guard, lane(10, { rootAtGuard: other })), 'guard-contradicts-lane');
  assert.equal(outcome(guard, lane(11, { tail: [entry(3)] })), 'guard-contradicts-lane');
  assert.equal(outcome(guard, lane(11, { tail: [entry(1)] })), 'guard-contradicts-lane');
  assert.equal(outcome(guard, lane(11, { tail: [entry(0, Uint8Array.of(1))] })), 'guard-contradicts-lane');
  assert.equal(outcome(guard, lane(12, { tail: [entry(0), entry(1, null)] })), 'guard-contradicts-lane');
  assert.equal(outcome(guard, lane(11, { tail: [Uint8Array.of(0xff)] })), 'guard-contradicts-lane');
});

test('a guard record is read back as it was written, and no other bytes are one', () => {
  const bytes = encodeGuardRecord(guard);
  assert.deepEqual(encodeGuardRecord(decodeGuardRecord(bytes) as GuardRecord), bytes);
  const first = { ...guard, head: { ...head, size: 0, time: undefined }, reserved: [] };
  const read = decodeGuardRecord(encodeGuardRecord(first));
  assert.ok(!isFault(read) && read.head.time === undefined && read.reserved.length === 0);
  const timeless = encodeGuardRecord({ ...guard, head: { ...head, time: undefined } });
  assert.ok(isFault(decodeGuardRecord(timeless)), 'a lane with entries has a last time');
  for (let cut = 0; cut < bytes.length; cut++) assert.ok(isFault(decodeGuardRecord(bytes.subarray(0, cut))));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => isFault(decodeGuardRecord(noise))));
});

test('an entry is an array of a statement and a body, in one encoding', () => {
  const bytes = entry(1);
  const read = decodeEntry(bytes);
  assert.ok(!isFault(read));
  assert.deepEqual(encodeEntry(read), bytes);
  const statement = new Uint8Array(100);
  const wrong = [
    encodeCbor([statement]),
    encodeCbor([statement, null, null]),
    encodeCbor([statement, 'text']),
    encodeCbor([null, statement]),
    encodeCbor([new Uint8Array(5_000), null]),
    encodeCbor(statement),
    Uint8Array.of(...bytes, 0),
    bytes.subarray(1),
  ];
  for (const item of wrong) assert.ok(isFault(decodeEntry(item)), toHex(item).slice(0, 40));
});

test('an origin names network and key, and nothing else is one', () => {
  const origin = originOf({ network: owner.network, kid });
  assert.equal(origin, `momentd/${'01'.repeat(32)}/${'02'.repeat(8)}`);
  assert.deepEqual(parseOrigin(origin), { network: owner.network, kid });
  const wrong = [
    origin.toUpperCase(),
    `${origin}0`,
    `${origin}\n`,
    origin.slice(1),
    origin.replace('/01', '/1'),
    'momentd/x/y',
    '',
  ];
  for (const text of wrong) assert.equal(parseOrigin(text), undefined, text);
});
