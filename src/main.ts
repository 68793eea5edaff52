/** The momentd program: registers the commands and runs the one that was asked for. */

import { Command } from 'commander';
import { addManual } from './cli/manual.ts';
import { EXIT } from './cli/outcome.ts';
import { boundYoungGeneration } from './io/host/young-generation.ts';
import { VERSION } from './main/version.ts';
import type { StartAgent } from './ports/running-agent.ts';

// Loaded when it is wanted: the agent brings servers and networks that a look at a file does not need.
const startAgent: StartAgent = async (...args) => {
  boundYoungGeneration();
  return (await import('./main/start-agent.ts')).startAgent(...args);
};

const program = new Command('momentd')
  .description('Time-attestation validator agent: signs intervals guaranteed to contain true time.')
  .version(VERSION)
  .showHelpAfterError('(momentd COMMAND --help shows what it takes)')
  .exitOverride((error) => {
    // Help and version are answers; anything else was wrong usage.
    process.exit(error.exitCode === 0 ? EXIT.yes : EXIT.unable);
  });

/** Each command with its file, in the order a newcomer meets them: try, set up, run, look, check, mend, study. */
const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  demo: async () => (await import('./cli/demo.ts')).addDemo(program, startAgent),
  init: async () => (await import('./cli/init.ts')).addInit(program),
  keygen: async () => (await import('./cli/keygen.ts')).addKeygen(program),
  genesis: async () => (await import('./cli/genesis.ts')).addGenesis(program),
  install: async () => (await import('./cli/install.ts')).addInstall(program),
  run: async () => (await import('./cli/run.ts')).addRun(program, startAgent),
  status: async () => (await import('./cli/status.ts')).addStatus(program),
  watch: async () => (await import('./cli/watch.ts')).addWatch(program),
  drift: async () => (await import('./cli/drift.ts')).addDrift(program),
  devices: async () => (await import('./cli/devices.ts')).addDevices(program),
  doctor: async () => (await import('./cli/doctor.ts')).addDoctor(program),
  peers: async () => (await import('./cli/peers.ts')).addPeers(program),
  lanes: async () => (await import('./cli/lanes.ts')).addLanes(program),
  faults: async () => (await import('./cli/faults.ts')).addFaults(program),
  submit: async () => (await import('./cli/submit.ts')).addSubmit(program),
  order: async () => (await import('./cli/order.ts')).addOrder(program),
  certificate: async () => (await import('./cli/certificate.ts')).addCertificate(program),
  fetch: async () => (await import('./cli/fetch.ts')).addFetch(program),
  verify: async () => (await import('./cli/verify.ts')).addVerify(program),
  compare: async () => (await import('./cli/compare.ts')).addCompare(program),
  audit: async () => (await import('./cli/audit.ts')).addAudit(program),
  report: async () => (await import('./cli/report.ts')).addReport(program),
  prove: async () => (await import('./cli/prove.ts')).addProve(program),
  lane: async () => (await import('./cli/lane.ts')).addLane(program),
  recover: async () => (await import('./cli/recover.ts')).addRecover(program),
  decode: async () => (await import('./cli/decode.ts')).addDecode(program),
  sim: async () => (await import('./cli/sim-network.ts')).addSimNetwork((await import('./cli/sim.ts')).addSim(program)),
};

// Loading takes most of a short command's time, so only the command asked for is loaded. Help, completions, the manual and a
// misspelt name speak of all.
const asked = process.argv[2] ?? '';
if (Object.hasOwn(COMMANDS, asked)) {
  await COMMANDS[asked]!();
} else if (!['-V', '--version'].includes(asked)) {
  for (const add of Object.values(COMMANDS)) await add();
  addManual(program);
}

// A reader that went away (a pager that was quit) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.yes);
  throw error;
});

await program.parseAsync();
