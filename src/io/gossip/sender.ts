/**
 * Publishing: each item into the queues of whoever gets it directly and, where its kind is gossiped, into the gossip box.
 *
 * Frames are made once what was published in one turn of the loop, or within the kind's wait, is together; links are then
 * emptied in the order of their delay, fastest first. Kinds that are offered again are kept for newcomers.
 */

import { KIND_RULES, type MessageKind } from '../../core/propagation/kinds.ts';
import { directRecipients, mustRelay, type Neighbour } from '../../core/propagation/recipients.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import type { ArrivalOutcome } from '../../ports/network.ts';
import type { Gossip } from './gossip.ts';
import { roundTripOf, type PeerTable } from './peer-table.ts';
import { Recent } from './recent.ts';

export type SenderNeeds = {
  readonly table: PeerTable;
  readonly gossip: () => Gossip | undefined;
  readonly now: () => MonoInstant;
};

export type SenderOptions = {
  /** Ours among the epoch's validators, where we are one. */
  readonly position: number | undefined;
  readonly validatorCount: number;
};

type RelayedItems = Pick<ArrivalOutcome, 'fresh' | 'isPatient'>;
type Planned = { readonly dueMs: number; readonly cancel: () => void };

export class Sender {
  readonly #needs: SenderNeeds;
  readonly #options: SenderOptions;
  readonly #recent = new Recent();
  #planned: Planned | undefined;
  /** Worked out once between two flushes: a batch of subjects is published one by one. */
  readonly #recipientsNow = new Map<MessageKind, readonly Neighbour[]>();

  constructor(needs: SenderNeeds, options: SenderOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  publish(kind: MessageKind, items: readonly Uint8Array[]): void {
    const rule = KIND_RULES[kind];
    for (const { peer } of this.#recipients(kind)) {
      const queue = this.#needs.table.get(peer)?.link.queue;
      for (const item of items) queue?.put(kind, item);
    }
    if (rule.repair === 'reoffer') this.#recent.keep(kind, items, this.#needs.now());
    if (rule.toValidators === 'gossip' || rule.toOthers === 'gossip') this.#needs.gossip()?.publish(kind, items);
    this.#planFlush(Number(rule.batchWait / 1_000_000n));
  }

  /** In an overlay: passes on what `from` said for the first time, at once or with what else comes soon. */
  relay(kind: MessageKind, { fresh: items, isPatient }: RelayedItems, from: string): void {
    if (items.length === 0 || !mustRelay(kind, this.#options.validatorCount)) return;
    for (const { peer } of this.#recipients(kind)) {
      const queue = peer === from ? undefined : this.#needs.table.get(peer)?.link.queue;
      for (const item of items) queue?.put(kind, item);
    }
    this.#planFlush(isPatient === true ? Number(KIND_RULES[kind].relayWait / 1_000_000n) : 0);
  }

  /** What a newcomer missed and no range can bring is offered again. */
  offerAgain(name: string): void {
    this.#recipientsNow.clear();
    const entry = this.#needs.table.get(name);
    for (const { kind, item } of this.#recent.all(this.#needs.now()))
      if (this.#recipients(kind).some(({ peer }) => peer === name)) entry?.link.queue.put(kind, item);
    this.#planFlush(0);
  }

  stop(): void {
    this.#planned?.cancel();
    this.#planned = undefined;
  }

  #planFlush(waitMs: number): void {
    if (this.#planned !== undefined) {
      // What is urgent does not wait for what is not.
      if (this.#planned.dueMs <= waitMs) return;
      this.#planned.cancel();
    }
    const flush = (): void => {
      this.#planned = undefined;
      this.#flush();
    };
    if (waitMs === 0) {
      const immediate = setImmediate(flush);
      this.#planned = { dueMs: 0, cancel: () => clearImmediate(immediate) };
    } else {
      const timer = setTimeout(flush, waitMs);
      this.#planned = { dueMs: waitMs, cancel: () => clearTimeout(timer) };
    }
  }

  #flush(): void {
    // Faults go to everyone, so their recipients are all peers, fastest first.
    for (const { peer } of this.#recipients('faults')) this.#needs.table.get(peer)?.link.flush();
    this.#recipientsNow.clear();
  }

  #recipients(kind: MessageKind): readonly Neighbour[] {
    const known = this.#recipientsNow.get(kind);
    if (known !== undefined) return known;
    const { position, validatorCount } = this.#options;
    const recipients = directRecipients(kind, this.#neighbours(), { position, count: validatorCount });
    this.#recipientsNow.set(kind, recipients);
    return recipients;
  }

  #neighbours(): Neighbour[] {
    return [...this.#needs.table.all()].map((entry) => ({
      peer: entry.peer.name,
      position: entry.position,
      delay: roundTripOf(entry),
    }));
  }
}
