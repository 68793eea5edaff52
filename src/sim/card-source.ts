/**
 * The software clock mock: a simulated time card that runs in real time behind the same port as a real one.
 *
 * Truth is defined, not measured: at `start` it is `epoch`, and from there it runs with the host's raw clock. The card's
 * oscillator, receiver and reads are then simulated against that truth, so an interval computed from its observations can
 * be checked with `truthAt`. Faults are switched with `setFault` while it runs. Timers only pace the emission; every stamp
 * comes from the `HostClock`, so a late timer makes a late reading and never a wrong one.
 */

import type { Observation, SourceName } from '../core/clock/observation.ts';
import { BUILT_IN_LEAP_TABLE, leapStateAt, type LeapTable } from '../core/time/leap-seconds.ts';
import { shift, since, type MonoInstant, type TaiInstant } from '../core/time/nanos.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { TimeSource } from '../ports/source.ts';
import { applyOnce, SimulatedCard, TIME_CARD, type CardModel } from './card.ts';
import { FAULTS, FaultSwitches, type FaultName } from './faults.ts';
import { GRADES, type OscillatorGrade } from './grades.ts';
import { Oscillator, STEADY_ROOM, type Climate } from './oscillator.ts';
import { streamOf } from './random.ts';
import { SimulatedReceiver, TIMING_RECEIVER, type ReceiverModel } from './receiver.ts';

export type CardSourceOptions = {
  readonly name: SourceName;
  /** Name of the card's receiver in edges and health; default `<name>-gnss`. */
  readonly reference?: SourceName;
  readonly seed: number;
  /** What true time is when `start` is called first. */
  readonly epoch: TaiInstant;
  readonly grade?: OscillatorGrade;
  readonly readingsPerSecond?: number;
  readonly card?: CardModel;
  readonly receiver?: ReceiverModel;
  readonly climate?: Climate;
  readonly leapTable?: LeapTable;
};

const READINGS_PER_SECOND = 8;

/** Frequency that the discipline has not taken out when the card starts, in ppb: a tenth of what a rubidium may drift. */
const RESIDUAL_PPB = 0.002;

export class CardSource implements TimeSource {
  readonly name: SourceName;
  readonly #host: HostClock;
  readonly #options: CardSourceOptions;
  readonly #faults = new FaultSwitches();
  #origin: MonoInstant | undefined;
  #card: SimulatedCard | undefined;
  #timer: NodeJS.Timeout | undefined;
  #emit: ((observation: Observation) => void) | undefined;
  #wasPresent = true;

  constructor(host: HostClock, options: CardSourceOptions) {
    this.name = options.name;
    this.#host = host;
    this.#options = options;
  }

  start(emit: (observation: Observation) => void): Promise<void> {
    this.#emit = emit;
    this.#card ??= this.#makeCard();
    const periodMs = 1_000 / (this.#options.readingsPerSecond ?? READINGS_PER_SECOND);
    this.#timer ??= setInterval(() => this.poll(), periodMs);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#emit = undefined;
    return Promise.resolve();
  }

  /** Runs the card to the host's now and emits what a driver would have handed up since the last poll. */
  poll(): void {
    if (this.#emit === undefined || this.#card === undefined) return;
    const now = this.#host.now();
    this.#card.advance(this.truthAt(now));
    if (!this.#announcePresence(now, this.#emit)) return;
    const edge = this.#card.edge();
    if (edge !== undefined) this.#emit(edge);
    if (this.#card.passedSecond()) {
      const health = this.#card.health();
      if (health !== undefined) this.#emit(health);
      this.#emit(this.#card.oscillatorHealth());
    }
    this.#emit(this.#card.reading());
  }

  /** True time at a raw instant: what every interval about this card must contain. Only after `start`. */
  truthAt(mono: MonoInstant): TaiInstant {
    const origin = (this.#origin ??= this.#host.now());
    return shift(this.#options.epoch, since(mono, origin));
  }

  /** Switches a fault of src/sim/faults.ts; a fault that acts once acts when it is switched on. */
  setFault(fault: FaultName, on: boolean, magnitude: number = FAULTS[fault].magnitude): void {
    const was = this.#faults.isOn(fault);
    this.#faults.set(fault, on, magnitude);
    if (on && !was && this.#card !== undefined) applyOnce(this.#card, fault, magnitude);
  }

  /** The faults that are on. */
  faults(): readonly FaultName[] {
    return this.#faults.list();
  }

  #announcePresence(at: MonoInstant, emit: (observation: Observation) => void): boolean {
    const present = !this.#faults.isOn('unplugged');
    if (present !== this.#wasPresent) {
      this.#wasPresent = present;
      const code = present ? 'device-returned' : 'device-gone';
      emit({ kind: 'presence', source: this.name, at, present, code });
    }
    return present;
  }

  #makeCard(): SimulatedCard {
    const { name, seed, epoch, grade = 'rb', climate = STEADY_ROOM } = this.#options;
    const reference = this.#options.reference ?? `${name}-gnss`;
    const leapTable = this.#options.leapTable ?? BUILT_IN_LEAP_TABLE;
    const origin = (this.#origin ??= this.#host.now());
    const receiver = new SimulatedReceiver(
      {
        random: streamOf(seed, `${reference}/receiver`),
        faults: this.#faults,
        taiUtcAt: (truth) => taiUtcSecondsAt(leapTable, truth),
      },
      reference,
      this.#options.receiver ?? TIMING_RECEIVER,
    );
    return new SimulatedCard(
      {
        raw: { monoAt: (truth) => shift(origin, since(truth, epoch)) },
        random: streamOf(seed, `${name}/reads`),
        oscillator: new Oscillator(GRADES[grade], streamOf(seed, `${name}/oscillator`)),
        receiver,
        faults: this.#faults,
        climate,
      },
      { source: name, reference },
      this.#options.card ?? TIME_CARD,
      epoch,
      RESIDUAL_PPB,
    );
  }
}

/** What the sky broadcasts: the table's value, also past the table's expiry. */
export function taiUtcSecondsAt(table: LeapTable, truth: TaiInstant): number {
  const state = leapStateAt(table, truth);
  return state.kind === 'before-table' ? table.steps[0]!.taiUtcSeconds - 1 : state.taiUtcSeconds;
}
