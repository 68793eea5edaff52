/**
 * How good a neighbour a peer is, for choosing whom to keep and whom to dial: requirement C2's product, as data.
 *
 * 100 x min(1.5, uptime) x max(0.5, 1.2 - latency in s) x min(1.3, 0.8 + Mbit/s / 100) x 1.1 when it has a capability we
 * want x 1.05 when no other neighbour shares its address group. `uptime` is the share of the time it was reachable, so
 * 1 for a perfect peer; 1.5 is the source's cap for peers that were longer up than expected. A score compares peers on
 * this host and nothing else: it is never sent, never signed, and decides no validity.
 */

/** One factor: `base + slope * value`, held inside `[least, most]`. */
type Factor = { readonly base: number; readonly slope: number; readonly least: number; readonly most: number };

const UPTIME: Factor = { base: 0, slope: 1, least: 0, most: 1.5 };
const LATENCY_MS: Factor = { base: 1.2, slope: -1 / 1_000, least: 0.5, most: 1.2 };
const BANDWIDTH_MBPS: Factor = { base: 0.8, slope: 1 / 100, least: 0.8, most: 1.3 };
const CAPABLE = 1.1;
const DIVERSE = 1.05;
const FULL = 100;

/** What is known of a peer. What is unknown counts as poor, never as good. */
export type Conduct = {
  readonly uptime: number | undefined;
  readonly latencyMs: number | undefined;
  readonly bandwidthMbps: number | undefined;
  /** It offers what we look for. */
  readonly isCapable: boolean;
  /** No other neighbour is in its address group. */
  readonly isDiverse: boolean;
};

/** 0 to 100 * 1.5 * 1.2 * 1.3 * 1.1 * 1.05, that is 270.27. */
export function scoreOf(conduct: Conduct): number {
  const factors = [
    conduct.uptime === undefined ? 0.5 : apply(UPTIME, conduct.uptime),
    conduct.latencyMs === undefined ? LATENCY_MS.least : apply(LATENCY_MS, conduct.latencyMs),
    conduct.bandwidthMbps === undefined ? BANDWIDTH_MBPS.least : apply(BANDWIDTH_MBPS, conduct.bandwidthMbps),
    conduct.isCapable ? CAPABLE : 1,
    conduct.isDiverse ? DIVERSE : 1,
  ];
  return factors.reduce((product, factor) => product * factor, FULL);
}

function apply({ base, slope, least, most }: Factor, value: number): number {
  return Math.min(most, Math.max(least, base + slope * value));
}
