/**
 * Follows `/v1/events` of a running agent (server-sent events) and says when something happened. What happened is asked for
 * afterwards: the status is the truth, an event only says that it has moved.
 *
 * When the stream ends it is opened again, later and later; where the agent has no such stream, only the caller's own clock
 * looks. Nothing is kept of what comes but the end of an unfinished line.
 */

import { request, type ClientRequest } from 'node:http';
import { httpOptionsOf, type ApiAddress } from '../api-client.ts';

export type Follower = { readonly stop: () => void };

const WAIT_MS = [500, 1_000, 2_000, 5_000, 10_000] as const;
/** A comment comes every few seconds on a stream that lives; one that is silent for longer is dead. */
const SILENCE_MS = 60_000;

export function followEvents(address: ApiAddress, onEvent: (kind: string) => void): Follower {
  let isStopped = false;
  let failures = 0;
  let open: ClientRequest | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (isStopped || timer !== undefined) return;
    const wait = WAIT_MS[Math.min(failures, WAIT_MS.length - 1)];
    failures += 1;
    timer = setTimeout(() => {
      timer = undefined;
      connect();
    }, wait);
  };
  const connect = (): void => {
    const options = httpOptionsOf(address);
    open = request({ ...options, path: '/v1/events', headers: { host: 'localhost', accept: 'text/event-stream' } });
    open.setTimeout(SILENCE_MS, () => open?.destroy());
    open.once('close', again);
    open.once('error', () => undefined);
    open.once('response', (response) => {
      if (response.statusCode !== 200) return void response.resume();
      failures = 0;
      const lines = new EventLines(onEvent);
      response.setEncoding('utf8');
      response.on('data', (text: string) => lines.take(text));
      response.once('error', () => undefined);
    });
    open.end();
  };
  connect();
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      open?.destroy();
    },
  };
}

const LINE_MAX = 4_096;

/** The event names in a stream, WHATWG HTML section 9.2.6; data is passed over. */
export class EventLines {
  readonly #onEvent: (kind: string) => void;
  #rest = '';
  #kind = 'message';
  #hasData = false;

  constructor(onEvent: (kind: string) => void) {
    this.#onEvent = onEvent;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    // A line that never ends is not kept: only its beginning matters.
    this.#rest = lines.pop()!.slice(0, LINE_MAX);
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line.startsWith('event:')) this.#kind = line.slice(6).trim();
    else if (line.startsWith('data:')) this.#hasData = true;
    else if (line === '') {
      if (this.#hasData) this.#onEvent(this.#kind);
      this.#kind = 'message';
      this.#hasData = false;
    }
  }
}
