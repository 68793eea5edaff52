/** The install command alone: a program that starts in a fraction of the time of the whole one. */

import { Command } from 'commander';
import { addInstall } from '../../src/cli/install.ts';

const program = new Command('momentd').exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
addInstall(program);
program.command('other');
await program.parseAsync();
