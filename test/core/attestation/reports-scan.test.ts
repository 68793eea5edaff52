/** The fast reader of reports bodies against the general decoder: the same entries, or no answer. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanReports } from '../../../src/core/attestation/reports-scan.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../../src/core/codec/cbor.ts';
import { LIMITS } from '../../../src/core/limits.ts';

const anInteger = fc.oneof(
  fc.bigInt(-300n, 300n),
  fc.bigInt(-(2n ** 33n), 2n ** 33n),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
);
const anEntry = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), anInteger, anInteger)
  .map((entry): CborValue => entry);
const aBody = fc.array(anEntry, { maxLength: 40 }).map(encodeCbor);

/** What the general decoder finds, in the form of the fast one. */
function plainly(body: Uint8Array): unknown {
  const decoded = decodeCbor(body);
  if ('fault' in decoded || !Array.isArray(decoded.value)) return undefined;
  const entries = decoded.value as readonly CborValue[];
  let at = body.length - entries.reduce<number>((sum, entry) => sum + encodeCbor(entry).length, 0);
  return entries.map((entry) => {
    const [subject, earliestDelta, latestDelta] = entry as readonly CborValue[];
    const start = at;
    at += encodeCbor(entry).length;
    return { subject, earliestDelta, latestDelta, start, end: at };
  });
}

test('every well-formed body is read as the general decoder reads it', () => {
  fc.assert(
    fc.property(aBody, (body) => {
      assert.deepEqual(scanReports(body, LIMITS.reportsMax), plainly(body));
    }),
  );
});

test('an altered body is read as the general decoder reads it, or not at all', () => {
  fc.assert(
    fc.property(aBody, fc.nat(), fc.nat({ max: 255 }), fc.boolean(), (body, at, byte, isCut) => {
      const altered = isCut ? body.slice(0, at % (body.length + 1)) : body.with(at % body.length, byte);
      const scanned = scanReports(altered, LIMITS.reportsMax);
      if (scanned !== undefined) assert.deepEqual(scanned, plainly(altered));
    }),
    { numRuns: 3_000 },
  );
});

test('other shapes have no answer here', () => {
  const subject = new Uint8Array(32);
  const others: CborValue[] = [
    1n,
    [1n],
    [[subject, 1n]],
    [[subject, 1n, 2n, 3n]],
    [[subject.slice(1), 1n, 2n]],
    [[subject, 'a', 2n]],
    [[subject, 1n, null]],
    [[subject, 2n ** 63n, 2n]],
    new Map([[0n, 1n]]),
  ];
  for (const value of others) assert.equal(scanReports(encodeCbor(value), LIMITS.reportsMax), undefined);
  const two = encodeCbor([
    [subject, 1n, 2n],
    [subject, 3n, 4n],
  ]);
  assert.equal(scanReports(two, 1), undefined, 'more than asked for');
  assert.equal(scanReports(Uint8Array.of(...two, 0), 2), undefined, 'bytes after the end');
  assert.equal(scanReports(new Uint8Array(), 2), undefined);
});
