/**
 * Catching up with a lane: ranges from several peers at once, verified in order, stored as they are verified.
 *
 * Only what is verified is stored, and only in order, so a catch-up that is killed goes on from the lane's own size: there
 * is no state of its own to lose. core/propagation/range-plan.ts says what to ask whom for.
 */

import type { SignedStatement } from '../../core/attestation/verify-statement.ts';
import { decodeSignedStatement } from '../../core/attestation/verify-statement.ts';
import { assert } from '../../core/assert.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { RangePlan, type Range } from '../../core/propagation/range-plan.ts';
import { LIMITS } from '../../core/limits.ts';
import { fault, isFault, type Fault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { LaneReplicas, Network, PeerName } from '../../ports/network.ts';
import { verifyEntries, type EntryJudge, type LaneEntryView } from './lane-entries.ts';

export type CatchUpNeeds = {
  readonly network: Pick<Network, 'laneSizes' | 'fetchRange'>;
  readonly replicas: LaneReplicas;
  readonly judge: EntryJudge;
  /** Entries that are stored now, in order. */
  readonly stored: (kid: Uint8Array, entries: readonly LaneEntryView[]) => void;
  /** A peer sent entries that do not hold. */
  readonly blame: (peer: PeerName, found: Fault) => void;
  /** How long one peer may take for one answer; default `LIMITS.requestWaitMsMax`. Whoever is silent is asked no more for that range. */
  readonly answerWaitMs?: number;
};

export type CatchUpOutcome =
  /** Everything the peers have is stored. */
  | { readonly kind: 'done'; readonly size: number }
  /** Nobody who is left has what comes next. */
  | { readonly kind: 'stuck'; readonly size: number; readonly fault: Fault };

/** Ranges asked of one peer at once: one on the way while one is packed. */
const RANGES_PER_PEER = 2;

type Source = { readonly peer: PeerName; readonly size: number };

/** Follows the lane of `kid` up to the longest that `peers` hold. Rejects only when `signal` fires or storage fails. */
export async function catchUp(
  needs: CatchUpNeeds,
  kid: Uint8Array,
  peers: readonly PeerName[],
  signal: AbortSignal,
): Promise<CatchUpOutcome> {
  const from = sizeOf(needs.replicas, kid);
  const found = await Promise.all(peers.map((peer) => sourceOf(needs, kid, peer, signal)));
  const sources = found.filter((source) => source !== undefined).filter(({ size }) => size > from);
  signal.throwIfAborted();
  const target = Math.max(from, ...sources.map(({ size }) => size));
  const plan = new RangePlan({ from, target });
  const run = new Run(needs, kid, plan, sources, signal, await lastOf(needs.replicas, kid, from));
  await run.finished();
  return plan.isDone
    ? { kind: 'done', size: plan.front }
    : { kind: 'stuck', size: plan.front, fault: fault('range-unavailable', `entry ${plan.front} of the lane`) };
}

/** One catch-up: asks, and stores what continues the lane, until it is done or nobody is left to ask. */
class Run {
  readonly #needs: CatchUpNeeds;
  readonly #kid: Uint8Array;
  readonly #plan: RangePlan;
  readonly #sources: readonly Source[];
  readonly #signal: AbortSignal;
  readonly #ended = Promise.withResolvers<undefined>();
  #previous: SignedStatement | undefined;
  #isStoring = false;
  #asked = 0;

  constructor(
    needs: CatchUpNeeds,
    kid: Uint8Array,
    plan: RangePlan,
    sources: readonly Source[],
    signal: AbortSignal,
    previous: SignedStatement | undefined,
  ) {
    this.#needs = needs;
    this.#kid = kid;
    this.#plan = plan;
    this.#sources = sources;
    this.#signal = signal;
    this.#previous = previous;
  }

  async finished(): Promise<void> {
    const abort = (): void => this.#ended.reject(this.#signal.reason);
    this.#signal.addEventListener('abort', abort);
    try {
      this.#askAll();
      await this.#ended.promise;
    } finally {
      // The signal lives as long as the agent: what it keeps hold of would be kept for ever.
      this.#signal.removeEventListener('abort', abort);
    }
  }

  #askAll(): void {
    if (this.#signal.aborted) return;
    for (let turn = 0; turn < RANGES_PER_PEER; turn++)
      for (const source of this.#sources) {
        const range = this.#plan.next(source.peer, source.size);
        if (range !== undefined) void this.#ask(source, range);
      }
    // Nothing is on its way, nothing is ready, and nobody could be asked for what comes next: done, or nobody has it.
    const isIdle = this.#asked === 0 && !this.#isStoring && this.#plan.ready() === undefined;
    if (this.#plan.isDone || isIdle) this.#ended.resolve(undefined);
  }

  async #ask({ peer }: Source, range: Range): Promise<void> {
    this.#asked += 1;
    try {
      const signal = answerSignal(this.#needs, this.#signal);
      const entries = await this.#needs.network.fetchRange(peer, { kid: this.#kid, ...range }, signal);
      this.#plan.arrived(range, peer, entries);
    } catch (error) {
      if (!isSilence(error)) this.#ended.reject(error);
      this.#plan.failed(range, peer);
    } finally {
      this.#asked -= 1;
    }
    void this.#store();
    this.#askAll();
  }

  /** One at a time: each range is verified against the one before it. */
  async #store(): Promise<void> {
    if (this.#isStoring) return;
    this.#isStoring = true;
    try {
      for (let ready = this.#plan.ready(); ready !== undefined; ready = this.#plan.ready()) {
        if (this.#signal.aborted) return;
        const lane = { kid: this.#kid, previous: this.#previous };
        const { verified, fault: found } = await verifyEntries(this.#needs.judge, lane, ready.entries);
        if (verified.length > 0) await this.#append(ready.from, verified);
        if (found !== undefined) {
          this.#plan.spoiled(ready.peer);
          this.#needs.blame(ready.peer, found);
        }
      }
    } catch (error) {
      this.#ended.reject(error);
    } finally {
      this.#isStoring = false;
    }
    this.#askAll();
  }

  async #append(from: number, verified: readonly LaneEntryView[]): Promise<void> {
    const { replicas, stored } = this.#needs;
    await replicas.append(
      this.#kid,
      from,
      verified.map(({ entry }) => entry),
    );
    this.#previous = verified.at(-1)!.signed;
    this.#plan.took(verified.length);
    stored(this.#kid, verified);
  }
}

async function sourceOf(
  needs: CatchUpNeeds,
  kid: Uint8Array,
  peer: PeerName,
  signal: AbortSignal,
): Promise<Source | undefined> {
  try {
    const sizes = await needs.network.laneSizes(peer, answerSignal(needs, signal));
    return { peer, size: sizes.find((lane) => isSame(lane.kid, kid))?.size ?? 0 };
  } catch (error) {
    if (!isSilence(error)) throw error;
    return undefined;
  }
}

/** A peer that takes a question and never answers must not hold up the lane. */
const answerSignal = ({ answerWaitMs = LIMITS.requestWaitMsMax }: CatchUpNeeds, signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(answerWaitMs)]);

/** What the world does to a question; anything else is our own mistake and ends the catch-up with it. */
const isSilence = (error: unknown): boolean => error instanceof AgentError;

export function sizeOf(replicas: LaneReplicas, kid: Uint8Array): number {
  return replicas.sizes().find((lane) => isSame(lane.kid, kid))?.size ?? 0;
}

/** The last statement of a stored lane. It was verified before it was stored, so it must read. */
export async function lastOf(
  replicas: LaneReplicas,
  kid: Uint8Array,
  size: number,
): Promise<SignedStatement | undefined> {
  if (size === 0) return undefined;
  const [entry] = await replicas.read({ kid, from: size - 1, to: size });
  assert(entry !== undefined, 'a stored lane gives its last entry');
  const decoded = decodeEntry(entry);
  const signed = isFault(decoded) ? decoded : decodeSignedStatement(decoded.statement);
  assert(!isFault(signed), 'a stored entry was verified before it was stored');
  return signed;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
