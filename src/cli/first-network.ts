/**
 * A validator's first files: a configuration that runs, its guard, and, for a network of its own, a new key and a genesis
 * record with that one validator. What `init` leaves on disk and what `demo` throws away afterwards. Nothing that exists is
 * ever overwritten.
 */

import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DEFAULT_PARAMETERS, encodeGenesis, type Region } from '../core/attestation/genesis.ts';
import { possessionBytes } from '../core/attestation/key-registration.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { generateKey } from '../io/keys/key-format.ts';
import { writeKeyFile, type Sealing } from '../io/keys/key-store.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { GuardFile } from '../io/storage/guard-file.ts';
import { AgentError } from '../ports/agent-error.ts';

/** Where state and socket go when not beside the configuration. */
export type Places = { readonly stateDir?: string; readonly socket?: string };

/** What the unit in systemd/ may write: everything else is read-only to it, the configuration's own folder too. */
export const SYSTEM = {
  directory: '/etc/momentd',
  stateDir: '/var/lib/momentd/state',
  socket: '/run/momentd/api.sock',
} as const;

export type FirstNetwork = Places & {
  readonly directory: string;
  readonly networkName: string;
  readonly validatorName: string;
  readonly region: Region;
  readonly sealing: Sealing | undefined;
  /** The `[[receiver]]` and `[[source]]` tables, as TOML. */
  readonly sources: string;
  /** A port for the API on 127.0.0.1, or none. */
  readonly apiPort: number | undefined;
};

export type WrittenFiles = {
  readonly config: string;
  readonly genesis: string;
  readonly key: string;
  readonly stateDir: string;
  readonly publicKey: Uint8Array;
};

export const SIMULATED_SOURCES = `# A simulated time card: its time is not real, and every answer says so.
[[source]]
name = "card0"
kind = "sim"
oscillator = "rb"
`;

/** Joins a network whose genesis record, with this key in it, exists already. */
export async function writeJoining(
  wanted: Pick<FirstNetwork, 'directory' | 'sources' | 'apiPort' | keyof Places> & {
    readonly genesis: string;
    readonly key: string;
  },
): Promise<Omit<WrittenFiles, 'publicKey'>> {
  const files = { ...filesIn(wanted), genesis: resolve(wanted.genesis), key: resolve(wanted.key) };
  await mkdir(wanted.directory, { recursive: true, mode: 0o700 });
  await writeConfigAndGuard(
    files,
    configText({ ...wanted, genesis: files.genesis, key: files.key, sealing: undefined }),
  );
  return files;
}

export async function writeFirstNetwork(wanted: FirstNetwork): Promise<WrittenFiles> {
  await mkdir(wanted.directory, { recursive: true, mode: 0o700 });
  const files = filesIn(wanted);
  const pair = generateKey();
  const signer = sodiumSigner(pair);
  const claim = { networkName: wanted.networkName, role: 'validator' as const, publicKey: signer.publicKey };
  const genesis = encodeGenesis({
    name: wanted.networkName,
    created: coarseTaiNow(),
    parameters: DEFAULT_PARAMETERS,
    validators: [
      {
        name: wanted.validatorName,
        publicKey: signer.publicKey,
        region: wanted.region,
        stake: DEFAULT_PARAMETERS.stakeMin,
        capabilities: [],
        possession: signer.sign(possessionBytes(claim)),
      },
    ],
  });
  try {
    // The key first: it is the one file whose existence must stop us.
    await writeKeyFile(files.key, pair, wanted.sealing);
    await writeNew(files.genesis, genesis);
    await writeConfigAndGuard(files, configText({ ...wanted, genesis: 'genesis.cbor', key: 'validator.key' }));
  } finally {
    signer.release();
  }
  return { ...files, publicKey: claim.publicKey };
}

export const filesIn = ({ directory, stateDir }: Pick<FirstNetwork, 'directory' | 'stateDir'>) => ({
  config: join(directory, 'momentd.toml'),
  genesis: join(directory, 'genesis.cbor'),
  key: join(directory, 'validator.key'),
  stateDir: stateDir ?? join(directory, 'state'),
});

/** A guard is made once, with the validator it guards; starting the agent never makes one. */
export async function writeConfigAndGuard(files: ReturnType<typeof filesIn>, config: string): Promise<void> {
  await writeNew(files.config, Buffer.from(config));
  await mkdir(dirname(files.stateDir), { mode: 0o700, recursive: true });
  await mkdir(files.stateDir, { mode: 0o700 });
  await (await GuardFile.open(fileDisk, `${files.stateDir}.guard`, { create: true })).close();
}

type ConfigWords = Pick<FirstNetwork, 'sealing' | 'sources' | 'apiPort' | keyof Places> & {
  readonly genesis: string;
  readonly key: string;
};

export function configText({
  sealing,
  sources,
  apiPort,
  genesis,
  key,
  stateDir = 'state',
  socket,
}: ConfigWords): string {
  const passphrase =
    sealing === undefined
      ? ''
      : 'passphrase_file = "passphrase"   # first line: the passphrase; mode 0600, not in backups\n';
  const port =
    apiPort === undefined ? '# port = 7979          # also on 127.0.0.1, for a browser' : `port = ${apiPort}`;
  return `# momentd: see docs/configuration.md for every key. Relative paths are relative to this file.

[validator]
genesis = ${JSON.stringify(genesis)}
key = ${JSON.stringify(key)}
${passphrase}state_dir = ${JSON.stringify(stateDir)}
# guard = ${JSON.stringify(`${stateDir}.guard`)} # remembers what was reserved for signing: keep it OUT of backups of state_dir

[clock]
limit = "10us"          # nothing is signed when the guarantee is wider

[api]
${socket === undefined ? '' : `socket = ${JSON.stringify(socket)}\n`}${port}

${sources}`;
}

/** Writes a file that must not exist yet, durably enough for a set-up command. */
export async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o644);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const what = exists ? 'exists already' : cause instanceof Error ? cause.message : String(cause);
    throw new AgentError(exists ? 'file-exists' : 'file-unwritable', `write ${path}: ${what}`, { cause });
  }
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
