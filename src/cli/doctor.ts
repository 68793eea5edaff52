/**
 * `momentd doctor`: whether this host and this configuration can attest, and what to mend.
 *
 * Looks, measures a handful of small synced writes in the state directory, and changes nothing else. It should run as the
 * user the agent runs as, because permissions are part of what it looks at.
 */

import type { Command } from 'commander';
import { loadNative } from '../io/clocks/native.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { readHostFacts } from '../io/host/host-facts.ts';
import { examine } from './doctor/examine.ts';
import { measureSyncs } from './doctor/file-checks.ts';
import { hasFailure, type Finding, type Severity } from './doctor/finding.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type DoctorOptions = {
  readonly config?: string;
  readonly json?: true;
  readonly devRoot: string;
  readonly sysRoot: string;
};

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('examine this host and a configuration: what would keep it from attesting, and what to do')
    .option('--config <file>', 'the configuration to examine; without it only the host')
    .option('--json', 'answer in JSON')
    .option('--dev-root <folder>', 'where device files are looked for', '/dev')
    .option('--sys-root <folder>', 'where the kernel describes devices', '/sys')
    .addHelpText('after', '\nExit codes: 0 nothing fails, 1 something does, 2 the examination could not be made.')
    .action(guarded(runDoctor));
}

async function runDoctor({ config, json, devRoot, sysRoot }: DoctorOptions): Promise<void> {
  const roots = { devRoot, sysRoot, procRoot: '/proc' };
  const findings = await examine(config, {
    roots,
    facts: await readHostFacts(roots),
    native: loadNative(),
    today: coarseTaiNow(),
    measureSyncs,
  });
  if (hasFailure(findings)) process.exitCode = EXIT.no;
  if (json === true) return sayJson({ fit: !hasFailure(findings), findings });
  for (const line of renderFindings(findings)) say(line);
}

/** One line for what is well, and three for what is not; the verdict last. */
export function renderFindings(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const lines = findings.flatMap(({ subject, severity, code, detail, sentence, remedy }) => {
    const head = `${severity.padEnd(4)}  ${subject.padEnd(width)}  ${detail}`;
    if (severity === 'ok') return [head];
    const indent = ' '.repeat(width + 8);
    return [head, `${indent}${sentence} (${code})`, `${indent}-> ${remedy}`];
  });
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  return [...lines, '', `${count('fail')} fail, ${count('warn')} warn, ${count('ok')} ok`];
}
