/**
 * Simulated oscillators by grade, each inside what a data sheet of its class promises once it has been disciplined.
 *
 * Orders of magnitude: crystal and TCXO from server boards and Stratum 3 parts, OCXO from good double-oven parts, rubidium
 * from miniature cells of the MAC-SA5x kind, CSAC from the SA.45s kind (hardware classes as the clock core names them).
 */

import type { OscillatorModel } from './oscillator.ts';

export type OscillatorGrade = 'crystal' | 'tcxo' | 'ocxo' | 'rb' | 'csac';

const REFERENCE_C = 25;

/** The model of each grade; `frequencyPpb` is what remains when nothing steers it. */
export const GRADES: Readonly<Record<OscillatorGrade, OscillatorModel>> = {
  crystal: {
    frequencyPpb: 8_000,
    whiteFmPpb: 0.3,
    randomWalkFmPpb: 0.02,
    agingPpbPerDay: 5,
    temperaturePpbPerC: 60,
    referenceTemperatureC: REFERENCE_C,
    limits: { deviationPpb: 5_000, wanderPpbPerSecond: 0.9 },
  },
  tcxo: {
    frequencyPpb: 400,
    whiteFmPpb: 0.1,
    randomWalkFmPpb: 0.003,
    agingPpbPerDay: 2,
    temperaturePpbPerC: 6,
    referenceTemperatureC: REFERENCE_C,
    limits: { deviationPpb: 250, wanderPpbPerSecond: 0.5 },
  },
  ocxo: {
    frequencyPpb: 20,
    whiteFmPpb: 0.003,
    randomWalkFmPpb: 0.000_03,
    agingPpbPerDay: 0.05,
    temperaturePpbPerC: 0.02,
    referenceTemperatureC: REFERENCE_C,
    limits: { deviationPpb: 0.4, wanderPpbPerSecond: 0.01 },
  },
  rb: {
    frequencyPpb: 0.3,
    whiteFmPpb: 0.01,
    randomWalkFmPpb: 0.000_002,
    agingPpbPerDay: 0.000_3,
    temperaturePpbPerC: 0.000_4,
    referenceTemperatureC: REFERENCE_C,
    limits: { deviationPpb: 0.01, wanderPpbPerSecond: 0.02 },
  },
  csac: {
    frequencyPpb: 0.3,
    whiteFmPpb: 0.2,
    randomWalkFmPpb: 0.000_02,
    agingPpbPerDay: 0.03,
    temperaturePpbPerC: 0.003,
    referenceTemperatureC: REFERENCE_C,
    limits: { deviationPpb: 0.4, wanderPpbPerSecond: 0.3 },
  },
};
