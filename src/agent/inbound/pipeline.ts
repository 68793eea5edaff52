/**
 * The one way in: every frame of every peer goes through here and comes out as a verdict.
 *
 *     length -> shape -> quota -> duplicate -> signature -> rules -> verdict
 *
 * The order is that of cost: what is cheap to refuse is refused first, and a signature is checked only for what passed
 * everything else. Signatures of one turn of the loop are checked on it up to `LIMITS.inlineClaimsMax`, a tick's worth;
 * what is above goes to the worker threads, and as long as anything is there what follows goes there too, so that one
 * peer's words are taken in the order they came. All that waits is bounded by `LIMITS.inboundItemsMax`. What is being
 * checked counts as seen: in an overlay an item comes from seven sides at once, and threads that checked each copy had so much
 * to do that the loop never got its turn back.
 *
 * A verdict is a value. Should judging throw, it is our bug: counted, logged, and the message ignored.
 */

import type { SignatureClaim } from '../../core/attestation/verify-statement.ts';
import type { Code } from '../../core/codes.ts';
import { sha256 } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Quotas } from '../../core/peers/quotas.ts';
import type { Offence, Standing } from '../../core/peers/standing.ts';
import { decodeFrame, type Frame } from '../../core/propagation/frame.ts';
import type { MessageKind } from '../../core/propagation/kinds.ts';
import { quotaKey, type QuotaKey } from '../../core/propagation/quota-table.ts';
import { digestKey, SeenDigests } from '../../core/propagation/seen.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import { fault, isFault, type Fault, type Refusal, type Verdict } from '../../core/verdict.ts';
import type { Log } from '../../ports/log.ts';
import type { Arrival, ArrivalOutcome, Peer } from '../../ports/network.ts';
import type { BatchVerifier, CheckSignature } from '../../ports/signature-check.ts';
import type { Timers } from '../../ports/timers.ts';
import { InboundCounts } from './counts.ts';
import type { KindJudge } from './kind-judge.ts';
import { offenceOf } from './offences.ts';

/** A judge of any value; what it prepares is handed back to it and to nobody else. */
type AnyJudge = KindJudge<unknown>;

export type PipelineNeeds = {
  readonly judges: Readonly<Record<MessageKind, AnyJudge>>;
  readonly quotas: Quotas<QuotaKey>;
  readonly standing: Standing;
  readonly checkSignature: CheckSignature;
  /** Where claims go that would hold up the loop; without one they are all checked on it. */
  readonly batch: BatchVerifier | undefined;
  readonly now: () => MonoInstant;
  readonly timers: Pick<Timers, 'soon'>;
  readonly log: Log;
};

/** One item on its way: `settle` is set where a signature is still to be checked. */
type Candidate = {
  readonly item: Uint8Array;
  readonly key: string;
  verdict: Verdict<unknown> | undefined;
  readonly claim: SignatureClaim | undefined;
  readonly settle: ((holds: boolean) => Verdict<unknown>) | undefined;
};

const IGNORED: ArrivalOutcome = { kind: 'ignore', banned: false, fresh: [] };

export class InboundPipeline {
  readonly #needs: PipelineNeeds;
  readonly #seen = new SeenDigests({ itemsMax: LIMITS.seenDigestsMax });
  readonly counts = new InboundCounts();
  /** Keys of the items whose signatures are being checked off the loop. */
  readonly #checking = new Set<string>();
  #offLoop = 0;
  #inlineLeft = LIMITS.inlineClaimsMax;
  #isRefillPlanned = false;

  constructor(needs: PipelineNeeds) {
    this.#needs = needs;
  }

  /** Items whose verdict is not known yet. */
  get waitingItems(): number {
    return this.#checking.size;
  }

  /** Judges one frame. Never throws and never rejects. */
  judge(arrival: Arrival): ArrivalOutcome | Promise<ArrivalOutcome> {
    try {
      return this.#judge(arrival);
    } catch (error) {
      return this.#ourBug(error);
    }
  }

  /** Marks what we are about to send ourselves, so that its echo is a duplicate. */
  rememberOwn(items: readonly Uint8Array[]): void {
    for (const item of items) this.#seen.add(digestKey(sha256(item)));
  }

  #judge(arrival: Arrival): ArrivalOutcome | Promise<ArrivalOutcome> {
    const { from, topicKind, bytes } = arrival;
    const now = this.#needs.now();
    // [IGNORE] A banned peer is not read while its connection is going.
    if (this.#needs.standing.isBanned(from.name, now)) {
      this.counts.refusedFrame('peer-banned');
      return { kind: 'ignore', banned: true, fresh: [] };
    }
    // Length and shape.
    const frame = decodeFrame(bytes);
    const misplaced = isFault(frame) ? frame : topicFault(frame, topicKind);
    if (misplaced !== undefined) return this.#refuseFrame(from, misplaced, now);
    const { kind, items } = frame as Frame;
    // Quota.
    const admitted = this.#admit(kind, items, arrival, now);
    if (admitted.count === 0) return { kind: 'ignore', banned: admitted.banned, fresh: [] };
    // [IGNORE] The bound on everything that waits: what is lost here is fetched again.
    if (this.#checking.size + admitted.count > LIMITS.inboundItemsMax) {
      this.counts.refused(kind, 'inbound-full', admitted.count);
      return { kind: 'ignore', banned: admitted.banned, fresh: [] };
    }
    const candidates = this.#prepare(kind, items, admitted.count, arrival);
    const claims = candidates.flatMap(({ claim }) => (claim === undefined ? [] : [claim]));
    const isWhole = admitted.count === items.length;
    const finish = (): ArrivalOutcome => {
      const outcome = this.#finish(kind, candidates, from);
      const banned = outcome.banned || admitted.banned;
      // A frame cut by the quota is not passed on whole.
      return { ...outcome, banned, kind: outcome.kind === 'accept' && !isWhole ? 'ignore' : outcome.kind };
    };
    if (claims.length === 0) return finish();
    if (this.#mayCheckInline(claims.length)) {
      this.#inlineLeft -= claims.length;
      this.#planRefill();
      settleAll(candidates, claims.map(this.#needs.checkSignature));
      return finish();
    }
    return this.#checkOffLoop(kind, candidates, claims, finish);
  }

  #prepare(kind: MessageKind, items: readonly Uint8Array[], count: number, { from, way }: Arrival): Candidate[] {
    const judge = this.#needs.judges[kind];
    const keys = new Set<string>();
    const candidates: Candidate[] = [];
    for (let i = 0; i < count; i++) {
      const view = items[i]!;
      const id = sha256(view);
      const key = digestKey(id);
      // [IGNORE] Seen before, being checked, or twice in one frame.
      if (this.#seen.has(key) || this.#checking.has(key) || keys.has(key)) {
        this.counts.refused(kind, 'message-duplicate', 1);
        continue;
      }
      keys.add(key);
      // What is kept of it must not keep the buffer of the connection, which holds many times as much.
      const item = new Uint8Array(view);
      const prepared = judge.prepare(item, from, way, id);
      candidates.push(
        prepared.kind === 'claim'
          ? { item, key, verdict: undefined, claim: prepared.claim, settle: prepared.settle }
          : { item, key, verdict: prepared, claim: undefined, settle: undefined },
      );
    }
    return candidates;
  }

  // ---- quota

  #admit(
    kind: MessageKind,
    items: readonly Uint8Array[],
    { from, way }: Arrival,
    now: MonoInstant,
  ): { count: number; banned: boolean } {
    const sizes = items.map((item) => item.length);
    const count = this.#needs.quotas.admit(quotaKey(way, kind), { peer: from.name, address: from.address }, sizes, now);
    const excess = items.length - count;
    if (excess === 0) return { count, banned: false };
    // [IGNORE] Above its quota a peer is not read, and not being read is held against it.
    this.counts.refused(kind, 'peer-over-quota', excess);
    return { count, banned: this.#offend(from, 'over-quota', now) };
  }

  // ---- signatures, on the loop and off it

  #mayCheckInline(count: number): boolean {
    if (this.#needs.batch === undefined) return true;
    return this.#offLoop === 0 && count <= this.#inlineLeft;
  }

  #planRefill(): void {
    if (this.#isRefillPlanned) return;
    this.#isRefillPlanned = true;
    this.#needs.timers.soon(() => {
      this.#isRefillPlanned = false;
      this.#inlineLeft = LIMITS.inlineClaimsMax;
    });
  }

  async #checkOffLoop(
    kind: MessageKind,
    candidates: readonly Candidate[],
    claims: readonly SignatureClaim[],
    finish: () => ArrivalOutcome,
  ): Promise<ArrivalOutcome> {
    this.#offLoop += 1;
    for (const { key } of candidates) this.#checking.add(key);
    try {
      settleAll(candidates, await this.#needs.batch!.check(claims));
      return finish();
    } catch (error) {
      if (isFullQueue(error)) {
        // [IGNORE] The worker threads' queue is full: nothing was checked, nothing is remembered.
        this.counts.refused(kind, 'inbound-full', candidates.length);
        return IGNORED;
      }
      return this.#ourBug(error);
    } finally {
      this.#offLoop -= 1;
      for (const { key } of candidates) this.#checking.delete(key);
    }
  }

  // ---- verdicts

  #finish(kind: MessageKind, candidates: readonly Candidate[], from: Peer): ArrivalOutcome {
    const now = this.#needs.now();
    const accepted: unknown[] = [];
    const fresh: Uint8Array[] = [];
    let rejected: Refusal | undefined;
    let banned = false;
    for (const { item, key, verdict } of candidates) {
      if (verdict!.kind === 'accept') {
        this.#seen.add(key);
        accepted.push(verdict!.value);
        fresh.push(item);
        continue;
      }
      const refusal: Refusal = verdict!;
      this.counts.refused(kind, refusal.code, 1);
      if (refusal.kind === 'ignore') continue;
      // What breaks a rule will always break it; what was only ignored may be judged again.
      this.#seen.add(key);
      rejected = refusal;
      banned = this.#offend(from, offenceOf(refusal.code), now) || banned;
    }
    if (accepted.length > 0) {
      this.counts.accepted(kind, accepted.length);
      this.#needs.judges[kind].take(accepted, from);
      this.#needs.standing.reward(from.name, now);
    }
    const judge = this.#needs.judges[kind];
    const isPatient = accepted.every((value) => judge.mayWait?.(value) === true);
    return {
      kind: rejected !== undefined ? 'reject' : accepted.length > 0 ? 'accept' : 'ignore',
      banned,
      fresh,
      isPatient,
    };
  }

  #refuseFrame(from: Peer, found: Fault, now: MonoInstant): ArrivalOutcome {
    this.counts.refusedFrame(found.fault);
    return { kind: 'reject', banned: this.#offend(from, 'malformed', now), fresh: [] };
  }

  #offend(from: Peer, offence: Offence, now: MonoInstant): boolean {
    const banned = this.#needs.standing.offend(from.name, offence, now);
    if (banned) this.#needs.log.write('warn', 'peer banned', { peer: from.name, address: from.address, offence });
    return banned;
  }

  #ourBug(error: unknown): ArrivalOutcome {
    this.counts.bug();
    this.#needs.log.write('error', 'judging a message failed, which is a bug of ours', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return IGNORED;
  }
}

function topicFault(frame: Frame | Fault, topicKind: MessageKind | undefined): Fault | undefined {
  if (isFault(frame) || topicKind === undefined || frame.kind === topicKind) return undefined;
  // [REJECT] A topic carries its own kind and no other.
  return fault('frame-kind', `${frame.kind} on the topic of ${topicKind}`);
}

function settleAll(candidates: readonly Candidate[], answers: readonly boolean[]): void {
  let at = 0;
  for (const candidate of candidates)
    if (candidate.settle !== undefined) candidate.verdict = candidate.settle(answers[at++] ?? false);
}

const isFullQueue = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === ('verification-queue-full' satisfies Code);
