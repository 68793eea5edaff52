/**
 * The libp2p identity: its own Ed25519 key in its own file, never the statement key.
 *
 * It proves which host speaks on a connection and nothing else; the hello record binds it to a statement key. What its
 * loss costs: peers that pinned it must be told the new one. What reading it grants: posing as this host on the wire,
 * without the means to sign a statement.
 */

import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AgentError } from '../../ports/agent-error.ts';

const KEY_FILE_BYTES_MAX = 256;

/** Reads the key, or makes one (mode 0600, never overwritten) where there is none. */
export async function identityKey(path: string): Promise<PrivateKey> {
  return named(path, async () => (await readKey(path)) ?? (await makeKey(path)));
}

/** The libp2p name that goes with the key in this file; undefined where there is none yet. */
export async function peerNameIn(path: string): Promise<string | undefined> {
  const key = await named(path, () => readKey(path));
  return key === undefined ? undefined : peerIdFromPrivateKey(key).toString();
}

/** The libp2p name that goes with the key in this file, which is made where there is none. */
export async function peerNameOf(path: string): Promise<string> {
  return peerIdFromPrivateKey(await identityKey(path)).toString();
}

/** Whatever goes wrong with the file has its code and its path. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    throw new AgentError('network-identity', `the identity key ${path}: ${String(cause)}`, { cause });
  }
}

async function readKey(path: string): Promise<PrivateKey | undefined> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > KEY_FILE_BYTES_MAX)
      throw new AgentError('network-identity', `${path} is not an identity key file`);
    if ((mode & 0o077) !== 0)
      throw new AgentError('network-identity', `${path} has mode ${(mode & 0o7777).toString(8)}, not 600`);
    return privateKeyFromProtobuf(await file.readFile());
  } finally {
    await file.close();
  }
}

async function makeKey(path: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519');
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(privateKeyToProtobuf(key));
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}
