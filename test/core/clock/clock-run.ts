/** Clocks of tests, fed second by second: one card, or several sources whose errors are told. */

import assert from 'node:assert/strict';
import { Clock } from '../../../src/core/clock/clock.ts';
import {
  defaultClockConfig,
  defaultSourceSpec,
  type ClockConfig,
  type SourceSpec,
} from '../../../src/core/clock/configuration.ts';
import type { Estimate } from '../../../src/core/clock/estimate.ts';
import type { Disruption } from '../../../src/core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { nanos, seconds, type Nanos } from '../../../src/core/time/nanos.ts';
import { cardConfig, endOf, feedSecond, World, type SecondOptions } from './world.ts';

/** A card fed second by second; `at(second)` says what is different in that second. */
export class Run {
  readonly world = new World();
  readonly clock: Clock;
  second = 0;
  estimate!: Estimate;

  constructor(config: ClockConfig = cardConfig()) {
    this.clock = new Clock(config, 'boot');
  }

  for(count: number, options: SecondOptions = {}): Estimate {
    for (const last = this.second + count; this.second < last;) {
      this.second += 1;
      feedSecond(this.clock, this.world, this.second, options);
      this.estimate = this.clock.estimate(this.world.mono(endOf(this.second)));
    }
    return this.estimate;
  }

  /** Seconds until `condition` holds, at most `max`. */
  until(condition: (e: Estimate) => boolean, options: SecondOptions = {}, max = 100): number {
    for (let waited = 1; waited <= max; waited++) if (condition(this.for(1, options))) return waited;
    return assert.fail(`did not happen within ${max} s: ${this.estimate.state} ${this.estimate.now}`);
  }

  disrupt(cause: Disruption['cause']): void {
    this.clock.observe({ kind: 'disruption', at: this.world.mono(endOf(this.second)), cause });
  }
}

export const locked = (config?: ClockConfig): Run => {
  const run = new Run(config);
  assert.equal(run.for(120).state, 'locked');
  return run;
};

export const manyConfig = (
  count: number,
  overrides: Partial<ClockConfig> = {},
  spec: Partial<SourceSpec> = {},
): ClockConfig =>
  defaultClockConfig(
    {
      sources: Array.from({ length: count }, (_, i) => defaultSourceSpec('pps', `pps${i}`, { ...spec })),
      references: [],
      leapTable: BUILT_IN_LEAP_TABLE,
    },
    overrides,
  );

export function runMany(config: ClockConfig, aheadOf: (i: number, second: number) => Nanos, last = 40): Estimate {
  const world = new World();
  const clock = new Clock(config, 'boot');
  let estimate!: Estimate;
  for (let second = 0; second < last; second++) {
    for (const [i, { name }] of config.sources.entries())
      clock.observe(world.reading(name, nanos(seconds(second)), aheadOf(i, second)));
    estimate = clock.estimate(world.mono(endOf(second)));
  }
  return estimate;
}
