/**
 * What the network thinks of our clock, and of each peer's: the n-f intersection of everyone's interval (requirement A9).
 *
 * Each opinion is put into one frame: by how much true time may be ahead of the middle of our own interval. Ours is then
 * [-half, +half]; a peer's follows from its statement and the window in which it signed. As long as at most f of the n
 * opinions are wrong, true time is covered by at least n-f of them (Marzullo 1984). Regions covered by n-f are kept apart:
 * a gap between two is not hulled over. Whoever lies outside all of them is outside with at least n-f against him.
 *
 * It raises an alarm with its evidence and does nothing else: no clock is steered, no interval of ours is changed.
 */

import { assert } from '../assert.ts';
import { halfWidthOf, midpointOf, type Interval } from '../time/interval.ts';
import { longerOf, minus, negate, plus, shorterOf, since, type Nanos } from '../time/nanos.ts';
import { spanOf, windowOf, type Bounds, type Exchange } from './time-exchange.ts';

/** One voice: ours, or what exchanges with a validator tell. */
export type Opinion<Evidence> = {
  readonly who: string;
  /** True time less the middle of our own interval, by this voice. */
  readonly ahead: Bounds;
  /** What proves that the voice said so: the exchange with its nonce and statement. */
  readonly evidence: Evidence;
};

export type Agreement<Evidence> = {
  /** Ascending, disjoint regions that at least n-f voices cover; empty when there is none. */
  readonly regions: readonly Bounds[];
  readonly needed: number;
  readonly inside: readonly string[];
  /** Voices that intersect no region, with what they said. */
  readonly outside: readonly Opinion<Evidence>[];
};

/**
 * A peer's opinion in our frame. It signed at an instant of `window`, and true time then was in `signed`; our own middle
 * at that instant was between our middles at the question and at the answer, so the frame's own motion is bounded too.
 */
export function opinionOf<Evidence>(
  who: string,
  exchange: Exchange,
  evidence: Evidence,
): Opinion<Evidence> | undefined {
  if (windowOf(exchange) === undefined) return undefined;
  const { asked, signed, answered } = exchange;
  const ahead = {
    least: since(signed.earliest, midpointOf(answered)),
    most: since(signed.latest, midpointOf(asked)),
  };
  return ahead.least > ahead.most ? undefined : { who, ahead, evidence };
}

/**
 * One voice of several exchanges with the same peer, latest first. The middle of our interval was within half a width of true
 * time at the signing and is now, so each is carried on by widening it by both halves; then the narrowest counts, as the
 * exchange whose ways were fastest tells most. An exchange that contradicts a later one ends the walk: a clock changed between
 * them, and what was said before is no longer so.
 */
export function narrowestOpinion<Evidence>(
  who: string,
  latestFirst: readonly { readonly exchange: Exchange; readonly evidence: Evidence }[],
  own: Interval,
): Opinion<Evidence> | undefined {
  let best: Opinion<Evidence> | undefined;
  let common: Bounds | undefined;
  for (const { exchange, evidence } of latestFirst) {
    const opinion = opinionOf(who, exchange, evidence);
    if (opinion === undefined) break;
    const moved = plus(longerOf(halfWidthOf(exchange.asked), halfWidthOf(exchange.answered)), halfWidthOf(own));
    const ahead = { least: minus(opinion.ahead.least, moved), most: plus(opinion.ahead.most, moved) };
    common = {
      least: longerOf(ahead.least, common?.least ?? ahead.least),
      most: shorterOf(ahead.most, common?.most ?? ahead.most),
    };
    if (common.least > common.most) break;
    if (best === undefined || spanOf(ahead) < spanOf(best.ahead)) best = { ...opinion, ahead };
  }
  return best;
}

export function ownOpinion<Evidence>(who: string, own: Interval, evidence: Evidence): Opinion<Evidence> {
  const half = halfWidthOf(own);
  return { who, ahead: { least: negate(half), most: half }, evidence };
}

/** `faultsMax` of all voices may be wrong. Undefined with fewer than three: then nobody can be told from a liar. */
export function agreementOf<Evidence>(
  opinions: readonly Opinion<Evidence>[],
  faultsMax: number,
): Agreement<Evidence> | undefined {
  assert(Number.isInteger(faultsMax) && faultsMax >= 0, 'the number of liars allowed for is not negative');
  const needed = opinions.length - faultsMax;
  if (opinions.length < 3 || needed <= faultsMax) return undefined;
  const regions = regionsCoveredBy(
    opinions.map(({ ahead }) => ahead),
    needed,
  );
  const isInside = ({ ahead }: Opinion<Evidence>): boolean =>
    regions.some((region) => ahead.least <= region.most && region.least <= ahead.most);
  return {
    regions,
    needed,
    inside: opinions.filter(isInside).map(({ who }) => who),
    outside: regions.length === 0 ? [] : opinions.filter((opinion) => !isInside(opinion)),
  };
}

/** Every maximal region that at least `needed` of the bounds cover; ends belong to it. */
function regionsCoveredBy(all: readonly Bounds[], needed: number): Bounds[] {
  const ends = all.flatMap(({ least, most }) => [
    { at: least, step: 1 },
    { at: most, step: -1 },
  ]);
  // At one instant intervals begin before others end: touching intervals share that instant.
  ends.sort((a, b) => (a.at === b.at ? b.step - a.step : a.at < b.at ? -1 : 1));
  const regions: Bounds[] = [];
  let covered = 0;
  let from: Nanos | undefined;
  for (const { at, step } of ends) {
    covered += step;
    if (covered >= needed) from ??= at;
    else if (from !== undefined) {
      regions.push({ least: from, most: at });
      from = undefined;
    }
  }
  return regions;
}
