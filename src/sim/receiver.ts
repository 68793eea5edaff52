/**
 * A GNSS timing receiver seen from outside: one pulse a second with an error, a label for it, and what it says of itself.
 *
 * The pulse's error is the sum of a slow part (ionosphere, multipath), white noise, and the sawtooth of the receiver's own
 * clock grid, which the receiver foretells up to a residual. All three are bounded, and `pulseErrorNsMax` states the bound
 * that a configuration may declare as the source's accuracy. Faults are read from the card's switches at every pulse.
 */

import type { ReferenceHealth, SourceName } from '../core/clock/observation.ts';
import {
  nanos,
  NANOS_PER_SECOND,
  seconds,
  shift,
  since,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../core/time/nanos.ts';
import type { FaultSwitches } from './faults.ts';
import type { Random } from './random.ts';

export type ReceiverModel = {
  /** Amplitude of the slow error, split over a half-day and a 90-minute period. */
  readonly slowNs: number;
  readonly whiteNs: number;
  /** Full width of the sawtooth: the period of the receiver's clock (8 ns at 125 MHz). */
  readonly sawtoothNs: number;
  /** What is left of the sawtooth after the receiver's own prediction. */
  readonly sawtoothResidualNs: number;
  /** A constant lateness: cable, antenna, or a receiver at the edge of its accuracy. */
  readonly biasNs?: number;
  /** Whether the receiver tells its sawtooth (UBX-TIM-TP); true unless it is said. */
  readonly foretellsSawtooth?: boolean;
};

export const TIMING_RECEIVER: ReceiverModel = { slowNs: 12, whiteNs: 3, sawtoothNs: 8, sawtoothResidualNs: 0.5 };

const WHITE_CUT_SIGMA = 4;

/** How long a receiver takes to notice and report that its sky is gone or back. */
const REPORT_DELAY_SECONDS = 2;

/** The largest error of a healthy pulse once the predicted sawtooth is taken off, rounded up to whole nanoseconds. */
export function pulseErrorNsMax(model: ReceiverModel): Nanos {
  return nanos(
    Math.ceil(Math.abs(model.biasNs ?? 0) + model.slowNs + WHITE_CUT_SIGMA * model.whiteNs + model.sawtoothResidualNs),
  );
}

export type Pulse = {
  /** The true instant of the edge. */
  readonly at: TaiInstant;
  /** Its error in ns, positive when late; `at` is this rounded once. */
  readonly errorNs: number;
  readonly labelledSecond: TaiInstant;
  /** Undefined: the receiver does not tell. */
  readonly sawtoothPs: bigint | undefined;
};

export type ReceiverNeeds = {
  readonly random: Random;
  readonly faults: FaultSwitches;
  /** TAI-UTC as the sky broadcasts it at a true instant. */
  readonly taiUtcAt: (truth: TaiInstant) => number;
};

export class SimulatedReceiver {
  readonly #name: SourceName;
  readonly #model: ReceiverModel;
  readonly #needs: ReceiverNeeds;
  readonly #slowPhase: readonly [number, number];
  #skyLostAt: TaiInstant | undefined;
  #skyBackAt: TaiInstant | undefined;
  #walkFrom: TaiInstant | undefined;
  #stuckLabel: TaiInstant | undefined;
  #lastHealth: ReferenceHealth | undefined;

  constructor(needs: ReceiverNeeds, name: SourceName, model: ReceiverModel) {
    this.#needs = needs;
    this.#name = name;
    this.#model = model;
    this.#slowPhase = [needs.random.between(0, 2 * Math.PI), needs.random.between(0, 2 * Math.PI)];
  }

  /** The pulse that marks the whole second `second`, or undefined when none comes. Ask once per second, in order. */
  pulse(second: TaiInstant): Pulse | undefined {
    const { random, faults } = this.#needs;
    this.#watchSky(second);
    // Draws are made whether or not the pulse comes, so that a fault never shifts the noise of what follows.
    const white = this.#model.whiteNs * random.normal(WHITE_CUT_SIGMA);
    const sawtooth = random.between(-0.5, 0.5) * this.#model.sawtoothNs;
    const residual = random.between(-1, 1) * this.#model.sawtoothResidualNs;
    const faultDraw = random.normal(WHITE_CUT_SIGMA);
    const dropDraw = random.unit();
    if (faults.isOn('receiver-silent')) return undefined;
    if (dropDraw < (faults.magnitudeOf('pps-drop') ?? 0)) return undefined;

    const noisy = (faults.magnitudeOf('jamming') ?? 0) + (faults.magnitudeOf('pps-jitter') ?? 0);
    const errorNs =
      (this.#model.biasNs ?? 0) +
      this.#slowErrorNs(second) +
      white +
      sawtooth +
      residual +
      noisy * faultDraw +
      this.#faultErrorNs(second);
    return {
      at: shift(second, nanos(Math.round(errorNs))),
      errorNs,
      labelledSecond: this.#label(second),
      // qErr: what the receiver knows to be the error of its own grid, in ps. Late is positive.
      sawtoothPs: this.#model.foretellsSawtooth === false ? undefined : BigInt(Math.round(sawtooth * 1_000)),
    };
  }

  /** What the receiver says of itself at a true instant, stamped with the host's clock; undefined when it is silent. */
  health(truth: TaiInstant, at: MonoInstant): ReferenceHealth | undefined {
    const { faults } = this.#needs;
    if (faults.isOn('receiver-silent')) return undefined;
    if (faults.isOn('receiver-stuck') && this.#lastHealth !== undefined) return { ...this.#lastHealth, at };
    this.#watchSky(truth);
    const fixed = this.#hasFix(truth);
    const jammed = faults.isOn('jamming');
    const leapOff = faults.magnitudeOf('leap-default') ?? faults.magnitudeOf('wrong-leap') ?? 0;
    const health: ReferenceHealth = {
      kind: 'health',
      reference: this.#name,
      at,
      fix: fixed ? 'time-only' : 'none',
      timeValid: fixed,
      taiUtcSeconds: this.#needs.taiUtcAt(truth) + leapOff,
      leapSource: faults.isOn('leap-default') ? 'default' : 'satellites',
      satellitesUsed: fixed ? (jammed ? 5 : 14) : 0,
      antenna: faults.isOn('antenna-cut') && !fixed ? 'open' : 'ok',
      jamming: jammed ? 'critical' : 'none',
      spoofing: faults.isOn('spoofing-reported') ? 'indicated' : 'none',
    };
    this.#lastHealth = health;
    return health;
  }

  /** True while the card's servo should follow the pulse: the receiver claims a fix. */
  claimsFix(truth: TaiInstant): boolean {
    return !this.#needs.faults.isOn('receiver-silent') && this.#hasFix(truth);
  }

  #watchSky(truth: TaiInstant): void {
    if (this.#needs.faults.isOn('antenna-cut')) {
      this.#skyLostAt ??= truth;
      this.#skyBackAt = undefined;
    } else if (this.#skyLostAt !== undefined) {
      this.#skyBackAt ??= truth;
      if (since(truth, this.#skyBackAt) > seconds(REPORT_DELAY_SECONDS)) this.#skyLostAt = undefined;
    }
    if (this.#needs.faults.isOn('spoof-walk')) this.#walkFrom ??= truth;
    else this.#walkFrom = undefined;
  }

  #hasFix(truth: TaiInstant): boolean {
    return this.#skyLostAt === undefined || since(truth, this.#skyLostAt) < seconds(REPORT_DELAY_SECONDS);
  }

  #slowErrorNs(second: TaiInstant): number {
    const s = Number(second / NANOS_PER_SECOND);
    const halfDay = Math.sin((2 * Math.PI * (s % 43_200)) / 43_200 + this.#slowPhase[0]);
    const orbit = Math.sin((2 * Math.PI * (s % 5_400)) / 5_400 + this.#slowPhase[1]);
    return this.#model.slowNs * (0.7 * halfDay + 0.3 * orbit);
  }

  #faultErrorNs(second: TaiInstant): number {
    const { faults } = this.#needs;
    let error = faults.magnitudeOf('spoof-jump') ?? 0;
    const walk = faults.magnitudeOf('spoof-walk');
    if (walk !== undefined && this.#walkFrom !== undefined) error += walk * secondsBetween(this.#walkFrom, second);
    // Without a sky the receiver's own crystal carries the pulse; with it the pulse is true again at once.
    const drift = faults.magnitudeOf('antenna-cut');
    if (drift !== undefined && this.#skyLostAt !== undefined) error += drift * secondsBetween(this.#skyLostAt, second);
    return error;
  }

  #label(second: TaiInstant): TaiInstant {
    const { faults } = this.#needs;
    if (faults.isOn('receiver-stuck')) {
      this.#stuckLabel ??= shift(second, seconds(-1));
      return this.#stuckLabel;
    }
    this.#stuckLabel = undefined;
    const weeks = faults.magnitudeOf('week-rollover') ?? 0;
    return shift(second, seconds((faults.magnitudeOf('label-off') ?? 0) + weeks * 604_800));
  }
}

const secondsBetween = (from: TaiInstant, to: TaiInstant): number => Number(since(to, from)) / 1e9;
