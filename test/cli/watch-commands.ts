/** The commands that follow an agent, alone: they start in a fraction of the time the whole program takes. */

import { Command } from 'commander';
import { addDrift } from '../../src/cli/drift.ts';
import { addWatch } from '../../src/cli/watch.ts';

const program = new Command('momentd');
addDrift(program);
addWatch(program);
await program.parseAsync(process.argv.filter((word) => word !== '--'));
