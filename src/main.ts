/** The momentd program: registers the commands and runs the one that was asked for. */

import { Command } from 'commander';
import { addDecode } from './cli/decode.ts';
import { addDevices } from './cli/devices.ts';
import { addDemo } from './cli/demo.ts';
import { addInit } from './cli/init.ts';
import { EXIT } from './cli/outcome.ts';
import { addRun } from './cli/run.ts';
import { addSim } from './cli/sim.ts';
import { addStatus } from './cli/status.ts';
import { startAgent } from './main/start-agent.ts';
import { VERSION } from './main/version.ts';

const program = new Command('momentd')
  .description('Time-attestation validator agent: signs intervals guaranteed to contain true time.')
  .version(VERSION)
  .showHelpAfterError('(momentd COMMAND --help shows what it takes)')
  .exitOverride((error) => {
    // Help and version are answers; anything else was wrong usage.
    process.exit(error.exitCode === 0 ? EXIT.yes : EXIT.unable);
  });

addDemo(program, startAgent);
addInit(program);
addRun(program, startAgent);
addStatus(program);
addDecode(program);
addDevices(program);
addSim(program);

// A reader that went away (a pager that was quit) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.yes);
  throw error;
});

await program.parseAsync();
