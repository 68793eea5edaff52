/**
 * Another validator's lane as it grows: what continues it is stored, what contradicts it is a proof, what leaves a gap is
 * fetched.
 *
 * One follower per lane. Statements come verified each on its own (the pipeline); the step from one to the next is
 * checked here. What comes while an append is under way, or beyond a gap, waits, bounded: were it dropped, a lane that grows
 * faster than a range is fetched would be behind for ever. Beyond the bound it is dropped, and the gap that leaves is fetched
 * like any other.
 */

import { assert } from '../../core/assert.ts';
import { faultBetween, faultInReports, type LaneFault } from '../../core/attestation/fault.ts';
import { stepFault } from '../../core/attestation/lane-rules.ts';
import { decodeSignedStatement, type SignedStatement } from '../../core/attestation/verify-statement.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { LIMITS } from '../../core/limits.ts';
import { isFault } from '../../core/verdict.ts';
import type { LaneReplicas } from '../../ports/network.ts';
import { lastOf, sizeOf } from './catch-up.ts';
import type { LaneEntryView } from './lane-entries.ts';
import type { ReceivedStatement } from './judge-statement.ts';

export type FollowerNeeds = {
  readonly replicas: LaneReplicas;
  /** Entries that are stored now, in order. */
  readonly stored: (kid: Uint8Array, entries: readonly LaneEntryView[]) => void;
  /** The lane goes on at `seen`, and what lies between is not here: catch up, then `reload`. Called once per gap. */
  readonly gap: (kid: Uint8Array, seen: bigint) => void;
  /** The validator contradicted itself: the lane is frozen from here on. */
  readonly fault: (fault: LaneFault) => void;
  /** Storage failed; what it was to hold is dropped, and the lane followed from where it ends. */
  readonly failed: (error: unknown) => void;
};

export class LaneFollower {
  readonly kid: Uint8Array;
  readonly #needs: FollowerNeeds;
  #head: SignedStatement | undefined;
  #size = 0;
  #waiting: ReceivedStatement[] = [];
  #waitingBytes = 0;
  #isBusy = true;
  /** Somebody else writes the copy. */
  #isHeld = false;
  #isFrozen = false;
  #gapSeen: bigint | undefined;
  #idle: PromiseWithResolvers<undefined> = Promise.withResolvers();

  constructor(kid: Uint8Array, needs: FollowerNeeds) {
    this.kid = kid;
    this.#needs = needs;
  }

  /** Reads where the stored lane ends. Statements may be offered before it resolves. */
  async start(): Promise<void> {
    await this.reload();
  }

  /** Leaves the copy to another writer until `reload`; resolves when what was under way is stored. */
  async hold(): Promise<void> {
    this.#isHeld = true;
    if (this.#isBusy) await this.#idle.promise;
  }

  /** Nobody can show what comes before it: what waits beyond a gap is dropped, so that it is not asked for again and again. */
  forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** After a catch-up stored entries of its own: goes on from where the lane ends now, with what came meanwhile. */
  async reload(): Promise<void> {
    this.#isBusy = true;
    this.#isHeld = false;
    await this.#readEnd();
    this.#isBusy = false;
    await this.#work();
  }

  async #readEnd(): Promise<void> {
    this.#size = sizeOf(this.#needs.replicas, this.kid);
    this.#head = await lastOf(this.#needs.replicas, this.kid, this.#size);
    this.#gapSeen = undefined;
  }

  get size(): number {
    return this.#size;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** True while statements are being stored: the lane is about to be longer. */
  get isStoring(): boolean {
    return this.#isBusy;
  }

  /** Takes verified statements of this lane, in any order. */
  offer(received: readonly ReceivedStatement[]): void {
    if (this.#isFrozen) return;
    for (const one of received) {
      if (this.#waiting.length >= LIMITS.laneWaitingEntriesMax) break;
      if (this.#waitingBytes + one.entry.length > LIMITS.laneWaitingBytesMax) break;
      this.#waiting.push(one);
      this.#waitingBytes += one.entry.length;
    }
    // Beyond a gap nothing is to be done but wait, unless this is what was missing.
    const expected = BigInt(this.#size);
    if (this.#gapSeen === undefined || received.some(({ signed }) => signed.statement.seq <= expected))
      void this.#work();
  }

  /** Resolves once nothing waits that can be stored. */
  settled(): Promise<undefined> {
    if (!this.#isBusy) return Promise.resolve(undefined);
    return this.#idle.promise;
  }

  async #work(): Promise<void> {
    if (this.#isBusy || this.#isHeld) return;
    this.#isBusy = true;
    try {
      for (let isStuck = false; !isStuck && this.#hasWork();) {
        const taken = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        isStuck = !(await this.#takeOrReadEnd(taken));
      }
    } catch (error) {
      this.#needs.failed(error);
    } finally {
      this.#isBusy = false;
    }
    this.#idle.resolve(undefined);
    this.#idle = Promise.withResolvers();
  }

  #hasWork(): boolean {
    return this.#waiting.length > 0 && !this.#isFrozen && !this.#isHeld;
  }

  /** Where storing failed the lane may be another length than was thought. It is asked before anyone else may write. */
  async #takeOrReadEnd(received: readonly ReceivedStatement[]): Promise<boolean> {
    try {
      return await this.#take(received);
    } catch (error) {
      this.#needs.failed(error);
      await this.#readEnd();
      return true;
    }
  }

  /** False when what is left waits for what is not here. */
  async #take(received: readonly ReceivedStatement[]): Promise<boolean> {
    const next: LaneEntryView[] = [];
    let head = this.#head;
    const bySeq = received.toSorted((a, b) => (a.signed.statement.seq < b.signed.statement.seq ? -1 : 1));
    let beyond: readonly ReceivedStatement[] = [];
    for (const [i, { signed, body, reports, entry }] of bySeq.entries()) {
      const expected = BigInt(this.#size + next.length);
      const { seq } = signed.statement;
      if (seq > expected) {
        beyond = bySeq.slice(i);
        break;
      }
      if (seq < expected) {
        await this.#compareWithStored(signed, next);
        if (this.#isFrozen) return true;
        continue;
      }
      if (head !== undefined && stepFault(head, signed) !== undefined) {
        this.#freeze(faultBetween(head, signed));
        break;
      }
      if (head !== undefined && body !== null) {
        const early = faultInReports(head, signed, body, reports);
        if (early !== undefined) {
          this.#freeze(early);
          break;
        }
      }
      next.push({ entry, signed, body, reports });
      head = signed;
    }
    if (next.length > 0) await this.#append(next);
    if (beyond.length === 0 || this.#isFrozen) return true;
    return this.#putBack(beyond);
  }

  /** What lies beyond a gap waits for it to be closed. False when nothing came meanwhile that might close it. */
  #putBack(beyond: readonly ReceivedStatement[]): boolean {
    const isNews = this.#waiting.length > 0;
    this.#waiting = [...beyond, ...this.#waiting];
    this.#waitingBytes = this.#waiting.reduce((bytes, { entry }) => bytes + entry.length, 0);
    if (!isNews) this.#reportGap(beyond[0]!.signed.statement.seq);
    return isNews;
  }

  async #append(next: readonly LaneEntryView[]): Promise<void> {
    await this.#needs.replicas.append(
      this.kid,
      this.#size,
      next.map(({ entry }) => entry),
    );
    this.#size += next.length;
    this.#head = next.at(-1)!.signed;
    this.#gapSeen = undefined;
    this.#needs.stored(this.kid, next);
  }

  /** The same statement again is nothing; another one for a seq that is taken is a proof (E1). */
  async #compareWithStored(signed: SignedStatement, next: readonly LaneEntryView[]): Promise<void> {
    const at = Number(signed.statement.seq);
    const stored = at < this.#size ? await this.#storedAt(at) : next[at - this.#size]!.signed;
    const found = faultBetween(stored, signed);
    if (found !== undefined) this.#freeze(found);
  }

  async #storedAt(index: number): Promise<SignedStatement> {
    const [entry] = await this.#needs.replicas.read({ kid: this.kid, from: index, to: index + 1 });
    assert(entry !== undefined, 'a stored lane gives the entries below its size');
    const decoded = decodeEntry(entry);
    const signed = isFault(decoded) ? decoded : decodeSignedStatement(decoded.statement);
    assert(!isFault(signed), 'a stored entry was verified before it was stored');
    return signed;
  }

  #reportGap(seen: bigint): void {
    // Once per gap: what follows while it is being fetched is part of it.
    if (this.#gapSeen !== undefined) return;
    this.#gapSeen = seen;
    this.#needs.gap(this.kid, seen);
  }

  #freeze(found: LaneFault | undefined): void {
    this.#isFrozen = true;
    this.forget();
    if (found !== undefined) this.#needs.fault(found);
  }
}
