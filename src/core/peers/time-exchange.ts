/**
 * One question and one answer about time, and what they prove: by how much a peer's clock can differ from ours, and how
 * long each way can have taken. Design section 7; docs/spec/network.md section "Time exchange".
 *
 * We send a nonce; the peer answers with a kind-2 statement whose subject commits to it, so the peer signed between our
 * two readings of our own clock. Three intervals of TAI follow: ours when we asked, the peer's when it signed, ours when
 * the answer came. If each holds true time, the signing lies in the window [asked.earliest, answered.latest]; the round
 * trip is inside that window, never subtracted from it. Nothing here assumes that the two ways are equally long.
 *
 * Nonces form a chain: each commits to the answer before, so a list of exchanges cannot be reordered afterwards.
 */

import { assert } from '../assert.ts';
import { sha256Of, SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { intersectionOf, interval, midpointOf, type Interval } from '../time/interval.ts';
import { driftOver, type Ppt } from '../time/rate.ts';
import { earlierOf, longerOf, minus, plus, shift, shorterOf, since, ZERO, type Nanos } from '../time/nanos.ts';

const NONCE_DOMAIN = new TextEncoder().encode('momentd time nonce v1\0');
const SUBJECT_DOMAIN = new TextEncoder().encode('momentd time subject v1\0');

/**
 * The nonce of the next question: SHA-256("momentd time nonce v1\0" || identity of the answer before || blind), the
 * identity 32 zero bytes for the first question. `blind` is 32 bytes of chance, kept to open the chain to others.
 */
export function nextNonce(previousAnswer: Digest, blind: Uint8Array): Digest {
  assert(
    previousAnswer.length === SHA256_SIZE_BYTES && blind.length === SHA256_SIZE_BYTES,
    'a nonce joins 32 and 32 bytes',
  );
  return sha256Of(NONCE_DOMAIN, previousAnswer, blind);
}

/** Key 7 of the answer: SHA-256("momentd time subject v1\0" || nonce). */
export function subjectOfNonce(nonce: Digest): Digest {
  assert(nonce.length === SHA256_SIZE_BYTES, 'a nonce has 32 bytes');
  return sha256Of(SUBJECT_DOMAIN, nonce);
}

/** What is measured: TAI by our own estimate, and the raw clock between the two. */
export type Exchange = {
  /** Our interval just before the question left. */
  readonly asked: Interval;
  /** What the peer's statement says of the instant of signing. */
  readonly signed: Interval;
  /** Our interval just after the answer came. */
  readonly answered: Interval;
  /** How long it took by our raw clock, which may be off by `rateMax`. */
  readonly roundTrip: Nanos;
  readonly rateMax: Ppt;
};

/** A signed duration known to lie in `[least, most]`. */
export type Bounds = { readonly least: Nanos; readonly most: Nanos };

export type ExchangeFinding = {
  /**
   * The middle of the peer's interval less true time at the signing, by our clock. It cannot be told apart from zero
   * where it spans zero; that it must come within the peer's guarantee of zero is `isConsistent`.
   */
  readonly offset: Bounds;
  /** How long the question travelled, and how long the answer; both counted with the peer's thinking time. */
  readonly forward: Bounds;
  readonly back: Bounds;
  /** False when no instant lies both in the peer's interval and in ours: one of the two does not hold true time. */
  readonly isConsistent: boolean;
};

/** Undefined when our own two readings contradict each other: then it is our clock that must be looked at. */
export function findingOf(exchange: Exchange): ExchangeFinding | undefined {
  const { asked, signed, answered } = exchange;
  const window = windowOf(exchange);
  if (window === undefined) return undefined;
  const middle = midpointOf(signed);
  const longest = longestTrip(exchange);
  return {
    offset: { least: since(middle, window.latest), most: since(middle, window.earliest) },
    forward: delayBounds(asked, signed, longest),
    back: delayBounds(signed, answered, longest),
    isConsistent: intersectionOf(window, signed) !== undefined,
  };
}

/** Where true time was when the peer signed, by our clock alone. */
export function windowOf(exchange: Exchange): Interval | undefined {
  const { asked, answered } = exchange;
  const longest = longestTrip(exchange);
  // The signing came after the question and within the round trip; the narrower of two true ends is true.
  const latest = earlierOf(answered.latest, shift(asked.latest, longest));
  if (latest < asked.earliest) return undefined;
  return interval(asked.earliest, latest);
}

/**
 * How long something signed in `from` can have been under way when it was seen in `to`: never negative, because nothing
 * arrives before it leaves. Also the one-way delay of any statement against our interval at its arrival (requirement A7).
 */
export function delayBounds(from: Interval, to: Interval, longest?: Nanos): Bounds {
  const least = longerOf(since(to.earliest, from.latest), ZERO);
  const most = longerOf(since(to.latest, from.earliest), ZERO);
  return { least, most: longest === undefined ? most : longerOf(shorterOf(most, longest), least) };
}

const longestTrip = ({ roundTrip, rateMax }: Exchange): Nanos => plus(roundTrip, driftOver(rateMax, roundTrip));

/** The width of a bound. */
export const spanOf = (bounds: Bounds): Nanos => minus(bounds.most, bounds.least);
