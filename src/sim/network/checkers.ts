/**
 * What must hold of a run, judged from outside: by the final orders, what honest validators truly saw, and what they signed.
 */

import { compareBytes } from '../../core/codec/cbor.ts';
import { toHex } from '../../core/codec/hex.ts';
import { encodeOrderEntry, type OrderEntry } from '../../core/ordering/order-entry.ts';
import { Ordering } from '../../core/ordering/ordering.ts';
import { isBefore } from '../../core/time/nanos.ts';
import type { Validator } from './validator.ts';
import type { Sighting, Violation, World } from './world.ts';

/** No two honest validators disagree on an entry both call final. */
export function disagreements(orders: readonly (readonly OrderEntry[])[]): Violation[] {
  const found: Violation[] = [];
  const longest = orders.reduce<readonly OrderEntry[]>((a, b) => (b.length > a.length ? b : a), []);
  for (const [validator, order] of orders.entries()) {
    const at = order.findIndex(
      (entry, i) => compareBytes(encodeOrderEntry(entry), encodeOrderEntry(longest[i]!)) !== 0,
    );
    if (at >= 0)
      found.push({ what: 'two honest validators disagree on a final entry', detail: `${validator}, #${at}` });
  }
  return found;
}

/**
 * No decidable pair is reversed: neither one whose intervals are disjoint, nor one that every honest validator reported in
 * one order with disjoint intervals. The latter is computed from the sightings, not from anything the order did.
 */
export function reversals(
  order: readonly OrderEntry[],
  sightings: ReadonlyMap<string, readonly Sighting[]>,
  honest: number,
): Violation[] {
  const found: Violation[] = [];
  const hulls = order.map((entry) => hullOf(sightings.get(toHex(entry.subject)), honest));
  // Going backwards, the smallest end of anything later: what begins after it should have come later still.
  for (const [i, entry] of order.entries()) {
    for (let j = i + 1; j < order.length; j++) {
      const later = order[j]!;
      if (isBefore(later.seen.latest, entry.seen.earliest))
        found.push({ what: 'disjoint intervals are reversed', detail: `#${entry.index} and #${later.index}` });
      const [a, b] = [hulls[i], hulls[j]];
      if (a !== undefined && b !== undefined && isBefore(b.latest, a.earliest))
        found.push({ what: 'what all the honest saw is reversed', detail: `#${entry.index} and #${later.index}` });
    }
  }
  return found;
}

/** From the earliest to the latest end any honest validator reported; undefined unless all of them did. */
function hullOf(sightings: readonly Sighting[] | undefined, honest: number): Sighting['seen'] | undefined {
  if (sightings === undefined || sightings.length < honest) return undefined;
  return sightings
    .map(({ seen }) => seen)
    .reduce((a, b) => ({
      earliest: isBefore(a.earliest, b.earliest) ? a.earliest : b.earliest,
      latest: isBefore(a.latest, b.latest) ? b.latest : a.latest,
    }));
}

/** Every final moment is unique and later than the one before it, and lies no earlier than its interval begins. */
export function momentsOutOfOrder(order: readonly OrderEntry[]): Violation[] {
  const found: Violation[] = [];
  for (const [i, entry] of order.entries()) {
    const before = order[i - 1];
    if (before !== undefined && !isBefore(before.moment, entry.moment))
      found.push({ what: 'a moment is not later than the one before', detail: `#${entry.index}` });
    if (isBefore(entry.moment, entry.seen.earliest) || entry.index !== i)
      found.push({ what: 'an entry is out of place', detail: `#${entry.index} at ${i}` });
  }
  return found;
}

/**
 * A validator that starts afresh from its lanes, reading them in another interleaving (each as far as it may, last lane
 * first), arrives at the same bytes.
 */
export function restartDiffers(world: World, validator: Validator): Violation[] {
  const { network, parameters, validators, rules } = world.setting;
  const again = new Ordering({ network, parameters, validators, rules, self: undefined });
  const final: OrderEntry[] = [];
  for (let progress = true; progress;) {
    progress = false;
    for (let lane = validators - 1; lane >= 0; lane--) {
      const entries = validator.lanes.entries(lane);
      while (again.sizeOf(lane) < entries.length && again.wants(lane)) {
        progress = true;
        for (const effect of again.append(lane, entries[again.sizeOf(lane)]!))
          if (effect.kind === 'final') final.push(...effect.entries);
      }
    }
  }
  const same =
    final.length >= validator.final.length &&
    validator.final.every((entry, i) => compareBytes(encodeOrderEntry(entry), encodeOrderEntry(final[i]!)) === 0);
  return same ? [] : [{ what: 'a restart gives another order', detail: `validator ${validator.index}` }];
}
