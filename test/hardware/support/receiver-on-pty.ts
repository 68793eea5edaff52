/**
 * A GNSS receiver made of a pseudo terminal and a schedule: one burst a second, some 150 ms after the pulse it speaks of.
 *
 * It knows the time as the rig does, by the raw clock and the clock module's true offset, and it says what `says` makes of
 * each second. A burst that could not be written in its window, because the guest was held up, is not written at all: a
 * receiver is silent rather than late. Bursts count as they are written, so a test waits for epochs and not for time.
 */

import { closeSync, rmSync, symlinkSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { native } from '../support.ts';

const writeFd = promisify(write);

const SECOND = 1_000_000_000n;
/** Receivers speak of a pulse 10 to 700 ms after it. */
const SPEAKS_AFTER = 150_000_000n;
/** Later than this a burst is left out. */
const SPEAKS_BEFORE = 600_000_000n;

/** Bytes a write, where a burst is sent in pieces; no divisor of a frame. */
const PIECE = 31;

/** The bytes sent about the pulse of a TAI second; undefined: nothing. */
export type Burst = (second: bigint) => Uint8Array | undefined;

export type ReceiverNeeds = {
  /** The path momentd opens: a link to whatever terminal the receiver has at present. */
  readonly link: string;
  /** True TAI in nanoseconds, now. */
  readonly truth: () => bigint;
  /** A few bytes a write, whatever frames they cut, rather than a burst at once. */
  readonly isInPieces?: boolean;
};

export class ReceiverOnPty {
  readonly #needs: ReceiverNeeds;
  #master: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #written = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  /** What it says from the next burst on. */
  says: Burst = () => undefined;
  /** Bursts left out because the guest was held up. */
  missed = 0;

  constructor(needs: ReceiverNeeds) {
    this.#needs = needs;
  }

  /** Bursts written so far. */
  get written(): number {
    return this.#written;
  }

  /** Connects it: a terminal of its own under the same path. */
  plugIn(): void {
    const { masterFd, slaveFd, slavePath } = native().openpty();
    // Only the program under test may hold the receiver's line: it refuses one that another process has open.
    closeSync(slaveFd);
    this.#master = masterFd;
    rmSync(this.#needs.link, { force: true });
    symlinkSync(slavePath, this.#needs.link);
    this.#plan();
  }

  /** Pulls it out: who reads it sees the line hang up. May be called twice. */
  pullOut(): void {
    clearTimeout(this.#timer);
    if (this.#master !== undefined) closeSync(this.#master);
    this.#master = undefined;
    rmSync(this.#needs.link, { force: true });
  }

  /** Settles when `count` more bursts have been written. */
  async epochs(count: number): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push({ count: this.#written + count, resolve }));
  }

  #plan(): void {
    const now = this.#needs.truth();
    const ahead = SECOND - ((now - SPEAKS_AFTER) % SECOND);
    this.#timer = setTimeout(() => void this.#speak(), Number(ahead / 1_000_000n) + 1);
  }

  async #speak(): Promise<void> {
    const now = this.#needs.truth();
    const second = now / SECOND;
    const isInTime = now % SECOND >= SPEAKS_AFTER && now % SECOND < SPEAKS_BEFORE;
    const bytes = isInTime ? this.says(second) : undefined;
    if (!isInTime) this.missed += 1;
    if (bytes !== undefined && this.#master !== undefined) await this.#write(this.#master, bytes);
    if (this.#master !== undefined) this.#plan();
  }

  async #write(master: number, bytes: Uint8Array): Promise<void> {
    if (this.#needs.isInPieces === true) {
      // At once, because many turns of the event loop take longer than the line would.
      for (let at = 0; at < bytes.length; at += PIECE) writeSync(master, bytes, at, Math.min(PIECE, bytes.length - at));
    } else {
      for (let sent = 0; sent < bytes.length;) {
        const { bytesWritten } = await writeFd(master, bytes, sent, bytes.length - sent);
        sent += bytesWritten;
      }
    }
    this.#written += 1;
    const isDue = ({ count }: { count: number }): boolean => count <= this.#written;
    for (const { resolve } of this.#waiting.filter(isDue)) resolve();
    this.#waiting = this.#waiting.filter((waiting) => !isDue(waiting));
  }
}
