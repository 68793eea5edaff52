/**
 * One follower of the events, as server-sent events (WHATWG HTML, section 9.2) on a response of its own.
 *
 * A follower has a place in the log and is written to only while its connection takes what it is given, so a slow one costs one
 * page of events and no more. Who falls too far behind, or takes nothing for several heartbeats, is told and dropped; it may
 * come back with the id it has. Where the log has forgotten what a follower asks for, it is told `reset` before anything else.
 */

import type { ServerResponse } from 'node:http';
import { CODES, type Code } from '../../core/codes.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EventFeed, EventKind, LoggedEvent } from '../../ports/event-log.ts';
import { eventIdOf, renderEvent } from './render-event.ts';

/** From where a follower reads. `everything`: whatever is kept, which nobody misses anything by. */
export type StartingPoint =
  | { readonly kind: 'everything' }
  | { readonly kind: 'after'; readonly id: number }
  /** An id that this run does not know. */
  | { readonly kind: 'other-run' };

export type Following = { readonly from: StartingPoint; readonly kinds: ReadonlySet<EventKind> | undefined };

/** Heartbeats in a row that find the last write still unsent before the follower counts as gone. */
const HEARTBEATS_UNSENT_MAX = 3;
/** How long a browser waits before it comes back, ms. */
const RETRY_MS = 2_000;

export class EventStream {
  readonly #response: ServerResponse;
  readonly #feed: EventFeed;
  readonly #kinds: Following['kinds'];
  #place: number;
  /** A gap up to here was told, or is none to this follower. */
  #toldGapUpTo: number;
  /** Where the log stood when the connection stopped taking more; undefined while it takes. */
  #stalledAt: number | undefined;
  #heartbeatsUnsent = 0;
  #isEnded = false;

  constructor(response: ServerResponse, feed: EventFeed, { from, kinds }: Following) {
    this.#response = response;
    this.#feed = feed;
    this.#kinds = kinds;
    this.#place = from.kind === 'after' ? from.id : 0;
    this.#toldGapUpTo = from.kind === 'everything' ? feed.newest : 0;
    response.on('drain', () => {
      this.#stalledAt = undefined;
      this.#heartbeatsUnsent = 0;
      this.pump();
    });
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    this.#write(`retry: ${RETRY_MS}\n\n${frame('start', { run: feed.run, newest: eventIdOf(feed.run, feed.newest) })}`);
    if (from.kind === 'other-run') this.#tellGap(Math.max(1, feed.newest));
    this.pump();
  }

  /** Writes what is new, as far as the connection takes it. */
  pump(): void {
    while (!this.#isEnded && this.#stalledAt === undefined && this.#place < this.#feed.newest) {
      const page = this.#feed.after(this.#place, { limit: LIMITS.apiEventPageMax, kinds: this.#kinds });
      if (page.forgottenUpTo !== undefined) this.#tellGap(page.forgottenUpTo);
      this.#place = page.upTo;
      if (page.events.length > 0) this.#write(page.events.map((logged) => this.#frameOf(logged)).join(''));
    }
    // Counted from the stall, not from the place: a long replay to a quick reader is no slowness.
    const missed = this.#stalledAt === undefined ? 0 : this.#feed.newest - this.#stalledAt;
    if (missed > LIMITS.apiEventBacklogMax) this.#drop('api-follower-slow');
  }

  /** A comment that keeps the connection known to both sides; a follower that does not even take those is dropped. */
  heartbeat(): void {
    if (this.#stalledAt === undefined) this.#write(': still here\n\n');
    else if (++this.#heartbeatsUnsent >= HEARTBEATS_UNSENT_MAX) this.#drop('api-follower-slow');
  }

  /** Ends the stream with a last word. */
  end(code: Code): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#response.end(frame('end', { code, sentence: CODES[code].sentence, remedy: CODES[code].remedy }));
  }

  #drop(code: Code): void {
    this.end(code);
    // The last word waits behind what was not taken; whoever takes nothing at all must not keep it waiting here.
    setTimeout(() => this.#response.destroy(), LIMITS.apiLastWordMsMax).unref();
  }

  #tellGap(upTo: number): void {
    if (upTo <= this.#toldGapUpTo) return;
    this.#toldGapUpTo = upTo;
    const code = 'api-events-forgotten';
    this.#write(frame('reset', { code, sentence: CODES[code].sentence, remedy: CODES[code].remedy }));
  }

  #frameOf(logged: LoggedEvent): string {
    const rendered = renderEvent(this.#feed.run, logged);
    return `id: ${rendered.id}\n${frame(rendered.kind, rendered)}`;
  }

  #write(text: string): void {
    if (this.#isEnded) return;
    if (!this.#response.write(text)) this.#stalledAt ??= this.#feed.newest;
  }
}

/** JSON has no line breaks of its own, so one data line holds it. */
const frame = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
