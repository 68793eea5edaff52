/**
 * The tutorial as its reader meets it: every command of docs/tutorial.md, in its order, against the demonstration it starts.
 * Its folder is another, and `npx` is a stand-in that starts the program of this tree.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { LAUNCHER, Running } from './run-momentd.ts';

const PAGE = await readFile(new URL('../../docs/tutorial.md', import.meta.url), 'utf8');
const FOLDER = '/tmp/momentd-tutorial';

type Block = { readonly kind: string; readonly commands: readonly string[] };
const BLOCKS: readonly Block[] = [...PAGE.matchAll(/^```sh ?(\w*)\n(.*?)^```$/gms)].map(([, kind, text]) => ({
  kind: kind!,
  commands: text!.trim().split('\n'),
}));

/** What a command must print, beside ending well: the words the page leads its reader to expect. */
const EXPECTED: readonly (readonly [RegExp, RegExp])[] = [
  [/momentd status$/, /state +locked/],
  [/momentd peers$/, /every validator is here/],
  [/momentd lanes$/, /^validator-4 .* TAI/m],
  [/promise\.txt --wait final --receipt/, /^final +entry \d+[^]*^certificate +promise\.cert$/m],
  [/momentd order$/, /seen within/],
  [/momentd verify/, /promise\.cert: VALID certificate[^]*promise\.receipt: VALID receipt/],
  [/compare promise\.cert reply\.cert/, /^a was before b: .* this is final$/m],
  [/compare \$A \$B/, /^a [0-9a-f]{64} |not enough validators/m],
  [/--timeout 8/, /finality waits for validator-4[^]*as expected: it is not final/],
  [/order status \|\|/, /WAITS FOR +validator-4: [^]*as expected: finality waits/],
  [/momentd faults$/, /no validator is known to have contradicted itself/],
];

test('the page has the commands this test knows', () => {
  assert.deepEqual(
    BLOCKS.filter(({ kind }) => kind !== '').map(({ kind }) => kind),
    ['install', 'demo'],
  );
  const commands = BLOCKS.flatMap((block) => block.commands);
  for (const [pattern] of EXPECTED)
    assert.ok(
      commands.some((command) => pattern.test(command)),
      String(pattern),
    );
});

test('every command of the tutorial does what the page says', { timeout: 300_000 }, async (t) => {
  const temporary = await mkdtemp(join(tmpdir(), 'momentd-tutorial-'));
  const network = join(temporary, 'network');
  const place = (command: string): string => command.replaceAll(FOLDER, network);
  const [line] = BLOCKS.find(({ kind }) => kind === 'demo')!.commands;
  const [npx, program, ...words] = place(line!).split(' ');
  assert.deepEqual([npx, program], ['npx', 'momentd']);

  const demo = new Running(words);
  t.after(async () => {
    await demo.stop('SIGTERM');
    await rm(temporary, { recursive: true, force: true });
  });
  await demo.line(/^dashboard +http:\/\/127\.0\.0\.1:\d+\/$/);
  await demo.line(/^validator-1 {2}sees 3 of 3 others/);
  await demo.line(/^subject +final after/);
  await demo.line(/^order +entry 0: /);

  const shell = await readerOf(temporary);
  t.after(() => shell.end());
  for (const { commands } of BLOCKS.filter(({ kind }) => kind === ''))
    for (const command of commands) {
      const { code, output } = await shell.run(place(command));
      assert.equal(code, 0, `${command}\n${output}\n${demo.lines.slice(-10).join('\n')}`);
      const expected = EXPECTED.find(([pattern]) => pattern.test(command))?.[1];
      if (expected !== undefined) assert.match(output, expected, command);
    }

  // Ctrl-C: every process ends, nothing is left.
  assert.equal(await demo.stop('SIGINT'), 0, demo.stderr);
  assert.match(demo.lines.at(-1)!, /^stopped: (?:validator-\d with exit code 0(?:, )?){4}$/);
  assert.equal(existsSync(network), false);
});

/** A shell that keeps its variables from one command to the next, in an empty folder. */
async function readerOf(temporary: string) {
  const [home, bin] = [join(temporary, 'home'), join(temporary, 'bin')];
  await mkdir(home);
  await mkdir(bin);
  const standIn = `#!/bin/sh\nshift\nexec '${process.execPath}' '${LAUNCHER}' "$@"\n`;
  await writeFile(join(bin, 'npx'), standIn, { mode: 0o755 });
  const child = spawn('bash', ['--norc'], {
    cwd: home,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(command: string): Promise<{ readonly code: number; readonly output: string }> {
      child.stdin.write(`{ ${command}\n} 2>&1\necho "ended $?"\n`);
      const output: string[] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) return { code: -1, output: output.join('\n') };
        const ended = /^ended (\d+)$/.exec(value);
        if (ended !== null) return { code: Number(ended[1]), output: output.join('\n') };
        output.push(value);
      }
    },
    async end(): Promise<void> {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
