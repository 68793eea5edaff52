/**
 * Runs every benchmark, one after another so that none disturbs another, and says which ones failed to run.
 *
 *     npm run bench [-- [--json] NAME ...]      NAME: decoder, verify, lane, ... (default all that need no rig)
 *
 * With `--json` one document a benchmark and line: name, time, machine, load average, figures with ratio and target.
 * Each benchmark prints its ratio against a named baseline of the same run; none asserts one, because machines are noisy.
 * The PHC benchmark needs the hardware rig's kernel: `bash test/hardware/run.sh --bench`.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argv, execPath } from 'node:process';

/** Not benchmarks of their own: this runner, what they share, a worker's part, the one that needs the rig, and those of hours. */
const NOT_RUN = new Set([
  'run',
  'figures',
  'validator-load',
  'verify-thread',
  'written-lanes',
  'phc',
  'soak',
  'soak-virtual',
]);

const known = readdirSync(import.meta.dirname)
  .map((file) => basename(file, '.ts'))
  .filter((name) => !NOT_RUN.has(name))
  .sort();
const isForMachines = argv.includes('--json');
const asked = argv.slice(2).filter((word) => word !== '--json');
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}

const failed: string[] = [];
for (const name of asked.length > 0 ? asked : known) {
  if (!isForMachines) console.log(`\n# ${name}`);
  const { status } = spawnSync(
    execPath,
    [join(import.meta.dirname, `${name}.ts`), ...(isForMachines ? ['--json'] : [])],
    { stdio: 'inherit' },
  );
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\ndid not run to their end: ${failed.join(', ')}`);
  process.exitCode = 1;
}
