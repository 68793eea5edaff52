/** The fuzzing engine: that it finds bugs planted for it, shrinks them, and makes the same run of the same seed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instrumented, instrumentModules } from '../../fuzz/instrument.ts';
import type { Target } from '../../fuzz/target.ts';

instrumentModules(/\/test\/fuzz\/planted\.ts$/);
const { fuzz } = await import('../../fuzz/engine.ts');
const { Hoarder, readsRecord, readsSlowly, readsStructure, readsText } = await import('./planted.ts');
const { encodeCbor } = await import('../../src/core/codec/cbor.ts');

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function target(overrides: Partial<Target> & Pick<Target, 'run'>): Target {
  return { name: 'planted', about: '', forms: ['bytes'], seeds: [new Uint8Array(12)], inputBytesMax: 64, ...overrides };
}

const upTo = (runs: number) => (done: number) => done >= runs;
/** A search that ends with what it looks for. */
const search = { seed: 1, findingsMax: 1, isOver: upTo(60_000) };

test('a throw behind a magic number, a length and a kind is found, and not without guidance', async () => {
  const planted = target({ run: readsRecord });
  const guided = await fuzz(planted, search);
  assert.equal(guided.findings.length, 1);
  const [finding] = guided.findings;
  assert.equal(finding!.kind, 'throw');
  assert.match(finding!.what, /RangeError: nobody handles this kind \(.*planted\.ts:\d+/);
  assert.throws(() => readsRecord(finding!.input));
  assert.deepEqual(Object.keys(guided.outcomes).sort(), ['length', 'magic', 'ok', 'short']);
  const blind = await fuzz(planted, { ...search, isGuided: false });
  assert.deepEqual(blind.findings, []);
});

test('two values that are wrong together are found in text', async () => {
  const planted = target({ run: readsText, forms: ['text'], seeds: [utf8('name=x\nwidth=7\nheight=9\n')] });
  const { findings } = await fuzz(planted, search);
  assert.equal(findings.length, 1);
  assert.match(findings[0]!.what, /a division by nothing/);
});

test('a structure deep in CBOR is found, and shrunk to what shows it', async () => {
  const seed = encodeCbor([1n, new Uint8Array(40), new Map([[1n, [1n, 2n]]]), 'more']);
  const { findings } = await fuzz(target({ run: readsStructure, forms: ['cbor', 'bytes'], seeds: [seed] }), search);
  assert.equal(findings.length, 1);
  assert.throws(() => readsStructure(findings[0]!.input));
  assert.ok(findings[0]!.input.length < seed.length, `${findings[0]!.input.length} bytes`);
});

test('an input that takes too long is found by processor time', async () => {
  const planted = target({ run: readsSlowly, forms: ['text'], seeds: [utf8('a b')], inputBytesMax: 256 });
  const bounds = { millisMax: 40, heldBytesMax: Infinity };
  const { findings } = await fuzz(planted, { ...search, bounds, isOver: upTo(5_000) });
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['slow'],
  );
});

test('memory that is held on to is found', async () => {
  const hoarder = new Hoarder();
  const planted = target({ run: (input) => hoarder.take(input) });
  const bounds = { millisMax: 250, heldBytesMax: 16 * 1_048_576 };
  const { findings } = await fuzz(planted, { seed: 1, bounds, weighEvery: 4_096, isOver: upTo(10_000) });
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['held'],
  );
});

test('an answer that comes later is waited for', async () => {
  const run = (input: Uint8Array): Promise<string> =>
    input[0] === 7 ? Promise.reject(new Error('late')) : Promise.resolve('ok');
  const { findings, outcomes } = await fuzz(target({ run, seeds: [bytes(6, 0)] }), { seed: 1, isOver: upTo(5_000) });
  assert.equal(findings.length, 1);
  assert.ok(outcomes['ok']! > 1_000);
});

test('the same seed makes the same run, another seed another', async () => {
  const inputsOf = async (seed: number): Promise<string> => {
    const seen: string[] = [];
    const run = (input: Uint8Array): string => {
      seen.push(Buffer.from(input).toString('hex'));
      return readsRecord(input);
    };
    await fuzz(target({ run }), { seed, isOver: upTo(2_000) });
    return seen.join();
  };
  assert.equal(await inputsOf(3), await inputsOf(3));
  assert.notEqual(await inputsOf(3), await inputsOf(4));
});

test('instrumented code means what it meant, line by line', () => {
  const source = [
    'export function f(a: number, b?: string): string {',
    '  if (a === 1) return b ?? "none";',
    '  else if (a !== 2 && b !== undefined) { return `${a}`; }',
    '  const g = (x: number) => ({ x, y: x > 1 ? "more" : "less" });',
    '  switch (a) { case 3: return "three"; default: }',
    '  for (const i of [1, 2]) if (i === a) continue; else break;',
    '  return typeof b === "string" ? b : g(a).y;',
    '}',
  ].join('\n');
  const text = instrumented(source);
  assert.equal(text.split('\n').length, source.split('\n').length, 'no line moves');
  assert.match(text, /if \(__q\(a , 1\)\)/);
  assert.match(text, /!__q\(a , 2\) &&/);
  assert.doesNotMatch(text, /__q\([^)]*undefined/);
});
