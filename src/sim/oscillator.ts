/**
 * A free-running oscillator: phase and frequency error against TAI, driven by white and random-walk frequency noise,
 * aging and temperature (the power-law model of NIST SP 1065 section 3, without phase noise, which readers add).
 *
 * The rate is continuous and linear within a step, so that a declared bound on rate and on rate change per second holds at
 * every instant and not only on average: `limits` clip both. A world that means to break a declaration says so by
 * giving other limits. Rates are in parts per billion (ns per second); phase is in ns, positive when the clock is ahead.
 */

import type { Random } from './random.ts';

export type OscillatorModel = {
  /** Frequency error at the start, at `referenceTemperatureC`. */
  readonly frequencyPpb: number;
  /** White FM in ppb at one second; linear ramps between draws lower the Allan deviation at one step by a fifth. */
  readonly whiteFmPpb: number;
  /** Random-walk FM: standard deviation of the frequency's change over one second, in ppb. */
  readonly randomWalkFmPpb: number;
  readonly agingPpbPerDay: number;
  readonly temperaturePpbPerC: number;
  readonly referenceTemperatureC: number;
  readonly limits: OscillatorLimits;
  /** A triangular sweep of the frequency, on top of everything else: how a worst case inside the limits is made. */
  readonly sweep?: { readonly amplitudePpb: number; readonly periodSeconds: number };
};

export type OscillatorLimits = {
  /** The rate never leaves `frequencyPpb` by more than this. */
  readonly deviationPpb: number;
  /** The rate never changes faster than this, in ppb per second. */
  readonly wanderPpbPerSecond: number;
};

const SECONDS_PER_DAY = 86_400;

/** Noise draws are cut here: one draw in 1.7 million is touched. */
const NOISE_CUT_SIGMA = 5;

export class Oscillator {
  readonly #model: OscillatorModel;
  readonly #random: Random;
  #phaseNs = 0;
  #walkPpb = 0;
  #agedPpb = 0;
  #ratePpb: number;
  #slopePpbPerSecond = 0;
  #sweptSeconds = 0;

  constructor(model: OscillatorModel, random: Random) {
    this.#model = model;
    this.#random = random;
    this.#ratePpb = model.frequencyPpb;
  }

  /** Phase gained on TAI since the start, in ns. */
  get phaseNs(): number {
    return this.#phaseNs;
  }

  /** Frequency error at this instant, in ppb. */
  get ratePpb(): number {
    return this.#ratePpb;
  }

  /** Phase `seconds` ago; exact within the last step. */
  phaseNsBefore(seconds: number): number {
    return this.#phaseNs - this.#ratePpb * seconds + (this.#slopePpbPerSecond * seconds * seconds) / 2;
  }

  /** Runs on for `seconds` (> 0) at the given temperature. */
  advance(seconds: number, temperatureC: number): void {
    const { frequencyPpb, whiteFmPpb, randomWalkFmPpb, agingPpbPerDay, limits } = this.#model;
    const warmPpb = this.#model.temperaturePpbPerC * (temperatureC - this.#model.referenceTemperatureC);
    this.#agedPpb += (agingPpbPerDay * seconds) / SECONDS_PER_DAY;
    if (randomWalkFmPpb > 0)
      this.#walkPpb += randomWalkFmPpb * Math.sqrt(seconds) * this.#random.normal(NOISE_CUT_SIGMA);
    const whitePpb = whiteFmPpb > 0 ? (whiteFmPpb / Math.sqrt(seconds)) * this.#random.normal(NOISE_CUT_SIGMA) : 0;

    const sweptPpb = this.#sweep(seconds);
    const deviation = clamp(this.#walkPpb + this.#agedPpb + warmPpb + whitePpb + sweptPpb, limits.deviationPpb);
    const change = clamp(frequencyPpb + deviation - this.#ratePpb, limits.wanderPpbPerSecond * seconds);
    this.#slopePpbPerSecond = change / seconds;
    this.#phaseNs += (this.#ratePpb + change / 2) * seconds;
    this.#ratePpb += change;
  }

  /** The sweep's value `seconds` further on: from zero up, down and back in one period. */
  #sweep(seconds: number): number {
    const { sweep } = this.#model;
    if (sweep === undefined) return 0;
    this.#sweptSeconds += seconds;
    const turn = (this.#sweptSeconds / sweep.periodSeconds + 0.25) % 1;
    return sweep.amplitudePpb * (turn < 0.5 ? 4 * turn - 1 : 3 - 4 * turn);
  }
}

/** Ambient temperature in degrees Celsius: a mean, a daily swing and a faster one (an air conditioner's). */
export type Climate = {
  readonly meanC: number;
  readonly dailySwingC: number;
  readonly fastSwingC: number;
  readonly fastPeriodSeconds: number;
};

export const STEADY_ROOM: Climate = { meanC: 25, dailySwingC: 1, fastSwingC: 0.2, fastPeriodSeconds: 1_200 };

export function temperatureAt(climate: Climate, seconds: number): number {
  const daily = Math.sin((2 * Math.PI * seconds) / SECONDS_PER_DAY);
  const fast = Math.sin((2 * Math.PI * seconds) / climate.fastPeriodSeconds);
  return climate.meanC + climate.dailySwingC * daily + climate.fastSwingC * fast;
}

function clamp(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value;
}
