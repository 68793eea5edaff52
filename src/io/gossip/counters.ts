/** What the network carried, counted; and drops of peers that have left since. */

import { MESSAGE_KINDS, type MessageKind } from '../../core/propagation/kinds.ts';
import type { OutboundQueue } from '../../core/propagation/outbound-queue.ts';
import type { NetworkCounters } from '../../ports/network.ts';

type PerKind = Record<MessageKind, number>;

const zeros = (): PerKind => ({ faults: 0, statements: 0, subjects: 0, checkpoints: 0 });

export class Counters {
  readonly #sentItems = zeros();
  readonly #droppedBefore = zeros();
  readonly #refusedHellos = new Map<string, number>();
  #sentBytes = 0;
  #receivedBytes = 0;
  #receivedFrames = 0;

  sent(kind: MessageKind, items: number, bytes: number): void {
    this.#sentItems[kind] += items;
    this.#sentBytes += bytes;
  }

  received(bytes: number): void {
    this.#receivedBytes += bytes;
    this.#receivedFrames += 1;
  }

  /** Takes over what a link that is gone had dropped. */
  leftBehind(queue: Pick<OutboundQueue, 'droppedOf'>): void {
    for (const kind of MESSAGE_KINDS) this.#droppedBefore[kind] += queue.droppedOf(kind);
  }

  refusedHello(code: string): void {
    this.#refusedHellos.set(code, (this.#refusedHellos.get(code) ?? 0) + 1);
  }

  view(droppedNow: (kind: MessageKind) => number): NetworkCounters {
    const droppedItems = zeros();
    for (const kind of MESSAGE_KINDS) droppedItems[kind] = this.#droppedBefore[kind] + droppedNow(kind);
    return {
      sentItems: { ...this.#sentItems },
      droppedItems,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      receivedFrames: this.#receivedFrames,
      refusedHellos: new Map(this.#refusedHellos),
    };
  }
}
