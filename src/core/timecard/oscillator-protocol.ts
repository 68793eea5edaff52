/**
 * The oscillators we can listen to, as one table: port speed, the questions of one round, and how an answer is read. Every
 * question only reads: nothing here can set, store, reset or flash an oscillator.
 */

import { CSAC_QUESTION, readCsac } from './csac.ts';
import { MRO50_QUESTION, readMro50 } from './mro50.ts';
import type { OscillatorReply } from './oscillator-facts.ts';
import { readSa3x, SA3X_QUESTION } from './sa3x.ts';
import { readSa5x, SA5X_PARAMETERS, sa5xQuestion } from './sa5x.ts';

export const OSCILLATOR_KINDS = ['sa5x', 'sa3x', 'csac', 'mro50'] as const;
export type OscillatorKind = (typeof OSCILLATOR_KINDS)[number];

export type OscillatorQuestion = {
  readonly text: string;
  /** Reads one line that came after the question. */
  readonly read: (line: string) => OscillatorReply;
};

export type OscillatorProtocol = {
  readonly baudRate: number;
  /** The questions of one round, in order; the next is put when the one before is answered. */
  readonly questions: readonly OscillatorQuestion[];
};

export const OSCILLATOR_PROTOCOLS: Readonly<Record<OscillatorKind, OscillatorProtocol>> = {
  sa5x: {
    baudRate: 57_600,
    questions: SA5X_PARAMETERS.map((parameter) => ({
      text: sa5xQuestion(parameter),
      read: (line: string): OscillatorReply => readSa5x(parameter, line),
    })),
  },
  sa3x: { baudRate: 57_600, questions: [{ text: SA3X_QUESTION, read: readSa3x }] },
  csac: { baudRate: 57_600, questions: [{ text: CSAC_QUESTION, read: readCsac }] },
  mro50: { baudRate: 9_600, questions: [{ text: MRO50_QUESTION, read: readMro50 }] },
};
