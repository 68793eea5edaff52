/**
 * The network between validators: delay, loss, duplication, reordering (delays are drawn per message) and partitions.
 *
 * It counts what a growth table asks for: messages and bytes per sender.
 */

import { streamOf, type Random } from '../random.ts';
import type { Plan } from './plan.ts';
import type { Schedule } from './schedule.ts';

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
    this.messagesSent[from]! += 1;
    this.bytesSent[from]! += sizeOf(message);
    const isQuiet = this.#schedule.now >= this.#plan.quietAtNs;
    if (!isQuiet && (this.#isCut(from, to) || this.#draw.chance(this.#plan.loss))) return;
    this.#carry(from, to, message);
    if (!isQuiet && this.#draw.chance(this.#plan.duplication)) this.#carry(from, to, message);
  }

  #carry(from: number, to: number, message: Message): void {
    const { baseNs, tailNs } = this.#plan.delay;
    const delayNs = baseNs * this.#draw.between(0.5, 1.5) + tailNs * this.#draw.exponential() * 0.3;
    this.#schedule.after(delayNs, () => this.#deliver(from, to, message));
  }

  #isCut(from: number, to: number): boolean {
    const now = this.#schedule.now;
    return this.#plan.partitions.some(
      ({ fromNs, toNs, sides }) =>
        fromNs <= now && now < toNs && sides[from] !== sides[to] && sides[from] !== 2 && sides[to] !== 2,
    );
  }
}
