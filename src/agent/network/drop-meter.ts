/** Which share of items was dropped lately, from running counts noted at a steady beat. */

import { MESSAGE_KINDS } from '../../core/propagation/kinds.ts';
import type { NetworkCounters } from '../../ports/network.ts';
import type { InboundCounts } from '../inbound/counts.ts';

export type ItemCounts = { readonly handled: number; readonly dropped: number };

export class DropMeter {
  readonly #beats: number;
  #noted: ItemCounts[] = [];

  /** `beats` is how many notes back "lately" reaches. */
  constructor(beats: number) {
    this.#beats = beats;
  }

  note(counts: ItemCounts): void {
    this.#noted = [...this.#noted.slice(-this.#beats), counts];
  }

  /** 0..1; 0 while nothing was handled. */
  get share(): number {
    const [first, last] = [this.#noted.at(0), this.#noted.at(-1)];
    if (first === undefined || last === undefined) return 0;
    const handled = last.handled - first.handled;
    return handled <= 0 ? 0 : (last.dropped - first.dropped) / handled;
  }
}

/** What queues took and what they dropped since the start, towards peers and from them. */
export function itemsHandled(sent: NetworkCounters, inbound: InboundCounts): ItemCounts {
  let [handled, dropped] = [0, 0];
  for (const kind of MESSAGE_KINDS) {
    const lost = sent.droppedItems[kind] + inbound.refusedOf(kind, 'inbound-full');
    handled += sent.sentItems[kind] + inbound.acceptedOf(kind) + lost;
    dropped += lost;
  }
  return { handled, dropped };
}
