/** Completions and the manual page: each shell runs its script, man(1) and mandoc(1) read the page without complaint. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { describeCommand, everyCommand } from '../../src/cli/manual/command-tree.ts';
import { manualPage, text } from '../../src/cli/manual/manual-page.ts';
import { momentd } from './run-momentd.ts';

const CLI = fileURLToPath(new URL('../../src/cli', import.meta.url));

let directory = '';
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'momentd-manual-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** Skips, by name, where the tool is not installed. */
function needs(t: TestContext, tool: string): boolean {
  if (spawnSync(tool, ['--version']).error === undefined) return true;
  t.skip(`needs ${tool}, which is not installed here`);
  return false;
}

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await momentd('completion', shell);
  assert.equal(code, 0, stderr);
  const path = join(directory, `momentd.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

function run(tool: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${tool}: ${stderr}`);
  assert.equal(stderr, '', tool);
  return stdout.split('\n').filter((line) => line !== '');
}

/** The sub-commands of `lane`, as its own help lists them. */
async function laneCommands(): Promise<string[]> {
  const help = (await momentd('lane', '--help')).stdout;
  const names = [...help.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  assert.ok(names.includes('find') && names.length >= 3, help);
  return names;
}

test('bash completes commands, options, choices and files', async (t) => {
  if (!needs(t, 'bash')) return;
  const path = await script('bash');
  const complete = (...words: string[]): string[] =>
    run(
      'bash',
      '-c',
      `cd / && source ${path} && COMP_WORDS=(${words.map((w) => `'${w}'`).join(' ')}) && COMP_CWORD=${words.length - 1} && _momentd 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  assert.deepEqual(complete('momentd', 'stat'), ['status']);
  assert.deepEqual(complete('momentd', 'lane', ''), [...(await laneCommands()), '--help', '-h']);
  assert.ok(complete('momentd', 'lane', 'find', '--').includes('--subject'), 'a sub-command has its own options');
  assert.deepEqual(complete('momentd', 'init', '--region', 'A'), ['APAC']);
  assert.ok(complete('momentd', 'run', '--config', '/et').includes('/etc'), 'a file is wanted there');
  assert.deepEqual(complete('momentd', 'init', '--port', ''), [], 'a number cannot be guessed');
});

test('zsh completes commands, options and choices', async (t) => {
  if (!needs(t, 'zsh')) return;
  const path = await script('zsh');
  const stubs =
    'compdef() { }; compadd() { print -l -- "$@" }; _describe() { print -l -- "${(@P)2}" }; _files() { print files }; _message() { print -- "$@" }';
  const complete = (...words: string[]): string[] =>
    run(
      'zsh',
      '-f',
      '-c',
      `${stubs}; source ${path}; words=(${words.map((w) => `'${w}'`).join(' ')}); CURRENT=${words.length}; _momentd`,
    );
  assert.ok(complete('momentd', '').some((line) => line.startsWith('status:show what a running agent knows')));
  assert.ok(complete('momentd', 'lane', '').some((line) => line.startsWith('export:')));
  assert.deepEqual(complete('momentd', 'init', '--region', '').slice(1), ['NA', 'EU', 'APAC']);
  assert.deepEqual(complete('momentd', 'run', '--config', ''), ['files']);
});

test('fish completes commands, options and choices', async (t) => {
  if (!needs(t, 'fish')) return;
  const path = await script('fish');
  const complete = (line: string): string[] =>
    run('fish', '--no-config', '-c', `source ${path}; complete -C '${line}'`).map((found) => found.split('\t')[0]!);
  assert.deepEqual(complete('momentd stat'), ['status']);
  assert.deepEqual(complete('momentd lane ').sort(), (await laneCommands()).sort());
  assert.deepEqual(complete('momentd init --region A'), ['APAC']);
  assert.ok(complete('momentd lane find --').includes('--subject'));
});

test('the manual page has every command, and man and mandoc find nothing wrong in it', async (t) => {
  const { code, stdout, stderr } = await momentd('manual', '--date', '2026-01-01');
  assert.equal(code, 0, stderr);
  const help = (await momentd('--help')).stdout;
  const commands = [...help.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  assert.ok(commands.length > 15, help);
  for (const name of commands) assert.match(stdout, new RegExp(`^\\.SS ${name}\\b`, 'm'), name);
  assert.match(stdout, /^\.SH EXIT STATUS$/m);
  const page = join(directory, 'momentd.1');
  writeFileSync(page, stdout);
  if (!needs(t, 'man')) return;
  const shown = spawnSync('man', ['--warnings', '-l', page], {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8', MANPAGER: 'cat', MAN_KEEP_FORMATTING: '' },
  });
  assert.equal(shown.status, 0, shown.stderr);
  assert.equal(shown.stderr, '', 'man renders it without a warning');
  assert.match(shown.stdout, /--api <address>/);
  if (spawnSync('mandoc', ['-Tlint', '/dev/null']).error !== undefined)
    return t.skip('needs mandoc, which is not installed here');
  const lint = spawnSync('mandoc', ['-Tlint', page], { encoding: 'utf8' });
  assert.equal(lint.stdout, '');
});

test('every command can say how it is used', async () => {
  const program = new Command('momentd');
  for (const file of readdirSync(CLI).filter((name) => name.endsWith('.ts'))) {
    const found = (await import(pathToFileURL(join(CLI, file)).href)) as Record<string, (parent: Command) => unknown>;
    // `sim network` goes below `sim`.
    for (const [name, add] of Object.entries(found))
      if (/^add[A-Z]/.test(name) && name !== 'addSimNetwork') add(program);
  }
  const names: string[] = [];
  const ask = (command: Command): void => {
    names.push(command.name());
    assert.match(command.helpInformation(), /^Usage: /, command.name());
    for (const sub of command.commands) ask(sub);
  };
  ask(program);
  for (const name of ['keygen', 'report', 'find']) assert.ok(names.includes(name), name);
});

test('a command that is added appears in the tree with its arguments, options and notes', () => {
  const program = new Command('momentd').description('what it is');
  program
    .command('lane')
    .command('find')
    .description('finds')
    .argument('<directory>', 'the lane')
    .requiredOption('-a, --at <tai>', 'when', '5')
    .addHelpText('after', '\n.begins with a dot\\');
  const [, , find] = [...everyCommand(describeCommand(program))];
  assert.deepEqual(find?.path, ['momentd', 'lane', 'find']);
  assert.deepEqual(find.arguments[0], {
    shown: '<directory>',
    wanted: 'directory',
    choices: [],
    description: 'the lane',
  });
  const at = find.options.find(({ long }) => long === '--at');
  assert.deepEqual([at?.short, at?.isRequired, at?.defaultText], ['-a', true, '5']);
  const page = manualPage(describeCommand(program), { version: '1', date: '2026-01-01' });
  assert.match(page, /^\\&\.begins with a dot\\\(rs$/m, 'what roff would take for a request is shown as it is');
  assert.equal(text("'quoted' - ’"), "\\&'quoted' \\- \\(cq");
});
