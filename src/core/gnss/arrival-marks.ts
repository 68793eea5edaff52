/**
 * When each byte of a stream arrived: one mark per chunk, for the bytes that may still belong to an unfinished frame.
 *
 * Chunks can be single bytes, so the marks are as bounded as the buffer they describe: a mark covers at least one byte.
 */

import { assert } from '../assert.ts';
import type { MonoInstant } from '../time/nanos.ts';

export class ArrivalMarks {
  readonly #marksMax: number;
  /** Parallel arrays in stream order; `#first` is where the live ones begin. */
  #offsets: number[] = [];
  #arrivals: MonoInstant[] = [];
  #first = 0;

  constructor(marksMax: number) {
    this.#marksMax = marksMax;
  }

  /** The bytes from `offset` on arrived at `arrived`, until another mark says otherwise. */
  add(offset: number, arrived: MonoInstant): void {
    const last = this.#offsets.length - 1;
    if (last >= this.#first && this.#arrivals[last] === arrived) return;
    // An empty chunk leaves a mark at the offset the next one begins at: the later arrival is the true one.
    if (last >= this.#first && this.#offsets[last] === offset) {
      this.#arrivals[last] = arrived;
      return;
    }
    this.#offsets.push(offset);
    this.#arrivals.push(arrived);
    assert(this.#offsets.length - this.#first <= this.#marksMax + 1, 'marks are bounded by the bytes they describe');
  }

  /** When the byte at `offset` arrived. It must not have been forgotten. */
  at(offset: number): MonoInstant {
    let index = this.#offsets.length - 1;
    while (index > this.#first && this.#offsets[index]! > offset) index--;
    return this.#arrivals[index]!;
  }

  /** Bytes before `offset` will not be asked for again. */
  forgetBefore(offset: number): void {
    const last = this.#offsets.length - 1;
    while (this.#first < last && this.#offsets[this.#first + 1]! <= offset) this.#first++;
    // Compacting at every 64th forgotten mark keeps both the arrays and the copying small.
    if (this.#first >= 64) {
      this.#offsets = this.#offsets.slice(this.#first);
      this.#arrivals = this.#arrivals.slice(this.#first);
      this.#first = 0;
    }
  }
}
