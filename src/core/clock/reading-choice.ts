/**
 * From the kernel's raw stamps to an honest bracket on the raw monotonic clock.
 *
 * A PTP clock is read between two stamps of a host clock. From Linux 6.12 the kernel takes those stamps on
 * CLOCK_MONOTONIC_RAW and there is nothing to do. Before, they are on CLOCK_REALTIME, which other programs slew and step; so the
 * addon reads both host clocks before and after the call, and this module carries the stamps over. Two things are owed:
 * REALTIME may run at another rate meanwhile (bounded by what the kernel lets anyone set), and it may have been stepped.
 * A step is refused where it shows, and outlasted where it does not: the bracket is the hull of what the clocks before and
 * the clocks after the call say, and one of the two is right on either side of a single step.
 *
 * Leaves to others: which of many readings to believe (core/clock), and taking the stamps (the addon).
 */

import { assert } from '../assert.ts';
import { earlierOf, laterOf, nanos, negate, plus, shift, since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import { driftOver, ppm } from '../time/rate.ts';

/** CLOCK_REALTIME read between two reads of CLOCK_MONOTONIC_RAW. */
export type HostClocks = {
  readonly rawBefore: MonoInstant;
  /** Unix nanoseconds as the kernel had them: only differences of these mean anything here. */
  readonly realtimeNs: bigint;
  readonly rawAfter: MonoInstant;
};

/** A stamped stretch on CLOCK_REALTIME, with both host clocks read before and after it. */
export type RealtimeStretch = {
  readonly outerBefore: HostClocks;
  readonly beforeNs: bigint;
  readonly afterNs: bigint;
  readonly outerAfter: HostClocks;
};

/** The stretch on the raw monotonic clock. */
export type RawBracket = { readonly before: MonoInstant; readonly after: MonoInstant };

export type BracketResult =
  | { readonly kind: 'bracket'; readonly bracket: RawBracket }
  | { readonly kind: 'refused'; readonly code: 'host-clock-stepped' | 'bracket-backwards' };

/**
 * By how much a duration on CLOCK_REALTIME may be wrong without a step. The kernel lets it run off by a tenth through the
 * tick (adjtimex(2) takes 9,000 to 11,000 µs), 500 ppm through the frequency and 500 ppm through adjtime(3): 0.101. What
 * REALTIME counts as d lasted between d / 1.101 and d / 0.899 = d (1 + 0.11235).
 */
export const REALTIME_SLEW_MAX = ppm(112_400);

/** Carries a stretch from CLOCK_REALTIME to the raw clock, outward. */
export function bracketFromRealtime(stretch: RealtimeStretch): BracketResult {
  const { outerBefore, beforeNs, afterNs, outerAfter } = stretch;
  if (afterNs < beforeNs) return { kind: 'refused', code: 'bracket-backwards' };
  if (beforeNs < outerBefore.realtimeNs || outerAfter.realtimeNs < afterNs || !mayBeUnstepped(outerBefore, outerAfter))
    return { kind: 'refused', code: 'host-clock-stepped' };

  // The stamps lie this long after the first and before the second look at the host's clocks.
  const earlyGap = nanos(beforeNs - outerBefore.realtimeNs);
  const lateGap = nanos(afterNs - outerBefore.realtimeNs);
  const earlyRest = nanos(outerAfter.realtimeNs - beforeNs);
  const lateRest = nanos(outerAfter.realtimeNs - afterNs);
  const before = earlierOf(
    shift(outerBefore.rawBefore, plus(earlyGap, negate(slewOver(earlyGap)))),
    shift(outerAfter.rawBefore, negate(plus(earlyRest, slewOver(earlyRest)))),
  );
  const after = laterOf(
    shift(outerBefore.rawAfter, plus(lateGap, slewOver(lateGap))),
    shift(outerAfter.rawAfter, negate(plus(lateRest, negate(slewOver(lateRest))))),
  );
  // The call itself lies between the two looks, whatever REALTIME did.
  const bracket = {
    before: laterOf(before, outerBefore.rawBefore),
    after: earlierOf(after, outerAfter.rawAfter),
  };
  assert(bracket.before <= bracket.after, 'a hull that is clamped to what holds it is not turned around');
  return { kind: 'bracket', bracket };
}

/**
 * The bracket of a pulse that the kernel stamped on CLOCK_REALTIME in its interrupt: `stampNs`, with the host's clocks read
 * before the wait for it and after. The pulse itself came up to `latencyMax` before its stamp.
 */
export function bracketOfPulse(pulse: {
  readonly stampNs: bigint;
  readonly hostBefore: HostClocks | undefined;
  readonly hostAfter: HostClocks;
  readonly latencyMax: Nanos;
}): BracketResult {
  const { stampNs, hostBefore, hostAfter, latencyMax } = pulse;
  assert(latencyMax >= 0n, 'an interrupt is not early');
  if (hostAfter.realtimeNs < stampNs) return { kind: 'refused', code: 'host-clock-stepped' };
  if (hostBefore !== undefined && !mayBeUnstepped(hostBefore, hostAfter))
    return { kind: 'refused', code: 'host-clock-stepped' };
  const age = nanos(hostAfter.realtimeNs - stampNs);
  const slew = slewOver(age);
  const earliest = shift(hostAfter.rawBefore, negate(plus(age, slew, latencyMax)));
  const latest = shift(hostAfter.rawAfter, plus(negate(age), slew));
  // However uncertain its age is, the pulse came before we looked.
  return { kind: 'bracket', bracket: { before: earliest, after: earlierOf(latest, hostAfter.rawAfter) } };
}

/** Whether REALTIME's advance between two looks can be explained without a step. */
export function mayBeUnstepped(first: HostClocks, second: HostClocks): boolean {
  const realElapsed = nanos(second.realtimeNs - first.realtimeNs);
  const rawMin = since(second.rawBefore, first.rawAfter);
  const rawMax = since(second.rawAfter, first.rawBefore);
  return realElapsed >= rawMin - slewOver(rawMax) && realElapsed <= rawMax + slewOver(rawMax);
}

/** The place of the method whose typical bracket is narrowest; the first of equals, undefined when none answered. */
export function narrowestMethod(widthsOf: readonly (readonly Nanos[])[]): number | undefined {
  let best: { readonly index: number; readonly width: Nanos } | undefined;
  for (const [index, widths] of widthsOf.entries()) {
    // The lower median: of a method's few trial readings one may have been interrupted.
    const width = [...widths].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[(widths.length - 1) >> 1];
    if (width !== undefined && (best === undefined || width < best.width)) best = { index, width };
  }
  return best?.index;
}

function slewOver(duration: Nanos): Nanos {
  return driftOver(REALTIME_SLEW_MAX, duration);
}
