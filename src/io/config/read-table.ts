/** Reads one TOML table against a table of fields: unknown keys, wrong values and missing keys are problems with a line. */

import type { ConfigProblem, TomlTable } from './document.ts';
import type { Fields, Values } from './field.ts';

export function readTable<F extends Fields>(fields: F, table: TomlTable): Values<F> | ConfigProblem {
  const values: Record<string, unknown> = {};
  for (const { key, value, line } of table.entries) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) return unknownKey(key, line, Object.keys(fields));
    const reading = field.read(value);
    if ('problem' in reading) return { line, key, problem: reading.problem };
    values[key] = reading.value;
  }
  for (const [key, field] of Object.entries(fields)) {
    if (Object.hasOwn(values, key)) continue;
    if (field.whenAbsent === 'required') return { line: table.line, key, problem: 'is required here' };
    values[key] = field.whenAbsent.value;
  }
  return Object.freeze(values) as Values<F>;
}

export const isProblem = (outcome: object): outcome is ConfigProblem => 'problem' in outcome && 'line' in outcome;

export function unknownKey(key: string, line: number, known: readonly string[]): ConfigProblem {
  const suggestion = nearest(key, known);
  const hint = suggestion === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${suggestion}"?`;
  return { line, key, problem: `is not a key of this section; ${hint}` };
}

/** The known word within two edits, or undefined. */
function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance <= 2 && (best === undefined || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word;
}

/** Levenshtein's distance; the words are a few letters long. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
