/**
 * The newest items of the kinds that are offered again to whoever connects: fault proofs and subjects.
 *
 * Bounded by kind and age (kinds.ts): what is older is no longer worth sending.
 */

import { KIND_RULES, MESSAGE_KINDS, type MessageKind } from '../../core/propagation/kinds.ts';
import { since, type MonoInstant } from '../../core/time/nanos.ts';

type Kept = { readonly item: Uint8Array; readonly at: MonoInstant };

export class Recent {
  readonly #kept = new Map<MessageKind, Kept[]>();

  keep(kind: MessageKind, items: readonly Uint8Array[], now: MonoInstant): void {
    const kept = this.#kept.get(kind) ?? [];
    for (const item of items) kept.push({ item, at: now });
    const excess = kept.length - KIND_RULES[kind].keptMax;
    if (excess > 0) kept.splice(0, excess);
    this.#kept.set(kind, kept);
  }

  all(now: MonoInstant): { readonly kind: MessageKind; readonly item: Uint8Array }[] {
    return MESSAGE_KINDS.flatMap((kind) =>
      (this.#kept.get(kind) ?? [])
        .filter(({ at }) => since(now, at) <= KIND_RULES[kind].ageMax)
        .map(({ item }) => ({ kind, item })),
    );
  }
}
