/** The momentd program: registers the commands and runs the one that was asked for. */

import { Command } from 'commander';
import { addAudit } from './cli/audit.ts';
import { addCertificate } from './cli/certificate.ts';
import { addCompare } from './cli/compare.ts';
import { addDecode } from './cli/decode.ts';
import { addDemo } from './cli/demo.ts';
import { addDevices } from './cli/devices.ts';
import { addDoctor } from './cli/doctor.ts';
import { addDrift } from './cli/drift.ts';
import { addFaults } from './cli/faults.ts';
import { addFetch } from './cli/fetch.ts';
import { addGenesis } from './cli/genesis.ts';
import { addInit } from './cli/init.ts';
import { addInstall } from './cli/install.ts';
import { addKeygen } from './cli/keygen.ts';
import { addLane } from './cli/lane.ts';
import { addLanes } from './cli/lanes.ts';
import { addManual } from './cli/manual.ts';
import { addOrder } from './cli/order.ts';
import { EXIT } from './cli/outcome.ts';
import { addPeers } from './cli/peers.ts';
import { addProve } from './cli/prove.ts';
import { addRecover } from './cli/recover.ts';
import { addReport } from './cli/report.ts';
import { addRun } from './cli/run.ts';
import { addSimNetwork } from './cli/sim-network.ts';
import { addSim } from './cli/sim.ts';
import { addStatus } from './cli/status.ts';
import { addSubmit } from './cli/submit.ts';
import { addVerify } from './cli/verify.ts';
import { addWatch } from './cli/watch.ts';
import { VERSION } from './main/version.ts';
import type { StartAgent } from './ports/running-agent.ts';

// Loaded when it is wanted: the agent brings servers and networks that a look at a file does not need.
const startAgent: StartAgent = async (...args) => (await import('./main/start-agent.ts')).startAgent(...args);

const program = new Command('momentd')
  .description('Time-attestation validator agent: signs intervals guaranteed to contain true time.')
  .version(VERSION)
  .showHelpAfterError('(momentd COMMAND --help shows what it takes)')
  .exitOverride((error) => {
    // Help and version are answers; anything else was wrong usage.
    process.exit(error.exitCode === 0 ? EXIT.yes : EXIT.unable);
  });

// In the order a newcomer meets them: try, set up, run, look, check, mend, study.
addDemo(program, startAgent);
addInit(program);
addKeygen(program);
addGenesis(program);
addInstall(program);
addRun(program, startAgent);
addStatus(program);
addWatch(program);
addDrift(program);
addDevices(program);
addDoctor(program);
addPeers(program);
addLanes(program);
addFaults(program);
addSubmit(program);
addOrder(program);
addCertificate(program);
addFetch(program);
addVerify(program);
addCompare(program);
addAudit(program);
addReport(program);
addProve(program);
addLane(program);
addRecover(program);
addDecode(program);
addSimNetwork(addSim(program));
addManual(program);

// A reader that went away (a pager that was quit) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.yes);
  throw error;
});

await program.parseAsync();
