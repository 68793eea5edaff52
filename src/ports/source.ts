/**
 * What the agent needs from anything that tells time: a stream of observations.
 *
 * Contract: `start` acquires and may take as long as the device needs; it rejects only when the configuration is wrong,
 * never because a device is absent (an absent device is a `presence` observation, and the source keeps looking for it).
 * `emit` may be called from `start` on until `stop` resolves, never after. Both may be called twice.
 */

import type { Observation, SourceName } from '../core/clock/observation.ts';

export interface TimeSource {
  readonly name: SourceName;
  start(emit: (observation: Observation) => void): Promise<void>;
  stop(): Promise<void>;
}
