/**
 * The host's raw monotonic clock and what tells one boot from another. Simulated and real hosts implement it.
 */

import type { MonoInstant, Nanos } from '../core/time/nanos.ts';

export interface HostClock {
  /** CLOCK_MONOTONIC_RAW, now; never goes back within a boot. */
  now(): MonoInstant;
  /** How long the host has been up including suspend (CLOCK_BOOTTIME); grows apart from `now` by what was slept. */
  boottime(): Nanos;
  /** The kernel's boot id: readings of two boots never meet. */
  readonly bootId: string;
}
