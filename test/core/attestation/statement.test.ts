/** Statements: every vector, the laws of the codec, and the bounds. */

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeCoseSign1,
  encodeCoseSign1,
  identityOf,
  kidOf,
  sigStructure,
} from '../../../src/core/attestation/cose-sign1.ts';
import { keyringOf } from '../../../src/core/attestation/keyring.ts';
import { attestedTimeOf, intervalOfTime, isRepresentable } from '../../../src/core/attestation/statement-time.ts';
import {
  decodeByLayout,
  decodeByRules,
  decodeStatement,
  encodeStatement,
  intervalOf,
  STATEMENT_KINDS,
  zeroDigest,
  type Statement,
} from '../../../src/core/attestation/statement.ts';
import { decodeSignedStatement, verifyStatement } from '../../../src/core/attestation/verify-statement.ts';
import { BrokenInvariant } from '../../../src/core/assert.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { encloses, interval } from '../../../src/core/time/interval.ts';
import { nanos, shift, taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { ALICE, BOB, digestOf, heartbeat, JUDGE, NETWORK, sign, statement } from './actors.ts';
import { readVectors } from './vector-file.ts';

const file = readVectors<{ statement: string }, Record<string, string | number>>('statement.json');

for (const { name, input, expect } of file.vectors) {
  test(`vector: ${name}`, () => {
    const bytes = fromHex(input.statement)!;
    const verdict = verifyStatement(JUDGE, bytes);
    if (verdict.kind !== 'accept') return assert.deepEqual({ verdict: verdict.kind, code: verdict.code }, expect);
    const { id, kid, statement: read } = verdict.value;
    const { earliest, latest } = intervalOf(read);
    assert.deepEqual(
      {
        verdict: 'accept',
        id: toHex(id),
        kid: toHex(kid),
        kind: read.kind,
        epoch: String(read.epoch),
        seq: String(read.seq),
        earliest_ns: String(earliest),
        latest_ns: String(latest),
        tai_utc_seconds: read.taiUtcSeconds,
      },
      expect,
    );
    // What is accepted is written again byte for byte.
    const payload = encodeStatement(read);
    assert.deepEqual(encodeCoseSign1({ kid, payload, signature: verdict.value.signature }), bytes);
  });
}

test('the vectors are judged against the keys they name, and every code of a statement has one', () => {
  assert.deepEqual(
    file['keys'],
    [ALICE, BOB].map(({ publicKey }) => toHex(publicKey)),
  );
  assert.equal(file['network'], toHex(NETWORK));
  const codes = new Set(file.vectors.map(({ expect }) => expect['code'] ?? 'accept'));
  const all =
    'accept cose-envelope cose-protected cose-unprotected statement-too-long statement-not-canonical statement-keys ' +
    'statement-version statement-type statement-kind statement-time statement-interval statement-tai-utc ' +
    'statement-previous statement-subject statement-network key-unknown signature-s-range ' +
    'signature-r-not-canonical signature-r-small-order signature-invalid';
  assert.deepEqual([...codes].toSorted(), all.split(' ').toSorted());
  const wrong = file.vectors.filter(({ expect }) => expect['verdict'] !== 'accept');
  assert.ok(wrong.length > file.vectors.length / 2, 'wrong vectors outnumber right ones');
});

const I64_MAX = (1n << 63n) - 1n;
const anyDigest = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));
const anyTime = fc
  .tuple(
    fc.bigInt(1n, I64_MAX - 1n),
    fc.bigInt(1n, I64_MAX),
    fc.option(fc.nat(255)),
    fc.option(fc.integer({ min: 0x17, max: 0x31 })),
  )
  .map(([tai, width, clockClass, clockAccuracy]) => ({
    tai: taiInstant(tai),
    guarantee: nanos(width % (tai < I64_MAX - tai ? tai : I64_MAX - tai) || 1n),
    ...(clockClass !== null && { clockClass }),
    ...(clockAccuracy !== null && { clockAccuracy }),
  }));
const anyStatement: fc.Arbitrary<Statement> = fc
  .record({
    network: anyDigest,
    epoch: fc.bigInt(0n, I64_MAX),
    seq: fc.bigInt(0n, I64_MAX),
    previous: anyDigest,
    kind: fc.constantFrom(...STATEMENT_KINDS),
    time: anyTime,
    subject: anyDigest,
    taiUtcSeconds: fc.integer({ min: 10, max: 255 }),
    evidence: anyDigest,
  })
  .map((drawn) => ({
    ...drawn,
    previous: drawn.seq === 0n ? zeroDigest() : drawn.previous,
    subject: drawn.kind === 'heartbeat' ? zeroDigest() : drawn.subject,
  }));

test('law: what is encoded is decoded to the same statement', () => {
  fc.assert(fc.property(anyStatement, (drawn) => assert.deepEqual(decodeStatement(encodeStatement(drawn)), drawn)));
});

test('law: the quick reader reads what the rules read, and nothing else', () => {
  fc.assert(
    fc.property(anyStatement, fc.array(fc.tuple(fc.nat(300), fc.nat(255), fc.nat(2))), (drawn, edits) => {
      const right = encodeStatement(drawn);
      const isSmall = drawn.epoch <= Number.MAX_SAFE_INTEGER && drawn.seq <= Number.MAX_SAFE_INTEGER;
      assert.deepEqual(decodeByLayout(right), isSmall ? drawn : undefined);
      let altered = right;
      for (const [where, byte, how] of edits) {
        const at = where % (altered.length + 1);
        // Replace, insert or remove a byte.
        const rest = altered.subarray(how === 1 ? at : at + 1);
        altered = Uint8Array.of(...altered.subarray(0, at), ...(how === 2 ? [] : [byte]), ...rest);
        const quick = decodeByLayout(altered);
        if (quick !== undefined) assert.deepEqual(quick, decodeByRules(altered));
      }
    }),
    { numRuns: 3_000 },
  );
});

test('law: the quick reader agrees on every value of every single byte', () => {
  const time = {
    tai: taiInstant(1_790_000_000_123_456_789n),
    guarantee: nanos(850n),
    clockClass: 6,
    clockAccuracy: 0x20,
  };
  for (const right of [statement(), heartbeat({ seq: 0n, previous: zeroDigest() }), statement({ time })].map(
    encodeStatement,
  ))
    for (let at = 0; at < right.length; at++)
      for (let byte = 0; byte < 256; byte++) {
        const altered = right.with(at, byte);
        const quick = decodeByLayout(altered);
        if (quick !== undefined) assert.deepEqual(quick, decodeByRules(altered));
        // Small counters only: here the quick reader misses no right statement either.
        else assert.ok(isFault(decodeByRules(altered)), `byte ${byte} at ${at}`);
      }
});

test('law: one altered byte of a signed statement is never accepted', () => {
  const { bytes } = sign(statement());
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = bytes.slice();
      altered[at]! ^= flip;
      assert.notEqual(verifyStatement(JUDGE, altered).kind, 'accept');
    }),
    { numRuns: 2_000 },
  );
});

test('law: no bytes make the judge throw', () => {
  const { bytes } = sign(statement());
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
      assert.notEqual(verifyStatement(JUDGE, noise).kind, 'accept');
    }),
  );
  // Noise behind a right beginning reaches deeper.
  fc.assert(
    fc.property(fc.nat(bytes.length), fc.uint8Array({ maxLength: 100 }), (keep, noise) => {
      const mixed = Uint8Array.of(...bytes.subarray(0, keep), ...noise);
      const verdict = verifyStatement(JUDGE, mixed);
      assert.ok(verdict.kind !== 'accept' || toHex(mixed) === toHex(bytes));
    }),
  );
});

test('law: the attested time of an interval encloses it and is at most 1 ns wider at each end', () => {
  fc.assert(
    fc.property(fc.bigInt(1n << 40n, 1n << 61n), fc.bigInt(0n, 1n << 40n), (from, width) => {
      const estimate = interval(taiInstant(from), taiInstant(from + width));
      const signed = intervalOfTime(attestedTimeOf(estimate));
      assert.ok(encloses(signed, estimate));
      assert.ok(encloses(interval(shift(estimate.earliest, nanos(-1n)), shift(estimate.latest, nanos(1n))), signed));
      assert.ok(isRepresentable(attestedTimeOf(estimate)));
    }),
  );
});

test('the longest statement fits its bounds, and the bounds fit each other', () => {
  const longest = statement({
    epoch: I64_MAX,
    seq: I64_MAX,
    kind: 'cut-vote',
    taiUtcSeconds: 255,
    time: {
      tai: taiInstant(4_600_000_000_999_999_999n),
      guarantee: nanos(4_600_000_000_999_999_999n),
      clockClass: 255,
      clockAccuracy: 0x31,
    },
  });
  const payload = encodeStatement(longest);
  assert.equal(payload.length, 215);
  assert.ok(payload.length <= LIMITS.statementBytesMax);
  const envelope = sign(longest).bytes.length - payload.length;
  assert.equal(LIMITS.signedStatementBytesMax, LIMITS.statementBytesMax + envelope);
});

test('identity is over what is signed, not over the signature', () => {
  const signed = sign(statement());
  const other = encodeCoseSign1({
    kid: signed.kid,
    payload: encodeStatement(signed.statement),
    signature: new Uint8Array(64),
  });
  const read = decodeSignedStatement(other);
  assert.ok(!isFault(read));
  assert.deepEqual(read.id, signed.id);
  assert.deepEqual(sha256(signed.toBeSigned), signed.id);
  const envelope = decodeCoseSign1(signed.bytes);
  assert.ok(!isFault(envelope));
  assert.deepEqual(identityOf(envelope), signed.id);
  assert.deepEqual(sigStructure(envelope), signed.toBeSigned);
});

test('a statement that breaks its own rules is not encoded', () => {
  const wrong: Partial<Statement>[] = [
    { seq: 0n },
    { seq: -1n },
    { kind: 'heartbeat' },
    { subject: zeroDigest() },
    { taiUtcSeconds: 9 },
    { network: new Uint8Array(31) },
    { time: { tai: taiInstant(5n), guarantee: nanos(0n) } },
    { time: { tai: taiInstant(5n), guarantee: nanos(6n) } },
  ];
  for (const overrides of wrong) assert.throws(() => encodeStatement(statement(overrides)), BrokenInvariant);
  assert.doesNotThrow(() => encodeStatement(heartbeat()));
});

test('a keyring finds the key of a kid and refuses two keys with one kid', () => {
  const keyOf = keyringOf([ALICE.publicKey, BOB.publicKey]);
  assert.deepEqual(keyOf?.(kidOf(BOB.publicKey)), BOB.publicKey);
  assert.equal(keyOf(digestOf('nobody').subarray(0, 8)), undefined);
  assert.equal(keyringOf([ALICE.publicKey, ALICE.publicKey]), undefined);
});

test('payloads of every length class keep one encoding', () => {
  for (const length of [0, 23, 24, 255, 256, 1_000]) {
    const payload = new Uint8Array(length).fill(7);
    const bytes = encodeCoseSign1({ kid: ALICE.kid, payload, signature: new Uint8Array(64) });
    const read = decodeCoseSign1(bytes);
    assert.ok(!isFault(read));
    assert.deepEqual(read.payload, payload);
    assert.deepEqual(encodeCoseSign1(read), bytes);
  }
  assert.throws(
    () => encodeCoseSign1({ kid: ALICE.kid, payload: new Uint8Array(20_000), signature: new Uint8Array(64) }),
    BrokenInvariant,
  );
});
