/**
 * A network on this host alone, for trying things out and for tests: a folder a validator, one genesis record, simulated
 * cards in one simulated world, everyone pinned to everyone on loopback.
 */

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DEFAULT_PARAMETERS, encodeGenesis, type Genesis } from '../core/attestation/genesis.ts';
import { possessionBytes } from '../core/attestation/key-registration.ts';
import { peerNameOf } from '../io/gossip/identity-key.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { generateKey } from '../io/keys/key-format.ts';
import { writeKeyFile } from '../io/keys/key-store.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import { configText, filesIn, writeConfigAndGuard, writeNew, type WrittenFiles } from './first-network.ts';

export type LocalNetwork = {
  readonly directory: string;
  readonly networkName: string;
  readonly validators: number;
  /** Where validator i listens on 127.0.0.1 for the others; as many as there are validators. */
  readonly ports: readonly number[];
  /** Where the first one's API listens on 127.0.0.1 beside its socket (0: any free port); undefined: nowhere. */
  readonly apiPort?: number;
};

export type LocalValidator = Omit<WrittenFiles, 'publicKey'> & { readonly socket: string };

export async function writeLocalNetwork(wanted: LocalNetwork): Promise<readonly LocalValidator[]> {
  const { directory, networkName, validators, ports } = wanted;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folders = Array.from({ length: validators }, (_, i) =>
    filesIn({ directory: join(directory, `validator-${i + 1}`) }),
  );
  const registered: Genesis['validators'][number][] = [];
  for (const [i, files] of folders.entries()) {
    await mkdir(join(directory, `validator-${i + 1}`), { mode: 0o700 });
    const pair = generateKey();
    const signer = sodiumSigner(pair);
    const claim = { networkName, role: 'validator' as const, publicKey: signer.publicKey };
    const { stakeMin: stake } = DEFAULT_PARAMETERS;
    const possession = signer.sign(possessionBytes(claim));
    const { publicKey } = claim;
    registered.push({ name: `validator-${i + 1}`, publicKey, region: 'EU', stake, capabilities: [], possession });
    await writeKeyFile(files.key, pair, undefined);
    signer.release();
  }
  const genesis = encodeGenesis({
    name: networkName,
    created: coarseTaiNow(),
    parameters: DEFAULT_PARAMETERS,
    validators: registered,
  });
  await writeNew(join(directory, 'genesis.cbor'), genesis);
  const names: string[] = [];
  for (const { config } of folders) names.push(await peerNameOf(join(dirname(config), 'identity.key')));
  const addresses = names.map((name, i) => `/ip4/127.0.0.1/tcp/${ports[i]!}/p2p/${name}`);
  for (const [i, files] of folders.entries()) {
    const pinned = addresses.filter((_, other) => other !== i);
    const sources = `[network]
listen = ["/ip4/127.0.0.1/tcp/${ports[i]!}"]
pinned = ${JSON.stringify(pinned)}
identity = "identity.key"
peers_per_address = ${4 * validators}
connections_per_second = 100

[[source]]
name = "card0"
kind = "sim"
oscillator = "rb"
seed = ${i + 1}
world = "../world"
`;
    const apiPort = i === 0 ? wanted.apiPort : undefined;
    const words = { sealing: undefined, sources, apiPort, genesis: '../genesis.cbor', key: 'validator.key' };
    await writeConfigAndGuard(files, configText(words));
  }
  const shared = join(directory, 'genesis.cbor');
  return folders.map((files) => ({ ...files, genesis: shared, socket: join(files.stateDir, 'api.sock') }));
}
