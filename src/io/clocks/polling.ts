/**
 * A device that is looked at again and again: present or absent, with the reason said once, never faster than asked, and with
 * growing pauses while it is away. The PTP, PPS and system sources share it; what a look is, is theirs.
 */

import type { Code } from '../../core/codes.ts';
import type { Observation, SourceName } from '../../core/clock/observation.ts';
import { LIMITS } from '../../core/limits.ts';
import type { HostClock } from '../../ports/host-clock.ts';

/** Runs `action` once after `delayMs`; the returned function calls it off. */
export type Schedule = (delayMs: number, action: () => void) => () => void;

export const scheduleByTimer: Schedule = (delayMs, action) => {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
};

export type Emit = (observation: Observation) => void;

/** Says whether a source's device is there, each change once. */
export class Presence {
  readonly #source: SourceName;
  readonly #clock: HostClock;
  readonly #emit: Emit;
  #said: Code | undefined;

  constructor(source: SourceName, clock: HostClock, emit: Emit) {
    this.#source = source;
    this.#clock = clock;
    this.#emit = emit;
  }

  get isPresent(): boolean {
    return this.#said === 'device-present';
  }

  present(): void {
    this.#say('device-present');
  }

  absent(code: Code): void {
    this.#say(code);
  }

  #say(code: Code): void {
    if (this.#said === code) return;
    this.#said = code;
    const present = code === 'device-present';
    this.#emit({ kind: 'presence', source: this.#source, at: this.#clock.now(), present, code });
  }
}

/**
 * Calls `look` every `intervalMs` while it returns true, and less and less often while it returns false (twice the pause each
 * time, to `deviceRetryMsMax`). A look that takes longer than the interval delays the next; looks never overlap.
 */
export class Polling {
  readonly #look: () => Promise<boolean>;
  readonly #intervalMs: number;
  readonly #schedule: Schedule;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isStopped = true;
  #pauseMs = 0;

  constructor(look: () => Promise<boolean>, intervalMs: number, schedule: Schedule) {
    this.#look = look;
    this.#intervalMs = intervalMs;
    this.#schedule = schedule;
  }

  /** The first look happens at once; the promise settles after it. */
  async start(): Promise<void> {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#pauseMs = this.#intervalMs;
    await this.#once();
  }

  /** After it settles no look is under way and none will come. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#running;
  }

  #once(): Promise<void> {
    this.#running = this.#lookAndPlan();
    return this.#running;
  }

  async #lookAndPlan(): Promise<void> {
    const went = await this.#look();
    const longestMs = Math.max(this.#intervalMs, LIMITS.deviceRetryMsMax);
    this.#pauseMs = went ? this.#intervalMs : Math.min(this.#pauseMs * 2, longestMs);
    if (this.#isStopped) return;
    this.#cancel = this.#schedule(this.#pauseMs, () => void this.#once());
  }
}
