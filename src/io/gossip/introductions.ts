/**
 * Who is on the other end: the exchange of hellos that comes before everything else on a connection.
 *
 * Whoever dialled speaks first, on a stream of its own; the other side judges, answers with its own hello or with nothing,
 * and is judged in turn. Whoever has said nothing acceptable in time is disconnected. Other protocols wait for
 * `peerOf(connection)`, so nothing a stranger sends is read before it was introduced.
 */

import type { Connection, Stream } from '@libp2p/interface';
import type { Code } from '../../core/codes.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Hello } from '../../core/peers/hello.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Peer } from '../../ports/network.ts';
import { hostOf } from './addresses.ts';
import { readMessage, sendMessage } from './message-stream.ts';

export type IntroductionNeeds = {
  /** Our own hello, signed now. */
  readonly ownHello: () => Uint8Array;
  /** Judges a hello that came over a connection whose other end proved this identity. */
  readonly judge: (bytes: Uint8Array, identity: Uint8Array) => Verdict<Hello>;
  /** The kid of a hello's key where it is a registered validator's. */
  readonly kidOf: (hello: Hello) => Uint8Array | undefined;
  readonly accepted: (peer: Peer, connection: Connection) => void;
  readonly refused: (connection: Connection, code: Code, detail: string) => void;
};

type Waiting = { readonly promise: Promise<Peer | undefined>; readonly settle: (peer: Peer | undefined) => void };

export const HELLO_PROTOCOL = '/momentd/hello/1';

export class Introductions {
  readonly #needs: IntroductionNeeds;
  readonly #waitMs: number;
  readonly #byConnection = new Map<Connection, Waiting>();

  constructor(needs: IntroductionNeeds, options: { readonly waitMs: number }) {
    this.#needs = needs;
    this.#waitMs = options.waitMs;
  }

  /** Begins with a new connection: speaks first on our own, waits for the other's word on theirs. */
  opened(connection: Connection): void {
    this.#waitingOf(connection);
    const deadline = AbortSignal.timeout(this.#waitMs);
    if (connection.direction === 'outbound') void this.#speakFirst(connection, deadline);
    else deadline.addEventListener('abort', () => this.#expire(connection));
  }

  closed(connection: Connection): void {
    this.#byConnection.get(connection)?.settle(undefined);
    this.#byConnection.delete(connection);
  }

  /** The peer at the other end once it was introduced; undefined when it was refused or left. */
  peerOf(connection: Connection): Promise<Peer | undefined> {
    return this.#waitingOf(connection).promise;
  }

  /** Answers the other side's hello. */
  async answer(stream: Stream, connection: Connection): Promise<void> {
    try {
      const bytes = await readMessage(stream, LIMITS.helloBytesMax, AbortSignal.timeout(this.#waitMs));
      const peer = this.#judge(connection, bytes);
      if (peer === undefined) return stream.abort(new Error('refused'));
      sendMessage(stream, this.#needs.ownHello());
      await stream.close();
      this.#accept(connection, peer);
    } catch {
      stream.abort(new Error('no hello'));
      this.#expire(connection);
    }
  }

  async #speakFirst(connection: Connection, signal: AbortSignal): Promise<void> {
    try {
      const stream = await connection.newStream(HELLO_PROTOCOL, { signal });
      sendMessage(stream, this.#needs.ownHello());
      const bytes = await readMessage(stream, LIMITS.helloBytesMax, signal);
      void stream.close().catch(() => undefined);
      const peer = this.#judge(connection, bytes);
      if (peer !== undefined) this.#accept(connection, peer);
    } catch {
      this.#expire(connection);
    }
  }

  #judge(connection: Connection, bytes: Uint8Array): Peer | undefined {
    const identity = connection.remotePeer.toMultihash().bytes;
    const verdict = this.#needs.judge(bytes, identity);
    if (verdict.kind !== 'accept') {
      this.#refuse(connection, verdict.code, verdict.detail);
      return undefined;
    }
    const hello = verdict.value;
    const name = connection.remotePeer.toString();
    return { name, address: hostOf(connection.remoteAddr), hello, kid: this.#needs.kidOf(hello) };
  }

  #accept(connection: Connection, peer: Peer): void {
    const waiting = this.#byConnection.get(connection);
    // The connection may have closed while its hello was judged.
    if (waiting === undefined || connection.status !== 'open') return;
    this.#needs.accepted(peer, connection);
    waiting.settle(peer);
  }

  #expire(connection: Connection): void {
    const waiting = this.#byConnection.get(connection);
    if (waiting === undefined || connection.status !== 'open') return;
    void waiting.promise.then((peer) => peer ?? this.#refuse(connection, 'hello-missing', 'no whole hello in time'));
    waiting.settle(undefined);
  }

  #refuse(connection: Connection, code: Code, detail: string): void {
    this.#byConnection.get(connection)?.settle(undefined);
    this.#needs.refused(connection, code, detail);
  }

  #waitingOf(connection: Connection): Waiting {
    const known = this.#byConnection.get(connection);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<Peer | undefined>();
    const waiting = { promise, settle: resolve };
    if (connection.status === 'open') this.#byConnection.set(connection, waiting);
    else resolve(undefined);
    return waiting;
  }
}
