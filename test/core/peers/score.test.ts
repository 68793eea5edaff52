import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scoreOf, type Conduct } from '../../../src/core/peers/score.ts';
import { HEALTH_CAUSES, networkHealth, type NetworkConduct } from '../../../src/core/peers/network-health.ts';

const GOOD: Conduct = { uptime: 1, latencyMs: 200, bandwidthMbps: 20, isCapable: false, isDiverse: false };
const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}`);

test('the product of the requirement, at its corners', () => {
  near(scoreOf(GOOD), 100);
  near(scoreOf({ ...GOOD, isCapable: true, isDiverse: true }), 100 * 1.1 * 1.05);
  near(scoreOf({ ...GOOD, uptime: 9 }), 150);
  near(scoreOf({ ...GOOD, latencyMs: 700 }), 50);
  near(scoreOf({ ...GOOD, latencyMs: 100_000 }), 50);
  near(scoreOf({ ...GOOD, latencyMs: 0 }), 120);
  near(scoreOf({ ...GOOD, bandwidthMbps: 1_000 }), 130);
  near(scoreOf({ ...GOOD, bandwidthMbps: 0 }), 80);
  near(scoreOf({ ...GOOD, uptime: 0 }), 0);
});

test('what is unknown never counts as better than what could be known', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 1.5, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (uptime, ms) => {
        assert.ok(scoreOf({ ...GOOD, uptime: undefined }) <= scoreOf({ ...GOOD, uptime }));
        assert.ok(scoreOf({ ...GOOD, latencyMs: undefined }) <= scoreOf({ ...GOOD, latencyMs: ms }));
        assert.ok(scoreOf({ ...GOOD, bandwidthMbps: undefined }) <= scoreOf({ ...GOOD, bandwidthMbps: ms }));
      },
    ),
  );
});

const WELL: NetworkConduct = { peers: 25, latencyMs: 40, participation: 1, dropped: 0 };

test('a network that does well has all points, and each trouble takes its own', () => {
  assert.deepEqual(networkHealth(WELL), { score: 100, deductions: [] });
  assert.deepEqual(networkHealth({ ...WELL, peers: 8 }).deductions, [{ cause: 'peers', points: 10 }]);
  assert.equal(networkHealth({ ...WELL, latencyMs: 1_000 }).score, 100);
  assert.equal(networkHealth({ ...WELL, latencyMs: 9_000 }).score, 70);
  assert.equal(networkHealth({ ...WELL, participation: 0.5 }).score, 100);
  assert.equal(networkHealth({ ...WELL, participation: 0 }).score, 60);
  assert.equal(networkHealth({ ...WELL, dropped: 0.05 }).score, 100);
  assert.equal(networkHealth({ ...WELL, dropped: 1 }).score, 75);
});

test('alone, the score is 0 and not less', () => {
  const alone = networkHealth({ peers: 0, latencyMs: undefined, participation: 0, dropped: 1 });
  assert.equal(alone.score, 0);
  assert.deepEqual(
    alone.deductions.map(({ cause }) => cause),
    ['peers', 'participation', 'drops'],
  );
});

test('the most that each cause takes is what is said of it, and no conduct takes more', () => {
  const worst = networkHealth({ peers: 0, latencyMs: 1e9, participation: 0, dropped: 1 });
  for (const { cause, points } of worst.deductions) assert.equal(points, HEALTH_CAUSES[cause].pointsMax, cause);
  assert.equal(worst.deductions.length, Object.keys(HEALTH_CAUSES).length);
  fc.assert(
    fc.property(
      fc.record({
        peers: fc.nat(200),
        latencyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
        participation: fc.double({ min: 0, max: 1, noNaN: true }),
        dropped: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      (conduct) => {
        const { score, deductions } = networkHealth(conduct);
        assert.ok(score >= 0 && score <= 100);
        for (const { cause, points } of deductions) assert.ok(points > 0 && points <= HEALTH_CAUSES[cause].pointsMax);
        near(score, Math.max(0, 100 - deductions.reduce((sum, { points }) => sum + points, 0)));
      },
    ),
  );
});
