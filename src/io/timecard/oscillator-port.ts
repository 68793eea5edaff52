/**
 * A card's oscillator on its serial port, asked now and then how it feels. It only reads: see the table of questions in
 * core/timecard. A silent or absent oscillator is no absence of the card: its health is not renewed, which the clock core sees.
 */

import type { Observation, SourceName } from '../../core/clock/observation.ts';
import type { Code } from '../../core/codes.ts';
import { LIMITS } from '../../core/limits.ts';
import type { OscillatorFacts } from '../../core/timecard/oscillator-facts.ts';
import { OSCILLATOR_PROTOCOLS, type OscillatorKind } from '../../core/timecard/oscillator-protocol.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { HostClock } from '../../ports/host-clock.ts';
import type { OpenSerialLine, SerialLine } from '../../ports/serial-line.ts';
import { deadlineByTimer, OscillatorDialogue, type Deadline } from './oscillator-dialogue.ts';

export type OscillatorNeeds = {
  readonly clock: HostClock;
  /** Opens the port and refuses one that another process holds: an oscillator that two programs ask answers garbage. */
  readonly openLine: OpenSerialLine;
  readonly deadline?: Deadline;
  readonly onFacts?: (facts: OscillatorFacts) => void;
  readonly onProblem?: (code: Code, message: string) => void;
};

export type OscillatorOptions = {
  /** The source whose oscillator it is. */
  readonly source: SourceName;
  readonly kind: OscillatorKind;
  readonly path: string;
  /** Default: what the kind is shipped with. */
  readonly baud?: number;
  /** Pause between rounds of questions; default 10,000 ms. */
  readonly intervalMs?: number;
};

type Open = { readonly line: SerialLine; readonly dialogue: OscillatorDialogue };

export class OscillatorPort {
  readonly #needs: OscillatorNeeds;
  readonly #options: OscillatorOptions;
  readonly #deadline: Deadline;
  readonly #intervalMs: number;
  #emit: ((observation: Observation) => void) | undefined;
  #open: Open | undefined;
  #callOff: (() => void) | undefined;
  #round: Promise<void> | undefined;
  #pauseMs: number;

  constructor(needs: OscillatorNeeds, options: OscillatorOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#deadline = needs.deadline ?? deadlineByTimer;
    this.#intervalMs = options.intervalMs ?? 10_000;
    this.#pauseMs = this.#intervalMs;
  }

  /** The first round is asked at once; the promise settles after it. */
  async start(emit: (observation: Observation) => void): Promise<void> {
    if (this.#emit !== undefined) return;
    this.#emit = emit;
    this.#round = this.#roundAndPlan();
    await this.#round;
  }

  async stop(): Promise<void> {
    this.#emit = undefined;
    this.#callOff?.();
    this.#callOff = undefined;
    // Closing the line lets a round that waits for an answer end at its deadline with nobody to tell.
    await this.#close();
    await this.#round;
  }

  async #roundAndPlan(): Promise<void> {
    const went = await this.#askRound();
    const longestMs = Math.max(this.#intervalMs, LIMITS.deviceRetryMsMax);
    this.#pauseMs = went ? this.#intervalMs : Math.min(this.#pauseMs * 2, longestMs);
    if (this.#emit === undefined) return;
    this.#callOff = this.#deadline(this.#pauseMs, () => {
      this.#round = this.#roundAndPlan();
    });
  }

  /** One round of questions; false when the port has to be opened afresh. */
  async #askRound(): Promise<boolean> {
    try {
      this.#open ??= await this.#openLine();
      const facts = await this.#ask(this.#open.dialogue);
      if (facts !== undefined) {
        this.#tell(facts);
        return true;
      }
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#needs.onProblem?.(error.code, error.message);
    }
    await this.#close();
    return false;
  }

  async #openLine(): Promise<Open> {
    const { path, kind } = this.#options;
    const baud = this.#options.baud ?? OSCILLATOR_PROTOCOLS[kind].baudRate;
    // What arrives before the first question answers nothing.
    const inbox: { take: (bytes: Uint8Array) => void } = { take: () => undefined };
    const line = await this.#needs.openLine({ path, baud }, (bytes) => inbox.take(bytes));
    const dialogue = new OscillatorDialogue((bytes) => line.write(bytes), this.#deadline);
    inbox.take = (bytes): void => dialogue.receive(bytes);
    const open = { line, dialogue };
    void line.closed.then(() => {
      if (this.#open === open) this.#open = undefined;
    });
    return open;
  }

  /** What the round told; undefined when the oscillator fell silent. An answer in no known form is told and passed over. */
  async #ask(dialogue: OscillatorDialogue): Promise<OscillatorFacts | undefined> {
    const { kind, path } = this.#options;
    let facts: OscillatorFacts = {};
    for (const question of OSCILLATOR_PROTOCOLS[kind].questions) {
      const reply = await dialogue.ask(question);
      if (reply === undefined) {
        this.#needs.onProblem?.('oscillator-silent', `${path} did not answer '${question.text.trim()}'`);
        return undefined;
      }
      if (reply.kind === 'facts') facts = { ...facts, ...reply.facts };
      if (reply.kind === 'fault')
        this.#needs.onProblem?.(
          'oscillator-reply-unknown',
          `${path} answered '${reply.line.slice(0, 80)}' (${reply.fault})`,
        );
    }
    return facts;
  }

  #tell(facts: OscillatorFacts): void {
    this.#needs.onFacts?.(facts);
    if (facts.locked === undefined && facts.temperatureMilliC === undefined) return;
    this.#emit?.({
      kind: 'oscillator',
      source: this.#options.source,
      at: this.#needs.clock.now(),
      locked: facts.locked,
      temperatureMilliC: facts.temperatureMilliC,
    });
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.line.close();
  }
}
