/** The tick: when it closes, how it widens, and that moving an end never cuts truth off. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_PARAMETERS } from '../../../src/core/attestation/genesis.ts';
import { decodeReports, encodeReports } from '../../../src/core/attestation/reports.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { reportable, Tick } from '../../../src/core/ordering/tick.ts';
import { contains, interval } from '../../../src/core/time/interval.ts';
import { millis, monoInstant, nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { at, subject } from './four-lanes.ts';

const mono = (ms: number): ReturnType<typeof monoInstant> => monoInstant(BigInt(ms) * 1_000_000n);
const time = (ms: number): { tai: ReturnType<typeof taiInstant>; guarantee: ReturnType<typeof nanos> } => ({
  tai: at(ms),
  guarantee: nanos(500n),
});
const seen = (from: number, to: number): ReturnType<typeof interval> => interval(at(from), at(to));
const close = { previous: undefined, isBacklogged: false };

test('due when its length has passed since the first subject, or when it is full', () => {
  const tick = new Tick(DEFAULT_PARAMETERS);
  assert.ok(!tick.isDue(mono(1_000)), 'an empty tick is never due');
  tick.see(subject('a'), seen(5, 6), mono(5));
  assert.ok(!tick.isDue(mono(14)));
  assert.ok(tick.isDue(mono(15)));
  assert.equal(tick.dueAt(), mono(15));
  for (let i = 0; i < LIMITS.reportsMax; i++) tick.see(subject(`${i}`), seen(5, 6), mono(6));
  assert.ok(tick.isDue(mono(6)), 'full');
  assert.equal(tick.close({ ...close, time: time(7), at: mono(7) }).length, LIMITS.reportsMax);
  assert.equal(tick.waitingReports, 1);
  assert.equal(tick.close({ ...close, time: time(9), at: mono(9) }).length, 1);
  assert.equal(tick.dueAt(), undefined);
});

test('it widens under load up to tickMax and narrows at rest down to tick', () => {
  const tick = new Tick(DEFAULT_PARAMETERS);
  const lengths: bigint[] = [];
  for (const isBacklogged of [true, true, true, true, true, false, false, false, false, false]) {
    tick.close({ time: time(1), previous: undefined, at: mono(1), isBacklogged });
    lengths.push(tick.length / 1_000_000n);
  }
  assert.deepEqual(lengths, [20n, 40n, 80n, 100n, 100n, 50n, 25n, 12n, 10n, 10n]);
});

test('over its bound a sight is refused and counted', () => {
  const tick = new Tick(DEFAULT_PARAMETERS);
  for (let i = 0; i < LIMITS.tickWaitingMax; i++) assert.ok(tick.see(subject('a'), seen(5, 6), mono(5)));
  assert.ok(!tick.see(subject('a'), seen(5, 6), mono(5)));
  assert.equal(tick.dropped, 1);
});

test('what waited too long ends later: within a longest tick of the statement and after the one before', () => {
  const { tickMax } = DEFAULT_PARAMETERS;
  const waited = reportable(DEFAULT_PARAMETERS, { time: time(500), previous: undefined }, seen(20, 21))!;
  assert.equal(waited.earliest, at(20));
  assert.equal(waited.latest, at(500) - tickMax + 1n);
  const behind = reportable(DEFAULT_PARAMETERS, { time: time(500), previous: at(490) }, seen(480, 481))!;
  assert.equal(behind.latest, at(490) + 1n);
  const inTime = seen(495, 496);
  assert.deepEqual(reportable(DEFAULT_PARAMETERS, { time: time(500), previous: at(490) }, inTime), inTime);
});

test('what cannot be reported is dropped and counted: begun a minute ago, or after the statement itself', () => {
  assert.equal(reportable(DEFAULT_PARAMETERS, { time: time(60_500), previous: undefined }, seen(20, 21)), undefined);
  assert.equal(reportable(DEFAULT_PARAMETERS, { time: time(500), previous: undefined }, seen(501, 502)), undefined);
  const tick = new Tick(DEFAULT_PARAMETERS);
  tick.see(subject('a'), seen(501, 502), mono(5));
  assert.deepEqual(tick.close({ ...close, time: time(500), at: mono(6) }), []);
  assert.equal(tick.dropped, 1);
});

test('truth that was in the sight and before the signing is in the report, and the report counts', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 40_000_000_000n),
      fc.bigInt(0n, 1_000_000n),
      fc.bigInt(0n, 1_000_000n),
      fc.bigInt(0n, 300_000_000n),
      fc.bigInt(1n, 1_000_000n),
      (ageNs, before, after, sincePrevious, guarantee) => {
        // Truth at the sight, the statement `ageNs` later by a clock that is off by less than its guarantee.
        const truth = taiInstant(at(0) + 0n);
        const signedTruth = truth + ageNs;
        const own = { tai: taiInstant(signedTruth + (ageNs % guarantee)), guarantee: nanos(guarantee) };
        const sight = interval(taiInstant(truth - before), taiInstant(truth + after));
        const previous = sincePrevious === 0n ? undefined : taiInstant(own.tai - sincePrevious);
        const report = reportable(DEFAULT_PARAMETERS, { time: own, previous }, sight);
        if (report === undefined) return;
        assert.ok(contains(report, truth));
        assert.ok(report.latest > own.tai - millis(100));
        assert.ok(previous === undefined || report.latest > previous);
        const { bytes } = encodeReports(own, [{ subject: subject('a'), seen: report }]);
        const read = decodeReports(own, bytes);
        assert.ok(!isFault(read) && contains(read[0]!.seen, truth));
      },
    ),
  );
});

test('a previous statement that is not earlier is our mistake', () => {
  assert.throws(() => reportable(DEFAULT_PARAMETERS, { time: time(5), previous: at(5) }, seen(1, 2)), /strictly/);
});
