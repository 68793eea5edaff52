/** Writes test/vectors/statement-reports.json and statement-step.json. Run it with node when a format changes on purpose. */

import { encodeReports } from '../../../src/core/attestation/reports.ts';
import type { Statement } from '../../../src/core/attestation/statement.ts';
import type { SignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import { encodeCbor, type CborValue } from '../../../src/core/codec/cbor.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, shift } from '../../../src/core/time/nanos.ts';
import type { Signer } from '../../../src/ports/signer.ts';
import { ALICE, BOB, digestOf, NETWORK, sign, statement } from './actors.ts';
import { writeVectors, type Vector } from './vector-file.ts';

type AnyVector = Vector<Record<string, unknown>, Record<string, unknown>>;
const keys = [ALICE.publicKey, BOB.publicKey].map(toHex);
const common = { network: toHex(NETWORK), keys };

// ---- reports

const reportVectors: AnyVector[] = [];
const { time } = statement();
const at = (earliest: bigint, latest: bigint): ReturnType<typeof interval> =>
  interval(shift(time.tai, nanos(earliest)), shift(time.tai, nanos(latest)));
const someReports = ['a', 'b', 'c'].map((name, i) => ({
  subject: digestOf(name),
  seen: at(BigInt(-9_000 + i), BigInt(-7_000 + i)),
}));

function rightReports(name: string, why: string, reports: typeof someReports): void {
  const { bytes, root } = encodeReports(time, reports);
  const expect = {
    reports: reports
      .toSorted((a, b) => Buffer.compare(a.subject, b.subject))
      .map(({ subject, seen }) => ({
        subject: toHex(subject),
        earliest_ns: seen.earliest.toString(),
        latest_ns: seen.latest.toString(),
      })),
  };
  const input = { statement: toHex(sign(statement({ subject: root })).bytes), body: toHex(bytes) };
  reportVectors.push({ name, input, expect, why });
}

/** `entries` are written as they are, and the statement commits to them. */
function wrongReports(
  name: string,
  code: string,
  why: string,
  entries: CborValue,
  unsigned: Partial<Statement> = {},
): void {
  const bytes = entries instanceof Uint8Array ? entries : encodeCbor(entries);
  const leaves = Array.isArray(entries) ? (entries as CborValue[]).map((entry) => leafHash(encodeCbor(entry))) : [];
  const signed = sign(statement({ subject: rootOf(leaves), ...unsigned }));
  reportVectors.push({ name, input: { statement: toHex(signed.bytes), body: toHex(bytes) }, expect: { code }, why });
}

const entry = (name: string, earliest: bigint, latest: bigint): CborValue[] => [digestOf(name), earliest, latest];
const [low, high] = [digestOf('a'), digestOf('b')].toSorted((a, b) => Buffer.compare(a, b)) as [Uint8Array, Uint8Array];
rightReports('one report', 'the smallest body', someReports.slice(0, 1));
rightReports('three reports', 'ascending by subject', someReports);
rightReports('seen until signing', 'the latest end may be that of the statement', [
  { subject: high, seen: at(0n, 850n) },
]);
rightReports('seen a minute ago', 'the earliest begin', [{ subject: high, seen: at(-60_000_000_000n, 0n) }]);
rightReports('a point', 'an interval may be one instant', [{ subject: high, seen: at(-1n, -1n) }]);
wrongReports('no report', 'reports-format', 'a reports statement reports something', []);
wrongReports('a map', 'reports-format', 'an array', new Map([[0n, entry('a', -2n, -1n)]]));
wrongReports('an entry of two', 'reports-format', 'three items', [[low, -2n]]);
wrongReports('an entry of four', 'reports-format', 'three items', [[low, -2n, -1n, 0n]]);
wrongReports('a short subject', 'reports-format', '32 bytes', [[low.subarray(1), -2n, -1n]]);
wrongReports('a delta as text', 'reports-format', 'integers', [[low, '-2', -1n]]);
wrongReports(
  'not canonical',
  'reports-format',
  'one encoding',
  Uint8Array.of(0x98, 1, ...encodeCbor(entry('a', -2n, -1n))),
);
wrongReports('empty body', 'reports-format', 'no bytes', new Uint8Array());
reportVectors.push({
  name: 'too long',
  input: { statement: toHex(sign(statement()).bytes), body_zero_bytes: 56_321 },
  expect: { code: 'reports-too-long' },
  why: 'refused by length; so many zero bytes',
});
wrongReports('descending', 'reports-order', 'subjects ascend', [
  [high, -2n, -1n],
  [low, -2n, -1n],
]);
wrongReports('a subject twice', 'reports-order', 'subjects differ', [
  [low, -3n, -1n],
  [low, -2n, -1n],
]);
wrongReports('ends before it begins', 'reports-interval', 'an interval', [[low, -1n, -2n]]);
wrongReports('seen after signing', 'reports-interval', 'beyond the latest end of the statement', [[low, -1n, 851n]]);
wrongReports('seen too long ago', 'reports-interval', 'more than a minute', [[low, -60_000_000_001n, -1n]]);
wrongReports('of another root', 'reports-root', 'the statement commits to another body', [[low, -2n, -1n]], {
  subject: high,
});
wrongReports('of a challenge answer', 'reports-unexpected', 'kind 2 has no body', [[low, -2n, -1n]], {
  kind: 'challenge-answer',
});
writeVectors('statement-reports.json', {
  about:
    'Reports bodies of kind-1 statements: what the body says, or the code it is refused with. docs/spec/statement.md, "Reports body".',
  ...common,
  vectors: reportVectors,
});

// ---- steps of a lane

const stepVectors: AnyVector[] = [];
const first = sign(statement());
const next = (overrides: Partial<Statement> = {}, signer: Signer = ALICE): SignedStatement =>
  sign(
    statement({
      seq: 6n,
      previous: first.id,
      time: { ...time, tai: shift(time.tai, nanos(10_000_000n)) },
      ...overrides,
    }),
    signer,
  );
function step(
  name: string,
  second: SignedStatement,
  code: string | null,
  why: string,
  { body, before = first }: { body?: Uint8Array; before?: SignedStatement } = {},
): void {
  const input = { previous: toHex(before.bytes), next: toHex(second.bytes), ...(body && { body: toHex(body) }) };
  stepVectors.push({ name, input, expect: { code }, why });
}
const later = shift(time.tai, nanos(10_000_000n));
const reportsAfter = (earliest: bigint, latest: bigint): { body: Uint8Array; second: SignedStatement } => {
  const seen = interval(shift(time.tai, nanos(earliest)), shift(time.tai, nanos(latest)));
  const { bytes, root } = encodeReports({ ...time, tai: later }, [{ subject: low, seen }]);
  return { body: bytes, second: next({ subject: root }) };
};
step('follows', next(), null, 'seq, link and time go on');
step('follows by 1 ns', next({ time: { ...time, tai: shift(time.tai, nanos(1n)) } }), null, 'strictly later is enough');
step('follows in a new epoch', next({ epoch: 1n }), null, 'epochs may go up');
{
  const { body, second } = reportsAfter(-850n, 1n);
  step('a report that reaches past the previous time', second, null, 'its interval may overlap the previous one', {
    body,
  });
}
step('another network', next({ network: digestOf('another network') }), 'lane-step-signer', 'lanes do not mix');
step('another key', next({}, BOB), 'lane-step-signer', 'lanes do not mix');
step('the same seq', next({ seq: 5n }), 'lane-step-seq', 'no repetition');
step('a seq left out', next({ seq: 7n }), 'lane-step-seq', 'no gap');
const inEpochOne = sign(statement({ epoch: 1n }));
step('an epoch back', next({ previous: inEpochOne.id }), 'lane-step-epoch', 'epochs never go back', {
  before: inEpochOne,
});
step('a wrong link', next({ previous: digestOf('other') }), 'lane-step-link', 'the predecessor is named');
step('the same time', next({ time }), 'lane-step-time', 'strictly later');
step(
  'an earlier time',
  next({ time: { ...time, tai: shift(time.tai, nanos(-1n)) } }),
  'lane-step-time',
  'strictly later',
);
{
  const { body, second } = reportsAfter(-900n, 0n);
  step(
    'a report that ends with the previous time',
    second,
    'lane-step-report',
    'seen wholly before the previous statement',
    { body },
  );
}
writeVectors('statement-step.json', {
  about:
    'Neighbouring statements of a lane: null where the second may follow the first, else the code. docs/spec/statement.md, "Rules within a lane".',
  ...common,
  vectors: stepVectors,
});
