/** `momentd install`: what a host needs to run the agent as a service, printed, or written below a directory or in place. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { AgentError } from '../ports/agent-error.ts';
import { hostFiles, isHidden, NEXT_STEPS, ownCommand, type HostFile } from './install/host-files.ts';
import { guarded, refuse, say, sayJson, warn } from './outcome.ts';

type InstallOptions = {
  readonly write?: string;
  readonly apply?: true;
  readonly replace?: true;
  readonly command?: string;
  readonly json?: true;
};

export function addInstall(program: Command): void {
  program
    .command('install')
    .description('print or write what a host needs: systemd unit, user, directories, device permissions')
    .option('--write <directory>', 'write the files below this directory, as an image or a package is put together')
    .option('--apply', 'write them in place on this host')
    .option('--replace', 'overwrite files that are there and differ')
    .option('--command <path>', 'what the unit starts; default: the Node and the launcher that run now')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
Without --write and --apply nothing is written. Nothing is started or enabled either: what is left to do is printed.
The Debian package brings the same files; this is for an installation by npm.`,
    )
    .action(guarded(install));
}

function install({ write, apply, replace, command, json }: InstallOptions): void {
  if (write !== undefined && apply === true)
    return refuse('cli-usage', 'install: --write and --apply exclude each other');
  const words = command === undefined ? ownCommand() : [resolve(command)];
  for (const word of words)
    if (isHidden(word))
      warn(`the unit says ProtectHome=yes and would not see ${word}: install momentd below /opt or /usr/local`);
  const files = hostFiles(words);
  if (write === undefined && apply !== true) {
    if (json === true) return sayJson({ files, next: NEXT_STEPS });
    for (const { path, text, purpose } of files) say(`# ---- ${path}: ${purpose}\n${text}`);
    return sayNext();
  }
  const root = apply === true ? '/' : resolve(write!);
  const planned = files.map((file) => plan(file, root, replace === true));
  for (const { target, text, outcome } of planned) if (outcome !== 'unchanged') put(target, text);
  if (json === true)
    return sayJson({ files: planned.map(({ target, outcome }) => ({ path: target, outcome })), next: NEXT_STEPS });
  for (const { target, outcome } of planned) say(`${outcome.padEnd(9)} ${target}`);
  if (apply === true) sayNext();
}

function sayNext(): void {
  say('');
  say('next, as root:');
  for (const step of NEXT_STEPS) say(`  ${step}`);
}

type Planned = {
  readonly target: string;
  readonly text: string;
  readonly outcome: 'written' | 'replaced' | 'unchanged';
};

/** Every file is looked at before the first is written, so that a refusal leaves the host as it was. */
function plan({ path, text }: HostFile, root: string, mayReplace: boolean): Planned {
  const target = join(root, path);
  const there = contentOf(target);
  if (there === undefined) return { target, text, outcome: 'written' };
  if (there === text) return { target, text, outcome: 'unchanged' };
  if (!mayReplace)
    throw new AgentError('file-exists', `write ${target}: it is there and differs (--replace overwrites it)`);
  return { target, text, outcome: 'replaced' };
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AgentError('file-unreadable', `read ${path}: ${String(cause)}`, { cause });
  }
}

function put(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o644 });
  } catch (cause) {
    throw new AgentError('file-unwritable', `write ${path}: ${String(cause)}`, { cause });
  }
}
