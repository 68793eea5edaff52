/**
 * How long a bracketed read of a device takes: a narrow minimum, a bulk close to it, and a heavy tail.
 *
 * The shape is what reads of a PCIe clock show: the fastest are bound by the bus, most lie within tens of nanoseconds of
 * them, and now and then an interrupt or a management-mode excursion stretches one to microseconds or milliseconds.
 */

import { nanos, type Nanos } from '../core/time/nanos.ts';
import type { Random } from './random.ts';

export type ReadLatency = {
  readonly minimumNs: number;
  /** Mean of the exponential part above the minimum. */
  readonly spreadNs: number;
  /** Probability that a read is stretched, and the scale of the stretch (Pareto with exponent 1.5, cut at 50 ms). */
  readonly stretchedProbability: number;
  readonly stretchNs: number;
  /** Where in its bracket a read latches the device; anywhere unless it is said. */
  readonly latches?: 'first' | 'last';
};

/** A Time Card behind PCIe as seen through the best of a handful of kernel reads. */
export const PCIE_CARD_READ: ReadLatency = {
  minimumNs: 160,
  spreadNs: 25,
  stretchedProbability: 0.01,
  stretchNs: 2_000,
};

/** Two vDSO calls around a third. */
export const SYSTEM_CLOCK_READ: ReadLatency = {
  minimumNs: 45,
  spreadNs: 15,
  stretchedProbability: 0.005,
  stretchNs: 1_500,
};

/** An interrupt's time stamp: the pulse came at some instant before the handler ran. */
export const PULSE_INTERRUPT: ReadLatency = {
  minimumNs: 1_200,
  spreadNs: 1_500,
  stretchedProbability: 0.01,
  stretchNs: 10_000,
};

const STRETCH_NS_MAX = 50_000_000;

/** Width of one bracket and where in it the device was latched, both in whole nanoseconds (0 <= latchedAfter <= width). */
export type Bracket = { readonly width: Nanos; readonly latchedAfter: Nanos };

export function drawBracket(latency: ReadLatency, random: Random): Bracket {
  let widthNs = latency.minimumNs + latency.spreadNs * random.exponential();
  if (random.chance(latency.stretchedProbability))
    widthNs += Math.min(STRETCH_NS_MAX, latency.stretchNs * (1 - random.unit()) ** (-1 / 1.5));
  const width = Math.round(widthNs);
  if (latency.latches !== undefined)
    return { width: nanos(width), latchedAfter: nanos(latency.latches === 'first' ? 0 : width) };
  // One read in sixteen latches at the very edge of its bracket, where a bound that drops the half-width shows itself.
  const place = random.chance(1 / 16) ? (random.chance(0.5) ? 0 : 1) : random.unit();
  return { width: nanos(width), latchedAfter: nanos(Math.round(width * place)) };
}
