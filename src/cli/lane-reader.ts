/** A lane directory as the offline commands read it, and whose lane it is. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { keyOfGenesis, networkIdOf, type Genesis } from '../core/attestation/genesis.ts';
import { parseGenesis } from '../core/attestation/genesis-json.ts';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import { keyringOf, type KeyOf } from '../core/attestation/keyring.ts';
import type { StatementJudge } from '../core/attestation/verify-statement.ts';
import { fromHex, toHex } from '../core/codec/hex.ts';
import type { Digest } from '../core/codec/sha256.ts';
import { parseCheckpointText } from '../core/log/checkpoint.ts';
import { parseOrigin } from '../core/log/origin.ts';
import { decodeNote } from '../core/log/signed-note.ts';
import type { LaneFiles, LaneOwner } from '../core/log/verify-lane.ts';
import { isFault } from '../core/verdict.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { decodeFrames } from '../io/storage/journal.ts';
import { AgentError } from '../ports/agent-error.ts';

export type OwnerOptions = { readonly genesis?: string; readonly key?: string; readonly network?: string };

/** The options by which a command learns whose lane it reads. */
export function withOwnerOptions(command: Command): Command {
  return command
    .option('--genesis <file>', 'genesis record of the network: gives its id and the keys')
    .option('--key <hex>', 'public key of the validator, when there is no genesis record')
    .option('--network <hex>', 'network id, when there is no genesis record');
}

export function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AgentError('file-unreadable', `read ${path}: ${errnoOf(cause)}`, { cause });
  }
}

/** The genesis record in a file; rejects one that is none by its own code. */
export function readGenesis(path: string): Genesis {
  const parsed = parseGenesis(readFile(path));
  if (isFault(parsed)) throw new AgentError(parsed.fault, `read ${path}: ${parsed.detail}`);
  return parsed.genesis;
}

export function laneFiles(directory: string): LaneFiles {
  const list = (): string[] => {
    try {
      return readdirSync(directory, { withFileTypes: true, recursive: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
        .sort();
    } catch (cause) {
      throw new AgentError('file-unreadable', `list ${directory}: ${errnoOf(cause)}`, { cause });
    }
  };
  const read = (path: string): Uint8Array | undefined => {
    try {
      return readFileSync(join(directory, path));
    } catch (cause) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(cause))) return undefined;
      throw new AgentError('file-unreadable', `read ${join(directory, path)}: ${errnoOf(cause)}`, { cause });
    }
  };
  return { read, list, decodeFrames };
}

/** Whose lane it is: network and key as the options say; with a genesis record, the key whose id the checkpoint names. */
export function ownerOf(files: LaneFiles, options: OwnerOptions): { owner: LaneOwner; judge: StatementJudge } {
  const { network, keyOf } = trustedKeys(options);
  const publicKey = options.key === undefined ? keyOf(kidOfCheckpoint(files)) : hexOption('--key', options.key, 32);
  if (publicKey === undefined)
    throw new AgentError('key-unknown', 'the lane names a key that the genesis record does not have');
  const single = keyringOf([publicKey])!;
  return { owner: { network, publicKey }, judge: { network, keyOf: single, checkSignature } };
}

function trustedKeys({ genesis: path, network, key }: OwnerOptions): { network: Digest; keyOf: KeyOf } {
  if (path !== undefined) {
    const genesis = readGenesis(path);
    return { network: networkIdOf(genesis), keyOf: keyOfGenesis(genesis) };
  }
  if (network === undefined || key === undefined)
    throw new AgentError('lane-owner-unknown', 'whose lane is it? give --genesis, or --network and --key');
  return { network: hexOption('--network', network, 32), keyOf: () => undefined };
}

/** The key id the checkpoint names: a hint to find the key by, proven by the signature afterwards. */
function kidOfCheckpoint(files: LaneFiles): Uint8Array {
  const bytes = files.read('checkpoint');
  if (bytes === undefined) throw new AgentError('lane-owner-unknown', 'the lane has no checkpoint: give --key');
  const note = decodeNote(bytes);
  const checkpoint = isFault(note) ? note : parseCheckpointText(note.text);
  const name = isFault(checkpoint) ? undefined : parseOrigin(checkpoint.origin);
  if (name === undefined) throw new AgentError('lane-owner-unknown', 'the checkpoint names no validator: give --key');
  return name.kid;
}

function hexOption(name: string, text: string, length: number): Uint8Array {
  const bytes = fromHex(text.toLowerCase());
  if (bytes?.length !== length)
    throw new AgentError('lane-owner-unknown', `${name} is not ${2 * length} hexadecimal digits`);
  return bytes;
}

export const describeOwner = ({ network, publicKey }: LaneOwner): string =>
  `validator ${toHex(kidOf(publicKey))} of network ${toHex(network).slice(0, 16)}`;

function errnoOf(cause: unknown): string {
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
}
