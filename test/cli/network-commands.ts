/** The commands of the network and the order, alone: they start in a fraction of the time the whole program takes. */

import { Command } from 'commander';
import { addCertificate } from '../../src/cli/certificate.ts';
import { addCompare } from '../../src/cli/compare.ts';
import { addFaults } from '../../src/cli/faults.ts';
import { addLanes } from '../../src/cli/lanes.ts';
import { addOrder } from '../../src/cli/order.ts';
import { addPeers } from '../../src/cli/peers.ts';
import { addSubmit } from '../../src/cli/submit.ts';

const program = new Command('momentd').exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
addPeers(program);
addLanes(program);
addFaults(program);
addSubmit(program);
addOrder(program);
addCertificate(program);
addCompare(program);
await program.parseAsync();
