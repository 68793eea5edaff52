/**
 * Part of `npm pack`: the manual page and the completions, made by the compiled program from its own commands, into share/.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const share = join(root, 'share');

/** The date of what is packed, where the build says one: the same input gives the same page. */
const seconds = process.env.SOURCE_DATE_EPOCH;
const date = (seconds === undefined ? new Date() : new Date(Number(seconds) * 1_000)).toISOString().slice(0, 10);

const FILES = [
  { to: 'man/man1/momentd.1', args: ['manual', '--date', date] },
  { to: 'bash-completion/completions/momentd', args: ['completion', 'bash'] },
  { to: 'zsh/vendor-completions/_momentd', args: ['completion', 'zsh'] },
  { to: 'fish/vendor_completions.d/momentd.fish', args: ['completion', 'fish'] },
];

for (const { to, args } of FILES) {
  const path = join(share, to);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, execFileSync(process.execPath, [join(root, 'dist', 'main.js'), ...args]));
}
process.stdout.write(`momentd: manual page and completions in ${share}\n`);
