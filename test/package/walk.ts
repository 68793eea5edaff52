/** An operator's way to a running agent: its events as they come, and the four faces that must tell the same. */

import assert from 'node:assert/strict';
import { request, type ClientRequest } from 'node:http';

export type Told = { readonly kind: string; readonly data: Readonly<Record<string, unknown>> };

/** Follows /v1/events from now on; nothing here waits by the clock. */
export class Events {
  readonly #told: Told[] = [];
  #wake: () => void = () => undefined;
  readonly #request: ClientRequest;
  #ended: string | undefined;

  constructor(url: string) {
    this.#request = request(`${url}/v1/events?from=0`, (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const frames = (rest + text).split('\n\n');
        rest = frames.pop()!;
        for (const frame of frames) this.#take(frame);
        this.#wake();
      });
      response.once('close', () => {
        this.#ended = `the stream ended with ${response.statusCode}`;
        this.#wake();
      });
    });
    this.#request.on('error', (error) => (this.#ended = error.message));
    this.#request.end();
  }

  /** How many there were: a place to look on from. */
  get count(): number {
    return this.#told.length;
  }

  /** The first event from `from` on for which `isIt` holds. */
  async first(kind: string, isIt: (data: Told['data']) => boolean, from = 0): Promise<Told['data']> {
    for (;;) {
      const found = this.#told.slice(from).find((told) => told.kind === kind && isIt(told.data));
      if (found !== undefined) return found.data;
      assert.equal(this.#ended, undefined, `while waiting for ${kind}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#request.destroy();
  }

  #take(frame: string): void {
    const kind = /^event: ?(.*)$/m.exec(frame)?.[1];
    const data = /^data: ?(.*)$/m.exec(frame)?.[1];
    if (kind !== undefined && data !== undefined)
      this.#told.push({ kind, data: JSON.parse(data) as Record<string, unknown> });
  }
}

export type Faces = {
  readonly state: string;
  readonly reason: string;
  readonly metricState: string | undefined;
  readonly metricReason: string | undefined;
  readonly signing: boolean;
  readonly attestingMetric: string | undefined;
  readonly firing: readonly string[];
};

type StatusAnswer = {
  readonly time: { readonly state: string; readonly reason: { readonly code: string } };
  readonly attesting: { readonly signing: boolean };
};
type AlertsAnswer = { readonly active: readonly { readonly code: string; readonly state: string }[] };

/** What status, metrics and alerts say. */
export async function facesOf(url: string): Promise<Faces> {
  const [status, metrics, alerts] = await Promise.all([
    json<StatusAnswer>(`${url}/v1/status`),
    fetch(`${url}/metrics`).then((response) => response.text()),
    json<AlertsAnswer>(`${url}/v1/alerts`),
  ]);
  return {
    state: status.time.state,
    reason: status.time.reason.code,
    metricState: /^momentd_clock_state\{state="([a-z]+)"\} 1$/m.exec(metrics)?.[1],
    metricReason: /^momentd_clock_reason\{code="([a-z-]+)"\} 1$/m.exec(metrics)?.[1],
    signing: status.attesting.signing,
    attestingMetric: /^momentd_attesting (\d)$/m.exec(metrics)?.[1],
    firing: alerts.active.filter(({ state }) => state === 'firing').map(({ code }) => code),
  };
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return (await response.json()) as T;
}
