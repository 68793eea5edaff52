/** One of the four: a process of `momentd run`, the clock and the receiver that are its own, and what it logs. */

import { readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import type { LocalValidator } from '../../../src/cli/local-network.ts';
import { hostClock } from '../../../src/io/clocks/host-clock.ts';
import { Member } from '../../network/local-network.ts';
import { ReceiverOnPty } from '../support/receiver-on-pty.ts';
import type { LogLine } from '../support/watched-agent.ts';
import { RigClock } from './rig-clock.ts';

/** Longer than anything here takes on a slow machine: what has not come by then is a failed claim, not a hanging run. */
const WAIT_MS = 240_000;
const LOOK_MS = 200;

export type Status = {
  readonly time: { readonly state: string; readonly reason: { readonly code: string } };
  readonly attesting: { readonly signing: boolean };
  readonly lane: { readonly size: string };
};

export class Validator extends Member {
  readonly name: string;
  readonly clock: RigClock;
  readonly receiver: ReceiverOnPty;
  /** TAI less CLOCK_MONOTONIC_RAW as this validator's receiver has it. */
  offset: bigint;

  /** The first one's receiver sends its bytes in pieces. */
  constructor(files: LocalValidator, place: number, offset: bigint) {
    super(files);
    this.name = `validator-${place + 1}`;
    this.clock = new RigClock(place);
    this.offset = offset;
    const host = hostClock();
    const link = join(dirname(files.config), 'gnss0');
    this.receiver = new ReceiverOnPty({ link, isInPieces: place === 0, truth: () => host.now() + this.offset });
    const config = readFileSync(files.config, 'utf8');
    const own = config
      .replace('[clock]\n', '[clock]\nrelock_after = "3s"\n')
      .replace(/\[\[source\]\][^]*$/, this.#sources(link));
    writeFileSync(files.config, own);
  }

  #sources(link: string): string {
    return `[[receiver]]
name = "gnss0"
device = "${link}"
trust_after = "3s"

[[source]]
name = "card0"
kind = "phc"
device = "${this.clock.device}"
extts_channel = 0
pin = 0
reference = "gnss0"
oscillator = "ocxo"
`;
  }

  /** Starts it behind the receivers in line for the guest's one processor: a receiver that is late is left out. */
  override start(): void {
    super.start();
    setPriority(this.pid, constants.priority.PRIORITY_NORMAL);
  }

  get logs(): readonly LogLine[] {
    return this.stderr
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The first log line after the first `from` that is it. */
  async logged(what: string, isIt: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    return this.#soon(`${this.name} logs ${what}`, () => Promise.resolve(this.logs.slice(from).find(isIt)));
  }

  /** The clock's next change to a state. */
  async changesTo(state: string, from: number): Promise<LogLine> {
    const isIt = (line: LogLine): boolean => line.message === 'clock state changed' && line['to'] === state;
    return this.logged(`a change to ${state}`, isIt, from);
  }

  /** The first answer to `path` that holds. */
  async answers<T>(what: string, path: string, holds: (answer: T) => boolean): Promise<T> {
    return this.#soon(`${this.name}: ${what}`, async () => {
      const answer = await this.json<T>(path).catch(() => undefined);
      return answer !== undefined && holds(answer) ? answer : undefined;
    });
  }

  /** The first file at `path` that holds, as text. */
  async text(what: string, path: string, holds: (text: string) => boolean): Promise<string> {
    return this.#soon(`${this.name}: ${what}`, async () => {
      const { status, bytes } = await this.ask(path);
      return status === 200 && holds(bytes.toString()) ? bytes.toString() : undefined;
    });
  }

  /** The reason of a state, once it is in it. */
  async isIn(state: string): Promise<string> {
    const { time } = await this.answers<Status>(`is ${state}`, '/v1/status', (answer) => answer.time.state === state);
    return time.reason.code;
  }

  /** Locked and signing, and more than `size` statements in its lane. */
  async signs(size = 0): Promise<Status> {
    return this.answers<Status>(
      'locked and signing',
      '/v1/status',
      ({ time, attesting, lane }) => time.state === 'locked' && attesting.signing && Number(lane.size) > size,
    );
  }

  #states(): string {
    return this.logs
      .filter(({ message }) => message === 'clock state changed' || message === 'receiver not believed')
      .slice(-20)
      .map((line) => `${String(line['to'] ?? line['detail'])} [${String(line['code'])}]`)
      .join(', ');
  }

  async #soon<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const until = performance.now() + WAIT_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > until)
        throw new Error(`${what}: not within ${WAIT_MS / 1_000} s; its states: ${this.#states()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
