/**
 * `momentd init`: a first configuration in one directory, with a key and a genesis record of its own, or for a network that
 * exists already.
 */

import { basename, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { REGIONS, type Region } from '../core/attestation/genesis.ts';
import { toHex } from '../core/codec/hex.ts';
import { writeFollower } from './first-follower.ts';
import { SIMULATED_SOURCES, SYSTEM, writeFirstNetwork, writeJoining, type Places } from './first-network.ts';
import { guarded, refuse, say, sayJson } from './outcome.ts';

type InitOptions = {
  readonly dir?: string;
  readonly system?: true;
  readonly network: string;
  readonly name: string;
  readonly region: Region;
  readonly port?: number;
  readonly simulated?: true;
  readonly genesis?: string;
  readonly key?: string;
  readonly role: 'validator' | 'observer' | 'archive';
  readonly peer: readonly string[];
  readonly json?: true;
};

/** For a host whose clocks are not known yet: the honest source every host has, and the lines to replace it with. */
const HOST_SOURCES = `# The system clock with the error its own daemon admits: honest and wide (raise limit to use it).
# Replace it with what \`momentd devices\` finds on this host; docs/configuration.md has every kind.
[[source]]
name = "system"
kind = "system"

# [[receiver]]
# name = "gnss0"
# device = "/dev/ttyS5"
#
# [[source]]
# name = "card0"
# kind = "timecard"
# card = "ocp0"
# reference = "gnss0"
# oscillator = "rb"
#
# Or a network card's clock that has the receiver's pulse on an input:
# [[source]]
# name = "nic0"
# kind = "phc"
# device = "pci:0000:02:00.0"
# extts_channel = 0
# pin = 0
# reference = "gnss0"
# oscillator = "tcxo"
`;

export function addInit(program: Command): void {
  program
    .command('init')
    .description('make a first configuration, with a key and a network of its own or for an existing network')
    .option('--dir <directory>', 'where to write them (made if it is not there)')
    .option('--system', `for the service: files in ${SYSTEM.directory}, state in ${SYSTEM.stateDir}`)
    .option('--network <name>', 'name of the network: lower-case letters, digits, hyphens', nameOf, 'my-network')
    .option('--name <name>', 'name of this validator', nameOf, 'validator-1')
    .addOption(new Option('--region <region>', 'region of this validator').choices(REGIONS).default('EU'))
    .option('--simulated', 'configure a simulated time card instead of this host’s clocks')
    .option('--port <port>', 'also serve the API on 127.0.0.1 at this port', portOf)
    .option('--genesis <file>', 'join the network of this genesis record (needs --key)')
    .option('--key <file>', 'with the key that is registered in it (momentd keygen makes one)')
    .addOption(
      new Option('--role <role>', 'validator, or one who follows without signing (needs --genesis)')
        .choices(['validator', 'observer', 'archive'])
        .default('validator'),
    )
    .option('--peer <multiaddr...>', 'for an observer or archive: whom to follow the network through', [])
    .option('--json', 'answer in JSON')
    .action(guarded(init));
}

async function init(options: InitOptions): Promise<void> {
  if ((options.dir === undefined) === (options.system === undefined))
    return refuse('cli-usage', 'init: say where with --dir, or --system for the service');
  const directory = resolve(options.dir ?? SYSTEM.directory);
  const places = options.system === true ? { stateDir: SYSTEM.stateDir, socket: SYSTEM.socket } : {};
  const sources = options.simulated === true ? SIMULATED_SOURCES : HOST_SOURCES;
  if (options.role !== 'validator') return follow(directory, options.role, places, options);
  if (options.peer.length > 0) return refuse('cli-usage', 'init: --peer is for --role observer or archive');
  if (options.genesis !== undefined || options.key !== undefined) return join(directory, sources, places, options);
  const files = await writeFirstNetwork({
    directory,
    networkName: options.network,
    validatorName: options.name,
    region: options.region,
    sealing: undefined,
    sources,
    apiPort: options.port,
    ...places,
  });
  if (options.json === true) return sayJson(files);
  say(`made ${basename(files.key)}, ${basename(files.genesis)} and ${basename(files.config)} in ${directory}`);
  say(`public key ${toHex(files.publicKey)}`);
  say('');
  say(`next: momentd run --config ${files.config}`);
  say(`keep ${files.key} secret and ${files.stateDir}.guard out of backups`);
}

async function follow(
  directory: string,
  role: 'observer' | 'archive',
  places: Places,
  { genesis, key, simulated, port: apiPort, peer: peers, json }: InitOptions,
): Promise<void> {
  if (genesis === undefined) return refuse('cli-usage', `follow a network as ${role}: --genesis names its record`);
  if (key !== undefined || simulated === true)
    return refuse('cli-usage', `follow a network as ${role}: it has a key of its own and no clock`);
  const files = await writeFollower({ directory, role, genesis, peers, apiPort, ...places });
  if (json === true) return sayJson(files);
  say(`made ${basename(files.key)} and ${basename(files.config)} in ${directory}`);
  if (peers.length === 0) say(`name whom to follow it through: pinned or bootstrap under [network] in ${files.config}`);
  say(`next: momentd run --config ${files.config}`);
}

async function join(directory: string, sources: string, places: Places, options: InitOptions): Promise<void> {
  const { genesis, key, port: apiPort } = options;
  if (genesis === undefined || key === undefined)
    return refuse('cli-usage', 'join a network: --genesis and --key go together');
  const files = await writeJoining({ directory, sources, apiPort, genesis, key, ...places });
  if (options.json === true) return sayJson(files);
  say(`made ${basename(files.config)} in ${directory}`);
  say(`next: momentd run --config ${files.config}`);
}

function nameOf(text: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
    throw new InvalidArgumentError('lower-case letters, digits and inner hyphens, 63 at most.');
  return text;
}

export function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535.');
  return port;
}
