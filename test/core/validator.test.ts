/** The validator refuses what no statement can say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zeroDigest } from '../../src/core/attestation/statement.ts';
import { Clock } from '../../src/core/clock/clock.ts';
import type { Estimate } from '../../src/core/clock/estimate.ts';
import { rootOf } from '../../src/core/log/merkle.ts';
import { interval } from '../../src/core/time/interval.ts';
import { nanos, shift, since, taiInstant, ZERO, type MonoInstant, type Nanos } from '../../src/core/time/nanos.ts';
import { Validator } from '../../src/core/validator.ts';
import { cardConfig, endOf, feedSecond, World } from './clock/world.ts';

/** A clock as any other, in another century. */
class LaterClock extends Clock {
  later: Nanos = ZERO;
  override estimate(at: MonoInstant): Estimate {
    const estimate = super.estimate(at);
    if (estimate.interval === undefined) return estimate;
    const { earliest, latest } = estimate.interval;
    return { ...estimate, interval: interval(shift(earliest, this.later), shift(latest, this.later)) };
  }
}

test('an interval that ends beyond what 63 bits of nanoseconds hold is not signed: 2262-04-11', () => {
  const world = new World();
  const clock = new LaterClock(cardConfig(), 'boot');
  const startedAt = world.mono(ZERO);
  const head = { size: 0, root: rootOf([]), previous: zeroDigest(), time: undefined, epoch: 0n };
  const validator = new Validator({ clock, head, startedAt });
  for (let second = 1; second <= 40; second++) {
    feedSecond(clock, world, second, {});
    clock.estimate(world.mono(endOf(second)));
  }
  const at = world.mono(endOf(40));
  const { latest } = clock.estimate(at).interval!;
  const left = since(taiInstant((1n << 63n) - 1n), latest);
  clock.later = nanos(left + 2n);
  const refused = validator.step({ kind: 'beat', at });
  assert.ok(refused.every(({ kind }) => kind !== 'commit'));
  assert.equal(validator.attesting.code, 'time-not-representable');
  clock.later = nanos(left - 2n);
  assert.ok(validator.step({ kind: 'beat', at }).some(({ kind }) => kind === 'commit'));
});
