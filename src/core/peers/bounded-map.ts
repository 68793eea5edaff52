/**
 * A map with a bound: what was used longest ago leaves first, and is handed to whoever wants to know.
 *
 * Everything keyed by what a stranger can choose (peers, addresses, subjects) lives in one. The order of use is a list of its own,
 * threaded through slots: a JavaScript map keeps the order of insertion too, but looks for its first key past every key
 * that was deleted before it, so a full map of a quarter of a million took a tenth of a millisecond for each entry that came.
 */

import { assert } from '../assert.ts';

/** No slot. */
const NONE = -1;
const SLOTS_AT_FIRST = 16;

export class BoundedMap<Key, Value> {
  readonly #sizeMax: number;
  readonly #slots = new Map<Key, number>();
  /** By slot. A free slot holds undefined in both, so that nothing is kept alive. */
  readonly #keys: (Key | undefined)[] = [];
  readonly #values: (Value | undefined)[] = [];
  /** By slot: the neighbours by use, or NONE. Of a free slot `#newer` is the next free one. */
  #older = new Int32Array(SLOTS_AT_FIRST);
  #newer = new Int32Array(SLOTS_AT_FIRST);
  #oldest = NONE;
  #newest = NONE;
  #free = NONE;
  #evicted = 0;

  constructor(options: { readonly sizeMax: number }) {
    assert(Number.isInteger(options.sizeMax) && options.sizeMax > 0, 'a bound is a positive integer');
    this.#sizeMax = options.sizeMax;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** How many entries had to leave for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The value, which counts as used now. */
  get(key: Key): Value | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    this.#use(slot);
    return this.#values[slot];
  }

  /** The value, without counting as a use. */
  peek(key: Key): Value | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  /** Puts a value in; returns the key that had to leave for it. */
  set(key: Key, value: Value): Key | undefined {
    const known = this.#slots.get(key);
    if (known !== undefined) {
      this.#values[known] = value;
      this.#use(known);
      return undefined;
    }
    const evicted = this.#slots.size === this.#sizeMax ? this.#evictOldest() : undefined;
    const slot = this.#takeSlot();
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#slots.set(key, slot);
    this.#linkNewest(slot);
    return evicted;
  }

  delete(key: Key): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#slots.delete(key);
    this.#unlink(slot);
    this.#keys[slot] = undefined;
    this.#values[slot] = undefined;
    this.#newer[slot] = this.#free;
    this.#free = slot;
    return true;
  }

  clear(): void {
    this.#slots.clear();
    this.#keys.length = 0;
    this.#values.length = 0;
    this.#older = new Int32Array(SLOTS_AT_FIRST);
    this.#newer = new Int32Array(SLOTS_AT_FIRST);
    this.#oldest = this.#newest = this.#free = NONE;
  }

  /** From the one that was idle longest to the one used last; the one at hand may be deleted meanwhile, and no other. */
  *entries(): IterableIterator<[Key, Value]> {
    for (let slot = this.#oldest; slot !== NONE;) {
      const next = this.#newer[slot]!;
      yield [this.#keys[slot] as Key, this.#values[slot] as Value];
      slot = next;
    }
  }

  /** The values, from the one used last to the one idle longest; nothing may change on the way. */
  *newestFirst(): Generator<Value, void> {
    for (let slot = this.#newest; slot !== NONE; slot = this.#older[slot]!) yield this.#values[slot] as Value;
  }

  #evictOldest(): Key {
    const key = this.#keys[this.#oldest] as Key;
    this.delete(key);
    this.#evicted += 1;
    return key;
  }

  #use(slot: number): void {
    if (slot === this.#newest) return;
    this.#unlink(slot);
    this.#linkNewest(slot);
  }

  #unlink(slot: number): void {
    const [older, newer] = [this.#older[slot]!, this.#newer[slot]!];
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
  }

  #linkNewest(slot: number): void {
    this.#older[slot] = this.#newest;
    this.#newer[slot] = NONE;
    if (this.#newest === NONE) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }

  #takeSlot(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#newer[free]!;
      return free;
    }
    const slot = this.#keys.length;
    if (slot === this.#older.length) {
      this.#older = grown(this.#older);
      this.#newer = grown(this.#newer);
    }
    return slot;
  }
}

function grown(links: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * links.length);
  longer.set(links);
  return longer;
}
