/**
 * The window of readings of one source: the newest few, and the narrowest of each older slot.
 *
 * Best-of-n selection as every serious reader of hardware clocks does it: the narrowest bracket carries the least error.
 * The newest are kept whatever their width, because age costs extrapolation; of the older ones, which serve to measure
 * the host's rate, only the narrowest of every slot of two seconds. What is dropped is dropped for being wide, never for
 * what it says, so dropping can only widen the result.
 */

import { LIMITS } from '../limits.ts';
import { floorDivide, nanos, seconds, shift, since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import type { Reading } from './observation.ts';

/** Newest readings kept; the rest of the window is slots. */
export const WINDOW_RECENT = 6;
/**
 * Length of a slot. A rate measured over B seconds from brackets of half-width h is known to 2h/B, and wander W blurs it
 * by W*B/2: the sum is least at B = sqrt(4h/W), 20 s for h = 100 ns and W = 1 ppb/s. Eight slots and the newest make 17.
 */
export const WINDOW_SLOT: Nanos = seconds(2);

/** A bracket this many times wider than the narrowest of the window was interrupted: it is dropped (hardware-time 3.2). */
const WIDE_FACTOR = 10n;

/** The end of the bracket with what the driver had cut off put back. */
export const bracketEnd = (r: Reading): MonoInstant => shift(r.after, r.windowAdjust);

/** Width of the bracket in which the device was read. */
export const bracketWidth = (r: Reading): Nanos => since(bracketEnd(r), r.before);

/** Whether the bracket is so wide that the reading was disturbed. One nanosecond stands for a bracket of zero. */
export function isTooWide(window: readonly Reading[], reading: Reading): boolean {
  if (window.length === 0) return false;
  let narrowest = bracketWidth(window[0]!);
  for (const kept of window) {
    const width = bracketWidth(kept);
    if (width < narrowest) narrowest = width;
  }
  return bracketWidth(reading) > (narrowest > 1n ? narrowest : 1n) * WIDE_FACTOR;
}

/** The window after `reading`, which must not be older than its newest. Never longer than `LIMITS.clockReadingsMax`. */
export function pushReading(window: readonly Reading[], reading: Reading): readonly Reading[] {
  const next = [...window, reading];
  if (next.length <= WINDOW_RECENT) return next;
  // The reading that leaves the newest ones shares a slot with its predecessor, or opens a slot of its own.
  const leaving = next.length - WINDOW_RECENT - 1;
  if (leaving > 0 && slotOf(next[leaving - 1]!) === slotOf(next[leaving]!)) {
    const worse = bracketWidth(next[leaving - 1]!) <= bracketWidth(next[leaving]!) ? leaving : leaving - 1;
    next.splice(worse, 1);
  }
  if (next.length > LIMITS.clockReadingsMax) next.shift();
  return next;
}

const slotOf = (r: Reading): bigint => floorDivide(r.before, WINDOW_SLOT);

/** The readings that ended no later than `until` and began no earlier than `from`. */
export function readingsWithin(
  window: readonly Reading[],
  from: MonoInstant | undefined,
  until: MonoInstant | undefined,
): readonly Reading[] {
  if (from === undefined && until === undefined) return window;
  return window.filter(
    (r) => (from === undefined || r.before >= from) && (until === undefined || bracketEnd(r) <= until),
  );
}

/** Half the bracket, rounded up, in the host's nanoseconds. */
export const halfBracket = (r: Reading): Nanos => nanos((bracketWidth(r) + 1n) / 2n);

/** The middle of the bracket, rounded down. */
export const bracketMiddle = (r: Reading): MonoInstant => shift(r.before, nanos(bracketWidth(r) / 2n));

/** The age of a reading at `asOf`, from its middle. Negative when the reading is later. */
export const ageAt = (r: Reading, asOf: MonoInstant): Nanos => since(asOf, bracketMiddle(r));

/** How long ago the newest reading ended; undefined for an empty window. */
export function newestAge(window: readonly Reading[], asOf: MonoInstant): Nanos | undefined {
  const newest = window.at(-1);
  return newest === undefined ? undefined : since(asOf, bracketEnd(newest));
}
