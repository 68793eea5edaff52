/**
 * The one source of chance in a simulation: xoshiro128** (Blackman and Vigna, 2018), seeded through splitmix32.
 *
 * Same seed, same sequence, on every machine: integer arithmetic only, until a draw is scaled to a float. Each part of a
 * world takes its own stream (`streamOf`), so that adding a part never changes what another part draws. Not for secrets.
 */

/** One stream of draws. The methods allocate nothing. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spareNormal: number | undefined;

  /** `words` are four 32-bit words, not all zero. */
  constructor(words: readonly [number, number, number, number]) {
    [this.#a, this.#b, this.#c, this.#d] = words;
    this.#spareNormal = undefined;
  }

  /** 32 random bits as an integer in [0, 2^32). */
  bits32(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled;
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  unit(): number {
    return this.bits32() * 2 ** -32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** Standard normal (Marsaglia's polar method), cut at `cut` standard deviations so that a declared bound can hold. */
  normal(cut: number): number {
    const drawn = this.#normal();
    return drawn > cut ? cut : drawn < -cut ? -cut : drawn;
  }

  /** Exponential with mean 1, at most 22.2 (-ln 2^-32). */
  exponential(): number {
    return -Math.log(1 - this.unit());
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  #normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.unit() - 1;
      const v = 2 * this.unit() - 1;
      const radiusSquared = u * u + v * v;
      if (radiusSquared >= 1 || radiusSquared === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(radiusSquared)) / radiusSquared);
      this.#spareNormal = v * scale;
      return u * scale;
    }
  }
}

/** The stream of one named part of the world with this seed. */
export function streamOf(seed: number, part: string): Random {
  // FNV-1a folds the name into the seed; splitmix32 spreads it over the four words.
  let state = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < part.length; i++) state = Math.imul(state ^ part.charCodeAt(i), 0x01000193) >>> 0;
  state = (state ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return new Random([next() | 1, next(), next(), next()]);
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
