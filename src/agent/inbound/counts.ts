/**
 * What went through the pipeline, counted for the metrics: accepted by kind, refused by kind and code.
 *
 * Codes come from one table and kinds from another, so the number of counters is bounded whatever peers send.
 */

import type { Code } from '../../core/codes.ts';
import type { MessageKind } from '../../core/propagation/kinds.ts';

export class InboundCounts {
  readonly #accepted = new Map<MessageKind, number>();
  readonly #refused = new Map<`${MessageKind | 'frame'} ${Code}`, number>();
  #bugs = 0;

  accepted(kind: MessageKind, items: number): void {
    this.#accepted.set(kind, this.acceptedOf(kind) + items);
  }

  refused(kind: MessageKind, code: Code, items: number): void {
    const key = `${kind} ${code}` as const;
    this.#refused.set(key, (this.#refused.get(key) ?? 0) + items);
  }

  /** A frame that was not understood, so that its kind is not known. */
  refusedFrame(code: Code): void {
    const key = `frame ${code}` as const;
    this.#refused.set(key, (this.#refused.get(key) ?? 0) + 1);
  }

  bug(): void {
    this.#bugs += 1;
  }

  acceptedOf(kind: MessageKind): number {
    return this.#accepted.get(kind) ?? 0;
  }

  refusedOf(kind: MessageKind | 'frame', code: Code): number {
    return this.#refused.get(`${kind} ${code}`) ?? 0;
  }

  /** `[kind or "frame", code, count]`, for metrics. */
  refusals(): { readonly kind: string; readonly code: string; readonly count: number }[] {
    return [...this.#refused].map(([key, count]) => {
      const [kind, code] = key.split(' ') as [string, string];
      return { kind, code, count };
    });
  }

  get bugs(): number {
    return this.#bugs;
  }
}
