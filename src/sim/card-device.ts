/**
 * A simulated card with its receiver and oscillator, put together: one device with one set of fault switches.
 */

import type { SourceName } from '../core/clock/observation.ts';
import { leapStateAt, type LeapTable } from '../core/time/leap-seconds.ts';
import type { TaiInstant } from '../core/time/nanos.ts';
import { SimulatedCard, TIME_CARD, type CardModel } from './card.ts';
import type { Emit, SimulatedDevice } from './device.ts';
import { FAULTS, FaultSwitches, type FaultName } from './faults.ts';
import { GRADES, type OscillatorGrade } from './grades.ts';
import { Oscillator, STEADY_ROOM, type Climate, type OscillatorModel } from './oscillator.ts';
import { streamOf } from './random.ts';
import type { RawClock } from './raw-clock.ts';
import { SimulatedReceiver, TIMING_RECEIVER, type ReceiverModel } from './receiver.ts';

export type CardPlan = {
  readonly name: SourceName;
  /** Name of the receiver in edges and health; default `<name>-gnss`. */
  readonly reference?: SourceName;
  readonly seed: number;
  readonly start: TaiInstant;
  readonly leapTable: LeapTable;
  readonly grade?: OscillatorGrade;
  /** Stands in for the grade's model, where a scenario needs an oscillator of its own. */
  readonly oscillator?: OscillatorModel;
  readonly card?: CardModel;
  readonly receiver?: ReceiverModel;
  readonly climate?: Climate;
  /** Frequency that the discipline has not taken out at the start, in ppb. */
  readonly residualPpb?: number;
};

/** A tenth of what a rubidium may drift. */
const RESIDUAL_PPB = 0.002;

export class CardDevice implements SimulatedDevice {
  readonly name: SourceName;
  readonly reference: SourceName;
  readonly card: SimulatedCard;
  readonly #raw: RawClock;
  readonly #faults = new FaultSwitches();
  #truth: TaiInstant;
  #wasPresent = true;

  constructor(raw: RawClock, plan: CardPlan) {
    const { name, seed, start, leapTable, grade = 'rb', climate = STEADY_ROOM } = plan;
    this.name = name;
    this.reference = plan.reference ?? `${name}-gnss`;
    this.#raw = raw;
    this.#truth = start;
    const faults = this.#faults;
    const taiUtcAt = (truth: TaiInstant): number => taiUtcSecondsAt(leapTable, truth);
    const receiver = new SimulatedReceiver(
      { random: streamOf(seed, `${this.reference}/receiver`), faults, taiUtcAt },
      this.reference,
      plan.receiver ?? TIMING_RECEIVER,
    );
    const oscillator = new Oscillator(plan.oscillator ?? GRADES[grade], streamOf(seed, `${name}/oscillator`));
    this.card = new SimulatedCard(
      { raw, random: streamOf(seed, `${name}/reads`), oscillator, receiver, faults, climate },
      { source: name, reference: this.reference },
      plan.card ?? TIME_CARD,
      start,
      plan.residualPpb ?? RESIDUAL_PPB,
    );
  }

  advance(truth: TaiInstant): void {
    this.#truth = truth;
    this.card.advance(truth);
  }

  emitDue(emit: Emit): void {
    const isPresent = !this.#faults.isOn('unplugged');
    if (isPresent !== this.#wasPresent) {
      this.#wasPresent = isPresent;
      const code = isPresent ? 'device-present' : 'source-absent';
      emit({ kind: 'presence', source: this.name, at: this.#raw.monoAt(this.#truth), present: isPresent, code });
    }
    if (!isPresent) return;
    // What a receiver says comes over its line, and so do the labels of its pulses; the pulse itself reaches the card.
    const isHeard = !this.#faults.isOn('serial-cut');
    const edge = isHeard ? this.card.edge() : undefined;
    if (edge !== undefined) emit(edge);
    if (this.card.passedSecond()) {
      const health = isHeard ? this.card.health() : undefined;
      if (health !== undefined) emit(health);
      emit(this.card.oscillatorHealth());
    }
    emit(this.card.reading());
  }

  setFault(fault: FaultName, on: boolean, magnitude: number = FAULTS[fault].magnitude): void {
    const was = this.#faults.isOn(fault);
    this.#faults.set(fault, on, magnitude);
    if (!on || was) return;
    if (fault === 'phc-step') this.card.step(magnitude);
    if (fault === 'tai-slip') this.card.step(magnitude * 1e9);
  }

  faults(): readonly FaultName[] {
    return this.#faults.list();
  }
}

/** What the sky broadcasts: the table's value, also past the table's expiry. */
export function taiUtcSecondsAt(table: LeapTable, truth: TaiInstant): number {
  const state = leapStateAt(table, truth);
  return state.kind === 'before-table' ? table.steps[0]!.taiUtcSeconds - 1 : state.taiUtcSeconds;
}
