/**
 * The log of events in memory: two rings, because what happens every second must not push out what happens once a month.
 *
 * Ids run through both, so a page is their merge. Whoever watches is woken once a turn, after the loop, and reads at their own
 * pace; the log holds nothing for anyone and waits for nobody.
 */

import { LIMITS } from '../core/limits.ts';
import type { MonoInstant } from '../core/time/nanos.ts';
import type {
  AgentEvent,
  EventFeed,
  EventKind,
  EventPage,
  EventQuery,
  EventSink,
  LoggedEvent,
} from '../ports/event-log.ts';

export type EventLogNeeds = {
  readonly run: string;
  readonly now: () => MonoInstant;
  readonly hostUtcMs: () => number;
  /** Calls `wake` after this turn of the loop. */
  readonly soon: (wake: () => void) => void;
};

/** What a healthy agent tells all the time; every other kind is a change of something. */
const STEADY: ReadonlySet<EventKind> = new Set<EventKind>(['statement-committed', 'subjects-final']);

export class EventLog implements EventSink, EventFeed {
  readonly #needs: EventLogNeeds;
  readonly #steady = new Ring(LIMITS.eventsSteadyMax);
  readonly #changes = new Ring(LIMITS.eventsChangesMax);
  readonly #watchers = new Set<() => void>();
  #newest = 0;
  #isWakePlanned = false;

  constructor(needs: EventLogNeeds) {
    this.#needs = needs;
  }

  get run(): string {
    return this.#needs.run;
  }

  get newest(): number {
    return this.#newest;
  }

  tell(event: AgentEvent): void {
    this.#newest += 1;
    const logged = { id: this.#newest, at: this.#needs.now(), hostUtcMs: this.#needs.hostUtcMs(), event };
    (STEADY.has(event.kind) ? this.#steady : this.#changes).push(logged);
    if (this.#isWakePlanned || this.#watchers.size === 0) return;
    this.#isWakePlanned = true;
    this.#needs.soon(() => this.#wake());
  }

  after(id: number, { limit, kinds }: EventQuery): EventPage {
    const rings = this.#ringsOf(kinds);
    const places = rings.map((ring) => ring.firstAfter(id));
    const events: LoggedEvent[] = [];
    while (events.length < limit) {
      let earliest: { readonly ring: number; readonly logged: LoggedEvent } | undefined;
      for (const [at, ring] of rings.entries()) {
        const logged = ring.at(places[at]!);
        if (logged !== undefined && (earliest === undefined || logged.id < earliest.logged.id))
          earliest = { ring: at, logged };
      }
      if (earliest === undefined) break;
      places[earliest.ring]! += 1;
      if (kinds === undefined || kinds.has(earliest.logged.event.kind)) events.push(earliest.logged);
    }
    const forgotten = Math.max(0, ...rings.map((ring) => ring.forgottenUpTo));
    return {
      events,
      upTo: events.length < limit ? Math.max(id, this.#newest) : events.at(-1)!.id,
      forgottenUpTo: forgotten > id ? forgotten : undefined,
    };
  }

  watch(wake: () => void): () => void {
    this.#watchers.add(wake);
    return () => this.#watchers.delete(wake);
  }

  #wake(): void {
    this.#isWakePlanned = false;
    for (const wake of [...this.#watchers]) wake();
  }

  /** The rings in which events of these kinds can stand. */
  #ringsOf(kinds: ReadonlySet<EventKind> | undefined): readonly Ring[] {
    if (kinds === undefined) return [this.#steady, this.#changes];
    const all = [...kinds];
    return [
      ...(all.some((kind) => STEADY.has(kind)) ? [this.#steady] : []),
      ...(all.some((kind) => !STEADY.has(kind)) ? [this.#changes] : []),
    ];
  }
}

/** Events by ascending id; the oldest leaves when it is full. */
class Ring {
  readonly #capacity: number;
  readonly #kept: LoggedEvent[] = [];
  #head = 0;
  /** Id of the newest event that had to leave; 0 while none had. */
  forgottenUpTo = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(logged: LoggedEvent): void {
    if (this.#kept.length < this.#capacity) {
      this.#kept.push(logged);
      return;
    }
    this.forgottenUpTo = this.#kept[this.#head]!.id;
    this.#kept[this.#head] = logged;
    this.#head = (this.#head + 1) % this.#capacity;
  }

  /** The event at this place, counted from the oldest. */
  at(place: number): LoggedEvent | undefined {
    return place < this.#kept.length ? this.#kept[(this.#head + place) % this.#kept.length] : undefined;
  }

  /** Place of the first event with an id above `id`. */
  firstAfter(id: number): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle)!.id <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
