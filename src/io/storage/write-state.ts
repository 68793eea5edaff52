/**
 * What every durable object has in common: one write at a time, and no write after one whose outcome is not known.
 *
 * `disk-full` is the one failure whose outcome is known (nothing was written, or it was taken back). After any other the
 * kernel may have dropped dirty pages and marked them clean, so a retry could succeed over lost bytes: stop, and let a
 * restart read what is really there.
 */

import { assert } from '../../core/assert.ts';
import { AgentError } from '../../ports/agent-error.ts';

export class WriteState {
  readonly #what: string;
  #busy = false;
  #closed = false;
  #stopped: AgentError | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  async write<T>(action: () => Promise<T>): Promise<T> {
    if (this.#stopped !== undefined) throw this.#stopped;
    assert(!this.#closed, `${this.#what} is written only while it is open`);
    assert(!this.#busy, `${this.#what} is written by one call at a time`);
    this.#busy = true;
    try {
      return await action();
    } catch (error) {
      if (error instanceof AgentError && error.code !== 'disk-full') this.stop(error);
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  /** Refuses every later write with `cause`. */
  stop(cause: unknown): void {
    this.#stopped ??=
      cause instanceof AgentError
        ? cause
        : new AgentError('disk-failed', `write ${this.#what}: ${String(cause)}`, { cause });
  }

  /** True the first time. */
  close(): boolean {
    const first = !this.#closed;
    this.#closed = true;
    return first;
  }
}
