/** Reports bodies and the steps of a lane: every vector, and laws. */

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportsStepFault, stepFault } from '../../../src/core/attestation/lane-rules.ts';
import {
  decodeReports,
  encodeReports,
  reportLeaves,
  reportsOf,
  type Report,
} from '../../../src/core/attestation/reports.ts';
import { verifyStatement, type SignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { rootOf } from '../../../src/core/log/merkle.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, shift } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { digestOf, JUDGE, statement } from './actors.ts';
import { readVectors } from './vector-file.ts';

/** The statement of a vector. Some are of another network or key on purpose: then only its shape is taken. */
function statementOf(hex: string, judge = JUDGE): SignedStatement {
  const verdict = verifyStatement(judge, fromHex(hex)!);
  assert.ok(verdict.kind === 'accept', 'the statements of these vectors are valid by themselves');
  return verdict.value;
}

type ReportsInput = { statement: string; body?: string; body_zero_bytes?: number };
const reportsFile = readVectors<ReportsInput, { code?: string; reports?: object[] }>('statement-reports.json');

for (const { name, input, expect } of reportsFile.vectors) {
  test(`reports vector: ${name}`, () => {
    const { statement: signed } = statementOf(input.statement);
    const body = input.body === undefined ? new Uint8Array(input.body_zero_bytes!) : fromHex(input.body)!;
    const reports = reportsOf(signed, body);
    if (isFault(reports)) return assert.deepEqual({ code: reports.fault }, expect);
    const read = reports.map(({ subject, seen }) => ({
      subject: toHex(subject),
      earliest_ns: String(seen.earliest),
      latest_ns: String(seen.latest),
    }));
    assert.deepEqual({ reports: read }, expect);
    assert.deepEqual(encodeReports(signed.time, reports).bytes, body);
  });
}

type StepInput = { previous: string; next: string; body?: string };
const stepFile = readVectors<StepInput, { code: string | null }>('statement-step.json');

for (const { name, input, expect } of stepFile.vectors) {
  test(`step vector: ${name}`, () => {
    const next = statementOf(
      input.next,
      name === 'another network' ? { ...JUDGE, network: digestOf('another network') } : JUDGE,
    );
    const previous = statementOf(input.previous);
    let found = stepFault(previous, next);
    if (found === undefined && input.body !== undefined) {
      const reports = reportsOf(next.statement, fromHex(input.body)!);
      assert.ok(!isFault(reports));
      found = reportsStepFault(previous, reports);
    }
    assert.equal(found?.fault ?? null, expect.code);
  });
}

test('every code of reports and steps has a vector', () => {
  const codes = new Set([...reportsFile.vectors, ...stepFile.vectors].map(({ expect }) => expect.code ?? 'none'));
  const all =
    'none reports-too-long reports-format reports-order reports-interval reports-unexpected reports-root ' +
    'lane-step-signer lane-step-seq lane-step-epoch lane-step-link lane-step-time lane-step-report';
  assert.deepEqual([...codes].toSorted(), all.split(' ').toSorted());
});

const { time } = statement();
const anyReports: fc.Arbitrary<Report[]> = fc
  .uniqueArray(
    fc.record({
      subject: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      begin: fc.bigInt(-60_000_000_000n, 850n),
      width: fc.bigInt(0n, 100_000n),
    }),
    { minLength: 1, maxLength: 40, selector: ({ subject }) => toHex(subject) },
  )
  .map((drawn) =>
    drawn.map(({ subject, begin, width }) => {
      const end = begin + width > 850n ? 850n : begin + width;
      return { subject, seen: interval(shift(time.tai, nanos(begin)), shift(time.tai, nanos(end))) };
    }),
  );

test('law: reports survive encoding, in the order of their subjects, and the root is over their leaves', () => {
  fc.assert(
    fc.property(anyReports, (drawn) => {
      const { bytes, root } = encodeReports(time, drawn);
      const sorted = drawn.toSorted((a, b) => Buffer.compare(a.subject, b.subject));
      assert.deepEqual(decodeReports(time, bytes), sorted);
      assert.deepEqual(rootOf(reportLeaves(bytes)!), root);
      assert.deepEqual(encodeReports(time, drawn.toReversed()).bytes, bytes);
    }),
  );
});

test('an end beyond the statement is cut to it', () => {
  const late = interval(time.tai, shift(time.tai, nanos(10_000n)));
  const { bytes } = encodeReports(time, [{ subject: digestOf('late'), seen: late }]);
  const read = decodeReports(time, bytes);
  assert.ok(!isFault(read));
  assert.equal(read[0]!.seen.latest, shift(time.tai, time.guarantee));
});

test('the largest body fits its bound, and with its statement an entry', () => {
  const far = interval(shift(time.tai, nanos(-60_000_000_000n)), shift(time.tai, nanos(-5_000_000_000n)));
  const reports = Array.from({ length: LIMITS.reportsMax }, (_, i) => ({
    subject: digestOf(`subject ${i}`),
    seen: far,
  }));
  const { bytes } = encodeReports(time, reports);
  assert.ok(bytes.length <= LIMITS.reportsBodyBytesMax, `${bytes.length}`);
  assert.ok(LIMITS.reportsBodyBytesMax + LIMITS.signedStatementBytesMax + 16 <= LIMITS.laneEntryBytesMax);
  const one = { subject: digestOf('one more'), seen: far };
  assert.throws(() => encodeReports(time, [...reports, one]));
});

test('leaves of a malformed body are none', () => {
  assert.equal(reportLeaves(Uint8Array.of(0xff)), undefined);
  assert.equal(reportLeaves(Uint8Array.of(0x01)), undefined);
});
