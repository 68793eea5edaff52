/** A report put together from a lane of the real agent code: what it says, how it is shown, and what a person may ask. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { readInstant } from '../../src/cli/read-instant.ts';
import { renderHtml } from '../../src/cli/report/html.ts';
import { linesOf } from '../../src/cli/report.ts';
import { kidOf } from '../../src/core/attestation/cose-sign1.ts';
import { verifyLane } from '../../src/core/log/verify-lane.ts';
import { PeriodWalk, type PeriodQuery } from '../../src/core/report/period.ts';
import { assembleReport, encodeReport, reasonFromEvidence, type Report } from '../../src/core/report/report.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import { micros, nanos, seconds, shift } from '../../src/core/time/nanos.ts';
import { filesOf, judge, makeLane, owner, type Files } from '../crash/lane-fixture.ts';

let files: Files;
before(async () => {
  files = await makeLane(20, 0);
});

function reportOf(lane: Files, over: Partial<PeriodQuery> = {}): Report {
  const { first, last } = verifyLane({ files: filesOf(files), owner, judge }).figures;
  const query: PeriodQuery = {
    from: first!,
    to: last!,
    gapAfter: seconds(5n),
    thresholds: [{ name: '<script>alert(1)</script>', limit: micros(10n), warning: micros(8n) }],
    ...over,
  };
  const walk = new PeriodWalk(query);
  const found = verifyLane({
    files: filesOf(lane),
    owner,
    judge,
    onStatement: (statement, index) => walk.take(statement, index),
  });
  return assembleReport({
    query,
    network: owner.network,
    networkName: 'n',
    validator: { publicKey: owner.publicKey, kid: kidOf(owner.publicKey), name: 'v' },
    lane: found,
    period: walk.figures(),
    evidence: undefined,
    reasonOf: () => ({ code: 'clock-starting', sentence: 'the clock was acquiring', rebooted: true }),
    leapTable: BUILT_IN_LEAP_TABLE,
  });
}

test('a whole lane within its thresholds meets them, and the same lane gives the same bytes', () => {
  const report = reportOf(files);
  assert.equal(report.verdict, 'met');
  assert.equal(report.statements.count, 19, 'the last entry ends the period and is not in it');
  assert.equal(report.coverage.attested_share, '1.000000');
  assert.deepEqual(encodeReport(report), encodeReport(reportOf(files)));
  assert.equal(new TextDecoder().decode(encodeReport(report)).startsWith('{\n  "momentd_report": 1,'), true);
  assert.ok(linesOf(report).includes('verdict      met'));
});

test('time above a limit is not met, time that nobody vouches for is not shown, time near a limit warns', () => {
  const strict = { name: 'strict', limit: nanos(10n), warning: nanos(5n) };
  assert.equal(reportOf(files, { thresholds: [strict] }).verdict, 'not-met');
  const near = { name: 'near', limit: nanos(1_000n), warning: nanos(50n) };
  assert.equal(reportOf(files, { thresholds: [near] }).verdict, 'met-with-warnings');
  const { to } = { to: shift(verifyLane({ files: filesOf(files), owner, judge }).figures.last!, seconds(60n)) };
  const longer = reportOf(files, { to });
  assert.equal(longer.verdict, 'not-shown');
  assert.equal(longer.gaps.longest[0]?.length_ns, '60000000000');
  assert.match(linesOf(longer).join('\n'), /^gap {10}60 s from .*: the clock was acquiring \[clock-starting\]$/m);
});

test('a lane that was altered meets nothing, and the statement that does not hold counts for nothing', () => {
  const path = [...files.keys()].find((name) => name.startsWith('tile/entries/'))!;
  const bytes = files.get(path)!.slice();
  bytes[bytes.length - 5]! ^= 1;
  const report = reportOf(new Map(files).set(path, bytes));
  assert.equal(report.verdict, 'not-met');
  assert.equal(report.lane.whole, false);
  assert.ok(report.lane.findings.length > 0);
});

test('the page shows what the report says, lets nothing run, and carries the report', () => {
  const report = reportOf(files);
  const page = renderHtml(report);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  assert.doesNotMatch(page, /<script>alert/);
  assert.match(page, /&#60;script&#62;alert/);
  assert.doesNotMatch(page, /(?:src|href)=/, 'nothing is fetched');
  assert.match(page, /prefers-color-scheme: dark/);
  assert.match(page, /@media print/);
  const inside = /<script type="application\/json" id="report">(.*)<\/script>/.exec(page)![1]!;
  assert.deepEqual(JSON.parse(inside), JSON.parse(new TextDecoder().decode(encodeReport(report))));
});

test('the reason of a gap is the state before the statement that ends it', () => {
  const machine = (state: string) => ({ state, code: 'guarantee-over-limit' as const });
  const reason = reasonFromEvidence({ bootId: 'a' }, { bootId: 'b', machine: machine('unsynchronized') });
  assert.deepEqual([reason.code, reason.rebooted], ['guarantee-over-limit', true]);
  assert.match(
    reasonFromEvidence({ bootId: 'a' }, { bootId: 'a', machine: machine('locked') }).sentence,
    /disk or the loop/,
  );
  assert.equal(reasonFromEvidence(undefined, undefined).code, undefined);
});

test('times are read as written, and nonsense is refused', () => {
  const at = (text: string): string | undefined => readInstant(text, BUILT_IN_LEAP_TABLE)?.toString();
  assert.equal(at('2026-11-01'), '1793491237000000000');
  assert.equal(at('2026-11-01T00:00:00Z'), '1793491237000000000');
  assert.equal(at('2026-11-01T08:30'), '1793521837000000000');
  assert.equal(at('1793491237000000000'), '1793491237000000000');
  assert.equal(at('2016-12-31T23:59:60Z'), '1483228836000000000', 'an inserted second');
  for (const wrong of ['2026-02-30', '2026-11-01T24:00', 'yesterday', '2026-11-01T08:30+01:00', '2999-01-01', '5'])
    assert.equal(at(wrong), undefined, wrong);
});
