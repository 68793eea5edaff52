/**
 * One long-lived outbound stream to a peer: a bounded queue, emptied in full frames as fast as the peer takes them.
 *
 * Back-pressure: when the stream says it needs to drain, nothing more is written until it has; the queue then fills and
 * drops by its kinds' rules, so a stalled peer costs one queue and one frame. A link that breaks keeps its queue for the
 * next stream to the same peer.
 */

import type { Connection, Stream } from '@libp2p/interface';
import { encodeFrame } from '../../core/propagation/frame.ts';
import { LENGTH_BYTES, writeLength } from '../../core/propagation/frame-reader.ts';
import { OutboundQueue } from '../../core/propagation/outbound-queue.ts';
import type { MessageKind } from '../../core/propagation/kinds.ts';

export type LinkNeeds = {
  readonly connection: () => Connection | undefined;
  readonly sent: (kind: MessageKind, items: number, bytes: number) => void;
  readonly openWaitMs: number;
};

export class DirectLink {
  readonly queue = new OutboundQueue();
  readonly #protocol: string;
  readonly #needs: LinkNeeds;
  #stream: Stream | undefined;
  #isOpening = false;
  #isDraining = false;
  #isClosed = false;

  constructor(protocol: string, needs: LinkNeeds) {
    this.#protocol = protocol;
    this.#needs = needs;
  }

  /** Writes what waits until the queue is empty or the peer needs a pause. */
  flush(): void {
    if (this.#isClosed || this.#isDraining) return;
    const stream = this.#stream;
    if (stream?.status !== 'open') {
      if (!this.queue.isEmpty) void this.#open();
      return;
    }
    try {
      for (let frame = this.queue.takeFrame(); frame !== undefined; frame = this.queue.takeFrame()) {
        const bytes = encodeFrame(frame, LENGTH_BYTES);
        writeLength(bytes);
        const canSendMore = stream.send(bytes);
        this.#needs.sent(frame.kind, frame.items.length, bytes.length);
        if (!canSendMore) return void this.#waitForDrain(stream);
      }
    } catch {
      // The stream closed under the write; what the frame held is fetched by range or offered again.
      this.#stream = undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.queue.clear();
    this.#stream?.abort(new Error('the link is closed'));
    this.#stream = undefined;
  }

  async #open(): Promise<void> {
    const connection = this.#needs.connection();
    if (this.#isOpening || connection === undefined) return;
    this.#isOpening = true;
    try {
      this.#stream = await connection.newStream(this.#protocol, {
        signal: AbortSignal.timeout(this.#needs.openWaitMs),
      });
    } catch {
      // The connection is going, or the peer is full: the next flush tries again on whatever connection there is.
      this.#stream = undefined;
    } finally {
      this.#isOpening = false;
    }
    if (this.#stream !== undefined) this.flush();
  }

  async #waitForDrain(stream: Stream): Promise<void> {
    this.#isDraining = true;
    try {
      await stream.onDrain();
    } catch {
      this.#stream = undefined;
    } finally {
      this.#isDraining = false;
    }
    this.flush();
  }
}
