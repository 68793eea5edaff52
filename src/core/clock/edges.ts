/**
 * Edges of a reference's pulse as a device's clock stamped them: which are believed, and what they say of the device.
 *
 * The phase of an edge is stamp - second - sawtooth: how far the device's clock is ahead of the reference. An edge is
 * believed when the oscillator can explain it: no further from the last believed edge, and from edges hours older, than
 * the jitter of an honest pulse and the drift of the declared oscillator class allow. The second check finds a slow walk
 * that takes each single step inside the first. A device whose servo is pulling its phase back to zero moves lawfully.
 */

import type { Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import {
  divideUp,
  floorDivide,
  longerOf,
  magnitude,
  minus,
  nanos,
  NANOS_PER_SECOND,
  plus,
  seconds,
  shorterOf,
  since,
  times,
  ZERO,
  type Nanos,
} from '../time/nanos.ts';
import { ppt } from '../time/rate.ts';
import type { SourceSpec } from './configuration.ts';
import type { LabelledEdge } from './observation.ts';
import { deviceDrift, OSCILLATORS } from './oscillator.ts';

/** Half of a second: a phase beyond it is a wrong label, not a phase. */
const HALF_SECOND = nanos(500_000_000n);
/** The largest spacing of anchors: sixteen of them reach back a day. */
const ANCHOR_SPACING_MAX = seconds(5_400);
const ANCHOR_SPACING_MIN = seconds(64);

/** Device's clock minus reference at the edge, rounded to the nearest nanosecond below. */
export function phaseOf(edge: LabelledEdge): Nanos {
  const phase = since(edge.stamp, edge.second);
  if (edge.sawtoothPs === undefined) return phase;
  return nanos(floorDivide(phase * 1_000n - edge.sawtoothPs, 1_000n));
}

export type PhaseHull = { readonly centre: Nanos; readonly half: Nanos };

/** The smallest range that holds the phases of `edges`, of which there must be one. */
export function phaseHullOf(edges: readonly LabelledEdge[]): PhaseHull {
  let low = phaseOf(edges[0]!);
  let high = low;
  for (const edge of edges) {
    const phase = phaseOf(edge);
    low = shorterOf(low, phase);
    high = longerOf(high, phase);
  }
  const half = divideUp(minus(high, low), 2n);
  return { centre: minus(high, half), half };
}

/** Why an edge cannot be right whatever came before it; undefined when it may be. `taiUtcSeconds` is what applies now. */
export function faultOfEdge(spec: SourceSpec, edge: LabelledEdge, taiUtcSeconds: number | undefined): Code | undefined {
  const size = magnitude(phaseOf(edge));
  if (size > HALF_SECOND) {
    const wholeSeconds = (size + HALF_SECOND) / NANOS_PER_SECOND;
    // A clock that counts UTC where TAI is expected stands TAI-UTC apart; 37 s has been right since 2017.
    return wholeSeconds === BigInt(taiUtcSeconds ?? 37) ? 'edge-tai-slip' : 'edge-whole-second';
  }
  return size > spec.phaseOffsetMax ? 'edge-phase-too-large' : undefined;
}

/** Why an edge does not fit the one believed before it; undefined when it does. */
export function faultAfter(spec: SourceSpec, previous: LabelledEdge, edge: LabelledEdge): Code | undefined {
  // A stamp that does not advance is the same edge again; a label that does not advance is a receiver that is stuck.
  if (edge.second <= previous.second || edge.stamp <= previous.stamp) return 'receiver-stuck';
  const moved = magnitude(minus(phaseOf(edge), phaseOf(previous)));
  return moved > toleranceBetween(spec, previous, edge) ? 'edge-phase-jump' : undefined;
}

/**
 * Whether the pulse has walked away since an older believed edge. Motion from the older phase towards zero is the servo
 * at work; only what leaves the range between the two is held against the reference.
 */
export function hasWalked(spec: SourceSpec, older: LabelledEdge, edge: LabelledEdge): boolean {
  const from = phaseOf(older);
  const to = phaseOf(edge);
  const tolerance = toleranceBetween(spec, older, edge);
  const low = minus(shorterOf(from, ZERO), tolerance);
  const high = plus(longerOf(from, ZERO), tolerance);
  return to < low || to > high;
}

/** How far two honest edges may lie apart in phase: jitter and quantisation of both, and the drift between them. */
function toleranceBetween(spec: SourceSpec, a: LabelledEdge, b: LabelledEdge): Nanos {
  const isCorrected = a.sawtoothPs !== undefined && b.sawtoothPs !== undefined;
  const drift = deviceDrift({
    spec: OSCILLATORS[spec.oscillator],
    // The class alone: what was learned from these very edges could excuse the walk it is to find.
    learned: ppt(0),
    steering: spec.steering,
    stillSteered: false,
    elapsed: since(b.stamp, a.stamp),
  });
  return plus(times(plus(spec.edgeJitter, spec.quantisation, isCorrected ? ZERO : spec.sawtooth), 2n), drift);
}

/**
 * The anchors after a newly confirmed edge. They are thinned as they reach back: when all places are taken every second
 * one is dropped and the spacing doubles, up to 90 minutes, after which the oldest leaves.
 */
export function pushAnchor(anchors: readonly LabelledEdge[], edge: LabelledEdge): readonly LabelledEdge[] {
  const newest = anchors.at(-1);
  if (newest !== undefined && since(edge.stamp, newest.stamp) < spacingOf(anchors)) return anchors;
  if (anchors.length < LIMITS.clockAnchorsMax) return [...anchors, edge];
  if (spacingOf(anchors) >= ANCHOR_SPACING_MAX) return [...anchors.slice(1), edge];
  return [...anchors.filter((_, i) => i % 2 === 0), edge];
}

/** The spacing the anchors have reached: the gap between the first two, within the two bounds. */
function spacingOf(anchors: readonly LabelledEdge[]): Nanos {
  if (anchors.length < 2) return ANCHOR_SPACING_MIN;
  const gap = since(anchors[1]!.stamp, anchors[0]!.stamp);
  return longerOf(ANCHOR_SPACING_MIN, shorterOf(gap, ANCHOR_SPACING_MAX));
}
