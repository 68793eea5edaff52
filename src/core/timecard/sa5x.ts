/**
 * Microchip MAC SA5x (SA53, SA55): the "C3" protocol (user guide DS50002938A, pages 29 to 32).
 *
 * `{get,Locked|CC}` is answered `[=1|CC]` CR LF, `[!N]` on an error (1 unknown command, 3 bad checksum), and `[>text]` comes by
 * itself at start-up. CC is the XOR of the characters between the opening bracket and the bar, two hex digits; a question
 * with a checksum is answered with one. A backslash before the brace is accepted and keeps a card's console from eating it.
 */

import { factsReply, faultReply, parseDecimal, parseWhole, type OscillatorReply } from './oscillator-facts.ts';

/** What is asked, in this order; each only reads. */
export const SA5X_PARAMETERS = ['Locked', 'Temperature', 'DisciplineLocked', 'Phase', 'Alarms'] as const;
export type Sa5xParameter = (typeof SA5X_PARAMETERS)[number];

/** Bits of `Alarms`; a bit without a name is told by its number. */
const ALARM_NAMES: Readonly<Record<number, string>> = {
  0: 'fpga',
  1: 'pll',
  2: 'flash',
  3: 'acquisition-failed',
  4: 'no-external-oscillator',
  5: 'cell-heater',
  6: 'incompatible-firmware',
  16: 'temperature-warning',
  17: 'no-pps-while-disciplining',
  18: 'disciplining-range',
};

export function sa5xQuestion(parameter: Sa5xParameter): string {
  const body = `get,${parameter}`;
  return `\\{${body}|${checksum(body)}}`;
}

/** XOR of the characters, as two hex digits in lower case. */
export function checksum(body: string): string {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i) & 0xff;
  return sum.toString(16).padStart(2, '0');
}

/** The answer to a question about `parameter`. */
export function readSa5x(parameter: Sa5xParameter, line: string): OscillatorReply {
  const framed = /^\[(.*)\]$/.exec(line)?.[1];
  if (framed === undefined) return faultReply('unknown-form', line);
  if (framed.startsWith('>')) return { kind: 'notice', text: framed.slice(1) };
  const bar = framed.lastIndexOf('|');
  const body = bar < 0 ? framed : framed.slice(0, bar);
  // We asked with a checksum, so an answer without one was damaged or is another's.
  if (body.startsWith('!')) return faultReply('command-refused', line);
  if (bar < 0 || framed.slice(bar + 1).toLowerCase() !== checksum(body)) return faultReply('bad-checksum', line);
  return body.startsWith('=') ? readValue(parameter, body.slice(1), line) : faultReply('unknown-form', line);
}

function readValue(parameter: Sa5xParameter, text: string, line: string): OscillatorReply {
  const unknown = faultReply('unknown-form', line);
  switch (parameter) {
    case 'Locked':
      return text === '0' || text === '1' ? factsReply({ locked: text === '1' }) : unknown;
    case 'DisciplineLocked':
      return text === '0' || text === '1' ? factsReply({ disciplineLocked: text === '1' }) : unknown;
    case 'Temperature': {
      const temperatureMilliC = parseWhole(text);
      return temperatureMilliC === undefined ? unknown : factsReply({ temperatureMilliC });
    }
    case 'Phase': {
      const phaseNs = parseDecimal(text);
      return phaseNs === undefined ? unknown : factsReply({ phaseNs });
    }
    case 'Alarms': {
      const bits = /^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) ? Number(text) : undefined;
      return bits === undefined || bits > 0xffff_ffff ? unknown : factsReply({ alarms: alarmsOf(bits) });
    }
  }
}

function alarmsOf(bits: number): readonly string[] {
  const alarms: string[] = [];
  for (let bit = 0; bit < 32; bit++) if (((bits >>> bit) & 1) === 1) alarms.push(ALARM_NAMES[bit] ?? `bit-${bit}`);
  return alarms;
}
