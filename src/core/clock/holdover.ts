/**
 * How a guarantee grows while nothing new is learned, and how long until it reaches a limit.
 */

import { floorDivide, longerOf, NANOS_PER_SECOND, nanos, plus, type Nanos } from '../time/nanos.ts';
import { agingOver, driftOver, fasterOf, ppt, wanderOver, type Ppt } from '../time/rate.ts';
import type { Growth } from './source-estimate.ts';

/** Ten years: a clock that would stay within its limit for longer is said to stay for so long. */
const SECONDS_MAX = 315_360_000;

/** The growth of an interval whose two ends were set by these sources: the worse of each. */
export function jointGrowth(parts: readonly Growth[]): Growth {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const worst = (of: (growth: Growth) => Ppt): Ppt => parts.map(of).reduce(fasterOf);
  const high = worst((g) => ppt(g.rateCentre + g.rateHalf));
  const low = ppt(0n - worst((g) => ppt(g.rateHalf - g.rateCentre)));
  const rateCentre = ppt(floorDivide(low + high, 2n));
  return {
    rateCentre,
    rateHalf: ppt(high - rateCentre),
    coasting: worst((g) => g.coasting),
    agingPerDay: worst((g) => g.agingPerDay),
    wander: worst((g) => g.wander),
    reserve: parts.map((g) => g.reserve).reduce(longerOf),
    lifetime: parts.map((g) => g.lifetime).reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a)),
  };
}

/** The guarantee after `elapsed` of coasting. */
export function guaranteeAfter(guarantee: Nanos, growth: Growth, elapsed: Nanos): Nanos {
  return plus(
    guarantee,
    growth.reserve,
    driftOver(growth.coasting, elapsed),
    agingOver(growth.agingPerDay, elapsed),
    wanderOver(growth.wander, elapsed),
  );
}

/**
 * Whole seconds of coasting after which `guarantee` is still within `limit`; 0 when it is not within it now. Never more
 * than the truth, and less by no more than the few nanoseconds that rounding up costs.
 */
export function secondsUntil(limit: Nanos, guarantee: Nanos, growth: Growth): number {
  const isWithin = (s: number): boolean =>
    guaranteeAfter(guarantee, growth, nanos(BigInt(s) * NANOS_PER_SECOND)) <= limit;
  const room = Number(limit - guarantee - growth.reserve) - ROUNDING_NS;
  // Doubles solve the quadratic; whole numbers judge the answer.
  const lifetime = growth.lifetime === undefined ? SECONDS_MAX : Number(floorDivide(growth.lifetime, NANOS_PER_SECOND));
  let s = Math.min(SECONDS_MAX, lifetime, Math.floor(guessSeconds(room, growth)));
  for (let back = 1; s > 0 && !isWithin(s); back *= 2) s = Math.max(0, s - back);
  return s;
}

/** Three terms are rounded up to whole nanoseconds. */
const ROUNDING_NS = 3;

/** The root of half*t^2 + rate*t = room, t in seconds, rate and the square's factor in nanoseconds. */
function guessSeconds(room: number, growth: Growth): number {
  if (room <= 0) return 0;
  const rate = Number(growth.coasting) / 1e3;
  const square = (Number(growth.agingPerDay) / 86_400 + Number(growth.wander)) / 2e3;
  if (square === 0) return rate === 0 ? SECONDS_MAX : room / rate;
  return (2 * room) / (rate + Math.sqrt(rate * rate + 4 * square * room));
}
