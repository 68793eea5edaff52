/**
 * One number from 0 to 100 for how the network around us does, requirement C7: for a dashboard, never for a decision.
 *
 * 100, less 5 for each peer under ten, less up to 30 for latency above 1 s, less up to 40 for participation under 0.5,
 * less up to 25 for drops above 5 %. The deductions are listed, so that the number explains itself.
 */

export type NetworkConduct = {
  readonly peers: number;
  /** Median round trip to peers; undefined without peers. */
  readonly latencyMs: number | undefined;
  /** Share of the validators heard in the last minute, 0..1. */
  readonly participation: number;
  /** Share of inbound and outbound items dropped in the last minute, 0..1. */
  readonly dropped: number;
};

export type Deduction = { readonly cause: 'peers' | 'latency' | 'participation' | 'drops'; readonly points: number };
export type NetworkHealth = { readonly score: number; readonly deductions: readonly Deduction[] };

const PEERS_WANTED = 10;
const POINTS_PER_PEER = 5;
/** From 1 s to 2 s the whole deduction is reached; the source says up to 30 above 1 s and no more. */
const LATENCY = { from: 1_000, to: 2_000, points: 30 };
const PARTICIPATION = { from: 0.5, to: 0, points: 40 };
/** From 5 % to 30 %. */
const DROPS = { from: 0.05, to: 0.3, points: 25 };

/** What each cause can take at most, and for what. */
export const HEALTH_CAUSES: Readonly<
  Record<Deduction['cause'], { readonly pointsMax: number; readonly rule: string }>
> = {
  peers: { pointsMax: POINTS_PER_PEER * PEERS_WANTED, rule: '5 points for each peer under ten' },
  latency: { pointsMax: LATENCY.points, rule: 'up to 30 points for a median round trip above 1 s, all of them at 2 s' },
  participation: {
    pointsMax: PARTICIPATION.points,
    rule: 'up to 40 points for fewer than half of the validators heard',
  },
  drops: {
    pointsMax: DROPS.points,
    rule: 'up to 25 points for more than 5 % of the items dropped, all of them at 30 %',
  },
};

export function networkHealth(conduct: NetworkConduct): NetworkHealth {
  const all: readonly Deduction[] = [
    { cause: 'peers', points: POINTS_PER_PEER * Math.max(0, PEERS_WANTED - conduct.peers) },
    { cause: 'latency', points: conduct.latencyMs === undefined ? 0 : ramp(LATENCY, conduct.latencyMs) },
    { cause: 'participation', points: ramp(PARTICIPATION, conduct.participation) },
    { cause: 'drops', points: ramp(DROPS, conduct.dropped) },
  ];
  const deductions = all.filter(({ points }) => points > 0);
  const total = deductions.reduce((sum, { points }) => sum + points, 0);
  return { score: Math.max(0, 100 - total), deductions };
}

/** 0 at `from`, all points at `to` and beyond. */
function ramp({ from, to, points }: { from: number; to: number; points: number }, value: number): number {
  return points * Math.min(1, Math.max(0, (value - from) / (to - from)));
}
