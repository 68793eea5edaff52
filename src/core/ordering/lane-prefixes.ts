/**
 * One lane as the cut sees it: how many entries, and which root, up to the end of any slot the lane has passed.
 *
 * Entries come in order and their times only rise. When an entry falls into a later slot than the one before it, the
 * prefix that stood is the answer for every slot in between; only those marks are kept.
 */

import { assert } from '../assert.ts';
import type { FlatReader, FlatWriter } from '../codec/flat-bytes.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { EMPTY_ROOT, Frontier } from '../log/merkle.ts';
import type { LanePrefix } from './cut.ts';

/** From `slot` on, up to the next mark, the prefix at the slot's end is this. */
type Mark = { readonly slot: number; readonly prefix: LanePrefix };

const MARK_BYTES = 48;

export class LanePrefixes {
  #frontier = new Frontier();
  /** Ascending by slot. */
  #marks: Mark[] = [];
  #lastSlot: number | undefined;

  get size(): number {
    return this.#frontier.size;
  }

  /** All that was taken in. */
  get whole(): LanePrefix {
    return { size: this.#frontier.size, root: this.#frontier.root() };
  }

  /** The slot of the newest entry; undefined for an empty lane. Every earlier slot is complete. */
  get lastSlot(): number | undefined {
    return this.#lastSlot;
  }

  /** The next entry: its leaf hash and the slot of its time. */
  append(slot: number, leaf: Digest): void {
    const last = this.#lastSlot;
    assert(last === undefined || slot >= last, 'times in a lane only rise');
    if (last !== undefined && slot > last) this.#marks.push({ slot: last, prefix: this.whole });
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

  save(to: FlatWriter): void {
    this.#frontier.save(to);
    to.count(this.#marks.length);
    for (const { slot, prefix } of this.#marks) {
      to.count(slot);
      to.count(prefix.size);
      to.digest(prefix.root);
    }
    to.optional(this.#lastSlot, (slot) => to.count(slot));
  }

  load(from: FlatReader): void {
    this.#frontier = Frontier.load(from);
    this.#marks = Array.from({ length: from.length(MARK_BYTES) }, () => ({
      slot: from.count(),
      prefix: { size: from.count(LIMITS.laneEntriesMax), root: from.digest() },
    }));
    this.#lastSlot = from.optional(() => from.count());
  }
}
