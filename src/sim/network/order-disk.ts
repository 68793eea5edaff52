/**
 * What a simulated validator's disk has of the order: a snapshot of the ordering, and the order log as it was then.
 *
 * Kept far more often than an agent does it, so that crashes find a snapshot in every state of the network. It goes through
 * no seal and no file: those have tests of their own.
 */

import { assert } from '../../core/assert.ts';
import type { OrderEntry } from '../../core/ordering/order-entry.ts';
import type { Ordering } from '../../core/ordering/ordering.ts';
import type { LaneStore } from './lane-store.ts';

export class OrderDisk {
  #kept: { readonly state: Uint8Array; readonly final: readonly OrderEntry[]; readonly size: number } | undefined;

  keep(ordering: Ordering, final: readonly OrderEntry[]): void {
    if (ordering.contradictedSlot === undefined) this.#kept = { state: ordering.save(), final, size: final.length };
  }

  /** Takes an ordering that was told nothing to where the snapshot left it, and returns the final order then. */
  resume(ordering: Ordering, lanes: LaneStore): OrderEntry[] {
    if (this.#kept === undefined) return [];
    const { state, size } = this.#kept;
    const final = this.#kept.final.slice(0, size);
    assert(ordering.load(state), 'a snapshot of our own reads');
    ordering.recall(final.slice(size - ordering.recentSize));
    lanes.skip(lanes.sizes().map((_, lane) => ordering.sizeOf(lane)));
    return final;
  }
}
