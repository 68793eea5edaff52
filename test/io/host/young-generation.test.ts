/** The bound of the young generation, in programs of their own: what is set holds for the whole process. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const MODULE = new URL('../../../src/io/host/young-generation.ts', import.meta.url).href;
const MB = 1_048_576;

/** Sets the bound or not, then allocates what is kept for a while, many times; tells the young generation's size between. */
const PROGRAM = `
  import v8 from 'node:v8';
  const size = () => v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size;
  const kept = [];
  const load = (from, to) => {
    for (let i = from; i < to; i++) kept[i % 300] = Array.from({ length: 2_000 }, (_, at) => ({ at }));
  };
  const { boundYoungGeneration } = await import(${JSON.stringify(MODULE)});
  if (process.argv[1] === 'bound') boundYoungGeneration();
  const bound = size();
  load(0, 600);
  const loaded = size();
  gc({ type: 'major', flavor: 'last-resort' });
  const reduced = size();
  for (let i = 0; i < 1_000 && size() < bound; i++) {
    load(i * 4, i * 4 + 4);
    await new Promise(setImmediate);
  }
  const again = size();
  const churn = async (turns, enough) => {
    for (let i = 0; i < turns && size() < enough; i++) {
      load(i * 20, i * 20 + 20);
      await new Promise(setImmediate);
    }
  };
  await churn(4_000, 33_554_432);
  await churn(60, Infinity);
  console.log(JSON.stringify({ bound, loaded, reduced, again, busy: size() }));
`;

type Sizes = Readonly<Record<'bound' | 'loaded' | 'reduced' | 'again' | 'busy', number>>;

async function sizes(flags: readonly string[], word: string): Promise<Sizes> {
  const args = [...flags, '--expose-gc', '--input-type=module', '--eval', PROGRAM, word];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
  return JSON.parse(stdout) as Sizes;
}

test('the young generation has two halves of 4 MB at once, again after it was reduced, and of 16 MB when busy', async () => {
  const { bound, loaded, reduced, again, busy } = await sizes([], 'bound');
  assert.deepEqual({ bound, loaded, again }, { bound: 8 * MB, loaded: 8 * MB, again: 8 * MB });
  assert.ok(reduced < 8 * MB, `${reduced}`);
  assert.equal(busy, 32 * MB);
});

test('left alone it grows beyond that', async () => {
  const { loaded } = await sizes([], 'free');
  assert.ok(loaded > 8 * MB, `${loaded}`);
});

test('whoever sets a size himself keeps it', async () => {
  assert.equal((await sizes(['--max-semi-space-size=16'], 'bound')).loaded, 32 * MB);
});
