/**
 * Counts of durations in classes at most 1.6 % wide, so that quantiles over any number of values take a few kilobytes.
 *
 * A class is a power of two cut into 64. Quantiles come out as the upper end of their class: too wide, never too narrow.
 */

import { nanos, ZERO, type Nanos } from '../time/nanos.ts';

/** 2^6 classes an octave. */
const FRACTION_BITS = 6;

export class WidthHistogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** `width` is at least 0. */
  add(width: Nanos): void {
    const octave = Math.max(0, width.toString(2).length - 1 - FRACTION_BITS);
    const index = octave * (1 << FRACTION_BITS) + Number(width >> BigInt(octave));
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + 1);
    this.#total += 1;
  }

  /** The upper end of the class in which the quantile lies; undefined when nothing was added. */
  quantile(share: number): Nanos | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.ceil(share * this.#total);
    for (const [index, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return upperEnd(index);
    }
    return ZERO;
  }
}

/** An index is `octave * 64 + leading bits`, whose leading bits are 0..127 in the first octave and 64..127 in the others. */
function upperEnd(index: number): Nanos {
  const octave = Math.max(0, Math.floor(index / (1 << FRACTION_BITS)) - 1);
  const leading = index - octave * (1 << FRACTION_BITS);
  return nanos((BigInt(leading + 1) << BigInt(octave)) - 1n);
}
