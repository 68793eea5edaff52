/**
 * One lane as the cut sees it: how many entries, and which root, up to the end of any slot the lane has passed.
 *
 * Entries come in order and their times only rise. When an entry falls into a later slot than the one before it, the
 * prefix that stood is the answer for every slot in between; only those marks are kept.
 */

import { assert } from '../assert.ts';
import type { Digest } from '../codec/sha256.ts';
import { EMPTY_ROOT, Frontier } from '../log/merkle.ts';
import { frontierOf, savedFrontier, type SavedFrontier } from './saved-frontier.ts';
import type { LanePrefix } from './cut.ts';

/** From `slot` on, up to the next mark, the prefix at the slot's end is this. */
type Mark = { readonly slot: number; readonly prefix: LanePrefix };

export type SavedPrefixes = SavedFrontier & { readonly marks: readonly Mark[]; readonly lastSlot: number | undefined };

export class LanePrefixes {
  readonly #frontier: Frontier;
  /** Ascending by slot. */
  #marks: Mark[];
  #lastSlot: number | undefined;

  constructor(saved?: SavedPrefixes) {
    this.#frontier = saved === undefined ? new Frontier() : frontierOf(saved);
    this.#marks = [...(saved?.marks ?? [])];
    this.#lastSlot = saved?.lastSlot;
  }

  save(): SavedPrefixes {
    return { ...savedFrontier(this.#frontier), marks: [...this.#marks], lastSlot: this.#lastSlot };
  }

  /** Root over the entries so far. */
  root(): Digest {
    return this.#frontier.root();
  }

  get size(): number {
    return this.#frontier.size;
  }

  /** The slot of the newest entry; undefined for an empty lane. Every earlier slot is complete. */
  get lastSlot(): number | undefined {
    return this.#lastSlot;
  }

  /** The next entry: its leaf hash and the slot of its time. */
  append(slot: number, leaf: Digest): void {
    const last = this.#lastSlot;
    assert(last === undefined || slot >= last, 'times in a lane only rise');
    if (last !== undefined && slot > last)
      this.#marks.push({ slot: last, prefix: { size: this.#frontier.size, root: this.#frontier.root() } });
    this.#frontier.append(leaf);
    this.#lastSlot = slot;
  }

  /** What the lane holds up to the end of a slot it has passed. */
  at(slot: number): LanePrefix {
    assert(this.#lastSlot !== undefined && slot < this.#lastSlot, 'a lane answers for slots it has passed');
    for (let i = this.#marks.length - 1; i >= 0; i--) if (this.#marks[i]!.slot <= slot) return this.#marks[i]!.prefix;
    return { size: 0, root: EMPTY_ROOT };
  }

  /** Forgets what only slots before `slot` need. */
  prune(slot: number): void {
    let keep = this.#marks.length - 1;
    while (keep > 0 && this.#marks[keep]!.slot > slot) keep -= 1;
    if (keep > 0) this.#marks = this.#marks.slice(keep);
  }
}
