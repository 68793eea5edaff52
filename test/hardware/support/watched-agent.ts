/**
 * `momentd run` as its operator sees it: log lines as they come, and every answer of /v1/time held against the truth.
 *
 * The rig's truth is exact: TAI is the raw clock plus a constant the clock module states. The agent says at which instant
 * of the raw clock each of its intervals holds, so whether one is wrong is a comparison of integers.
 */

import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { get, getJson } from '../../../src/cli/api-client.ts';
import { decodeEvidence } from '../../../src/core/clock/evidence.ts';
import { Running } from '../../cli/run-momentd.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

type TimeAnswer = {
  readonly state: string;
  readonly reason: { readonly code: string };
  readonly earliest_ns: string | null;
  readonly latest_ns: string | null;
  readonly as_of_mono_ns: string;
};

type StatusAnswer = {
  readonly time: TimeAnswer;
  readonly sources: readonly { readonly reason: { readonly code: string } | null }[];
  readonly attesting: { readonly signing: boolean };
  readonly lane: { readonly size: string };
};

type StatementAnswer = {
  readonly seq: string;
  readonly earliest_ns: string;
  readonly latest_ns: string;
  readonly evidence: string;
};

/** State and reason of the agent, its only source's reason, whether it signs and how much it has signed. */
export type Word = {
  readonly state: string;
  readonly code: string;
  readonly source: string | undefined;
  readonly isSigning: boolean;
  readonly laneSize: bigint;
};

const POLL_MS = 250;

export class WatchedAgent {
  readonly socket: string;
  readonly #running: Running;
  readonly #trueOffset: bigint;
  readonly logs: LogLine[] = [];
  #waiting: { readonly isIt: (line: LogLine) => boolean; readonly resolve: (line: LogLine) => void }[] = [];
  #words: { readonly isIt: (word: Word) => boolean; readonly resolve: (word: Word) => void }[] = [];
  #watching: Promise<void> | undefined;
  #isOver = false;
  /** Rejects with the first wrong interval: from there on nothing else is worth waiting for. */
  readonly #lie = Promise.withResolvers<never>();
  /** Answers of /v1/time with an interval, all of which held the truth. */
  timesRight = 0;
  narrowest: bigint | undefined;
  widest = 0n;
  /** What was wrong, in words; empty is the whole point. */
  readonly wrong: string[] = [];

  /** `trueOffset`: TAI less CLOCK_MONOTONIC_RAW, exactly. */
  constructor(configPath: string, socket: string, trueOffset: bigint) {
    this.socket = socket;
    this.#trueOffset = trueOffset;
    this.#lie.promise.catch(() => undefined);
    this.#running = new Running(['run', '--config', configPath]);
    createInterface({ input: this.#running.child.stderr! }).on('line', (line) => this.#takeLog(line));
  }

  /** Waits until it serves, then looks at it until `stop`. */
  async serves(): Promise<void> {
    await this.#running.line(/^local API: /);
    this.#watching = this.#watch();
    // Whoever waits for a word or a line hears of the end; `stop` hears of the failure itself.
    this.#watching.catch(() => undefined);
  }

  /** The first log line after `from` (a length of `logs`) that is it; rejects when the agent ends without one. */
  async log(isIt: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    const there = this.logs.slice(from).find(isIt);
    if (there !== undefined) return there;
    const comes = new Promise<LogLine>((resolve) => this.#waiting.push({ isIt, resolve }));
    return Promise.race([comes, this.#lie.promise, this.#ended()]);
  }

  /** The next look at which what it says of itself is it. */
  async word(isIt: (word: Word) => boolean): Promise<Word> {
    const comes = new Promise<Word>((resolve) => this.#words.push({ isIt, resolve }));
    return Promise.race([comes, this.#lie.promise, this.#ended()]);
  }

  /** What it says of itself at the next look. */
  async next(): Promise<Word> {
    return this.word(() => true);
  }

  /** Holds every statement of the lane from `first` on against the truth at its instant; how many there were. */
  async judgeStatements(first = 0n): Promise<number> {
    let judged = 0;
    for (let next: string | null = first.toString(); next !== null;) {
      const page: { statements: StatementAnswer[]; next: string | null } = await getJson(
        this.socket,
        `/v1/statements?from=${next}&limit=100`,
      );
      for (const { seq, evidence, earliest_ns: earliest, latest_ns: latest } of page.statements) {
        const record = decodeEvidence((await get(this.socket, `/v1/evidence/${evidence}`)).body);
        assert(!('fault' in record), `the evidence of statement ${seq} is a record`);
        this.#judge(`statement ${seq}`, { earliest, latest, asOf: record.inputs.asOf });
        judged += 1;
      }
      next = page.next;
    }
    return judged;
  }

  /** One statement and its evidence as files to verify. */
  async statement(seq: bigint): Promise<{ readonly cose: Buffer; readonly evidence: Buffer }> {
    const { evidence } = await getJson<StatementAnswer>(this.socket, `/v1/statements/${seq}`);
    const cose = (await get(this.socket, `/v1/statements/${seq}/cose`)).body;
    return { cose, evidence: (await get(this.socket, `/v1/evidence/${evidence}`)).body };
  }

  /** Ends it as an operator does; its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#isOver = true;
    await this.#watching;
    return this.#running.stop(signal);
  }

  /** What it logged, for a test that failed. */
  story(): string {
    return this.logs.map((line) => JSON.stringify(line)).join('\n');
  }

  #takeLog(text: string): void {
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as LogLine;
    this.logs.push(line);
    for (const { resolve } of this.#waiting.filter(({ isIt }) => isIt(line))) resolve(line);
    this.#waiting = this.#waiting.filter(({ isIt }) => !isIt(line));
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const answer = await getJson<TimeAnswer>(this.socket, '/v1/time');
      const { earliest_ns: earliest, latest_ns: latest, as_of_mono_ns: asOf } = answer;
      if (earliest !== null && latest !== null) {
        this.#judge(`/v1/time in ${answer.state}`, { earliest, latest, asOf: BigInt(asOf) });
        this.timesRight += 1;
      }
      const { time, sources, attesting, lane } = await getJson<StatusAnswer>(this.socket, '/v1/status');
      const word: Word = {
        state: time.state,
        code: time.reason.code,
        source: sources[0]?.reason?.code,
        isSigning: attesting.signing,
        laneSize: BigInt(lane.size),
      };
      for (const { resolve } of this.#words.filter(({ isIt }) => isIt(word))) resolve(word);
      this.#words = this.#words.filter(({ isIt }) => !isIt(word));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #judge(what: string, claim: { readonly earliest: string; readonly latest: string; readonly asOf: bigint }): void {
    const [earliest, latest] = [BigInt(claim.earliest), BigInt(claim.latest)];
    const truth = claim.asOf + this.#trueOffset;
    const width = latest - earliest;
    if (this.narrowest === undefined || width < this.narrowest) this.narrowest = width;
    if (width > this.widest) this.widest = width;
    if (earliest <= truth && truth <= latest) return;
    this.wrong.push(`${what}: true time ${truth} is not in ${earliest} to ${latest}`);
    this.#lie.reject(new Error(this.wrong[0]));
  }

  async #ended(): Promise<never> {
    const line = await this.#running.line(/(?!)/).catch((error: unknown) => error);
    throw new Error(`momentd ended: ${line instanceof Error ? line.message : String(line)}`);
  }
}
