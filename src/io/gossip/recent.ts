/**
 * The newest items of the kinds that are offered again to whoever connects: fault proofs and subjects.
 *
 * Bounded by kind and age (kinds.ts): what is older is no longer worth sending.
 */

import { KIND_RULES, MESSAGE_KINDS, type MessageKind } from '../../core/propagation/kinds.ts';
import { since, type MonoInstant } from '../../core/time/nanos.ts';

type Kept = { readonly item: Uint8Array; readonly at: MonoInstant };

/** A ring: `next` is where the next one goes, in place of the oldest once there are as many as are kept. */
type Ring = { readonly kept: Kept[]; next: number };

export class Recent {
  readonly #rings = new Map<MessageKind, Ring>();

  keep(kind: MessageKind, items: readonly Uint8Array[], now: MonoInstant): void {
    const ring = this.#rings.get(kind) ?? { kept: [], next: 0 };
    this.#rings.set(kind, ring);
    const { keptMax } = KIND_RULES[kind];
    for (const item of keptMax === 0 ? [] : items) {
      ring.kept[ring.next] = { item, at: now };
      ring.next = (ring.next + 1) % keptMax;
    }
  }

  all(now: MonoInstant): { readonly kind: MessageKind; readonly item: Uint8Array }[] {
    return MESSAGE_KINDS.flatMap((kind) =>
      this.#inOrder(kind)
        .filter(({ at }) => since(now, at) <= KIND_RULES[kind].ageMax)
        .map(({ item }) => ({ kind, item })),
    );
  }

  /** Oldest first. */
  #inOrder(kind: MessageKind): readonly Kept[] {
    const { kept, next } = this.#rings.get(kind) ?? { kept: [], next: 0 };
    return [...kept.slice(next), ...kept.slice(0, next)];
  }
}
