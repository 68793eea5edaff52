/**
 * What waits for one peer: a queue per kind, emptied in the order of their priority into frames.
 *
 * Bounded by items per kind (kinds.ts) and bytes in all; what is dropped is counted by kind. Items are shared between
 * peers' queues and never copied until they are framed.
 */

import { LIMITS } from '../limits.ts';
import { FRAME_HEAD_BYTES, ITEM_HEAD_BYTES, type Frame } from './frame.ts';
import { KIND_RULES, MESSAGE_KINDS, type MessageKind } from './kinds.ts';

type Queue = { items: Uint8Array[]; head: number };

export class OutboundQueue {
  readonly #queues = new Map<MessageKind, Queue>();
  readonly #dropped = new Map<MessageKind, number>();
  #bytes = 0;
  #items = 0;

  get isEmpty(): boolean {
    return this.#items === 0;
  }

  get waitingItems(): number {
    return this.#items;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  droppedOf(kind: MessageKind): number {
    return this.#dropped.get(kind) ?? 0;
  }

  put(kind: MessageKind, item: Uint8Array): void {
    const rule = KIND_RULES[kind];
    const queue = this.#queueOf(kind);
    while (this.#lengthOf(queue) > 0 && !this.#hasRoom(queue, item, rule.queueItemsMax)) {
      if (rule.whenFull === 'drop-newest') return this.#countDrop(kind);
      this.#takeFirst(queue);
      this.#countDrop(kind);
    }
    // Nothing of this kind is left to drop and others fill the peer's bytes: they were here first.
    if (!this.#hasRoom(queue, item, rule.queueItemsMax)) return this.#countDrop(kind);
    queue.items.push(item);
    this.#items += 1;
    this.#bytes += item.length;
  }

  /** The next frame: the most important kind that waits, as many of its items as one frame takes. */
  takeFrame(): Frame | undefined {
    for (const kind of MESSAGE_KINDS) {
      const queue = this.#queues.get(kind);
      if (queue === undefined || this.#lengthOf(queue) === 0) continue;
      const { batchItemsMax, batchBytesMax } = KIND_RULES[kind];
      const items: Uint8Array[] = [];
      let bytes = FRAME_HEAD_BYTES;
      while (this.#lengthOf(queue) > 0 && items.length < batchItemsMax) {
        const size = ITEM_HEAD_BYTES + queue.items[queue.head]!.length;
        if (bytes + size > batchBytesMax && items.length > 0) break;
        bytes += size;
        items.push(this.#takeFirst(queue));
      }
      return { kind, items };
    }
    return undefined;
  }

  clear(): void {
    this.#queues.clear();
    this.#items = 0;
    this.#bytes = 0;
  }

  #hasRoom(queue: Queue, item: Uint8Array, itemsMax: number): boolean {
    return this.#lengthOf(queue) < itemsMax && this.#bytes + item.length <= LIMITS.peerQueueBytesMax;
  }

  #lengthOf(queue: Queue): number {
    return queue.items.length - queue.head;
  }

  #takeFirst(queue: Queue): Uint8Array {
    const item = queue.items[queue.head]!;
    queue.head += 1;
    // The consumed front is cut off once it is half of the array, so that taking stays cheap and memory bounded.
    if (queue.head * 2 >= queue.items.length) {
      queue.items = queue.items.slice(queue.head);
      queue.head = 0;
    }
    this.#items -= 1;
    this.#bytes -= item.length;
    return item;
  }

  #queueOf(kind: MessageKind): Queue {
    const known = this.#queues.get(kind);
    if (known !== undefined) return known;
    const queue: Queue = { items: [], head: 0 };
    this.#queues.set(kind, queue);
    return queue;
  }

  #countDrop(kind: MessageKind): void {
    this.#dropped.set(kind, this.droppedOf(kind) + 1);
  }
}
