/**
 * A short run of every fuzz target: the same inputs every time. Long ones are `node fuzz/run.ts`; docs/fuzzing.md has their
 * figures. A finding here is a bug: its input belongs into the vectors of the parser it breaks.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instrumentModules } from '../../fuzz/instrument.ts';

const hooks = instrumentModules();
const { fuzz } = await import('../../fuzz/engine.ts');
const { TARGETS } = await import('../../fuzz/targets.ts');
hooks.deregister();

const RUNS = 1_500;
/** Targets whose every input does much: fewer make the same time. */
const RUNS_OF: Readonly<Record<string, number>> = {
  evidence: 500,
  receiver: 600,
  certificate: 600,
  config: 800,
  api: 300,
};
/** A loaded machine may be slow; what is looked for here is a loop without end. */
const BOUNDS = { millisMax: 2_000, heldBytesMax: Infinity };

test('targets have names of their own and something to begin with', () => {
  const names = TARGETS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, seeds, inputBytesMax } of TARGETS) {
    assert.ok(seeds.length > 0, name);
    for (const seed of seeds) assert.ok(seed.length <= inputBytesMax, `${name}: a seed of ${seed.length} bytes`);
  }
});

for (const target of TARGETS)
  test(`${target.name}: ${target.about}`, async () => {
    const runs = RUNS_OF[target.name] ?? RUNS;
    const report = await fuzz(target, { seed: 20_261_128, bounds: BOUNDS, isOver: (done) => done >= runs });
    assert.deepEqual(
      report.findings.map(({ what, input }) => `${what} by ${Buffer.from(input).toString('hex')}`),
      [],
    );
    assert.ok(report.runs >= runs, `${report.runs} runs`);
    // Inputs must get past the first checks, or the run proves nothing.
    assert.ok(report.branches > 10, `${report.branches} branches`);
    assert.ok(Object.keys(report.outcomes).length >= 2, Object.keys(report.outcomes).join());
  });
