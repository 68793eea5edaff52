/**
 * The `BatchVerifier` port: signatures verified on worker threads, in bounded numbers, answered in the order asked.
 *
 * A few claims are checked at once on the loop when nothing waits: a message to a thread would cost more than they do.
 * More are cut into chunks and given to the thread with the least to do. A thread that dies takes its chunks with it
 * (`verification-worker-lost`; nobody is told that an unchecked signature holds) and is replaced at the next call. One that
 * had nothing to do for a while is ended: a network at rest needs none, and each holds some 25 MB.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PUBLIC_KEY_SIZE_BYTES, SIGNATURE_SIZE_BYTES } from '../../core/attestation/cose-sign1.ts';
import { assert } from '../../core/assert.ts';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { BatchVerifier, SignatureClaim } from '../../ports/signature-check.ts';
import { checkSignature } from './check-signature.ts';
import { packClaims } from './claim-batch.ts';

type Chunk = {
  readonly size: number;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: AgentError) => void;
};

type Thread = {
  readonly worker: Worker;
  readonly chunks: Chunk[];
  claims: number;
  isAlive: boolean;
  /** Set while it has nothing to do. */
  end: NodeJS.Timeout | undefined;
};

export type ThreadedVerifierOptions = {
  /** Threads; default: one per core, at most `LIMITS.verificationThreadsMax`. */
  readonly threads?: number;
  /** After how long without work a thread is ended; default `LIMITS.verificationIdleMsMax`. */
  readonly idleMs?: number;
};

/** A thread holds a few chunks of claims; what it may take beyond that is the room of a whole program, times the cores. */
const THREAD_MEMORY = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

// Compiled, this file and the thread's end in .js; run from source, in .ts.
const THREAD_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './verification-thread.ts' : './verification-thread.js',
  import.meta.url,
);

/** Threads start with the first claims that need them. */
export function threadedVerifier(options: ThreadedVerifierOptions = {}): BatchVerifier {
  return new ThreadedVerifier(
    options.threads ?? availableParallelism(),
    options.idleMs ?? LIMITS.verificationIdleMsMax,
  );
}

class ThreadedVerifier implements BatchVerifier {
  readonly #threads: (Thread | undefined)[];
  readonly #idleMs: number;
  #waiting = 0;
  #isStopped = false;
  /** Settles when every earlier call has been answered. */
  #earlier: Promise<unknown> = Promise.resolve();

  constructor(threads: number, idleMs: number) {
    assert(threads >= 1, 'a verifier has a thread');
    this.#threads = Array.from({ length: Math.min(threads, LIMITS.verificationThreadsMax) });
    this.#idleMs = idleMs;
  }

  get waitingClaims(): number {
    return this.#waiting;
  }

  check(claims: readonly SignatureClaim[]): Promise<readonly boolean[]> {
    if (this.#isStopped) return Promise.reject(lost('the verifier is stopped'));
    if (this.#waiting === 0 && claims.length <= LIMITS.verificationInlineClaimsMax)
      return Promise.resolve(claims.map(checkSignature));
    if (this.#waiting + claims.length > LIMITS.verificationClaimsMax)
      return Promise.reject(
        new AgentError('verification-queue-full', `${this.#waiting} signatures wait, ${claims.length} more do not fit`),
      );
    this.#waiting += claims.length;
    const answer = this.#checkOnThreads(claims);
    const turn = this.#earlier;
    const inOrder = answer.then(
      (holds) => turn.then(() => holds),
      (error: unknown) => turn.then(() => Promise.reject(error as AgentError)),
    );
    this.#earlier = inOrder.catch(() => undefined);
    return inOrder.finally(() => (this.#waiting -= claims.length));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const threads = this.#threads.splice(0).filter((thread) => thread !== undefined);
    for (const thread of threads) this.#bury(thread, 'the verifier was stopped');
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  async #checkOnThreads(claims: readonly SignatureClaim[]): Promise<boolean[]> {
    // A claim of the wrong lengths cannot be packed and cannot hold.
    const packable = claims.filter(isWellSized);
    const chunks: Promise<Uint8Array>[] = [];
    for (let at = 0; at < packable.length; at += LIMITS.verificationChunkClaimsMax)
      chunks.push(this.#send(packable.slice(at, at + LIMITS.verificationChunkClaimsMax)));
    const answers = Buffer.concat(await Promise.all(chunks));
    assert(answers.length === packable.length, 'a thread answers every claim');
    let next = 0;
    return claims.map((claim) => isWellSized(claim) && answers[next++] === 1);
  }

  #send(claims: readonly SignatureClaim[]): Promise<Uint8Array> {
    const thread = this.#leastBusy();
    const block = packClaims(claims);
    return new Promise((resolve, reject) => {
      thread.chunks.push({ size: claims.length, resolve, reject });
      thread.claims += claims.length;
      thread.worker.ref();
      clearTimeout(thread.end);
      thread.worker.postMessage(block, [block.buffer]);
    });
  }

  #leastBusy(): Thread {
    let least: Thread | undefined;
    for (const [i, found] of this.#threads.entries()) {
      const thread = found?.isAlive === true ? found : (this.#threads[i] = this.#startThread());
      if (least === undefined || thread.claims < least.claims) least = thread;
      if (least.claims === 0) break;
    }
    return least!;
  }

  #startThread(): Thread {
    const worker = new Worker(THREAD_FILE, { name: 'momentd-verify', resourceLimits: THREAD_MEMORY });
    const thread: Thread = { worker, chunks: [], claims: 0, isAlive: true, end: undefined };
    worker.on('message', (answer: Uint8Array) => {
      const chunk = thread.chunks.shift();
      assert(chunk?.size === answer.length, 'a thread answers its chunks in order');
      thread.claims -= chunk.size;
      if (thread.chunks.length === 0) this.#rest(thread);
      chunk.resolve(answer);
    });
    worker.on('error', (error: Error) => this.#bury(thread, error.message));
    worker.on('exit', (code) => this.#bury(thread, `a verification thread ended with code ${code}`));
    return thread;
  }

  /** An idle thread keeps no process alive, and its memory not for long. */
  #rest(thread: Thread): void {
    thread.worker.unref();
    thread.end = setTimeout(() => {
      // From here on the next claims get a new one.
      thread.isAlive = false;
      void thread.worker.terminate();
    }, this.#idleMs).unref();
  }

  #bury(thread: Thread, why: string): void {
    thread.isAlive = false;
    clearTimeout(thread.end);
    for (const chunk of thread.chunks.splice(0)) chunk.reject(lost(why));
  }
}

const isWellSized = ({ publicKey, signature }: SignatureClaim): boolean =>
  publicKey.length === PUBLIC_KEY_SIZE_BYTES && signature.length === SIGNATURE_SIZE_BYTES;

const lost = (why: string): AgentError => new AgentError('verification-worker-lost', why);
