/**
 * What an oscillator may do once nothing disciplines it: the declared figures per class.
 *
 * `rate` is the largest fractional frequency error left after discipline, temperature of a machine room included; it
 * holds from the moment discipline ends. `agingPerDay` is how fast that error may grow. The figures are assumptions that
 * stand in every evidence record; a card that does better gains nothing here, a card that does worse breaks a declared
 * assumption, and the edge-phase check (edges.ts) finds it.
 */

import { agingOver, driftOver, fasterOf, ppb, ppm, ppt, rateUp, type Ppt } from '../time/rate.ts';
import { magnitude, minus, plus, shorterOf, type Nanos, type TaiInstant, since } from '../time/nanos.ts';

export type OscillatorClass = 'crystal' | 'tcxo' | 'ocxo' | 'rb' | 'csac';

export type OscillatorSpec = { readonly rate: Ppt; readonly agingPerDay: Ppt };

export const OSCILLATORS: Readonly<Record<OscillatorClass, OscillatorSpec>> = {
  // A plain AT-cut crystal: 50 ppm calibration and 50 ppm over temperature; 5 ppm in the first year.
  crystal: { rate: ppm(100), agingPerDay: ppb(14) },
  // Stratum-3 class TCXO: 0.28 ppm over temperature, doubled for reflow and supply; 1 ppm in the first year.
  tcxo: { rate: ppb(560), agingPerDay: ppb(3) },
  // The OCP Time Card's published holdover with a good OCXO is 22 us a day, a mean of 0.25 ppb; four times that.
  ocxo: { rate: ppb(1), agingPerDay: ppt(500) },
  // MAC SA5x class: 5e-11 over the full temperature range, so 5e-12 for the 8 degrees of a machine room, and 1e-11 left
  // by discipline; ageing below 5e-11 a month. 24 h: 1.3 us + 0.1 us, against the published 1 us.
  rb: { rate: ppt(15), agingPerDay: ppt(2) },
  // SA.45s class: 4e-10 over temperature and 1e-10 left by discipline; ageing 9e-10 a month.
  csac: { rate: ppt(500), agingPerDay: ppt(30) },
};

/**
 * The rate of a device whose discipline was never observed: a Time Card's 10 MHz was seen 5 ppm off before lock and 20
 * ppm just before it (Time-Card issue 74).
 */
export const RATE_UNDISCIPLINED: Ppt = ppm(20);

/** A measured phase of a device's clock against its reference, in device time. */
export type PhasePoint = { readonly at: TaiInstant; readonly phase: Nanos };

/**
 * The rate learned between two phases, each known to `half`: the largest rate they are compatible with, rounded up. It
 * is wide right after lock and narrows with the time in lock, so a good holdover must be earned.
 */
export function learnedRate(first: PhasePoint, last: PhasePoint, half: Nanos): Ppt {
  const baseline = magnitude(since(last.at, first.at));
  if (baseline === 0n) return RATE_UNDISCIPLINED;
  const gained = plus(magnitude(minus(last.phase, first.phase)), half, half);
  const learned = rateUp(gained, baseline);
  return learned < RATE_UNDISCIPLINED ? learned : RATE_UNDISCIPLINED;
}

/** What a device's servo may do: how fast it pulls the phase, and for how long once its own reference is gone. */
export type Steering = { readonly rate: Ppt; readonly settle: Nanos };

/**
 * How far a device's clock may have drifted from its reference in `elapsed`: the larger of the class figure and the
 * learned one, ageing, and its servo. `stillSteered` says that the servo may be following a reference we do not trust.
 */
export function deviceDrift(input: {
  readonly spec: OscillatorSpec;
  readonly learned: Ppt;
  readonly steering: Steering;
  readonly stillSteered: boolean;
  readonly elapsed: Nanos;
}): Nanos {
  const { spec, learned, steering, stillSteered } = input;
  const elapsed = magnitude(input.elapsed);
  const steered = stillSteered ? elapsed : shorterOf(elapsed, steering.settle);
  return plus(
    driftOver(fasterOf(spec.rate, learned), elapsed),
    agingOver(spec.agingPerDay, elapsed),
    driftOver(steering.rate, steered),
  );
}
