/**
 * What was seen lately, by hash: two generations of a set, so that forgetting costs nothing.
 *
 * When the young generation is full it becomes the old one and the old one is dropped: between one and two generations'
 * worth are remembered. The key is a hash over the *whole* message with its signature. A key taken from (author, seq)
 * would let anyone block a valid message by sending a bad one first.
 */

import { assert } from '../assert.ts';

export class SeenDigests {
  readonly #generationMax: number;
  #young = new Set<string>();
  #old = new Set<string>();

  /** Remembers at least the last `itemsMax / 2` and at most `itemsMax`. */
  constructor(options: { readonly itemsMax: number }) {
    assert(options.itemsMax >= 2, 'two generations need room for two');
    this.#generationMax = Math.floor(options.itemsMax / 2);
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  add(key: string): void {
    if (this.#young.size >= this.#generationMax) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(key);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}

/** 16 bytes of a digest as a string of 8 characters: short, and beyond what anyone can collide on purpose (2^64 work). */
export function digestKey(digest: Uint8Array): string {
  const at = (i: number): number => (digest[i]! << 8) | digest[i + 1]!;
  // One call, for the reasons of `keyOfDigest`.
  return String.fromCharCode(at(0), at(2), at(4), at(6), at(8), at(10), at(12), at(14));
}
