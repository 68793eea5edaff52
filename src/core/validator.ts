/**
 * The validator: what to do about each thing that happens. `step(event)` returns effects; nothing is done here.
 *
 * It routes: observations go to the clock, a beat asks the clock for an estimate and, when that may be attested, turns it
 * into a draft. It keeps the rules of its own lane: one commit at a time, and time that strictly increases (its
 * place in the chain is given by the commit protocol). It is deterministic: the same events in the same order give the same effects, so a recorded
 * inbox replays a failure of the field exactly.
 *
 * Storage decides whether signing is possible: after a failure it halts until told otherwise, and says why.
 */

import type { LaneHead } from './log/guard-record.ts';
import type { HashRanges } from './log/hash-ranges.ts';
import { assert, unreachable } from './assert.ts';
import { attestedTimeOf, isRepresentable } from './attestation/statement-time.ts';
import type { Statement } from './attestation/statement.ts';
import type { Clock, TimeNow } from './clock/clock.ts';
import type { Estimate } from './clock/estimate.ts';
import type { Observation, SourceName } from './clock/observation.ts';
import type { Transition } from './clock/state.ts';
import type { Digest } from './codec/sha256.ts';
import type { Code } from './codes.ts';
import { contentOf, type Agenda } from './ordering/agenda.ts';
import { interval } from './time/interval.ts';
import type { MonoInstant, TaiInstant } from './time/nanos.ts';

export type ValidatorEvent =
  | { readonly kind: 'observed'; readonly observation: Observation }
  /** A heartbeat is due. */
  | { readonly kind: 'beat'; readonly at: MonoInstant }
  /** Something on the agenda may be due: what the order or a peer waits for does not wait for the next beat. */
  | { readonly kind: 'due'; readonly at: MonoInstant }
  /** The draft asked for is durable; this is where the lane stands now. */
  | { readonly kind: 'committed'; readonly head: LaneHead; readonly at: MonoInstant }
  /** The draft asked for was not signed, and this is why. `halts`: nor will any other be until storage is ready. */
  | { readonly kind: 'commit-refused'; readonly code: Code; readonly at: MonoInstant; readonly halts: boolean }
  /** Another host identity record is in force, and durable; undefined: none is. */
  | { readonly kind: 'identity-changed'; readonly digest: Digest | undefined }
  /** Signing halted for `code` may be tried again. */
  | { readonly kind: 'storage-ready' };

/** A statement before it has its place in the lane, with what it commits to. */
export type Draft = Pick<Statement, 'epoch' | 'kind' | 'time' | 'subject' | 'taiUtcSeconds'> & {
  /** The evidence record; key 9 becomes its digest. */
  readonly evidence: Uint8Array;
  /** What the subject commits to, stored in the entry; null where there is nothing. */
  readonly body: Uint8Array | null;
};

export type Effect =
  /** Reserve, sign, append, publish. Answered by `committed` or `commit-refused`. */
  | { readonly kind: 'commit'; readonly draft: Draft }
  | { readonly kind: 'clock-changed'; readonly transition: Transition }
  /** Attesting began (`code` undefined) or stopped, for this reason. */
  | { readonly kind: 'attesting-changed'; readonly code: Code | undefined; readonly at: MonoInstant }
  | { readonly kind: 'warned'; readonly code: Code };

export type ValidatorNeeds = {
  readonly clock: Clock;
  /** Where the lane stands when the agent starts. */
  readonly head: LaneHead;
  readonly startedAt: MonoInstant;
  /** What is signed beside heartbeats; without one, nothing is. */
  readonly agenda?: Agenda | undefined;
  /** Hashes the leaves of reports, many at a time; core's own way where there is no quicker one. */
  readonly hashRanges?: HashRanges | undefined;
};

/** Why nothing is signed, and since when; `code` undefined while statements are signed. */
export type Attesting = { readonly since: MonoInstant; readonly code: Code | undefined };

export class Validator {
  readonly #clock: Clock;
  readonly #agenda: Agenda | undefined;
  readonly #hashRanges: HashRanges | undefined;
  #head: LaneHead;
  #estimate: Estimate | undefined;
  #attesting: Attesting;
  #isCommitting = false;
  /** A beat came while a commit was under way: a heartbeat follows it. */
  #isBeatOwed = false;
  #halted: Code | undefined;
  /** Why nothing may be signed as of the last look at the clock; undefined when something may. */
  #refusal: Code | undefined;
  #warned = new Set<Code>();
  #beatsSkipped = 0;

  constructor({ clock, head, startedAt, agenda, hashRanges }: ValidatorNeeds) {
    this.#clock = clock;
    this.#agenda = agenda;
    this.#hashRanges = hashRanges;
    this.#head = head;
    this.#attesting = { since: startedAt, code: 'clock-starting' };
  }

  step(event: ValidatorEvent): readonly Effect[] {
    switch (event.kind) {
      case 'observed':
        this.#clock.observe(event.observation);
        return [];
      case 'beat':
        return this.#beat(event.at);
      case 'due':
        return this.#due(event.at);
      case 'committed':
        return this.#committed(event.head, event.at);
      case 'commit-refused':
        this.#isCommitting = false;
        if (event.halts) this.#halted = event.code;
        return this.#attest(event.code, event.at);
      case 'identity-changed':
        this.#clock.useIdentity(event.digest);
        return [];
      case 'storage-ready':
        this.#halted = undefined;
        return [];
      default:
        return unreachable(event);
    }
  }

  /** The interval at `mono`; the object is overwritten by the next call. */
  now(mono: MonoInstant): TimeNow {
    return this.#clock.now(mono);
  }

  /** The last beat's estimate; undefined before the first. */
  get estimate(): Estimate | undefined {
    return this.#estimate;
  }

  get attesting(): Attesting {
    return this.#attesting;
  }

  get head(): LaneHead {
    return this.#head;
  }

  /** Beats that found the previous commit still under way: the disk is slower than the heartbeat. */
  get beatsSkipped(): number {
    return this.#beatsSkipped;
  }

  get clockCounters(): Clock['counters'] {
    return this.#clock.counters;
  }

  newestReading(source: SourceName): MonoInstant | undefined {
    return this.#clock.newestReading(source);
  }

  #beat(at: MonoInstant): readonly Effect[] {
    if (!this.#isCommitting) return this.#sign(at, true);
    // One beat may find a commit under way and be made up for; a second one means that the disk is slower than the beat.
    if (this.#isBeatOwed || this.#agenda === undefined) this.#beatsSkipped += 1;
    this.#isBeatOwed = true;
    return this.#look(at).effects;
  }

  #due(at: MonoInstant): readonly Effect[] {
    if (this.#isCommitting || this.#halted !== undefined || this.#agenda === undefined) return [];
    const { earliest, latest } = this.#clock.now(at);
    const now = earliest === undefined || latest === undefined ? undefined : interval(earliest, latest);
    const { size, time: previous } = this.#head;
    const isDue = this.#isBeatOwed || this.#agenda.mayBeDue({ now, previous, size, at });
    return isDue ? this.#sign(at, this.#isBeatOwed) : [];
  }

  /** Looks at the clock and, when that may be attested and there is something to say, asks for a commit. */
  #sign(at: MonoInstant, isBeat: boolean): readonly Effect[] {
    const { effects, estimate, refusal } = this.#look(at);
    if (refusal !== undefined) return effects;
    const draft = this.#draft(estimate, isBeat);
    if (draft === undefined) return effects;
    this.#isCommitting = true;
    this.#isBeatOwed = false;
    return [...effects, { kind: 'commit', draft }];
  }

  /** A new estimate, and what it changes: the state, what is warned of, whether statements are signed. */
  #look(at: MonoInstant): { effects: Effect[]; estimate: Estimate; refusal: Code | undefined } {
    const estimate = this.#clock.estimate(at);
    this.#estimate = estimate;
    const effects: Effect[] = [];
    if (estimate.transition !== undefined) effects.push({ kind: 'clock-changed', transition: estimate.transition });
    effects.push(...this.#warn(estimate.warnings));
    const refusal = this.#halted ?? refusalOf(estimate, this.#head.time);
    this.#refusal = refusal;
    if (refusal !== undefined) effects.push(...this.#attest(refusal, at));
    return { effects, estimate, refusal };
  }

  #committed(head: LaneHead, at: MonoInstant): readonly Effect[] {
    assert(this.#isCommitting, 'only a commit asked for is committed');
    // More than one when a full disk had kept an earlier one from the lane.
    assert(head.size > this.#head.size, 'the lane grew');
    this.#isCommitting = false;
    this.#head = head;
    // Only what is durable counts as signing: a full disk that is tried again must not look well for a moment.
    return this.#refusal === undefined ? this.#attest(undefined, at) : [];
  }

  /** What is to be signed at this estimate; undefined for nothing. */
  #draft(estimate: Estimate, isBeat: boolean): Draft | undefined {
    assert(
      estimate.interval !== undefined && estimate.taiUtcSeconds !== undefined,
      'only an attestable estimate is drafted',
    );
    const time = attestedTimeOf(estimate.interval);
    const { size, time: previous, epoch } = this.#head;
    const next =
      this.#agenda === undefined
        ? ({ kind: 'heartbeat' } as const)
        : this.#agenda.next({ time, previous, size, at: estimate.asOf, isBeat });
    if (next === undefined) return undefined;
    const evidence = this.#clock.evidence(estimate.asOf);
    return { epoch, ...contentOf(next, time, this.#hashRanges), time, taiUtcSeconds: estimate.taiUtcSeconds, evidence };
  }

  /** Each change of whether and why is told once. */
  #attest(code: Code | undefined, at: MonoInstant): Effect[] {
    if (code === this.#attesting.code) return [];
    this.#attesting = { since: at, code };
    return [{ kind: 'attesting-changed', code, at }];
  }

  /** A warning is told when it appears, and again only after it went away. */
  #warn(warnings: readonly Code[]): Effect[] {
    const fresh = warnings.filter((code) => !this.#warned.has(code));
    this.#warned = new Set(warnings);
    return fresh.map((code) => ({ kind: 'warned', code }));
  }
}

/** Why this estimate may not become a statement; undefined when it may. */
function refusalOf(estimate: Estimate, lastTime: TaiInstant | undefined): Code | undefined {
  if (estimate.interval === undefined) return estimate.now ?? estimate.code;
  if (!estimate.isAttestable) return 'tai-utc-unknown';
  const time = attestedTimeOf(estimate.interval);
  if (!isRepresentable(time)) return 'time-not-representable';
  // Within a lane the time strictly increases; a wider interval may move its middle back for a moment.
  if (lastTime !== undefined && time.tai <= lastTime) return 'time-not-after-last';
  return undefined;
}
