/**
 * Subjects on their way in: judged, pooled, first seen within an interval, put on the next report and passed on.
 *
 * The interval of the first sight is read when the record arrives, before anything is done with it. Without an interval
 * nothing is seen: the record is left, and whoever sent it offers it again. What was pooled and could not be reported then
 * (no clock, a full tick) is seen later, as late as it is: wider or later, never false.
 */

import type { GenesisParameters } from '../../core/attestation/genesis.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { decodeReports } from '../../core/attestation/reports.ts';
import { keyOfDigest } from '../../core/codec/digest-key.ts';
import { LIMITS } from '../../core/limits.ts';
import type { LaneItem } from '../../core/ordering/order-builder.ts';
import type { OrderEntry } from '../../core/ordering/order-entry.ts';
import { Pool, type Pooled } from '../../core/ordering/pool.ts';
import { encodeSubject } from '../../core/ordering/subject.ts';
import { isTooWide, type Tick } from '../../core/ordering/tick.ts';
import { BoundedMap } from '../../core/peers/bounded-map.ts';
import { midpointOf, type Interval } from '../../core/time/interval.ts';
import { nanos, shift, since, type MonoInstant, type Nanos, type TaiInstant } from '../../core/time/nanos.ts';
import { accept, ignore, isFault, type Verdict } from '../../core/verdict.ts';
import type { Submission, Submitted } from '../../ports/network-view.ts';

export type SubjectDeskNeeds = {
  readonly network: Digest;
  readonly parameters: GenesisParameters;
  /** Undefined for one who follows without reporting. */
  readonly tick: Tick | undefined;
  readonly interval: () => Interval | undefined;
  readonly now: () => MonoInstant;
  /** Passes records on to others. */
  readonly passOn: (records: readonly Uint8Array[]) => void;
  /** There is something to sign. */
  readonly poke: () => void;
  readonly accepted: (id: Digest) => void;
};

export class SubjectDesk {
  readonly #needs: SubjectDeskNeeds;
  readonly pool: Pool;
  /** First sights whose report is not durable yet, and those that became final before. */
  readonly #firstSeen = new BoundedMap<string, MonoInstant>({ sizeMax: LIMITS.poolIdsMax });
  readonly #reported = new BoundedMap<string, number>({ sizeMax: LIMITS.ownReportsRecentMax });
  /** Pooled subjects that are on no tick yet. */
  readonly #unseen = new Set<Pooled>();

  constructor(needs: SubjectDeskNeeds) {
    this.#needs = needs;
    this.pool = new Pool({ network: needs.network, window: needs.parameters.window });
  }

  /** A client's digest becomes a record, claimed for now unless the client says when. */
  submit({ digest, sender, priority, claimed }: Submission, origin: string): Verdict<Submitted> {
    const now = this.#needs.interval();
    if (now === undefined) return this.#withoutTime();
    const { network } = this.#needs;
    // One subject per sender and nanosecond: what is claimed for now is moved on until its nanosecond is free.
    let at: TaiInstant = claimed ?? midpointOf(now);
    for (let tries = 0; claimed === undefined && tries < LIMITS.reportsMax; tries++) {
      if (!this.pool.isTaken(sender, at)) break;
      at = shift(at, nanos(1n));
    }
    return this.submitRecord(encodeSubject({ network, claimed: at, priority, sender, digest }), origin);
  }

  submitRecord(record: Uint8Array, origin: string): Verdict<Submitted> {
    const verdict = this.admit(record, origin);
    if (verdict.kind !== 'accept') return verdict;
    this.#needs.passOn([record]);
    return accept({ id: verdict.value.id, record });
  }

  /** Judges a record that has just arrived, with its id where that is known; accepted, it is in the pool and on the tick. */
  admit(record: Uint8Array, origin: string, id?: Digest): Verdict<Pooled> {
    const seen = this.#needs.interval();
    if (seen === undefined) return this.#withoutTime();
    const verdict = this.pool.admit(record, origin, seen, id);
    if (verdict.kind !== 'accept') return verdict;
    this.#see(verdict.value, seen);
    this.#needs.accepted(verdict.value.id);
    return verdict;
  }

  /** Once a beat: what could not be reported is tried again, what nobody may report any more leaves. */
  beat(): void {
    const now = this.#needs.interval();
    if (now === undefined) return;
    for (const pooled of this.pool.expire(now)) this.#unseen.delete(pooled);
    for (const pooled of [...this.#unseen])
      if (this.pool.get(pooled.id) === undefined) this.#unseen.delete(pooled);
      else if (this.pool.isInWindow(pooled.subject.claimed, now)) this.#see(pooled, now);
  }

  /** An entry of our own lane, read at start or just committed: what it reports is reported. */
  reportedIn({ signed, body, reports: read }: Pick<LaneItem, 'signed' | 'body' | 'reports'>): readonly Digest[] {
    if (signed.statement.kind !== 'reports' || body === null) return [];
    const reports = read ?? decodeReports(signed.statement.time, body);
    if (isFault(reports)) return [];
    for (const { subject } of reports) this.#reported.set(keyOfDigest(subject), Number(signed.statement.seq));
    return reports.map(({ subject }) => subject);
  }

  /** The seq of our own report of a subject; undefined when we have not reported it, or long ago. */
  ownReportOf(id: Digest): number | undefined {
    return this.#reported.peek(keyOfDigest(id));
  }

  /** How long ago we first saw a subject; undefined when we did not, or do not remember. */
  sinceFirstSeen(id: Digest, at: MonoInstant): Nanos | undefined {
    const seenAt = this.#firstSeen.peek(keyOfDigest(id));
    return seenAt === undefined ? undefined : since(at, seenAt);
  }

  /** The same of a subject that is final, asked once: no more is asked of it, so its first sight is forgotten. */
  tookToFinal(id: Digest, at: MonoInstant): Nanos | undefined {
    const took = this.sinceFirstSeen(id, at);
    this.#firstSeen.delete(keyOfDigest(id));
    return took;
  }

  final(entries: readonly OrderEntry[]): void {
    for (const { subject } of entries) this.pool.remove(subject);
  }

  #withoutTime(): Verdict<never> {
    return this.#needs.tick === undefined
      ? ignore('role-observer', 'subjects are taken by validators')
      : ignore('subject-no-time', 'this validator has no interval to see it in');
  }

  #see(pooled: Pooled, seen: Interval): void {
    const { tick, parameters, now, poke } = this.#needs;
    if (tick === undefined) return;
    const { key } = pooled;
    if (this.#reported.peek(key) !== undefined) {
      this.#unseen.delete(pooled);
      return;
    }
    const at = now();
    if (isTooWide(parameters, seen) || !tick.see(pooled.id, seen, at)) {
      this.#unseen.add(pooled);
      return;
    }
    this.#unseen.delete(pooled);
    this.#firstSeen.set(key, at);
    poke();
  }
}
