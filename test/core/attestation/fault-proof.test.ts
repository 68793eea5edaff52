/** Fault proofs: every vector, and the detector over pairs of statements. */

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultBetween, faultInReports } from '../../../src/core/attestation/fault.ts';
import {
  decodeFaultProof,
  encodeFaultProof,
  forkBetween,
  verifyFaultProof,
} from '../../../src/core/attestation/fault-proof.ts';
import { decodeGenesis, keyOfGenesis, networkIdOf } from '../../../src/core/attestation/genesis.ts';
import type { StatementJudge } from '../../../src/core/attestation/verify-statement.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import { nanos, shift } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { ALICE, BOB, digestOf, JUDGE, NETWORK, sign, statement } from './actors.ts';
import { readVectors } from './vector-file.ts';

type Input = { proof?: string; proof_spaces?: number };
const file = readVectors<Input, { code: string | null; fault?: string; kid?: string }>('fault-proof.json');
const record = decodeGenesis(fromHex(file['genesis'] as string)!);
assert.ok(!isFault(record));
const judge: StatementJudge = { network: networkIdOf(record), keyOf: keyOfGenesis(record), checkSignature };

for (const { name, input, expect } of file.vectors) {
  test(`vector: ${name}`, () => {
    const text = input.proof ?? ' '.repeat(input.proof_spaces!);
    const proof = decodeFaultProof(new TextEncoder().encode(text));
    if (isFault(proof)) return assert.deepEqual({ code: proof.fault }, expect);
    const verdict = verifyFaultProof(judge, proof);
    if (verdict.kind !== 'accept') return assert.deepEqual({ code: verdict.code }, expect);
    const { kid } = verdict.value;
    assert.deepEqual({ code: null, fault: proof.shown.code, kid: toHex(kid) }, expect);
    assert.equal(encodeFaultProof(proof), text);
  });
}

test('every code of fault proofs has a vector, and every kind of fault', () => {
  const codes = new Set(file.vectors.map(({ expect }) => expect.code ?? expect.fault!));
  const all = 'fault-too-long fault-format fault-network fault-exhibit fault-not-shown E1 E2 E3 E4';
  assert.deepEqual([...codes].toSorted(), all.split(' ').toSorted());
});

test('law: the detector does not depend on the order of the two, and what it finds is proven', () => {
  const { time } = statement();
  const pool = [0n, 1n, 2n].flatMap((seqStep) =>
    [-1n, 0n, 1n].map((timeStep) =>
      sign(statement({ seq: 5n + seqStep, time: { ...time, tai: shift(time.tai, nanos(timeStep)) } })),
    ),
  );
  const linked = sign(
    statement({ seq: 6n, previous: pool[0]!.id, time: { ...time, tai: shift(time.tai, nanos(5n)) } }),
  );
  const all = [...pool, linked, sign(statement(), BOB), sign(statement({ epoch: 1n }))];
  const index = fc.nat(all.length - 1);
  const found = new Set<string>();
  fc.assert(
    fc.property(index, index, (i, j) => {
      const [a, b] = [all[i]!, all[j]!];
      const shown = faultBetween(a, b);
      assert.deepEqual(faultBetween(b, a), shown);
      if (shown === undefined) return;
      found.add(shown.code);
      const verdict = verifyFaultProof(JUDGE, { network: NETWORK, shown });
      assert.equal(verdict.kind, 'accept');
    }),
    { numRuns: 400 },
  );
  assert.deepEqual([...found].toSorted(), ['E1', 'E2', 'E4']);
});

test('honest neighbours, other keys and other epochs show nothing', () => {
  const { time } = statement();
  const first = sign(statement());
  const next = statement({ seq: 6n, previous: first.id, time: { ...time, tai: shift(time.tai, nanos(1n)) } });
  assert.equal(faultBetween(first, sign(next)), undefined);
  assert.equal(faultBetween(first, first), undefined);
  assert.equal(faultBetween(first, sign(statement(), BOB)), undefined);
  assert.equal(faultBetween(first, sign(statement({ epoch: 1n }))), undefined);
  assert.equal(faultBetween(first, sign(statement({ network: digestOf('another network') }))), undefined);
  assert.equal(faultInReports(first, sign(next), Uint8Array.of(0x80)), undefined);
});

test('two checkpoints of one size and two roots are a fork, in either order; others are not', () => {
  const origin = originOf({ network: NETWORK, kid: ALICE.kid });
  const needs = { sign: (bytes: Uint8Array) => ALICE.sign(bytes), publicKey: ALICE.publicKey };
  const note = (size: number, label: string): Uint8Array =>
    signCheckpoint({ origin, size, root: digestOf(label) }, needs);
  const shown = forkBetween(JUDGE, note(3, 'a'), note(3, 'b'));
  assert.equal(shown?.code, 'E3');
  assert.deepEqual(forkBetween(JUDGE, note(3, 'b'), note(3, 'a')), shown);
  assert.equal(forkBetween(JUDGE, note(3, 'a'), note(3, 'a')), undefined);
  assert.equal(forkBetween(JUDGE, note(3, 'a'), note(4, 'b')), undefined);
});

test('an exhibit is written as it is, a byte order mark included', () => {
  const origin = originOf({ network: NETWORK, kid: ALICE.kid });
  const needs = { sign: (bytes: Uint8Array) => ALICE.sign(bytes), publicKey: ALICE.publicKey };
  const note = signCheckpoint({ origin, size: 3, root: digestOf('a') }, needs);
  const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...note);
  const proof = { network: NETWORK, shown: { code: 'E3', checkpoints: [marked, note] } } as const;
  assert.deepEqual(decodeFaultProof(new TextEncoder().encode(encodeFaultProof(proof))), proof);
  assert.equal(verifyFaultProof(JUDGE, proof).kind, 'reject', 'nobody signed the mark');
});
