import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BUILT_IN_LEAP_TABLE,
  leapStateAt,
  leapStep,
  nextLeapAfter,
  parseLeapSecondsList,
  taiOfUnixSeconds,
  unixNanosOf,
  type LeapTable,
} from '../../../src/core/time/leap-seconds.ts';
import { seconds, shift, taiInstant } from '../../../src/core/time/nanos.ts';
import { formatTai, formatUtc } from '../../../src/core/time/text.ts';

const table = BUILT_IN_LEAP_TABLE;
const tai = (unixSeconds: bigint, offset: number) => taiInstant((unixSeconds + BigInt(offset)) * 1_000_000_000n);

/** A table with a deletion: at 2030-01-01 TAI-UTC goes from 37 to 36. */
const withDeletion: LeapTable = {
  source: 'made for this test',
  steps: [...table.steps, leapStep(1_893_456_000n, 36)],
  expires: tai(2_000_000_000n, 36),
};

test('TAI-UTC on both sides of the last leap second', () => {
  const step = tai(1_483_228_800n, 37); // 2017-01-01T00:00:00Z
  assert.deepEqual(leapStateAt(table, step), { kind: 'known', taiUtcSeconds: 37, inLeapSecond: false });
  const inserted = shift(step, seconds(-1));
  assert.deepEqual(leapStateAt(table, inserted), { kind: 'known', taiUtcSeconds: 36, inLeapSecond: true });
  assert.deepEqual(leapStateAt(table, shift(step, seconds(-2))), {
    kind: 'known',
    taiUtcSeconds: 36,
    inLeapSecond: false,
  });
  assert.equal(formatUtc(inserted, table), '2016-12-31T23:59:60.000000000Z');
  assert.equal(formatUtc(step, table), '2017-01-01T00:00:00.000000000Z');
  assert.equal(formatTai(step), '2017-01-01T00:00:37.000000000 TAI');
});

test('a table says when it does not know', () => {
  assert.equal(leapStateAt(table, table.expires).kind, 'expired');
  assert.equal(leapStateAt(table, tai(0n, 10)).kind, 'before-table');
  assert.equal(formatUtc(tai(0n, 10), table), undefined);
  assert.equal(taiOfUnixSeconds(table, 1_900_000_000n, false), undefined, 'past the expiry');
  assert.equal(taiOfUnixSeconds(table, 0n, false), undefined, 'before the table');
});

test('UTC seconds to TAI, through an insertion and a deletion', () => {
  assert.equal(taiOfUnixSeconds(table, 1_483_228_799n, false), tai(1_483_228_799n, 36));
  assert.equal(taiOfUnixSeconds(table, 1_483_228_800n, true), tai(1_483_228_799n, 37), '23:59:60');
  assert.equal(taiOfUnixSeconds(table, 1_483_228_800n, false), tai(1_483_228_800n, 37));
  const deletion = leapStep(1_893_456_000n, 36).fromTai;
  assert.deepEqual(leapStateAt(withDeletion, shift(deletion, seconds(-1))), {
    kind: 'known',
    taiUtcSeconds: 37,
    inLeapSecond: false,
  });
  assert.equal(taiOfUnixSeconds(withDeletion, 1_893_456_000n, false), deletion);
  assert.deepEqual(nextLeapAfter(withDeletion, tai(1_600_000_000n, 37)), { atTai: deletion, taiUtcSecondsAfter: 36 });
  assert.equal(nextLeapAfter(table, tai(1_600_000_000n, 37)), undefined);
});

test('every UTC second names a TAI second that names it back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 915_148_800n, max: 1_814_000_000n }), (unix) => {
      const at = taiOfUnixSeconds(table, unix, false)!;
      const state = leapStateAt(table, at);
      assert.ok(state.kind === 'known' && !state.inLeapSecond);
      assert.equal(unixNanosOf(at, state.taiUtcSeconds), unix * 1_000_000_000n);
    }),
  );
});

test('a leap-seconds.list is read, and a broken one is refused by line', () => {
  const good = ['#$ 1', '#@ 4023129600', '3644697600 36 # 1 Jul 2015', '3692217600\t37', ''].join('\n');
  const parsed = parseLeapSecondsList(good, 'test');
  assert.ok('steps' in parsed);
  assert.equal(parsed.expires, table.expires);
  assert.deepEqual(parsed.steps, table.steps.slice(-2));
  const broken: readonly [string, number][] = [
    ['', 0],
    ['3692217600 37', 0],
    ['#@ 4023129600\n3692217600 thirty-seven', 2],
    ['#@ 4023129600\n3692217600 37\n3644697600 36', 3],
    ['#@ 4023129600\n3644697600 36\n3692217600 38', 3],
    ['#@ 4023129600\n36922176009999999999 37', 2],
  ];
  for (const [text, line] of broken) {
    const result = parseLeapSecondsList(text, 'test');
    assert.ok('problem' in result, text);
    assert.equal(result.line, line, text);
  }
});
