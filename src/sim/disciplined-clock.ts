/**
 * A clock that someone else disciplines and that we only read: the system's CLOCK_TAI under chrony, or a network card's
 * PTP clock under ptp4l. Its error wanders inside a bound; the bound may come with each reading (adjtimex maxerror).
 *
 * Faults: `phc-step` and `tai-slip` move it and leave it there, `read-storm` stretches its reads, `unplugged` removes it,
 * and `spoof-jump` or `spoof-walk` make it lie while the bound it declares stays as it was.
 */

import type { SourceName } from '../core/clock/observation.ts';
import { nanos, negate, shift, since, type TaiInstant } from '../core/time/nanos.ts';
import type { Emit, SimulatedDevice } from './device.ts';
import { FAULTS, FaultSwitches, type FaultName } from './faults.ts';
import { streamOf, type Random } from './random.ts';
import type { RawClock } from './raw-clock.ts';
import { drawBracket, type ReadLatency } from './read-latency.ts';

export type DisciplinedPlan = {
  readonly name: SourceName;
  readonly seed: number;
  readonly start: TaiInstant;
  readonly latency: ReadLatency;
  /** The error never exceeds this. */
  readonly errorNsMax: number;
  /** Where the error stays for good, instead of swinging between the two ends. */
  readonly errorNs?: number;
  /** How fast the error moves at most, in ppb: what its servo and its oscillator do together. */
  readonly ratePpbMax: number;
  /** Declared with each reading; undefined: it declares none. */
  readonly declares: { readonly errorNs: number; readonly growthPpb: number; readonly pollSeconds: number } | undefined;
};

export class DisciplinedClock implements SimulatedDevice {
  readonly name: SourceName;
  readonly #raw: RawClock;
  readonly #plan: DisciplinedPlan;
  readonly #random: Random;
  readonly #faults = new FaultSwitches();
  readonly #phase: number;
  /** Angular rate at which the swing moves no faster than `ratePpbMax`. */
  readonly #radiansPerSecond: number;
  #truth: TaiInstant;
  #steppedNs = 0;
  #walkFrom: TaiInstant | undefined;
  #wasPresent = true;

  constructor(raw: RawClock, plan: DisciplinedPlan) {
    this.name = plan.name;
    this.#raw = raw;
    this.#plan = plan;
    this.#random = streamOf(plan.seed, `${plan.name}/disciplined`);
    this.#truth = plan.start;
    this.#phase = this.#random.between(0, 2 * Math.PI);
    this.#radiansPerSecond = Math.min((2 * Math.PI) / 600, plan.ratePpbMax / plan.errorNsMax);
  }

  advance(truth: TaiInstant): void {
    this.#truth = truth;
  }

  emitDue(emit: Emit): void {
    const isPresent = !this.#faults.isOn('unplugged');
    const now = this.#raw.monoAt(this.#truth);
    if (isPresent !== this.#wasPresent) {
      this.#wasPresent = isPresent;
      const code = isPresent ? 'device-present' : 'source-absent';
      emit({ kind: 'presence', source: this.name, at: now, present: isPresent, code });
    }
    if (!isPresent) return;
    const { latency, declares } = this.#plan;
    const stretch = this.#faults.magnitudeOf('read-storm') ?? 1;
    const bracket = drawBracket({ ...latency, spreadNs: latency.spreadNs * stretch }, this.#random);
    const began = shift(this.#truth, negate(bracket.width));
    const latched = shift(began, bracket.latchedAfter);
    emit({
      kind: 'reading',
      source: this.name,
      before: this.#raw.monoAt(began),
      reading: shift(latched, nanos(Math.round(this.errorNsAt(latched)))),
      after: now,
      windowAdjust: nanos(0n),
      declaredError: declares === undefined ? undefined : nanos(this.#declaredNs(declares)),
    });
  }

  /** How far the clock is ahead of TAI, in ns. */
  errorNsAt(truth: TaiInstant): number {
    const seconds = Number(since(truth, this.#plan.start)) / 1e9;
    const swing =
      this.#plan.errorNs ?? this.#plan.errorNsMax * Math.sin(this.#radiansPerSecond * seconds + this.#phase);
    const walk = this.#faults.magnitudeOf('spoof-walk') ?? 0;
    const walked = this.#walkFrom === undefined ? 0 : (walk * Number(since(truth, this.#walkFrom))) / 1e9;
    return swing + this.#steppedNs + walked + (this.#faults.magnitudeOf('spoof-jump') ?? 0);
  }

  setFault(fault: FaultName, on: boolean, magnitude: number = FAULTS[fault].magnitude): void {
    const was = this.#faults.isOn(fault);
    this.#faults.set(fault, on, magnitude);
    if (fault === 'spoof-walk') this.#walkFrom = on ? (this.#walkFrom ?? this.#truth) : undefined;
    if (!on || was) return;
    if (fault === 'phc-step') this.#steppedNs += magnitude;
    if (fault === 'tai-slip') this.#steppedNs += magnitude * 1e9;
  }

  faults(): readonly FaultName[] {
    return this.#faults.list();
  }

  /** The kernel's maxerror: a base after each poll of the daemon, growing until the next. */
  #declaredNs(declares: NonNullable<DisciplinedPlan['declares']>): number {
    const sincePoll = (Number(since(this.#truth, this.#plan.start)) / 1e9) % declares.pollSeconds;
    return Math.ceil(declares.errorNs + declares.growthPpb * sincePoll);
  }
}
