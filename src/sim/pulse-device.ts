/**
 * A receiver's pulse stamped by the host's interrupt handler (/dev/ppsN), its second already proven by a time of day.
 *
 * The stamp comes after the pulse by an interrupt latency that is never negative and, when the declaration holds, never
 * above `latencyMaxNs`; the reading's bracket spans that range, as the adapter for a real pulse makes it.
 */

import type { Reading, SourceName } from '../core/clock/observation.ts';
import { nanos, NANOS_PER_SECOND, negate, shift, taiInstant, type TaiInstant } from '../core/time/nanos.ts';
import type { LeapTable } from '../core/time/leap-seconds.ts';
import { taiUtcSecondsAt } from './card-device.ts';
import type { Emit, SimulatedDevice } from './device.ts';
import { FAULTS, FaultSwitches, type FaultName } from './faults.ts';
import { streamOf, type Random } from './random.ts';
import type { RawClock } from './raw-clock.ts';
import { drawBracket, PULSE_INTERRUPT } from './read-latency.ts';
import { SimulatedReceiver, TIMING_RECEIVER, type ReceiverModel } from './receiver.ts';

export type PulsePlan = {
  readonly name: SourceName;
  readonly seed: number;
  readonly start: TaiInstant;
  readonly leapTable: LeapTable;
  readonly latencyMaxNs: number;
  /** The receiver whose pulse it is; a timing receiver unless it is said. */
  readonly receiver?: ReceiverModel;
  /** Latency of every interrupt, where it is to be always the same. */
  readonly latencyNs?: number;
};

export class PulseDevice implements SimulatedDevice {
  readonly name: SourceName;
  readonly reference: SourceName;
  readonly #raw: RawClock;
  readonly #plan: PulsePlan;
  readonly #random: Random;
  readonly #faults = new FaultSwitches();
  readonly #receiver: SimulatedReceiver;
  #truth: TaiInstant;
  #reading: Reading | undefined;
  #passedSecond = false;

  constructor(raw: RawClock, plan: PulsePlan) {
    this.name = plan.name;
    this.reference = `${plan.name}-gnss`;
    this.#raw = raw;
    this.#plan = plan;
    this.#random = streamOf(plan.seed, `${plan.name}/interrupts`);
    this.#truth = plan.start;
    this.#receiver = new SimulatedReceiver(
      {
        random: streamOf(plan.seed, `${plan.name}/receiver`),
        faults: this.#faults,
        taiUtcAt: (truth) => taiUtcSecondsAt(plan.leapTable, truth),
      },
      this.reference,
      plan.receiver ?? TIMING_RECEIVER,
    );
  }

  advance(truth: TaiInstant): void {
    const second = truth / NANOS_PER_SECOND;
    this.#passedSecond = second > this.#truth / NANOS_PER_SECOND;
    this.#truth = truth;
    this.#reading = undefined;
    if (!this.#passedSecond) return;
    const pulse = this.#receiver.pulse(taiInstant(second * NANOS_PER_SECOND));
    if (pulse === undefined) return;
    const drawn = Math.min(this.#plan.latencyMaxNs, Number(drawBracket(PULSE_INTERRUPT, this.#random).width));
    const latency = this.#plan.latencyNs ?? drawn;
    const stamped = shift(pulse.at, nanos(latency));
    // A pulse so close to now that its interrupt has not been served yet is not seen in this step.
    if (stamped > truth) return;
    this.#reading = {
      kind: 'reading',
      source: this.name,
      before: shift(this.#raw.monoAt(stamped), negate(nanos(this.#plan.latencyMaxNs))),
      reading: pulse.labelledSecond,
      after: this.#raw.monoAt(stamped),
      windowAdjust: nanos(0n),
      declaredError: undefined,
    };
  }

  emitDue(emit: Emit): void {
    if (this.#reading !== undefined) emit(this.#reading);
    if (!this.#passedSecond) return;
    const health = this.#receiver.health(this.#truth, this.#raw.monoAt(this.#truth));
    if (health !== undefined) emit(health);
  }

  setFault(fault: FaultName, on: boolean, magnitude: number = FAULTS[fault].magnitude): void {
    this.#faults.set(fault, on, magnitude);
  }

  faults(): readonly FaultName[] {
    return this.#faults.list();
  }
}
