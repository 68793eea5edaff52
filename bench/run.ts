/**
 * Runs every benchmark, one after another so that none disturbs another, and says which ones failed to run.
 *
 *     npm run bench [-- NAME ...]      NAME: decoder, verify, lane, ... (default all that need no rig)
 *
 * Each benchmark prints its ratio against a named baseline of the same run; none asserts one, because machines are noisy.
 * The PHC benchmark needs the hardware rig's kernel: `bash test/hardware/run.sh --bench`.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argv, execPath } from 'node:process';

/** Not benchmarks of their own: this runner, a worker's part, and the one that needs the rig. */
const NOT_RUN = new Set(['run', 'verify-thread', 'phc']);

const known = readdirSync(import.meta.dirname)
  .map((file) => basename(file, '.ts'))
  .filter((name) => !NOT_RUN.has(name))
  .sort();
const asked = argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}

const failed: string[] = [];
for (const name of asked.length > 0 ? asked : known) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\ndid not run to their end: ${failed.join(', ')}`);
  process.exitCode = 1;
}
