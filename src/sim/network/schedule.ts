/**
 * Virtual time: what happens next. Events of one instant happen in the order they were asked for, so a run is one sequence.
 *
 * Instants are offsets in whole nanoseconds since the run began, exact in a double for 104 days; truth in TAI is the run's
 * start plus the offset.
 */

/** Nanoseconds since the run began: a duration, not a point in time. */
export type OffsetNs = number;

type Planned = { readonly at: OffsetNs; readonly order: number; readonly action: () => void };

export class Schedule {
  /** A binary heap, earliest first. */
  readonly #heap: Planned[] = [];
  #now: OffsetNs = 0;
  #order = 0;
  #done = 0;

  get now(): OffsetNs {
    return this.#now;
  }

  /** Events that have happened. */
  get done(): number {
    return this.#done;
  }

  /** Runs `action` after `delayNs` of virtual time; a fraction of a nanosecond is dropped. */
  after(delayNs: OffsetNs, action: () => void): void {
    const at = this.#now + Math.max(0, Math.floor(delayNs));
    const heap = this.#heap;
    const planned = { at, order: this.#order++, action };
    let i = heap.length;
    heap.push(planned);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = planned;
  }

  /** Lets time pass until `until`, or until `isDone` says so (asked after every event). */
  run(until: OffsetNs, isDone: () => boolean = () => false): void {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      this.#now = next.at;
      this.#done += 1;
      next.action();
      if (isDone()) return;
    }
    this.#now = Math.max(this.#now, until);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

const isBefore = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
