/** The tick: when it closes, how it widens, and that moving an end never cuts truth off. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_PARAMETERS } from '../../../src/core/attestation/genesis.ts';
import { decodeReports, encodeReports } from '../../../src/core/attestation/reports.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { nextLength, reportable, Tick } from '../../../src/core/ordering/tick.ts';
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

test('the more there is to report, the longer a tick gathers: by half or double at a time', () => {
  const table = [
    // length, reports, gathered, backlogged: the next length, all in ms
    [10, 0, 10, false, 10],
    [10, 5, 10, false, 10],
    [10, 6, 10, false, 12],
    [10, 10, 10, false, 20],
    [10, 50, 10, false, 20],
    [20, 100, 20, false, 40],
    [40, 200, 40, false, 40],
    [40, 1_000, 40, false, 40],
    // A thousand a second, from either side.
    [40, 40, 40, false, 20],
    [10, 10, 10, false, 20],
    // Less and less.
    [40, 3, 40, false, 20],
    [20, 3, 1_000, false, 10],
    [15, 0, 1_000, false, 10],
    // Many at once within less than a shortest tick count as if it had been one.
    [10, 40, 0, false, 20],
    // A batch of 256 after a second of nothing is no load.
    [10, 256, 1_010, false, 10],
    // A disk that stalled gathers much in a long time.
    [10, 5_000, 1_000, false, 20],
    // While frames wait, whatever there is.
    [10, 0, 10, true, 20],
    [40, 1_000, 40, true, 80],
    [80, 1_000, 40, true, 100],
    [100, 1_000, 40, false, 50],
  ] as const;
  for (const [length, reports, gathered, isBacklogged, expected] of table) {
    const now = { length: millis(length), reports, gathered: millis(gathered), isBacklogged };
    assert.equal(
      nextLength(DEFAULT_PARAMETERS, now),
      millis(expected),
      `${length} ms with ${reports} in ${gathered} ms`,
    );
  }
  const narrow = { tick: millis(10), tickMax: millis(15) };
  const now = { length: millis(10), reports: 500, gathered: millis(10), isBacklogged: false };
  assert.equal(nextLength(narrow, now), millis(15), 'never beyond what the network allows');
});

test('its length follows the rate at which subjects come', () => {
  const tick = new Tick(DEFAULT_PARAMETERS);
  const lengthAt = (perSecond: number, from: number): bigint => {
    let closedAt = from;
    for (let ms = from; ms < from + 1_000; ms += 1) {
      for (let i = 0; i < perSecond / 1_000; i++) tick.see(subject('a'), seen(ms, ms + 1), mono(ms));
      if (!tick.isDue(mono(ms)) || ms === closedAt) continue;
      tick.close({ ...close, time: time(ms + 1), at: mono(ms) });
      closedAt = ms;
    }
    return tick.length / 1_000_000n;
  };
  const lengths = [1_000, 2_000, 5_000, 1_000].map((perSecond, i) => lengthAt(perSecond, 1_000 * (i + 1)));
  // A millisecond of this loop more or less is a tenth of the shortest tick.
  for (const [i, [least, most]] of [
    [20, 22],
    [40, 40],
    [40, 40],
    [20, 22],
  ].entries())
    assert.ok(lengths[i]! >= least! && lengths[i]! <= most!, `${lengths.join(', ')} ms`);
});

test('it widens while frames wait up to tickMax and narrows at rest down to tick', () => {
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
