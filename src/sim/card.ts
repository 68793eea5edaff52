/**
 * A simulated time card: an oscillator that makes a PTP clock, steered towards a receiver's pulse while the receiver claims
 * a fix, left alone when it does not; edges latched by that clock; readings bracketed by the host's raw clock.
 *
 * `advance(truth)` runs the card to a true instant; the other methods say what a driver would hand up there and then.
 * The servo is a proportional-integral loop on the pulse's phase, filtered over a minute and slow enough that its steering
 * stays well inside what the oscillator's class may drift; in holdover the integral part alone is kept, as real cards do.
 */

import type {
  LabelledEdge,
  OscillatorHealth,
  Reading,
  ReferenceHealth,
  SourceName,
} from '../core/clock/observation.ts';
import { nanos, NANOS_PER_SECOND, negate, shift, since, taiInstant, type TaiInstant } from '../core/time/nanos.ts';
import type { FaultSwitches } from './faults.ts';
import { temperatureAt, type Climate, type Oscillator } from './oscillator.ts';
import type { RawClock } from './raw-clock.ts';
import type { Random } from './random.ts';
import { drawBracket, PCIE_CARD_READ, type ReadLatency } from './read-latency.ts';
import type { SimulatedReceiver } from './receiver.ts';

export type CardModel = {
  readonly latency: ReadLatency;
  /** Step in which the clock is read, in ns. */
  readonly readStepNs: number;
  /** Step in which an edge is stamped, in ns. */
  readonly stampStepNs: number;
  /** What the driver cuts off each bracket's end, in ns. */
  readonly windowAdjustNs: number;
  /** Time constant of the servo, in seconds. */
  readonly servoSeconds: number;
  /** The servo never steers by more than this beside its learned frequency, in ppb. */
  readonly steerPpbMax: number;
  /** Frequency error the card falls into when it is left alone, in ppb, beside what its oscillator does. */
  readonly holdoverPpb: number;
  /** Constant errors inside one step of reading and of stamping: where a worst case puts the counter. */
  readonly readErrorNs?: number;
  readonly stampErrorNs?: number;
};

export const TIME_CARD: CardModel = {
  latency: PCIE_CARD_READ,
  readStepNs: 1,
  stampStepNs: 8,
  windowAdjustNs: 12,
  servoSeconds: 1_000,
  steerPpbMax: 1,
  holdoverPpb: 0,
};

export type CardNeeds = {
  readonly raw: RawClock;
  readonly random: Random;
  readonly oscillator: Oscillator;
  readonly receiver: SimulatedReceiver;
  readonly faults: FaultSwitches;
  readonly climate: Climate;
};

export type CardNames = { readonly source: SourceName; readonly reference: SourceName };

/** Time constant of the filter in front of the servo. */
const PHASE_FILTER_SECONDS = 60;

export class SimulatedCard {
  readonly #needs: CardNeeds;
  readonly #names: CardNames;
  readonly #model: CardModel;
  readonly #start: TaiInstant;
  #truth: TaiInstant;
  #lastSecond: bigint;
  /** Phase put in by steering and by steps, and the rate it grows at. */
  #steeredNs = 0;
  #steerPpb: number;
  #learnedPpb: number;
  #filteredNs = 0;
  #runawayNs = 0;
  #edge: LabelledEdge | undefined;
  #passedSecond = false;

  /** A card that has been disciplined long enough to have settled by `start`, save `residualPpb`. */
  constructor(needs: CardNeeds, names: CardNames, model: CardModel, start: TaiInstant, residualPpb: number) {
    this.#needs = needs;
    this.#names = names;
    this.#model = model;
    this.#start = start;
    this.#truth = start;
    this.#lastSecond = start / NANOS_PER_SECOND;
    this.#learnedPpb = residualPpb - needs.oscillator.ratePpb;
    this.#steerPpb = this.#learnedPpb;
  }

  /** Runs the card to `truth`; of several seconds passed at once only the last one's pulse is latched. */
  advance(truth: TaiInstant): void {
    const elapsedSeconds = Number(since(truth, this.#truth)) / 1e9;
    if (elapsedSeconds <= 0) return;
    const { oscillator, climate, faults } = this.#needs;
    oscillator.advance(elapsedSeconds, temperatureAt(climate, this.#secondsSinceStart(truth)));
    this.#steeredNs += this.#steerPpb * elapsedSeconds;
    this.#runawayNs += (faults.magnitudeOf('oscillator-unlocked') ?? 0) * elapsedSeconds;
    this.#truth = truth;
    this.#edge = undefined;
    const second = truth / NANOS_PER_SECOND;
    this.#passedSecond = second > this.#lastSecond;
    if (this.#passedSecond) {
      const passed = Number(second - this.#lastSecond);
      this.#lastSecond = second;
      this.#takePulse(taiInstant(second * NANOS_PER_SECOND), passed);
    }
  }

  /** The clock's error against TAI at a true instant within the last step, in ns, positive when it is ahead. */
  errorNsAt(truth: TaiInstant): number {
    const back = Number(since(this.#truth, truth)) / 1e9;
    return this.#needs.oscillator.phaseNsBefore(back) + this.#steeredNs - this.#steerPpb * back + this.#runawayNs;
  }

  /** A bracketed read that ends now. */
  reading(): Reading {
    const { raw, random, faults } = this.#needs;
    const stretch = faults.magnitudeOf('read-storm') ?? 1;
    const latency = this.#model.latency;
    const bracket = drawBracket(
      { ...latency, spreadNs: latency.spreadNs * stretch, minimumNs: latency.minimumNs * Math.sqrt(stretch) },
      random,
    );
    const began = shift(this.#truth, negate(bracket.width));
    const latched = shift(began, bracket.latchedAfter);
    const windowAdjust = nanos(this.#model.windowAdjustNs);
    return {
      kind: 'reading',
      source: this.#names.source,
      before: raw.monoAt(began),
      reading: this.#clockAt(latched, this.#model.readStepNs, this.#model.readErrorNs),
      after: shift(raw.monoAt(this.#truth), negate(windowAdjust)),
      windowAdjust,
      declaredError: undefined,
    };
  }

  /** The edge latched in the last `advance`, if a pulse came. */
  edge(): LabelledEdge | undefined {
    return this.#edge;
  }

  /** True when the last `advance` crossed a whole second: the moment at which once-a-second telemetry is due. */
  passedSecond(): boolean {
    return this.#passedSecond;
  }

  health(): ReferenceHealth | undefined {
    return this.#needs.receiver.health(this.#truth, this.#needs.raw.monoAt(this.#truth));
  }

  oscillatorHealth(): OscillatorHealth {
    const { raw, faults, climate } = this.#needs;
    const celsius = temperatureAt(climate, this.#secondsSinceStart(this.#truth));
    return {
      kind: 'oscillator',
      source: this.#names.source,
      at: raw.monoAt(this.#truth),
      locked: !faults.isOn('oscillator-unlocked'),
      temperatureMilliC: Math.round(celsius * 1_000),
    };
  }

  /** Moves the clock at once, as a process that may set it would. */
  step(byNs: number): void {
    this.#steeredNs += byNs;
  }

  #takePulse(second: TaiInstant, secondsPassed: number): void {
    const { receiver, raw } = this.#needs;
    const pulse = receiver.pulse(second);
    if (pulse !== undefined) {
      this.#edge = {
        kind: 'edge',
        source: this.#names.source,
        reference: this.#names.reference,
        stamp: this.#clockAt(pulse.at, this.#model.stampStepNs, this.#model.stampErrorNs),
        second: pulse.labelledSecond,
        sawtoothPs: pulse.sawtoothPs,
        learned: raw.monoAt(this.#truth),
      };
    }
    if (pulse === undefined || !receiver.claimsFix(second)) {
      this.#steerPpb = this.#learnedPpb + this.#model.holdoverPpb;
      return;
    }
    this.#steer(this.errorNsAt(pulse.at) - pulse.errorNs, secondsPassed);
  }

  /** One turn of the servo: `phaseNs` is how far the clock is ahead of the pulse. */
  #steer(phaseNs: number, secondsPassed: number): void {
    // A card will not chase a clock that was set to another second; someone has to set it back.
    if (Math.abs(phaseNs) > 1e8) return;
    const { servoSeconds, steerPpbMax } = this.#model;
    const weight = Math.min(1, secondsPassed / PHASE_FILTER_SECONDS);
    this.#filteredNs += weight * (phaseNs - this.#filteredNs);
    const wanted = -this.#filteredNs / servoSeconds;
    const proportional = clamp(wanted, steerPpbMax);
    // Critically damped: the integral gain is a quarter of the proportional gain squared. A saturated loop learns nothing.
    if (proportional === wanted) this.#learnedPpb += (proportional * secondsPassed) / (4 * servoSeconds);
    this.#steerPpb = this.#learnedPpb + proportional;
  }

  /** What the clock's counter shows at a true instant, in steps of `stepNs`. */
  #clockAt(truth: TaiInstant, stepNs: number, errorNs = 0): TaiInstant {
    const shown = shift(truth, nanos(Math.round(this.errorNsAt(truth) + errorNs)));
    return stepNs === 1 ? shown : taiInstant(shown - (shown % BigInt(stepNs)));
  }

  #secondsSinceStart(truth: TaiInstant): number {
    return Number(since(truth, this.#start)) / 1e9;
  }
}

function clamp(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value;
}
