/**
 * Fuzzes the parsers that meet foreign bytes. docs/fuzzing.md.
 *
 *   node fuzz/run.ts [--target NAME,NAME|all] [--seconds N | --runs N] [--seed S] [--json] [--unguided] [SEED-FILE...]
 *   node fuzz/run.ts --target NAME --input FILE     runs one input and says what is wrong with it
 *
 * The same seed and number of runs make the same inputs. A finding is written to fuzz/findings/ and sets exit status 1.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { exit, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Finding, Report } from './engine.ts';
import { instrumentModules } from './instrument.ts';
import type { Target } from './target.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: 'string', default: 'all' },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    input: { type: 'string' },
    json: { type: 'boolean', default: false },
    unguided: { type: 'boolean', default: false },
  },
});

instrumentModules();
// Only now: what was loaded before is not instrumented.
const { examine, fuzz } = await import('./engine.ts');
const { TARGETS } = await import('./targets.ts');

const names = values.target === 'all' ? TARGETS.map(({ name }) => name) : values.target.split(',');
const targets = names.map((name) => TARGETS.find((target) => target.name === name) ?? unknown(name));

if (values.input !== undefined) {
  const finding = await examine(targets[0]!, new Uint8Array(readFileSync(values.input)));
  stdout.write(finding === undefined ? 'nothing is wrong with it\n' : `${finding.kind}: ${finding.what}\n`);
  exit(finding === undefined ? 0 : 1);
}

const runsMax = values.runs === undefined ? (values.seconds === undefined ? 20_000 : Infinity) : Number(values.runs);
const secondsMax = values.seconds === undefined ? Infinity : Number(values.seconds);
const seeds = positionals.map((file) => new Uint8Array(readFileSync(file)));
let found = 0;
for (const target of targets) {
  const started = performance.now();
  const isOver = (done: number): boolean =>
    done >= runsMax || (done % 64 === 0 && performance.now() - started > secondsMax * 1_000);
  const report = await fuzz(target, { seed: Number(values.seed), isOver, seeds, isGuided: !values.unguided });
  const files = report.findings.map((finding) => write(target, finding));
  found += files.length;
  stdout.write(values.json ? `${JSON.stringify(asJson(report, files))}\n` : asText(report, files));
}
exit(found === 0 ? 0 : 1);

function unknown(name: string): never {
  stderr.write(`no target is named ${name}; there are ${TARGETS.map((target) => target.name).join(', ')}\n`);
  exit(2);
}

/** The reproducer, named by its content. */
function write(target: Target, { input }: Finding): string {
  const folder = fileURLToPath(new URL('findings', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const name = `${target.name}-${createHash('sha256').update(input).digest('hex').slice(0, 8)}`;
  writeFileSync(join(folder, name), input);
  return `fuzz/findings/${name}`;
}

function asText(report: Report, files: readonly string[]): string {
  const rate = Math.round(report.runs / report.seconds);
  const head = `${report.target.padEnd(18)} ${String(report.runs).padStart(10)} runs ${report.seconds.toFixed(1).padStart(7)} s ${String(rate).padStart(7)}/s`;
  const reach = `${String(report.branches).padStart(5)} branches ${String(Object.keys(report.outcomes).length).padStart(4)} outcomes ${String(report.corpus).padStart(5)} kept`;
  const findings = report.findings.map(({ kind, what }, i) => `    ${kind}: ${what}\n      ${files[i]}\n`);
  return `${head} ${reach} ${report.findings.length === 0 ? 'no findings' : `${report.findings.length} FINDINGS`}\n${findings.join('')}`;
}

function asJson(report: Report, files: readonly string[]): object {
  const findings = report.findings.map(({ kind, what, atRun }, i) => ({ kind, what, at_run: atRun, file: files[i] }));
  return { ...report, runs_per_second: Math.round(report.runs / report.seconds), findings };
}
