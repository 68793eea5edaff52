/** The bound of the young generation, in programs of their own: what is set holds for the whole process. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const MODULE = new URL('../../../src/io/host/young-generation.ts', import.meta.url).href;
const MB = 1_048_576;

/** Sets the bound or not, then allocates much that is kept for a while; tells the young generation's size after each. */
const PROGRAM = `
  import v8 from 'node:v8';
  const size = () => v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size;
  const { boundYoungGeneration } = await import(${JSON.stringify(MODULE)});
  if (process.argv[1] === 'bound') boundYoungGeneration();
  const bound = size();
  const kept = [];
  for (let i = 0; i < 600; i++) kept[i % 300] = Array.from({ length: 2_000 }, (_, at) => ({ at }));
  console.log(JSON.stringify({ bound, loaded: size() }));
`;

async function sizes(flags: readonly string[], word: string): Promise<{ bound: number; loaded: number }> {
  const args = [...flags, '--input-type=module', '--eval', PROGRAM, word];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
  return JSON.parse(stdout) as { bound: number; loaded: number };
}

test('the young generation grows to two halves of 4 MB at once, and no further', async () => {
  assert.deepEqual(await sizes([], 'bound'), { bound: 8 * MB, loaded: 8 * MB });
});

test('left alone it grows beyond that', async () => {
  const { loaded } = await sizes([], 'free');
  assert.ok(loaded > 8 * MB, `${loaded}`);
});

test('whoever sets a size himself keeps it', async () => {
  assert.equal((await sizes(['--max-semi-space-size=16'], 'bound')).loaded, 32 * MB);
});
