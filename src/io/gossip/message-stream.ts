/**
 * Whole messages over a libp2p stream: four bytes of length, then the message. Each wait has a deadline.
 */

import type { Connection, Stream } from '@libp2p/interface';
import { FrameReader, LENGTH_BYTES, writeLength } from '../../core/propagation/frame-reader.ts';
import { AgentError } from '../../ports/agent-error.ts';

export function sendMessage(stream: Stream, message: Uint8Array): boolean {
  const framed = new Uint8Array(LENGTH_BYTES + message.length);
  framed.set(message, LENGTH_BYTES);
  writeLength(framed);
  return stream.send(framed);
}

/**
 * The next message of a stream on which one is due. Rejects with AgentError `peer-no-answer` when the stream ends first,
 * when the message is longer than `bytesMax`, or when `signal` fires.
 */
export function readMessage(stream: Stream, bytesMax: number, signal: AbortSignal): Promise<Uint8Array> {
  const reader = new FrameReader({ bytesMax });
  return new Promise((resolve, reject) => {
    const end = (): void => {
      stream.removeEventListener('message', onMessage);
      stream.removeEventListener('close', onEnd);
      stream.removeEventListener('remoteCloseWrite', onEnd);
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (why: string): void => {
      end();
      reject(new AgentError('peer-no-answer', `on ${stream.protocol}: ${why}`));
    };
    const onMessage = (event: { readonly data: Uint8Array | { subarray(): Uint8Array } }): void => {
      const { frames, fault } = reader.push(event.data.subarray());
      if (frames[0] !== undefined) {
        end();
        resolve(frames[0]);
      } else if (fault !== undefined) fail(fault.detail);
    };
    const onEnd = (): void => fail('the stream ended before the message did');
    const onAbort = (): void => fail('no whole message in time');
    if (signal.aborted) return onAbort();
    stream.addEventListener('message', onMessage);
    stream.addEventListener('close', onEnd);
    stream.addEventListener('remoteCloseWrite', onEnd);
    signal.addEventListener('abort', onAbort);
  });
}

/** Asks one question on a stream of its own and reads the answer. */
export async function ask(
  connection: Connection,
  protocol: string,
  question: Uint8Array,
  options: { readonly answerBytesMax: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  let stream: Stream;
  try {
    stream = await connection.newStream(protocol, { signal: options.signal });
  } catch (cause) {
    throw new AgentError('peer-no-answer', `opening ${protocol}: ${String(cause)}`, { cause });
  }
  try {
    sendMessage(stream, question);
    const answer = await readMessage(stream, options.answerBytesMax, options.signal);
    void stream.close().catch(() => undefined);
    return answer;
  } catch (error) {
    stream.abort(error as Error);
    throw error instanceof AgentError ? error : new AgentError('peer-no-answer', `${protocol}: ${String(error)}`);
  }
}

/** Reads one question, sends what `answer` gives (or resets the stream when it gives nothing) and closes. */
export async function answerOn(
  stream: Stream,
  options: { readonly questionBytesMax: number; readonly signal: AbortSignal },
  answer: (question: Uint8Array) => Promise<Uint8Array | undefined>,
): Promise<void> {
  try {
    const reply = await answer(await readMessage(stream, options.questionBytesMax, options.signal));
    if (reply === undefined) return stream.abort(new Error('no answer'));
    sendMessage(stream, reply);
    await stream.close({ signal: options.signal });
  } catch (error) {
    stream.abort(error as Error);
  }
}
