/**
 * Vector files: JSON other languages can use. `{ about, ...common, vectors: [{ name, input, expect, why }] }`, nothing else.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

export type Vector<Input, Expect> = { name: string; input: Input; expect: Expect; why: string };

const folder = new URL('../../vectors/', import.meta.url);

export type VectorFile<Input, Expect> = {
  readonly about: string;
  readonly vectors: readonly Vector<Input, Expect>[];
  /** What all vectors of the file share. */
  readonly [common: string]: unknown;
};

export function readVectors<Input, Expect>(file: string): VectorFile<Input, Expect> {
  const read = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as VectorFile<Input, Expect>;
  assert.equal(typeof read.about, 'string');
  for (const vector of read.vectors)
    assert.deepEqual(Object.keys(vector), ['name', 'input', 'expect', 'why'], `keys of vector ${vector.name}`);
  const names = read.vectors.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, 'vector names are unique');
  return read;
}

export function writeVectors(file: string, content: object): void {
  writeFileSync(new URL(file, folder), `${JSON.stringify(content, undefined, 2)}\n`);
}
