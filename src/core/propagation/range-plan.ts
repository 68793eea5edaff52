/**
 * Which parts of a lane to ask whom for, when catching up: a window of ranges ahead of what is stored.
 *
 * The lane is cut into ranges of `LIMITS.rangeEntriesMax`; up to `LIMITS.rangesAtOnceMax` of them are asked for or held at
 * once, so memory is bounded however far behind we are. Answers come in any order and may be short; what is taken out is
 * always the part that continues the lane. A peer that failed a range is not asked for that one again while another peer
 * can be; one that sent entries that do not hold is never asked again.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';

export type Range = { readonly from: number; readonly to: number };

/** Consecutive entries at the front of what is missing, and who sent them. */
export type Ready = { readonly from: number; readonly entries: readonly Uint8Array[]; readonly peer: string };

type Piece = {
  readonly from: number;
  readonly to: number;
  askedOf: string | undefined;
  entries: readonly Uint8Array[] | undefined;
  readonly failedBy: Set<string>;
};

export class RangePlan {
  readonly #target: number;
  readonly #pieces: Piece[] = [];
  readonly #barred = new Set<string>();
  #front: number;
  #next: number;

  /** What is stored is `[0, from)`; what is wanted is `[0, target)`. */
  constructor({ from, target }: { readonly from: number; readonly target: number }) {
    assert(from >= 0 && from <= target && target <= LIMITS.laneEntriesMax, 'a plan goes forward');
    this.#front = from;
    this.#next = from;
    this.#target = target;
  }

  /** Entries up to here were taken. */
  get front(): number {
    return this.#front;
  }

  get isDone(): boolean {
    return this.#front === this.#target;
  }

  /** The next range to ask `peer` for, which holds the lane up to `size`; undefined when there is nothing for it now. */
  next(peer: string, size: number): Range | undefined {
    if (this.#barred.has(peer) || this.#underWay() >= LIMITS.rangesAtOnceMax) return undefined;
    const open = this.#pieces.find((p) => p.askedOf === undefined && p.from < size && !p.failedBy.has(peer));
    if (open !== undefined) {
      open.askedOf = peer;
      return { from: open.from, to: open.to };
    }
    if (this.#pieces.length >= LIMITS.rangesAtOnceMax || this.#next >= Math.min(this.#target, size)) return undefined;
    const piece: Piece = {
      from: this.#next,
      to: Math.min(this.#next + LIMITS.rangeEntriesMax, this.#target),
      askedOf: peer,
      entries: undefined,
      failedBy: new Set(),
    };
    this.#pieces.push(piece);
    this.#next = piece.to;
    return { from: piece.from, to: piece.to };
  }

  /** Entries came, at least one; what is missing of the range is asked for again, of anyone. */
  arrived(range: Range, peer: string, entries: readonly Uint8Array[]): void {
    // It was asked before it was found out.
    if (this.#barred.has(peer)) return this.failed(range, peer);
    const at = this.#pieceAt(range, peer);
    const piece = this.#pieces[at]!;
    const end = range.from + entries.length;
    assert(entries.length > 0 && end <= range.to, 'an answer holds some first part of what was asked for');
    this.#pieces[at] = { ...piece, to: end, entries };
    if (end === range.to) return;
    const rest: Piece = { from: end, to: range.to, askedOf: undefined, entries: undefined, failedBy: new Set() };
    this.#pieces.splice(at + 1, 0, rest);
  }

  failed(range: Range, peer: string): void {
    const piece = this.#pieces[this.#pieceAt(range, peer)]!;
    piece.askedOf = undefined;
    piece.failedBy.add(peer);
  }

  /** What continues the lane, once it is there; it stays the front until `took` or `spoiled` says what became of it. */
  ready(): Ready | undefined {
    const first = this.#pieces[0];
    if (first?.entries === undefined || first.from !== this.#front) return undefined;
    return { from: first.from, entries: first.entries, peer: first.askedOf! };
  }

  /** The first `count` entries of what was ready are stored. */
  took(count: number): void {
    const first = this.#pieces[0]!;
    assert(first.entries !== undefined && count <= first.entries.length, 'what was taken was ready');
    this.#front += count;
    if (count === first.entries.length) this.#pieces.shift();
    else this.#pieces[0] = { ...first, from: this.#front, entries: first.entries.slice(count) };
  }

  /** What is at the front does not hold: its sender is asked no more, and all it sent is asked of others. */
  spoiled(peer: string): void {
    this.#barred.add(peer);
    for (const [at, piece] of this.#pieces.entries())
      if (piece.askedOf === peer && piece.entries !== undefined)
        this.#pieces[at] = { ...piece, askedOf: undefined, entries: undefined };
  }

  /** Questions without an answer. Short answers cut ranges into more parts than were asked for, so parts are no measure. */
  #underWay(): number {
    return this.#pieces.filter(({ askedOf, entries }) => askedOf !== undefined && entries === undefined).length;
  }

  #pieceAt(range: Range, peer: string): number {
    const at = this.#pieces.findIndex((p) => p.from === range.from && p.to === range.to && p.askedOf === peer);
    assert(at >= 0, 'an answer belongs to a question');
    return at;
  }
}
