/**
 * What a validator signs next: reports, a cut vote, an answer to a challenge, or nothing but that it is there.
 *
 * One statement at a time. Reports come first, so that no vote or heartbeat stands between a sight and its report; then a
 * vote whose slot has surely ended; then answers, which somebody waits for; then a heartbeat, on the caller's beat or, while
 * the order waits for lanes to pass a slot, once per slot. Under load there are always reports: a vote or an answer lets one
 * statement of them pass, not a second. docs/spec/ordering.md, "When a validator signs".
 */

import type { GenesisParameters } from '../attestation/genesis.ts';
import { encodeReports, type Report } from '../attestation/reports.ts';
import type { AttestedTime } from '../attestation/statement-time.ts';
import { zeroDigest, type Statement } from '../attestation/statement.ts';
import { compareBytes } from '../codec/cbor.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import type { HashRanges } from '../log/hash-ranges.ts';
import type { Interval } from '../time/interval.ts';
import { isBefore, type MonoInstant, type TaiInstant } from '../time/nanos.ts';
import type { DueVote } from './ordering.ts';
import { slotEnd, slotOf } from './slots.ts';
import type { Tick } from './tick.ts';

export type AgendaParameters = Pick<GenesisParameters, 'slot' | 'tick' | 'tickMax' | 'guaranteeMax'>;

/** What the next statement says; its place and its time are the validator's. */
export type NextUp =
  | { readonly kind: 'reports'; readonly reports: readonly Report[] }
  | { readonly kind: 'cut-vote'; readonly vote: DueVote }
  | { readonly kind: 'challenge-answer'; readonly subject: Digest }
  | { readonly kind: 'heartbeat' };

export type AgendaNeeds = {
  readonly parameters: AgendaParameters;
  readonly tick: Tick;
  /** The vote the order asks for when our lane holds this many entries; undefined for none, or for one who does not vote. */
  readonly voteDue: (ownEntries: number) => DueVote | undefined;
  /** True while lanes must pass slots for something to become final. */
  readonly isOrderBusy: () => boolean;
  /** Frames wait to be sent or verified: ticks widen. */
  readonly isBacklogged: () => boolean;
};

/** Where our lane and our clock stand when the next statement is chosen. */
export type AgendaSetting = {
  readonly time: AttestedTime;
  readonly previous: TaiInstant | undefined;
  readonly size: number;
  readonly at: MonoInstant;
  /** A heartbeat is due whatever else there is. */
  readonly isBeat: boolean;
};

export class Agenda {
  readonly #needs: AgendaNeeds;
  #answers: Digest[] = [];
  /** Whether the last statement was reports. */
  #hasReportedLast = false;

  constructor(needs: AgendaNeeds) {
    this.#needs = needs;
  }

  /** Asks for a statement over this subject. False when too many wait. */
  answer(subject: Digest): boolean {
    if (this.#answers.length >= LIMITS.challengesWaitingMax) return false;
    this.#answers.push(subject);
    return true;
  }

  /** Nobody waits for this answer any more. */
  withdraw(subject: Digest): void {
    this.#answers = this.#answers.filter((waiting) => compareBytes(waiting, subject) !== 0);
  }

  /**
   * False when there is surely nothing to sign now, as far as can be told without an estimate: `now` is our interval, or
   * undefined without one.
   */
  mayBeDue({
    now,
    previous,
    size,
    at,
  }: Pick<AgendaSetting, 'previous' | 'size' | 'at'> & { now: Interval | undefined }): boolean {
    const { tick, parameters, voteDue, isOrderBusy } = this.#needs;
    if (now === undefined) return false;
    if (this.#answers.length > 0 || tick.isDue(at)) return true;
    const vote = voteDue(size);
    if (vote !== undefined && !isBefore(now.latest, slotEnd(vote.vote.slot, parameters))) return true;
    return isOrderBusy() && (previous === undefined || slotOf(previous, parameters) < slotOf(now.latest, parameters));
  }

  /** True while a later moment may find something due: the caller looks again soon. */
  hasWork(size: number): boolean {
    const { tick, voteDue, isOrderBusy } = this.#needs;
    return this.#answers.length > 0 || tick.waitingReports > 0 || isOrderBusy() || voteDue(size) !== undefined;
  }

  /** What to sign at this time; undefined for nothing. What is returned is taken off the list. */
  next({ time, previous, size, at, isBeat }: AgendaSetting): NextUp | undefined {
    const { tick, parameters, voteDue, isOrderBusy, isBacklogged } = this.#needs;
    const vote = voteDue(size);
    const isVoteDue = vote !== undefined && !isBefore(time.tai, slotEnd(vote.vote.slot, parameters));
    const isSlotNew = previous === undefined || slotOf(previous, parameters) < slotOf(time.tai, parameters);
    const isBeatDue = isBeat || (isOrderBusy() && isSlotNew);
    const isOthersTurn = this.#hasReportedLast && (isVoteDue || this.#answers.length > 0);
    const canReport = tick.waitingReports > 0 && time.guarantee <= parameters.guaranteeMax && !isOthersTurn;
    this.#hasReportedLast = false;
    if (canReport && (tick.isDue(at) || isVoteDue || isBeatDue)) {
      const reports = tick.close({ time, previous, at, isBacklogged: isBacklogged() });
      this.#hasReportedLast = reports.length > 0;
      if (reports.length > 0) return { kind: 'reports', reports };
    }
    if (isVoteDue) return { kind: 'cut-vote', vote };
    const subject = this.#answers.shift();
    if (subject !== undefined) return { kind: 'challenge-answer', subject };
    return isBeatDue ? { kind: 'heartbeat' } : undefined;
  }
}

/** Key 5, key 7 and the entry's body of a statement that says this. */
export function contentOf(
  next: NextUp,
  time: AttestedTime,
  hash?: HashRanges,
): Pick<Statement, 'kind' | 'subject'> & { readonly body: Uint8Array | null } {
  switch (next.kind) {
    case 'reports': {
      const { bytes, root } = encodeReports(time, next.reports, hash);
      return { kind: 'reports', subject: root, body: bytes };
    }
    case 'cut-vote':
      return { kind: 'cut-vote', subject: next.vote.subject, body: next.vote.body };
    case 'challenge-answer':
      return { kind: 'challenge-answer', subject: next.subject, body: null };
    case 'heartbeat':
      return { kind: 'heartbeat', subject: zeroDigest(), body: null };
  }
}
