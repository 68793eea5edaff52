/**
 * The network between validators: delay, loss, duplication, reordering (delays are drawn per message) and partitions.
 *
 * It counts what a growth table asks for: messages and bytes per sender.
 */

import { streamOf, type Random } from '../random.ts';
import type { Plan } from './plan.ts';
import type { OffsetNs, Schedule } from './schedule.ts';

export type Message =
  | { readonly kind: 'entry'; readonly bytes: Uint8Array }
  | { readonly kind: 'subject'; readonly record: Uint8Array }
  /** Anti-entropy: how long my copy of each lane is, and which subjects I hold. The answer is what you lack. */
  | { readonly kind: 'have'; readonly sizes: readonly number[]; readonly subjects: readonly Uint8Array[] }
  | { readonly kind: 'garbage'; readonly bytes: Uint8Array };

/** Length prefix, kind and authenticator of one frame. */
const FRAME_BYTES = 24;

export function sizeOf(message: Message): number {
  switch (message.kind) {
    case 'entry':
    case 'garbage':
      return FRAME_BYTES + message.bytes.length;
    case 'subject':
      return FRAME_BYTES + message.record.length;
    case 'have':
      return FRAME_BYTES + 6 * message.sizes.length + 32 * message.subjects.length;
  }
}

/** More than there are validators; a delay times this is exact in a double up to half an hour. */
const PLACES = 4_096;

export class Links {
  readonly #schedule: Schedule;
  readonly #plan: Plan;
  readonly #deliver: (from: number, to: number, message: Message) => void;
  readonly #draw: Random;
  readonly messagesSent: number[];
  readonly bytesSent: number[];

  constructor(
    needs: { readonly schedule: Schedule; readonly plan: Plan },
    deliver: (from: number, to: number, message: Message) => void,
  ) {
    this.#schedule = needs.schedule;
    this.#plan = needs.plan;
    this.#deliver = deliver;
    this.#draw = streamOf(needs.plan.seed, `links of ${needs.plan.validators}`);
    this.messagesSent = Array.from({ length: needs.plan.validators }, () => 0);
    this.bytesSent = Array.from({ length: needs.plan.validators }, () => 0);
  }

  send(from: number, to: number, message: Message): void {
    for (const delayNs of this.#journeys(from, to, message))
      this.#schedule.after(delayNs, () => this.#deliver(from, to, message));
  }

  /** The same to everyone else. One event waits at a time, or a network of a thousand has a million of them under way. */
  broadcast(from: number, message: Message): void {
    const arrivals: number[] = [];
    for (let to = 0; to < this.#plan.validators; to++) {
      if (to === from) continue;
      for (const delayNs of this.#journeys(from, to, message)) arrivals.push(Math.floor(delayNs) * PLACES + to);
    }
    this.#arrive(from, message, Float64Array.from(arrivals).sort());
  }

  /** Delivers one by one to whom `arrivals` say: delay since now times PLACES plus place, the earliest first. */
  #arrive(from: number, message: Message, arrivals: Float64Array): void {
    const sentAt = this.#schedule.now;
    let next = 0;
    const planNext = (): void => {
      if (next === arrivals.length) return;
      const delayNs = Math.floor(arrivals[next]! / PLACES);
      this.#schedule.after(sentAt + delayNs - this.#schedule.now, () => {
        const to = arrivals[next]! % PLACES;
        next += 1;
        this.#deliver(from, to, message);
        planNext();
      });
    };
    planNext();
  }

  /** How long each copy of the message that gets there is under way: none when it is lost, two when it is doubled. */
  #journeys(from: number, to: number, message: Message): readonly OffsetNs[] {
    this.messagesSent[from]! += 1;
    this.bytesSent[from]! += sizeOf(message);
    const isQuiet = this.#schedule.now >= this.#plan.quietAtNs;
    if (!isQuiet && (this.#isCut(from, to) || this.#draw.chance(this.#plan.loss))) return [];
    const delayNs = this.#delay();
    return !isQuiet && this.#draw.chance(this.#plan.duplication) ? [delayNs, this.#delay()] : [delayNs];
  }

  #delay(): OffsetNs {
    const { baseNs, tailNs } = this.#plan.delay;
    return baseNs * this.#draw.between(0.5, 1.5) + tailNs * this.#draw.exponential() * 0.3;
  }

  #isCut(from: number, to: number): boolean {
    const now = this.#schedule.now;
    return this.#plan.partitions.some(
      ({ fromNs, toNs, sides }) =>
        fromNs <= now && now < toNs && sides[from] !== sides[to] && sides[from] !== 2 && sides[to] !== 2,
    );
  }
}
