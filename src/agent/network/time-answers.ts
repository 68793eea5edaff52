/**
 * Answering a peer's question for the time: a nonce becomes a kind-2 statement of our lane, and its bytes the answer.
 *
 * The statement is signed over the nonce and is durable like any other before it is given away. Who waits, and for how
 * long, is bounded; a nonce that waits already is not answered twice.
 */

import { toHex } from '../../core/codec/hex.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Agenda } from '../../core/ordering/agenda.ts';
import { subjectOfNonce } from '../../core/peers/time-exchange.ts';
import type { SignedStatement } from '../../core/attestation/verify-statement.ts';

export class TimeAnswers {
  readonly #agenda: Pick<Agenda, 'answer' | 'withdraw'>;
  readonly #poke: () => void;
  readonly #waiting = new Map<string, (statement: Uint8Array | undefined) => void>();

  constructor(needs: { readonly agenda: Pick<Agenda, 'answer' | 'withdraw'>; readonly poke: () => void }) {
    this.#agenda = needs.agenda;
    this.#poke = needs.poke;
  }

  /** The statement over a nonce of 32 bytes once it is durable; undefined when it cannot be signed in time. */
  async answer(nonce: Uint8Array): Promise<Uint8Array | undefined> {
    const subject = subjectOfNonce(nonce);
    const key = toHex(subject);
    if (this.#waiting.has(key) || !this.#agenda.answer(subject)) return undefined;
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    const timeout = setTimeout(() => resolve(undefined), LIMITS.timeAnswerWaitMsMax);
    this.#waiting.set(key, resolve);
    this.#poke();
    const answer = await promise;
    clearTimeout(timeout);
    this.#waiting.delete(key);
    if (answer === undefined) this.#agenda.withdraw(subject);
    return answer;
  }

  /** A statement of our own that is durable now. */
  committed({ statement, bytes }: SignedStatement): void {
    if (statement.kind === 'challenge-answer') this.#waiting.get(toHex(statement.subject))?.(bytes);
  }
}
