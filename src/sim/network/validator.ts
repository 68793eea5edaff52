/**
 * One validator of a simulated network, on the real core: pool, tick, commit protocol, lanes, ordering, votes.
 *
 * What an agent does with disks, sockets and timers is here a handful of events on virtual time. The commit protocol keeps
 * its order (reserve durably, sign, append durably, publish) and can die between any two steps. A Byzantine validator is
 * this one with a `Conduct` that bends what it signs and sends.
 */

import { sealPayload } from '../../core/attestation/cose-sign1.ts';
import type { Report } from '../../core/attestation/reports.ts';
import { attestedTimeOf } from '../../core/attestation/statement-time.ts';
import { encodeStatement, zeroDigest, type Statement } from '../../core/attestation/statement.ts';
import { keyOfDigest } from '../../core/codec/digest-key.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { encodeEntry } from '../../core/log/entry.ts';
import { Agenda, contentOf, type NextUp } from '../../core/ordering/agenda.ts';
import type { OrderEntry } from '../../core/ordering/order-entry.ts';
import { Ordering, type DueVote, type OrderingEffect } from '../../core/ordering/ordering.ts';
import { Pool } from '../../core/ordering/pool.ts';
import { Tick } from '../../core/ordering/tick.ts';
import type { Interval } from '../../core/time/interval.ts';
import { isBefore, seconds, since, type TaiInstant } from '../../core/time/nanos.ts';
import type { Random } from '../random.ts';
import type { Conduct, Draft } from './conduct-type.ts';
import { LaneStore, type StoredEntry } from './lane-store.ts';
import type { Message } from './links.ts';
import { OrderDisk } from './order-disk.ts';
import { RecentIds } from './recent-ids.ts';
import type { Schedule } from './schedule.ts';
import type { SimKey } from './signatures.ts';
import type { NetworkSetting, World } from './world.ts';
import type { ValidatorClock } from './validator-clock.ts';

/** What survives a crash beside the lanes: the guard's reserved statement. */
type Disk = { reserved: { readonly payload: Uint8Array; readonly body: Uint8Array | null } | undefined };

const MS = 1_000_000;
const HAVE_EVERY_NS = 60 * MS;
const SNAPSHOT_EVERY_NS = 90 * MS;
const HEARTBEAT = seconds(1);
const ENTRIES_PER_ANSWER = 512;
const SUBJECTS_PER_HAVE = 256;

export class Validator {
  readonly index: number;
  readonly lanes: LaneStore;
  readonly #world: World;
  readonly #setting: NetworkSetting;
  readonly #schedule: Schedule;
  readonly #clock: ValidatorClock;
  readonly #key: SimKey;
  readonly #kid: Uint8Array;
  readonly #draw: Random;
  readonly #conduct: Conduct;
  readonly #disk: Disk = { reserved: undefined };
  readonly #orderDisk = new OrderDisk();
  // Everything below is memory: a crash takes it.
  #life = 0;
  #isUp = false;
  #ordering!: Ordering;
  #pool!: Pool;
  #tick!: Tick;
  #agenda!: Agenda;
  #reported = new RecentIds();
  #final: OrderEntry[] = [];
  #isCommitting = false;
  #isSyncPlanned = false;
  /** Entries of the second branch, by seq, for a validator that signs two. */
  readonly #also = new Map<number, StoredEntry>();

  constructor(needs: {
    readonly index: number;
    readonly world: World;
    readonly clock: ValidatorClock;
    readonly key: SimKey;
    readonly kid: Uint8Array;
    readonly draw: Random;
    readonly conduct: Conduct;
  }) {
    this.index = needs.index;
    this.#world = needs.world;
    this.#setting = needs.world.setting;
    this.#schedule = needs.world.schedule;
    this.#clock = needs.clock;
    this.#key = needs.key;
    this.#kid = needs.kid;
    this.#draw = needs.draw;
    this.#conduct = needs.conduct;
    this.lanes = new LaneStore(this.#setting.validators);
    this.#beginAfresh();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get ordering(): Ordering {
    return this.#ordering;
  }

  /** The final order as this validator knows it, from its beginning. */
  get final(): readonly OrderEntry[] {
    return this.#final;
  }

  get clock(): ValidatorClock {
    return this.#clock;
  }

  /** Lets go of all final entries, of all lane entries but the newest `keep`, and of who was reported before the last call. */
  forget(keep: number): void {
    this.lanes.forget(keep);
    this.#final = [];
    this.#reported.turn();
  }

  // ---- life and death

  /** Comes up with what the disk has: finishes a reserved statement, reads its lanes, begins its rounds. */
  start(): void {
    this.#isUp = true;
    const { reserved } = this.#disk;
    if (reserved !== undefined) this.#appendOwn(reserved.payload, reserved.body);
    for (const entry of this.lanes.entries(this.index)) this.#rememberReported(entry);
    this.#final = this.#orderDisk.resume(this.#ordering, this.lanes);
    this.#feed();
    if (this.#world.plan.crashes.some(({ validator }) => validator === this.index))
      this.#every(SNAPSHOT_EVERY_NS, SNAPSHOT_EVERY_NS, () => this.#orderDisk.keep(this.#ordering, this.#final));
    this.#every(this.#draw.between(1, 20) * MS, 5 * MS, () => this.#round());
    this.#every(this.#draw.between(1, 60) * MS, HAVE_EVERY_NS, () => this.#tellWhatIHave());
  }

  /** Dies at once. */
  crash(): void {
    this.#isUp = false;
    this.#life += 1;
    this.lanes.crash();
    this.#beginAfresh();
  }

  #beginAfresh(): void {
    const { network, parameters, validators, rules } = this.#setting;
    this.#ordering = new Ordering({ network, parameters, validators, rules, self: this.index });
    this.#pool = new Pool({ network, window: parameters.window });
    this.#tick = new Tick(parameters);
    this.#agenda = new Agenda({
      parameters,
      tick: this.#tick,
      voteDue: () => this.#dueVote(),
      isOrderBusy: () => this.#ordering.isBusy,
      isBacklogged: () => false,
    });
    this.#reported = new RecentIds();
    this.#final = [];
    this.#isCommitting = false;
    this.#isSyncPlanned = false;
  }

  // ---- what arrives

  receive(from: number, message: Message): void {
    if (!this.#isUp) return;
    switch (message.kind) {
      case 'entry':
        return this.#takeEntry(message.bytes);
      case 'subject':
        return this.see(message.record, `peer ${from}`);
      case 'have':
        return this.#answer(from, message);
      case 'garbage':
        this.#world.judge(this.index, message.bytes);
    }
  }

  /** A subject from a client or a peer: into the pool, into the tick, on to everyone. */
  see(record: Uint8Array, origin: string): void {
    const seen = this.#clock.interval(this.#schedule.now);
    if (!this.#isUp || seen === undefined) return;
    const verdict = this.#pool.admit(record, origin, seen);
    if (verdict.kind !== 'accept') return;
    const { id } = verdict.value;
    if (this.#conduct.minds?.(id) === false) return;
    this.#world.broadcast(this.index, { kind: 'subject', record });
    this.#noteSeen(id, seen);
  }

  #noteSeen(id: Digest, seen: Interval): void {
    if (this.#reported.has(keyOfDigest(id))) return;
    this.#reported.add(keyOfDigest(id));
    this.#world.noteSeen(this.index, id, this.#schedule.now);
    this.#tick.see(id, seen, this.#clock.raw(this.#schedule.now));
  }

  #takeEntry(bytes: Uint8Array): void {
    const place = this.#world.placeOf(bytes);
    // Duplicate before signature: what we hold is not judged again.
    if (place !== undefined && this.lanes.isKnown(place.lane, place.seq, bytes)) return;
    const entry = this.#world.judge(this.index, bytes);
    if (entry === undefined || place === undefined || place.lane === this.index) return;
    if (this.lanes.offer(place.lane, entry) > 0) this.#planSync();
  }

  // ---- rounds

  #round(): void {
    const now = this.#clock.interval(this.#schedule.now);
    if (now === undefined) return;
    for (const pooled of this.#pool.values())
      if (this.#pool.isInWindow(pooled.subject.claimed, now)) this.#mind(pooled.id);
    this.#commitNext();
  }

  /** A subject in the pool that this life has not reported: seen now, as far as it knows. */
  #mind(id: Digest): void {
    const now = this.#clock.interval(this.#schedule.now);
    if (now !== undefined && this.#conduct.minds?.(id) !== false) this.#noteSeen(id, now);
  }

  #tellWhatIHave(): void {
    const n = this.#setting.validators;
    if (n < 2) return;
    const peer = (this.index + 1 + Math.floor(this.#draw.unit() * (n - 1))) % n;
    const subjects = [...this.#pool.values()].slice(0, SUBJECTS_PER_HAVE).map((pooled) => pooled.id);
    this.#world.send(this.index, peer, { kind: 'have', sizes: this.lanes.sizes(), subjects });
  }

  #answer(to: number, { sizes, subjects }: Extract<Message, { kind: 'have' }>): void {
    let left = ENTRIES_PER_ANSWER;
    for (const [lane, size] of sizes.entries()) {
      // One entry it has is sent again: a fork before it shows itself as two statements for one seq.
      const from = Math.max(0, size - 1);
      const entries = this.lanes.entries(lane).slice(from, from + left);
      if (entries.length <= 1 && size === this.lanes.entries(lane).length && !this.#draw.chance(0.1)) continue;
      left -= entries.length;
      for (const entry of entries) this.#sendEntry(to, lane, entry);
      if (left <= 0) break;
    }
    const known = new Set(subjects.map(keyOfDigest));
    for (const pooled of this.#pool.values())
      if (!known.has(keyOfDigest(pooled.id)) && this.#conduct.minds?.(pooled.id) !== false)
        this.#world.send(this.index, to, { kind: 'subject', record: pooled.record });
  }

  // ---- committing

  /** At most one statement is under way: reports first, so that no vote or heartbeat stands between a sight and its report. */
  #commitNext(): void {
    if (this.#isCommitting || !this.#isUp) return;
    const draft = this.#nextDraft();
    if (draft === undefined) return;
    this.#isCommitting = true;
    const payload = this.#payloadOf(draft);
    const life = this.#life;
    // A crash before this instant leaves no trace of the statement.
    this.#schedule.after(this.#draw.between(0.05, 1.5) * MS, () => {
      if (this.#life !== life) return;
      this.#disk.reserved = { payload, body: draft.body };
      // A crash from here on is healed by `start`, which signs the same payload again.
      this.#schedule.after(this.#draw.between(0.05, 1.5) * MS, () => {
        if (this.#life !== life) return;
        this.#isCommitting = false;
        const entry = this.#appendOwn(payload, draft.body);
        this.#signAlso(draft, entry);
        this.#publish(entry);
        this.#feed();
        this.#commitNext();
      });
    });
  }

  #nextDraft(): Draft | undefined {
    const interval = this.#clock.interval(this.#schedule.now);
    if (interval === undefined) return undefined;
    const time = attestedTimeOf(interval);
    const previous = this.#lastTai();
    // Time in a lane strictly increases: until it does, nothing is signed.
    if (previous !== undefined && !isBefore(previous, time.tai)) return undefined;
    const isBeat = previous === undefined || since(time.tai, previous) >= HEARTBEAT;
    const at = this.#clock.raw(this.#schedule.now);
    const next = this.#agenda.next({ time, previous, size: this.lanes.entries(this.index).length, at, isBeat });
    if (next === undefined) return undefined;
    const bent = next.kind === 'reports' ? this.#bent(next.reports, time) : next;
    return { ...contentOf(bent, time), time };
  }

  /** Reports as this validator's conduct makes them; it keeps its place in the lane even when it hides them all. */
  #bent(reports: readonly Report[], time: Draft['time']): NextUp {
    const bent = this.#conduct.bendReports?.(reports, time) ?? reports;
    return bent.length > 0 ? { kind: 'reports', reports: bent } : { kind: 'heartbeat' };
  }

  #payloadOf({ kind, subject, time }: Draft): Uint8Array {
    const last = this.lanes.entries(this.index).at(-1);
    const statement: Statement = {
      network: this.#setting.network,
      epoch: 0n,
      seq: BigInt(this.lanes.entries(this.index).length),
      previous: last?.signed.id ?? zeroDigest(),
      kind,
      time,
      subject,
      taiUtcSeconds: 37,
      evidence: this.#setting.evidence,
    };
    return encodeStatement(statement);
  }

  #appendOwn(payload: Uint8Array, body: Uint8Array | null): StoredEntry {
    const entry = this.#sign(payload, body);
    this.lanes.offer(this.index, entry);
    this.lanes.sync();
    this.#disk.reserved = undefined;
    this.#world.noteCommitted(this.index, entry, this.#schedule.now);
    return entry;
  }

  #sign(payload: Uint8Array, body: Uint8Array | null): StoredEntry {
    const sealed = sealPayload({ kid: this.#kid, sign: (bytes) => this.#key.sign(bytes) }, payload);
    return this.#world.signed(this.index, encodeEntry({ statement: sealed.bytes, body }));
  }

  #signAlso(draft: Draft, own: StoredEntry): void {
    const seq = Number(own.signed.statement.seq);
    const before = this.#also.get(seq - 1);
    const other = this.#conduct.alsoSigns?.(draft, own.signed.statement);
    if (other === undefined) return;
    const previous = before?.signed.id ?? other.previous;
    this.#also.set(seq, this.#sign(encodeStatement({ ...other, previous }), draft.body));
  }

  #publish(entry: StoredEntry): void {
    if (this.#conduct.sends === undefined)
      return this.#world.broadcast(this.index, { kind: 'entry', bytes: entry.bytes });
    for (let to = 0; to < this.#setting.validators; to++) if (to !== this.index) this.#sendEntry(to, this.index, entry);
  }

  #sendEntry(to: number, lane: number, entry: StoredEntry): void {
    const { sends } = this.#conduct;
    const also = lane === this.index ? this.#also.get(Number(entry.signed.statement.seq)) : undefined;
    const chosen = sends === undefined || lane !== this.index ? entry : sends(to, entry, also);
    if (chosen !== undefined) this.#world.send(this.index, to, { kind: 'entry', bytes: chosen.bytes });
  }

  // ---- ordering

  /** What was received becomes durable together, then it may be ordered and voted on. */
  #planSync(): void {
    if (this.#isSyncPlanned) return;
    this.#isSyncPlanned = true;
    const life = this.#life;
    this.#schedule.after(this.#draw.between(0.2, 2) * MS, () => {
      if (this.#life !== life) return;
      this.#isSyncPlanned = false;
      this.lanes.sync();
      this.#feed();
      this.#commitNext();
    });
  }

  #feed(): void {
    for (const { lane, entry } of this.lanes.unfed((candidate) => this.#ordering.wants(candidate))) {
      for (const effect of this.#ordering.append(lane, entry)) this.#follow(effect);
    }
  }

  /** After a restart our own lane says what was reported already. */
  #rememberReported(entry: StoredEntry): void {
    for (const id of this.#world.subjectsIn(entry)) this.#reported.add(keyOfDigest(id));
  }

  #follow(effect: OrderingEffect): void {
    if (effect.kind === 'final') {
      this.#final.push(...effect.entries);
      for (const entry of effect.entries) this.#pool.remove(entry.subject);
    }
  }

  #dueVote(): DueVote | undefined {
    const due = this.#ordering.voteDue(this.lanes.entries(this.index).length);
    if (due === undefined || this.#conduct.bendVote === undefined) return due;
    const vote = this.#conduct.bendVote(due.vote);
    return vote === undefined ? undefined : vote === due.vote ? due : this.#world.voteOf(vote);
  }

  #lastTai(): TaiInstant | undefined {
    return this.lanes.entries(this.index).at(-1)?.signed.statement.time.tai;
  }

  // ---- plumbing

  #every(firstNs: number, everyNs: number, action: () => void): void {
    const life = this.#life;
    const again = (): void => {
      if (this.#life !== life) return;
      action();
      this.#schedule.after(everyNs, again);
    };
    this.#schedule.after(firstNs, again);
  }
}
