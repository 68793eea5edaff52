/**
 * The pool: subjects that are known here and not final, indexed by claimed time.
 *
 * Bounded by count, by bytes, by age (the validity window, two-sided) and per origin; one subject per sender and claimed
 * nanosecond. When it is full a newcomer must outrank something: the victim is of the lowest priority and, among those, the
 * newest here, so that a flood displaces itself first. Ids of what left the pool are remembered until their window has
 * passed, so that nothing is reported twice. Verdicts are values; every drop is counted.
 */

import { assert } from '../assert.ts';
import type { GenesisParameters } from '../attestation/genesis.ts';
import { compareBytes } from '../codec/cbor.ts';
import { keyOfDigest } from '../codec/digest-key.ts';
import { toHex } from '../codec/hex.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { BoundedMap } from '../peers/bounded-map.ts';
import type { Interval } from '../time/interval.ts';
import { isBefore, negate, shift, type TaiInstant } from '../time/nanos.ts';
import { accept, ignore, isFault, reject, rejectFault, type Verdict } from '../verdict.ts';
import { DepartedIds } from './departed-ids.ts';
import { decodeSubject, isOfNetwork, subjectIdOf, type Subject } from './subject.ts';

export type Pooled = {
  readonly id: Digest;
  /** The id as the key of a map: made once, because every room that a subject passes has a map of them. */
  readonly key: string;
  readonly record: Uint8Array;
  readonly subject: Subject;
  /** Who handed it to us (an API client, a peer): the quota is theirs, whatever sender the record names. */
  readonly origin: string;
  /** Arrival number here. */
  readonly arrival: number;
};

/** With the other key it is found by, worked out once. */
type Held = Pooled & { readonly senderTime: string };

export type PoolLimits = {
  readonly subjectsMax: number;
  readonly bytesMax: number;
  readonly perOriginMax: number;
  readonly idsMax: number;
};

const DEFAULTS: PoolLimits = {
  subjectsMax: LIMITS.poolSubjectsMax,
  bytesMax: LIMITS.poolBytesMax,
  perOriginMax: LIMITS.poolSubjectsPerOriginMax,
  idsMax: LIMITS.poolIdsMax,
};

export class Pool {
  readonly #network: Digest;
  readonly #window: GenesisParameters['window'];
  readonly #limits: PoolLimits;
  readonly #byId = new Map<string, Held>();
  /** By priority, in order of arrival: the newest of the lowest is found at once, however often a stranger asks for room. */
  readonly #byPriority = new Map<number, BoundedMap<number, Held>>();
  readonly #bySenderTime = new Set<string>();
  readonly #byOrigin = new Map<string, number>();
  readonly #departed: DepartedIds;
  #bytes = 0;
  #arrivals = 0;
  #evicted = 0;

  constructor(needs: { readonly network: Digest; readonly window: GenesisParameters['window'] }, limits = DEFAULTS) {
    this.#network = needs.network;
    this.#window = needs.window;
    this.#limits = limits;
    this.#departed = new DepartedIds({ window: needs.window, idsMax: limits.idsMax });
  }

  get size(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Subjects displaced by ones of higher priority. */
  get evicted(): number {
    return this.#evicted;
  }

  has(id: Digest): boolean {
    return this.#byId.has(keyOfDigest(id));
  }

  get(id: Digest): Pooled | undefined {
    return this.#byId.get(keyOfDigest(id));
  }

  /** True while the pool holds a subject of this sender and nanosecond. */
  isTaken(sender: Uint8Array, claimed: TaiInstant): boolean {
    return this.#bySenderTime.has(senderTimeOf({ sender, claimed }));
  }

  /**
   * Judges a record that arrived from `origin` when true time was in `now`; accepted, it is in the pool. `id` is the record's,
   * where it is known already.
   */
  admit(record: Uint8Array, origin: string, now: Interval, id = subjectIdOf(record)): Verdict<Pooled> {
    const subject = decodeSubject(record);
    if (isFault(subject)) return rejectFault(subject);
    // [REJECT] A subject of another network.
    if (!isOfNetwork(subject, this.#network)) return reject('subject-network', 'the record names another network');
    const key = keyOfDigest(id);
    // [IGNORE] Known already, or known and gone.
    if (this.#byId.has(key) || this.#departed.has(key)) return ignore('subject-known', 'seen before');
    // [IGNORE] Two-sided: claimed neither too long ago nor too far ahead, whatever true time is in our interval.
    if (!this.isInWindow(subject.claimed, now))
      return ignore('subject-outside-window', `claimed ${subject.claimed} ns, now ${now.earliest}..${now.latest} ns`);
    // [IGNORE] One subject per sender and nanosecond: the first that came.
    const senderTime = senderTimeOf(subject);
    if (this.#bySenderTime.has(senderTime))
      return ignore('subject-time-taken', 'the sender has a subject of that nanosecond');
    // [IGNORE] Nobody fills the pool alone.
    if ((this.#byOrigin.get(origin) ?? 0) >= this.#limits.perOriginMax)
      return ignore('pool-origin-full', `${origin} has ${this.#limits.perOriginMax} subjects waiting`);
    if (!this.#makeRoom(record.length, subject.priority))
      return ignore('pool-full', `${this.#byId.size} subjects, ${this.#bytes} bytes, none of lower priority`);
    return accept(this.#put({ id, key, record, subject, senderTime, origin, arrival: this.#arrivals++ }));
  }

  /** True while a validator may report a subject claimed for this time: surely within the window. */
  isInWindow(claimed: TaiInstant, now: Interval): boolean {
    const from = shift(claimed, negate(this.#window));
    const to = shift(claimed, this.#window);
    return !isBefore(now.earliest, from) && !isBefore(to, now.latest);
  }

  /** Takes a subject out, remembering its id: it is final, or it was taken back. */
  remove(id: Digest): boolean {
    const pooled = this.#byId.get(keyOfDigest(id));
    if (pooled === undefined) return false;
    this.#depart(pooled);
    return true;
  }

  /** Takes out what nobody may report any more, and returns it: not final in time. Forgets ids past their window. */
  expire(now: Interval): Pooled[] {
    const expired: Held[] = [];
    for (const pooled of this.#byId.values()) {
      if (isBefore(shift(pooled.subject.claimed, this.#window), now.earliest)) expired.push(pooled);
    }
    for (const pooled of expired) this.#depart(pooled);
    this.#departed.forget(now.earliest);
    return expired;
  }

  /** What waits, by claimed time, then by id. */
  byClaimedTime(): Pooled[] {
    return [...this.#byId.values()].sort(
      (a, b) =>
        (isBefore(a.subject.claimed, b.subject.claimed)
          ? -1
          : isBefore(b.subject.claimed, a.subject.claimed)
            ? 1
            : 0) || compareBytes(a.id, b.id),
    );
  }

  /** What waits, in order of arrival. */
  values(): Iterable<Pooled> {
    return this.#byId.values();
  }

  /** True when a record of this size and priority fits, displacing lower priorities as needed. */
  #makeRoom(bytes: number, priority: number): boolean {
    const victims: Held[] = [];
    let freed = 0;
    const isFull = (): boolean =>
      this.#byId.size - victims.length >= this.#limits.subjectsMax ||
      this.#bytes - freed + bytes > this.#limits.bytesMax;
    const candidates = this.#below(priority);
    while (isFull()) {
      const victim = candidates.next();
      if (victim.done === true) return false;
      victims.push(victim.value);
      freed += victim.value.record.length;
    }
    for (const victim of victims) this.#takeOut(victim);
    this.#evicted += victims.length;
    return true;
  }

  /** Subjects of lower priority: lowest first, newest first among equals. */
  *#below(priority: number): Generator<Held, undefined> {
    const levels = [...this.#byPriority.keys()].filter((level) => level < priority).sort((a, b) => a - b);
    for (const level of levels) yield* this.#byPriority.get(level)!.newestFirst();
    return undefined;
  }

  #put(pooled: Held): Pooled {
    const { key, subject, senderTime, origin, record } = pooled;
    this.#byId.set(key, pooled);
    this.#bySenderTime.add(senderTime);
    this.#byOrigin.set(origin, (this.#byOrigin.get(origin) ?? 0) + 1);
    const level =
      this.#byPriority.get(subject.priority) ?? new BoundedMap<number, Held>({ sizeMax: this.#limits.subjectsMax });
    level.set(pooled.arrival, pooled);
    this.#byPriority.set(subject.priority, level);
    this.#bytes += record.length;
    return pooled;
  }

  /** Takes out for good: the id is remembered until nobody may report it any more. */
  #depart(pooled: Held): void {
    this.#takeOut(pooled);
    this.#departed.add(pooled.key, pooled.subject.claimed);
  }

  #takeOut(pooled: Held): void {
    const { key, subject, senderTime, origin } = pooled;
    assert(this.#byId.delete(key), 'what leaves the pool was in it');
    this.#bySenderTime.delete(senderTime);
    const left = this.#byOrigin.get(origin)! - 1;
    if (left === 0) this.#byOrigin.delete(origin);
    else this.#byOrigin.set(origin, left);
    const level = this.#byPriority.get(subject.priority)!;
    level.delete(pooled.arrival);
    if (level.size === 0) this.#byPriority.delete(subject.priority);
    this.#bytes -= pooled.record.length;
  }
}

/** One nanosecond of one sender, as a key. To the base of 32 a time costs shifts, to that of ten divisions. */
const senderTimeOf = ({ sender, claimed }: Pick<Subject, 'sender' | 'claimed'>): string =>
  sender.length === 0 ? claimed.toString(32) : `${claimed.toString(32)}/${toHex(sender)}`;
