/**
 * Safran mRO-50 (the ART card): `MONITOR1` CR is answered with 62 hex digits, ended by two line feeds; `?` begins an error.
 * The lock is bit 2 of the digit at 56 (so oscillatord 3.9 reads it, mRo50_oscillator.c). The temperature's raw word is at 52,
 * but no public document tells its scale: it is left out rather than guessed.
 */

import { factsReply, faultReply, type OscillatorReply } from './oscillator-facts.ts';

export const MRO50_QUESTION = 'MONITOR1\r';

const DIGITS = 62;
const LOCK_DIGIT = 56;
const LOCK_BIT = 0b100;

export function readMro50(line: string): OscillatorReply {
  if (line.startsWith('?')) return faultReply('command-refused', line);
  if (line.length !== DIGITS || !/^[0-9a-fA-F]+$/.test(line)) return faultReply('unknown-form', line);
  return factsReply({ locked: (Number.parseInt(line[LOCK_DIGIT]!, 16) & LOCK_BIT) !== 0 });
}
