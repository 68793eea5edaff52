/**
 * Microchip MAC SA.3Xm: one question, `^`, answered with twelve comma-separated fields at 57,600 baud:
 * BITE, version, serial, TEC mC, RF 0.1 mV, DDS 0.01 Hz, cell heater mA, DC signal mV, temperature mC, digital tuning 0.01 Hz,
 * analogue on/off, analogue mV. BITE is `0` when the atomic lock holds (so oscillatord 3.9 reads it, sa3x_oscillator.c).
 */

import { factsReply, faultReply, parseWhole, type OscillatorReply } from './oscillator-facts.ts';

export const SA3X_QUESTION = '^';

const FIELDS = 12;
const BITE = 0;
const TEMPERATURE_MILLI_C = 8;

export function readSa3x(line: string): OscillatorReply {
  const fields = line.split(',', FIELDS + 1).map((field) => field.trim());
  const temperatureMilliC = parseWhole(fields[TEMPERATURE_MILLI_C]);
  const bite = fields[BITE] ?? '';
  if (fields.length !== FIELDS || !/^[0-9A-Fa-f]{1,4}$/.test(bite) || temperatureMilliC === undefined)
    return faultReply('unknown-form', line);
  return factsReply({ locked: bite === '0', temperatureMilliC });
}
