/** A follower of server-sent events for tests: reads frames from a real connection and waits for the one it wants. */

import { request, type ClientRequest, type IncomingMessage } from 'node:http';

export type Frame = { readonly event: string; readonly id: string | undefined; readonly data: Record<string, unknown> };

export class EventReader {
  readonly frames: Frame[] = [];
  readonly comments: string[] = [];
  readonly #sent: ClientRequest;
  readonly #response: IncomingMessage;
  #held = '';
  #isEnded = false;
  #wake: (() => void) | undefined;

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#sent = sent;
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('close', () => {
      this.#isEnded = true;
      this.#wake?.();
    });
    // The server cuts a follower that it dropped.
    response.on('error', () => undefined);
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers }, (response) => resolve(new EventReader(sent, response)));
      sent.on('error', reject).end();
    });
  }

  get status(): number | undefined {
    return this.#response.statusCode;
  }

  get headers(): IncomingMessage['headers'] {
    return this.#response.headers;
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#sent.destroy();
  }

  /** Resolves when `is` holds of the frames so far; rejects when the stream ends before. */
  async until(is: (frames: readonly Frame[]) => boolean): Promise<readonly Frame[]> {
    while (!is(this.frames)) {
      if (this.#isEnded) throw new Error(`the stream ended after ${this.frames.length} frames`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.frames;
  }

  async ended(): Promise<void> {
    while (!this.#isEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #take(text: string): void {
    const blocks = (this.#held + text).split('\n\n');
    this.#held = blocks.pop()!;
    for (const block of blocks) {
      const lines = block.split('\n');
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data');
      if (data !== undefined)
        this.frames.push({
          event: field('event') ?? 'message',
          id: field('id'),
          data: JSON.parse(data) as Record<string, unknown>,
        });
      for (const line of lines) if (line.startsWith(':')) this.comments.push(line);
    }
    this.#wake?.();
  }
}
