/**
 * The software clock mock: a simulated time card that runs in real time behind the same port as a real one.
 *
 * Truth is defined, not measured: at `origin` it is `epoch`, and from there it runs with the host's raw clock. The card's
 * oscillator, receiver and reads are then simulated against that truth, so an interval computed from its observations can
 * be checked with `truthAt`. Faults are switched with `setFault` while it runs. Timers only pace the emission; every stamp
 * comes from the `HostClock`, so a late timer makes a late reading and never a wrong one.
 */

import type { Observation, ReferenceHealth, SourceName } from '../core/clock/observation.ts';
import type { ReceiverTelemetry } from '../core/gnss/receiver-telemetry.ts';
import { BUILT_IN_LEAP_TABLE } from '../core/time/leap-seconds.ts';
import { shift, since, type MonoInstant, type TaiInstant } from '../core/time/nanos.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { TimeSource } from '../ports/source.ts';
import { CardDevice, type CardPlan } from './card-device.ts';
import type { FaultName } from './faults.ts';
import { simulatedTelemetry } from './sky.ts';

export type CardSourceOptions = Omit<CardPlan, 'start' | 'leapTable'> &
  Partial<Pick<CardPlan, 'leapTable'>> & {
    /** What true time is at `origin`, or, without one, when `start` is called first. */
    readonly epoch: TaiInstant;
    readonly origin?: MonoInstant;
    readonly readingsPerSecond?: number;
  };

const READINGS_PER_SECOND = 8;

export class CardSource implements TimeSource {
  readonly name: SourceName;
  readonly #host: HostClock;
  readonly #options: CardSourceOptions;
  readonly #faultsBeforeStart = new Map<FaultName, number | undefined>();
  #origin: MonoInstant | undefined;
  #device: CardDevice | undefined;
  #timer: NodeJS.Timeout | undefined;
  #health: ReferenceHealth | undefined;
  #emit: ((observation: Observation) => void) | undefined;

  constructor(host: HostClock, options: CardSourceOptions) {
    this.name = options.name;
    this.#host = host;
    this.#options = options;
    this.#origin = options.origin;
  }

  start(emit: (observation: Observation) => void): Promise<void> {
    this.#emit = emit;
    this.#device ??= this.#makeDevice();
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
    if (this.#emit === undefined || this.#device === undefined) return;
    this.#device.advance(this.truthAt(this.#host.now()));
    const emit = this.#emit;
    this.#device.emitDue((observation) => {
      if (observation.kind === 'health') this.#health = observation;
      emit(observation);
    });
  }

  /** True time at a raw instant: what every interval about this card must contain. Fixed by the first call or `start`. */
  truthAt(mono: MonoInstant): TaiInstant {
    const origin = (this.#origin ??= this.#host.now());
    return shift(this.#options.epoch, since(mono, origin));
  }

  /** What the simulated receiver would show of itself; undefined before its first word and while it is not heard. */
  receiverTelemetry(now: MonoInstant): ReceiverTelemetry | undefined {
    const health = this.#health;
    return health && simulatedTelemetry(this.truthAt(health.at), health, since(now, health.at));
  }

  /** Switches a fault of src/sim/faults.ts; a fault that acts once acts when it is switched on. */
  setFault(fault: FaultName, on: boolean, magnitude?: number): void {
    if (this.#device !== undefined) this.#device.setFault(fault, on, magnitude);
    else if (on) this.#faultsBeforeStart.set(fault, magnitude);
    else this.#faultsBeforeStart.delete(fault);
  }

  /** The faults that are on. */
  faults(): readonly FaultName[] {
    return this.#device?.faults() ?? [...this.#faultsBeforeStart.keys()];
  }

  #makeDevice(): CardDevice {
    const { epoch, leapTable = BUILT_IN_LEAP_TABLE } = this.#options;
    const now = this.#host.now();
    const origin = (this.#origin ??= now);
    const raw = { monoAt: (truth: TaiInstant) => shift(origin, since(truth, epoch)) };
    // The card is switched on now, however long its world has been running.
    const device = new CardDevice(raw, { ...this.#options, start: this.truthAt(now), leapTable });
    for (const [fault, magnitude] of this.#faultsBeforeStart) device.setFault(fault, true, magnitude);
    return device;
  }
}
