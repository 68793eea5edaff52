/** The lane commands alone: a program that starts in a third of the time of the whole one. */

import { Command } from 'commander';
import { addAudit } from '../../src/cli/audit.ts';
import { addLane } from '../../src/cli/lane.ts';
import { addProve } from '../../src/cli/prove.ts';
import { addRecover } from '../../src/cli/recover.ts';
import { addVerify } from '../../src/cli/verify.ts';

const program = new Command('momentd');
for (const add of [addAudit, addLane, addProve, addRecover, addVerify]) add(program);
await program.parseAsync();
