/**
 * Question and answer with an oscillator over an open line: one question at a time, one answer each, with a deadline.
 *
 * An answer has no number that would tie it to its question. So a question that was not answered in time ends the dialogue:
 * what comes afterwards could belong to any question, and the line has to be opened afresh.
 */

import type { OscillatorQuestion } from '../../core/timecard/oscillator-protocol.ts';
import { faultReply, type OscillatorReply } from '../../core/timecard/oscillator-facts.ts';
import { ReplyLines } from '../../core/timecard/reply-lines.ts';
import { LIMITS } from '../../core/limits.ts';

/** Calls `action` once after `delayMs`; the returned function calls it off. */
export type Deadline = (delayMs: number, action: () => void) => () => void;

export const deadlineByTimer: Deadline = (delayMs, action) => {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
};

/** Start-up announcements skipped while an answer is awaited: the SA5x has two. */
const NOTICES_MAX = 16;

export class OscillatorDialogue {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #deadline: Deadline;
  readonly #lines = new ReplyLines();
  #take: ((line: string) => void) | undefined;

  constructor(write: (bytes: Uint8Array) => Promise<void>, deadline: Deadline) {
    this.#write = write;
    this.#deadline = deadline;
  }

  /** Bytes as they come from the line. What nobody asked for is dropped. */
  receive(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) this.#take?.(line);
  }

  /** The answer, or undefined when none came in time. */
  async ask(question: OscillatorQuestion): Promise<OscillatorReply | undefined> {
    let notices = 0;
    const answered = new Promise<OscillatorReply | undefined>((resolve) => {
      const callOff = this.#deadline(LIMITS.oscillatorAnswerMsMax, () => this.#settle(resolve, undefined));
      this.#take = (line): void => {
        const reply = question.read(line);
        if (reply.kind === 'notice' && ++notices <= NOTICES_MAX) return;
        callOff();
        this.#settle(resolve, reply.kind === 'notice' ? faultReply('unknown-form', line) : reply);
      };
    });
    await this.#write(Buffer.from(question.text, 'latin1'));
    return answered;
  }

  #settle(resolve: (reply: OscillatorReply | undefined) => void, reply: OscillatorReply | undefined): void {
    this.#take = undefined;
    resolve(reply);
  }
}
