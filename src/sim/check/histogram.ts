/**
 * Counts of positive numbers in bins of 2 % width, so that quantiles of millions of values merge across seeds exactly.
 */

const BINS_PER_E = 50;
/** Smallest value told apart; everything below shares its bin. */
const LEAST = 1e-3;
const BINS = Math.ceil(Math.log(1e15 / LEAST) * BINS_PER_E);

export class Histogram {
  readonly #counts: Map<number, number>;
  #total = 0;

  constructor(counts: readonly (readonly [number, number])[] = []) {
    this.#counts = new Map(counts);
    for (const [, count] of counts) this.#total += count;
  }

  get total(): number {
    return this.#total;
  }

  add(value: number): void {
    const bin = value <= LEAST ? 0 : Math.min(BINS, Math.ceil(Math.log(value / LEAST) * BINS_PER_E));
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + 1);
    this.#total++;
  }

  merge(other: Histogram): void {
    for (const [bin, count] of other.#counts) this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + count);
    this.#total += other.#total;
  }

  /** The upper edge of the bin in which the quantile lies, at most 2 % above it; undefined when nothing was added. */
  quantile(q: number): number | undefined {
    let left = Math.ceil(q * this.#total);
    if (this.#total === 0) return undefined;
    for (const [bin, count] of this.entries()) {
      left -= count;
      if (left <= 0) return LEAST * Math.exp(bin / BINS_PER_E);
    }
    return LEAST * Math.exp(BINS / BINS_PER_E);
  }

  /** Bins and their counts in ascending order: what a worker sends home. */
  entries(): [number, number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}
