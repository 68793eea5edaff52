/** How bounds grow: the published figures of the peers, and the laws of the time to a limit. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { guaranteeAfter, jointGrowth, secondsUntil } from '../../../src/core/clock/holdover.ts';
import type { Growth } from '../../../src/core/clock/source-estimate.ts';
import { micros, nanos, seconds, ZERO } from '../../../src/core/time/nanos.ts';
import { ppb, ppt } from '../../../src/core/time/rate.ts';

const growth = (changes: Partial<Growth> = {}): Growth => ({
  rateCentre: ppt(0),
  rateHalf: ppt(0),
  coasting: ppt(0),
  agingPerDay: ppt(0),
  wander: ppt(0),
  reserve: ZERO,
  lifetime: undefined,
  ...changes,
});

const { vectors } = JSON.parse(readFileSync(new URL('../../vectors/bound-growth.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly {
    readonly name: string;
    readonly input: { readonly bound_ns: number; readonly rate_ppt: number; readonly age_ns: string };
    readonly expect: { readonly bound_ns: number };
    readonly why: string;
  }[];
};

for (const { name, input, expect, why } of vectors) {
  test(`${name}: ${why}`, () => {
    const coasting = growth({ coasting: ppt(input.rate_ppt) });
    const bound = guaranteeAfter(nanos(input.bound_ns), coasting, nanos(BigInt(input.age_ns)));
    assert.equal(bound, nanos(expect.bound_ns));
  });
}

const anyGrowth = fc
  .record({
    coasting: fc.integer({ min: 0, max: 1_000_000 }).map((n) => ppt(n)),
    agingPerDay: fc.integer({ min: 0, max: 20_000 }).map((n) => ppt(n)),
    wander: fc.integer({ min: 0, max: 1_000 }).map((n) => ppt(n)),
    reserve: fc.integer({ min: 0, max: 500 }).map((n) => nanos(n)),
  })
  .map((parts) => growth(parts));

test('the guarantee is within its limit for as long as was said, and not for much longer', () => {
  fc.assert(
    fc.property(anyGrowth, fc.integer({ min: 0, max: 20_000 }), (g, start) => {
      const limit = micros(10);
      const guarantee = nanos(start);
      const s = secondsUntil(limit, guarantee, g);
      if (s > 0) assert.ok(guaranteeAfter(guarantee, g, seconds(s)) <= limit);
      // Three roundings may cost the time in which the bound grows by a few nanoseconds.
      if (s < 315_360_000) {
        const later = guaranteeAfter(nanos(guarantee + 8n), g, seconds(s + 1));
        assert.ok(later > limit, `${s} s is too careful`);
      }
    }),
  );
});

test('a bound above its limit has no time left', () => {
  assert.equal(secondsUntil(micros(1), nanos(1_001), growth()), 0);
  assert.equal(secondsUntil(micros(1), nanos(900), growth({ reserve: nanos(101), coasting: ppb(1) })), 0);
});

test('a bound that does not grow lasts ten years, unless its source dies first', () => {
  assert.equal(secondsUntil(micros(1), nanos(200), growth()), 315_360_000);
  assert.equal(secondsUntil(micros(1), nanos(200), growth({ lifetime: nanos(29_900_000_000n) })), 29);
});

test('two setters grow as the worse of them, and their rates are both inside', () => {
  const a = growth({ rateCentre: ppt(100), rateHalf: ppt(10), coasting: ppt(5), lifetime: seconds(30) });
  const b = growth({ rateCentre: ppt(-50), rateHalf: ppt(20), coasting: ppt(9), reserve: nanos(3) });
  const joint = jointGrowth([a, b]);
  assert.ok(joint.rateCentre - joint.rateHalf <= -70n && joint.rateCentre + joint.rateHalf >= 110n);
  assert.deepEqual([joint.coasting, joint.reserve, joint.lifetime], [ppt(9), nanos(3), seconds(30)]);
  assert.equal(jointGrowth([a]), a);
});
