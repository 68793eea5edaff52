/**
 * Faults of a simulated card by a file: a drill for people and for the scripts of people.
 *
 * The file names one fault of src/sim/faults.ts a line, with a magnitude where the usual one will not do; what is in it is
 * on, what is not is off. It is read again a few times a second. A file that is not there is no fault; a line that names
 * nothing we know is told and passed over, because a drill must not take the agent down.
 */

import { readFileSync } from 'node:fs';
import { isFaultName, type FaultName } from './faults.ts';

export type Drill = ReadonlyMap<FaultName, number | undefined>;

export type DrillNeeds = {
  readonly setFault: (fault: FaultName, on: boolean, magnitude?: number) => void;
  readonly onChange: (faults: readonly FaultName[], unknown: readonly string[]) => void;
};

const LOOK_MS = 250;
/** Longer than every fault in one file. */
const FILE_CHARACTERS_MAX = 4_096;

export class DrillFile {
  readonly #needs: DrillNeeds;
  readonly #path: string;
  #on: Drill = new Map();
  #text = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: DrillNeeds, path: string) {
    this.#needs = needs;
    this.#path = path;
  }

  /** May be called twice. */
  start(): void {
    this.look();
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  look(): void {
    const text = this.#read();
    if (text === this.#text) return;
    this.#text = text;
    const { faults, unknown } = parseDrill(text);
    for (const [fault] of this.#on) if (!faults.has(fault)) this.#needs.setFault(fault, false);
    for (const [fault, magnitude] of faults) {
      const isSame = this.#on.has(fault) && this.#on.get(fault) === magnitude;
      if (!isSame) this.#needs.setFault(fault, true, magnitude);
    }
    this.#on = faults;
    this.#needs.onChange([...faults.keys()], unknown);
  }

  #read(): string {
    try {
      return readFileSync(this.#path, 'utf8').slice(0, FILE_CHARACTERS_MAX);
    } catch {
      return '';
    }
  }
}

/** Lines `fault` or `fault magnitude`; `#` begins a comment. */
export function parseDrill(text: string): { readonly faults: Drill; readonly unknown: readonly string[] } {
  const faults = new Map<FaultName, number | undefined>();
  const unknown: string[] = [];
  for (const line of text.split('\n').map((whole) => whole.split('#', 1)[0]!.trim())) {
    if (line === '') continue;
    const [name = '', magnitude, ...more] = line.split(/\s+/);
    const value = magnitude === undefined ? undefined : Number(magnitude);
    if (isFaultName(name) && more.length === 0 && (value === undefined || Number.isFinite(value)))
      faults.set(name, value);
    else unknown.push(line);
  }
  return { faults, unknown };
}
