/**
 * The check of the checks: with any one budget term taken out of the code, the worst case of that term is missed.
 *
 * A copy of the core is made for each term with the term's line changed, and the worst cases run against it in a child
 * process. The unchanged copy misses none, so it is the term that was needed.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BUDGET_TERMS, type BudgetTerm } from '../../../src/core/clock/budget.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);
const copies: string[] = [];
after(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })));

/** A copy of the core and of the worst cases, with `change` applied to the source of the budget. */
async function missedWith(change: (source: string) => string): Promise<readonly string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'mutated-core-'));
  copies.push(copy);
  cpSync(join(root, 'src/core'), join(copy, 'src/core'), { recursive: true });
  for (const file of ['world.ts', 'worst-case.ts', 'worst-case-main.ts'])
    cpSync(join(root, 'test/core/clock', file), join(copy, 'test/core/clock', file));
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
  const path = join(copy, 'src/core/clock/source-estimate.ts');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  const { stdout } = await run(process.execPath, [join(copy, 'test/core/clock/worst-case-main.ts')]);
  return JSON.parse(stdout) as string[];
}

/** The source with the value of `term` in the budget replaced by zero; the floor with the raising left out. */
function without(term: BudgetTerm, source: string): string {
  const [pattern, replacement] =
    term === 'floor'
      ? [/const raised = raisedTo\(.*\);/g, 'const raised = raisedTo(budget, {});']
      : [new RegExp(`^    ${term.includes('-') ? `'${term}'` : term}: .*,$`, 'gm'), `    '${term}': ZERO,`];
  assert.equal(source.match(pattern)?.length, 1, `one line sets ${term}`);
  return source.replace(pattern, replacement);
}

test('the unchanged code misses nothing', async () => {
  assert.deepEqual(await missedWith((source) => source), []);
});

for (const term of BUDGET_TERMS) {
  test(`without ${term} a containment check fails`, async () => {
    const missed = await missedWith((source) => without(term, source));
    assert.ok(missed.includes(term), `missed: ${missed.join(', ')}`);
  });
}
