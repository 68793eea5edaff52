/** The simulated sky agrees with what the simulated receiver says of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoInstant, seconds, shift, taiInstant, ZERO } from '../../src/core/time/nanos.ts';
import { FaultSwitches } from '../../src/sim/faults.ts';
import { streamOf } from '../../src/sim/random.ts';
import { SimulatedReceiver, TIMING_RECEIVER } from '../../src/sim/receiver.ts';
import { simulatedTelemetry } from '../../src/sim/sky.ts';

const START = taiInstant(1_795_176_037_000_000_000n);

test('as many satellites are used in the sky as the receiver says, at any time of a month', () => {
  const random = streamOf(1, 'receiver');
  const receiver = new SimulatedReceiver(
    { random, faults: new FaultSwitches(), taiUtcAt: () => 37 },
    'gnss0',
    TIMING_RECEIVER,
  );
  for (let second = 0; second < 30 * 86_400; second += 307) {
    const truth = shift(START, seconds(second));
    const health = receiver.health(truth, monoInstant(1n))!;
    const sky = simulatedTelemetry(truth, health, ZERO).satellites!.value;
    const used = sky.filter(({ isUsed }) => isUsed).length;
    assert.deepEqual([used, health.satellitesUsed], [14, 14], `after ${second} s, ${sky.length} in view`);
  }
});
