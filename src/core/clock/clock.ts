/**
 * The clock: observations in, estimates out, evidence of the last one, and the time now.
 *
 * A thin holder of state around pure functions: the record (fold.ts), the machine (state.ts) and the last estimate. Its
 * memory is bounded by the record's. `now()` is the hot path: arithmetic on a handful of integers and one reused result.
 */

import { assert } from '../assert.ts';
import type { Digest } from '../codec/sha256.ts';
import type { Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import { monoInstant, taiInstant, type MonoInstant, type TaiInstant } from '../time/nanos.ts';
import type { ClockConfig } from './configuration.ts';
import { computeEstimate, type Estimate, type EstimateInputs } from './estimate.ts';
import { encodeEvidence } from './evidence.ts';
import { declaredConfig, LEAP_SOURCE_LENGTH_MAX } from './evidence-schema.ts';
import { fold } from './fold.ts';
import type { Observation, SourceName } from './observation.ts';
import { emptyReference, emptySource, NO_COUNTS, type ClockRecord, type Counters } from './record.ts';
import { NOW_SPAN } from './source-estimate.ts';
import { initialMachine, type ClockState, type Machine } from './state.ts';

/** The time now. One object per clock, overwritten by every call of `now`: copy what you keep. */
export type TimeNow = {
  /** Undefined unless `state` is locked or holdover. */
  earliest: TaiInstant | undefined;
  latest: TaiInstant | undefined;
  state: ClockState;
  /** Why the state is what it is. */
  code: Code;
};

const PPT = 1_000_000_000_000n;

export class Clock {
  readonly bootId: string;
  readonly #config: ClockConfig;
  #record: ClockRecord;
  #machine: Machine;
  #identity: Digest | undefined;
  #last: { readonly inputs: EstimateInputs; readonly estimate: Estimate } | undefined;
  readonly #now: TimeNow;
  // The last issued interval in plain integers, for now().
  #asOf = 0n;
  #earliest = 0n;
  #latest = 0n;
  #slow = 0n;
  #fast = 0n;
  #widest = 0n;
  #isIssued = false;

  constructor(config: ClockConfig, bootId: string) {
    checkConfig(config);
    this.bootId = bootId;
    this.#config = withRecentLeaps(config);
    this.#record = {
      sources: config.sources.map((s) => emptySource(s.name)),
      references: config.references.map((r) => emptyReference(r.name)),
      disruption: undefined,
      counters: NO_COUNTS,
    };
    this.#machine = initialMachine(monoInstant(0n));
    this.#now = { earliest: undefined, latest: undefined, state: 'acquiring', code: 'clock-starting' };
  }

  /** Takes one observation. Memory stays bounded whatever comes. */
  observe(observation: Observation): void {
    this.#record = fold(this.#config, this.#record, observation);
    // What was issued before a disruption may not be extrapolated across it.
    if (observation.kind === 'disruption') this.#withdraw();
  }

  /** What is known at `asOf`. Steps the state machine, so `asOf` must not go back; the agent calls it once per tick. */
  estimate(asOf: MonoInstant): Estimate {
    assert(this.#last === undefined || asOf >= this.#last.inputs.asOf, 'estimates follow the raw clock');
    const inputs: EstimateInputs = {
      bootId: this.bootId,
      asOf,
      config: this.#config,
      record: this.#record,
      machine: this.#machine,
      identity: this.#identity,
    };
    const { estimate, machine } = computeEstimate(inputs);
    this.#machine = machine;
    this.#last = { inputs, estimate };
    if (this.#record.disruption !== undefined) this.#record = { ...this.#record, disruption: undefined };
    this.#keepForNow(estimate);
    return estimate;
  }

  /** The canonical record from which anyone recomputes the last estimate, which must have been made for `asOf`. */
  evidence(asOf: MonoInstant): Uint8Array {
    const last = this.#last;
    assert(last?.inputs.asOf === asOf, 'evidence is given of the last estimate');
    return encodeEvidence(last.inputs, last.estimate);
  }

  /** The interval at `mono`, from the last estimate and a bound on what happened since. Overwrites its last result. */
  now(mono: MonoInstant): TimeNow {
    const out = this.#now;
    if (!this.#isIssued) return out;
    const elapsed = mono - this.#asOf;
    // An instant before the estimate is not extrapolated backwards: a reader took its stamp before the loop's tick.
    if (elapsed < 0n || elapsed > NOW_SPAN) return refused(out, 'estimate-stale');
    const earliest = this.#earliest + elapsed + (this.#slow * elapsed) / PPT - 1n;
    const latest = this.#latest + elapsed + (this.#fast * elapsed) / PPT + 1n;
    if (latest - earliest > this.#widest) return refused(out, 'guarantee-over-limit');
    out.earliest = taiInstant(earliest);
    out.latest = taiInstant(latest);
    const estimate = this.#last!.estimate;
    out.state = estimate.state;
    out.code = estimate.code;
    return out;
  }

  /** The host identity record in force from the next estimate on; undefined: none is. */
  useIdentity(digest: Digest | undefined): void {
    this.#identity = digest;
  }

  /** An operator acknowledges a fault: everything is acquired afresh. */
  reset(at: MonoInstant): void {
    this.#record = {
      ...this.#record,
      sources: this.#record.sources.map((s) => emptySource(s.name)),
      references: this.#record.references.map((r) => emptyReference(r.name)),
      disruption: { code: 'clock-reset', at },
    };
    this.#withdraw();
  }

  /** When the newest reading kept of this source ended; undefined while none is kept. */
  newestReading(source: SourceName): MonoInstant | undefined {
    return this.#record.sources.find(({ name }) => name === source)?.readings.at(-1)?.after;
  }

  /** What was dropped since the start, by reason. */
  get counters(): Counters {
    return this.#record.counters;
  }

  #keepForNow(estimate: Estimate): void {
    const { interval, pace } = estimate;
    if (interval === undefined || pace === undefined) {
      this.#withdraw();
      this.#now.state = estimate.state;
      this.#now.code = estimate.now ?? estimate.code;
      return;
    }
    this.#asOf = estimate.asOf;
    this.#earliest = interval.earliest;
    this.#latest = interval.latest;
    this.#slow = pace.rateCentre - pace.rateHalf;
    this.#fast = pace.rateCentre + pace.rateHalf;
    this.#widest = this.#config.limit * 2n;
    this.#isIssued = true;
  }

  #withdraw(): void {
    this.#isIssued = false;
    refused(this.#now, this.#record.disruption?.code ?? this.#machine.code);
  }
}

function refused(out: TimeNow, code: Code): TimeNow {
  out.earliest = undefined;
  out.latest = undefined;
  out.state = 'unsynchronized';
  out.code = code;
  return out;
}

/**
 * What a parsed configuration guarantees: everything in it can stand in an evidence record. A violation is our own mistake.
 */
function checkConfig(config: ClockConfig): void {
  const read = declaredConfig.read(declaredConfig.write(config), 'config');
  assert('value' in read, `a clock's configuration fits its evidence: ${'fault' in read ? read.fault : ''}`);
}

/** The newest leap seconds only: what evidence carries, so that computing and recomputing see the same table. */
function withRecentLeaps(config: ClockConfig): ClockConfig {
  const { leapTable } = config;
  const source = leapTable.source.slice(0, LEAP_SOURCE_LENGTH_MAX);
  return { ...config, leapTable: { ...leapTable, source, steps: leapTable.steps.slice(-LIMITS.leapStepsMax) } };
}
