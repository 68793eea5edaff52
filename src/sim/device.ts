/**
 * Anything simulated that is read for the time: run to a true instant, then asked what its driver would hand up.
 */

import type { Observation, SourceName } from '../core/clock/observation.ts';
import type { TaiInstant } from '../core/time/nanos.ts';
import type { FaultName } from './faults.ts';

export type Emit = (observation: Observation) => void;

export interface SimulatedDevice {
  readonly name: SourceName;
  /** Runs the device to a true instant, never earlier than the last one. */
  advance(truth: TaiInstant): void;
  /** Emits what is due since the last `advance`; nothing of it lies in the future. */
  emitDue(emit: Emit): void;
  /** Switches a fault; a device ignores those it cannot have. */
  setFault(fault: FaultName, on: boolean, magnitude?: number): void;
  faults(): readonly FaultName[];
}
