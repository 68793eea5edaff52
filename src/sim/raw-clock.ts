/**
 * What a simulated device needs to know of the host: which raw monotonic reading belongs to a true instant.
 *
 * Valid for instants up to now and within the last step; a device never sees the future.
 */

import type { MonoInstant, TaiInstant } from '../core/time/nanos.ts';

export interface RawClock {
  /** The host's CLOCK_MONOTONIC_RAW at true time `truth`, rounded down as the kernel does. */
  monoAt(truth: TaiInstant): MonoInstant;
}
