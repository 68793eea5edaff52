/**
 * What happened lately: how much each count grew within a window, and how often each source changed sides.
 *
 * Counts are kept every five seconds for five minutes, so a window is met to five seconds, always on the long side. Changes
 * of sides are kept as instants, few of each source.
 */

import { LIMITS } from '../limits.ts';
import { isBefore, negate, seconds, shift, since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import type { AlertFacts } from './facts.ts';

export type CountName = 'beats' | 'beatsSkipped' | 'samplesDropped' | 'commits' | 'commitsSlow';

export const FLAPPING_WINDOW: Nanos = seconds(900);
const KEPT_EVERY = seconds(5);
const KEPT_FOR = seconds(300);

type Kept = { readonly at: MonoInstant; readonly counts: Readonly<Record<CountName, number>> };
type Sides = { isFalseticker: boolean; changes: MonoInstant[] };

export class Recent {
  #kept: Kept[] = [];
  #newest: Kept | undefined;
  #sides = new Map<string, Sides>();

  observe(at: MonoInstant, facts: AlertFacts): void {
    const { beats, beatsSkipped, samplesDropped, commits, commitsSlow } = facts;
    const now: Kept = { at, counts: { beats, beatsSkipped, samplesDropped, commits, commitsSlow } };
    this.#newest = now;
    const last = this.#kept.at(-1);
    if (last === undefined || since(at, last.at) >= KEPT_EVERY) this.#kept.push(now);
    // The newest one outside is the window's far end.
    const begin = shift(at, negate(KEPT_FOR));
    while (this.#kept.length > 1 && !isBefore(begin, this.#kept[1]!.at)) this.#kept.shift();
    this.#noteSides(at, facts);
  }

  /** How much a count grew within the window, or since the first look when that was later. */
  growth(count: CountName, window: Nanos): number {
    const far = this.#farEnd(window);
    return far === undefined ? 0 : this.#newest!.counts[count] - far.counts[count];
  }

  /** Whether the looks go back as far as the window does. */
  spans(window: Nanos): boolean {
    const first = this.#kept[0];
    return first !== undefined && since(this.#newest!.at, first.at) >= window;
  }

  /** How often a source went in or out of agreement within FLAPPING_WINDOW. */
  changesOfSide(source: string): number {
    return this.#sides.get(source)?.changes.length ?? 0;
  }

  #farEnd(window: Nanos): Kept | undefined {
    if (this.#newest === undefined) return undefined;
    const begin = shift(this.#newest.at, negate(window));
    return this.#kept.findLast(({ at }) => !isBefore(begin, at)) ?? this.#kept[0];
  }

  #noteSides(at: MonoInstant, { sources }: AlertFacts): void {
    const begin = shift(at, negate(FLAPPING_WINDOW));
    const next = new Map<string, Sides>();
    for (const { name, isFalseticker } of sources) {
      const known = this.#sides.get(name);
      const changes = (known?.changes ?? []).filter((change) => isBefore(begin, change));
      if (known !== undefined && known.isFalseticker !== isFalseticker) changes.push(at);
      next.set(name, { isFalseticker, changes: changes.slice(-LIMITS.alertSideChangesMax) });
    }
    this.#sides = next;
  }
}
