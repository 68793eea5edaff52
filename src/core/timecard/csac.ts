/**
 * Microchip CSAC SA.45s and SA65 (SA.45s guide rev. D pages 20 to 27; SA65 guide DS50003805A page 27): `!^` CR LF is answered
 * with one line of comma-separated telemetry,
 * Status,Alarm,SN,Mode,Contrast,LaserI,TCXO,HeatP,Sig,Temp,Steer,ATune,Phase,DiscOK,TOD,LTime,Ver.
 * Status 0 is locked; Alarm is a hex word; Temp is degrees Celsius; Phase is ns, or dashes, or a word, when not measured; DiscOK is
 * 0 acquiring, 1 locked, 2 holdover. A `?` refuses the question.
 */

import {
  factsReply,
  faultReply,
  parseDecimal,
  parseWhole,
  type OscillatorFacts,
  type OscillatorReply,
} from './oscillator-facts.ts';

export const CSAC_QUESTION = '!^\r\n';

const FIELDS = 17;
const STATUS = 0;
const ALARM = 1;
const TEMPERATURE_C = 9;
const PHASE_NS = 12;
const DISCIPLINE = 13;

export function readCsac(line: string): OscillatorReply {
  if (line === '?') return faultReply('command-refused', line);
  const fields = line.split(',', FIELDS + 1).map((field) => field.trim());
  const status = parseWhole(fields[STATUS]);
  const alarm = /^0x([0-9A-Fa-f]{4})$/.exec(fields[ALARM] ?? '')?.[1];
  const temperatureC = parseDecimal(fields[TEMPERATURE_C]);
  if (fields.length !== FIELDS || status === undefined || alarm === undefined || temperatureC === undefined)
    return faultReply('unknown-form', line);
  const facts: OscillatorFacts = {
    locked: status === 0,
    temperatureMilliC: Math.round(temperatureC * 1_000),
    alarms: Number.parseInt(alarm, 16) === 0 ? [] : [`0x${alarm.toLowerCase()}`],
  };
  const phaseNs = parseDecimal(fields[PHASE_NS]);
  const discipline = fields[DISCIPLINE];
  return factsReply({
    ...facts,
    ...(phaseNs === undefined ? {} : { phaseNs }),
    ...(discipline !== undefined && /^[012]$/.test(discipline) ? { disciplineLocked: discipline === '1' } : {}),
  });
}
