/**
 * Sends the receiver the one configuration we know (core/gnss/ubx-config.ts) and waits for its word on it.
 *
 * Only runs when the operator asked for it. The answer comes through the decoder, with everything else the receiver says.
 */

import { monitorPair, messagePairs, valset, VALSET, type ReceiverPort } from '../../core/gnss/ubx-config.ts';
import type { GnssMessage } from '../../core/gnss/decoder.ts';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { SerialLine } from '../../ports/serial-line.ts';

type Answer = 'accepted' | 'refused' | 'none';

export class ReceiverSetup {
  #resolve: ((answer: Answer) => void) | undefined;

  /** Every message of the receiver passes here; only the answer to our own message is looked at. */
  observe(message: GnssMessage): void {
    if (message.type !== 'ACK-ACK' && message.type !== 'ACK-NAK') return;
    if (message.classId !== VALSET.classId || message.messageId !== VALSET.messageId) return;
    this.#resolve?.(message.type === 'ACK-ACK' ? 'accepted' : 'refused');
  }

  /**
   * Sends the messages first, then the jamming monitor on its own, which timing receivers may not have: its refusal is
   * not ours. Throws `AgentError` when the messages are refused or nothing answers.
   */
  async run(line: SerialLine, port: ReceiverPort): Promise<void> {
    const answer = await this.#ask(line, valset(messagePairs(port)));
    if (answer === 'refused')
      throw new AgentError('receiver-config-refused', 'the receiver answered CFG-VALSET with ACK-NAK');
    if (answer === 'none')
      throw new AgentError('receiver-config-unanswered', `no answer to ${LIMITS.receiverConfigTriesMax} CFG-VALSET`);
    await this.#ask(line, valset([monitorPair]));
  }

  async #ask(line: SerialLine, frame: Uint8Array): Promise<Answer> {
    for (let tries = 0; tries < LIMITS.receiverConfigTriesMax; tries++) {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      this.#resolve = resolve;
      const timer = setTimeout(() => resolve('none'), LIMITS.receiverAnswerMillisMax);
      void line.closed.then(() => resolve('none'));
      try {
        await line.write(frame);
        const answer = await promise;
        if (answer !== 'none') return answer;
      } finally {
        clearTimeout(timer);
        this.#resolve = undefined;
      }
    }
    return 'none';
  }
}
