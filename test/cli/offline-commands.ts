/** The commands that need no agent, alone: they start in a fraction of the time the whole program takes. */

import { Command } from 'commander';
import { addGenesis } from '../../src/cli/genesis.ts';
import { addKeygen } from '../../src/cli/keygen.ts';
import { addVerify } from '../../src/cli/verify.ts';

const program = new Command('momentd');
addGenesis(program);
addKeygen(program);
addVerify(program);
await program.parseAsync();
