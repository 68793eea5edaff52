/**
 * The first files of an observer or archive: a configuration that follows an existing network, and a key of its own, which
 * signs nothing but its introductions and the notes it keeps for itself. There is no guard, because no statement is signed.
 */

import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { generateKey } from '../io/keys/key-format.ts';
import { writeKeyFile } from '../io/keys/key-store.ts';
import { filesIn, writeNew, type Places, type WrittenFiles } from './first-network.ts';

export type Follower = Places & {
  readonly directory: string;
  readonly role: 'observer' | 'archive';
  readonly genesis: string;
  /** Multiaddrs with identity of agents to follow through. */
  readonly peers: readonly string[];
  readonly apiPort: number | undefined;
};

export async function writeFollower(wanted: Follower): Promise<Omit<WrittenFiles, 'publicKey'>> {
  const files = {
    ...filesIn(wanted),
    genesis: resolve(wanted.genesis),
    key: resolve(wanted.directory, 'follower.key'),
  };
  await mkdir(wanted.directory, { recursive: true, mode: 0o700 });
  // The key first: it is the one file whose existence must stop us.
  await writeKeyFile(files.key, generateKey(), undefined);
  await writeNew(files.config, Buffer.from(followerText(wanted, files.genesis)));
  await mkdir(dirname(files.stateDir), { mode: 0o700, recursive: true });
  await mkdir(files.stateDir, { mode: 0o700 });
  return files;
}

function followerText({ role, peers, apiPort, stateDir = 'state', socket }: Follower, genesis: string): string {
  const port =
    apiPort === undefined ? '# port = 7979          # also on 127.0.0.1, for a browser' : `port = ${apiPort}`;
  return `# momentd: see docs/configuration.md for every key. Relative paths are relative to this file.

[validator]
role = "${role}"        # follows, verifies and serves; tells no time and signs no statement
genesis = ${JSON.stringify(genesis)}
key = "follower.key"       # of its own: no key of the genesis record is taken
state_dir = ${JSON.stringify(stateDir)}

[network]
pinned = ${JSON.stringify(peers)}

[api]
${socket === undefined ? '' : `socket = ${JSON.stringify(socket)}\n`}${port}
`;
}
