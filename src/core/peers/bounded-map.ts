/**
 * A map with a bound: what was used longest ago leaves first, and is handed to whoever wants to know.
 *
 * JavaScript maps keep insertion order, so a value that is used is taken out and put back; the first key is then always the
 * one that was idle longest. Everything keyed by what a stranger can choose (peers, addresses, routes) lives in one.
 */

import { assert } from '../assert.ts';

export class BoundedMap<Key, Value> {
  readonly #sizeMax: number;
  readonly #map = new Map<Key, Value>();
  #evicted = 0;

  constructor(options: { readonly sizeMax: number }) {
    assert(Number.isInteger(options.sizeMax) && options.sizeMax > 0, 'a bound is a positive integer');
    this.#sizeMax = options.sizeMax;
  }

  get size(): number {
    return this.#map.size;
  }

  /** How many entries had to leave for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The value, which counts as used now. */
  get(key: Key): Value | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }

  /** The value, without counting as a use. */
  peek(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  /** Puts a value in; returns the key that had to leave for it. */
  set(key: Key, value: Value): Key | undefined {
    const isNew = !this.#map.delete(key);
    this.#map.set(key, value);
    if (!isNew || this.#map.size <= this.#sizeMax) return undefined;
    const oldest = this.#map.keys().next().value as Key;
    this.#map.delete(oldest);
    this.#evicted += 1;
    return oldest;
  }

  delete(key: Key): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map.clear();
  }

  /** From the one that was idle longest to the one used last. */
  entries(): IterableIterator<[Key, Value]> {
    return this.#map.entries();
  }
}
