/**
 * Key files on disk: made once with mode 0600, never overwritten, refused when anyone else could have read them.
 *
 * What its loss costs: the validator cannot sign as itself any more. What reading it grants: signing in its name.
 * The bytes are key-format.ts; docs/spec/identity.md describes both.
 */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { decodeKey, encodeKey, SEALING_COST, type KeyPair, type SealingCost } from './key-format.ts';
import { zero } from './secret-memory.ts';

export type Sealing = { readonly passphrase: Uint8Array; readonly cost?: SealingCost };

/** Writes a new key file and makes it durable. Refuses (`key-file-exists`) where anything is already. */
export async function writeKeyFile(path: string, key: KeyPair, sealing?: Sealing): Promise<void> {
  const bytes = encodeKey(key, sealing && { passphrase: sealing.passphrase, cost: sealing.cost ?? SEALING_COST });
  try {
    // O_EXCL: an existing key is somebody's identity. The mode holds from the first instant, whatever the umask opens.
    const file = await open(path, 'wx', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(dirname(path));
  } catch (cause) {
    if (isErrno(cause, 'EEXIST')) throw new AgentError('key-file-exists', `${path} exists already`, { cause });
    throw new AgentError('key-file-unwritable', `writing ${path}: ${reasonOf(cause)}`, { cause });
  } finally {
    zero(bytes);
  }
}

/**
 * Reads a key file. Throws `AgentError`: `key-file-unreadable`, `key-file-permissions`, `key-file-format`,
 * `key-file-mismatch`, `key-passphrase-needed`, `key-passphrase-wrong`.
 */
export async function readKeyFile(path: string, passphrase?: Uint8Array): Promise<KeyPair> {
  const bytes = await readGuarded(path);
  try {
    return decodeKey(bytes, path, passphrase);
  } finally {
    zero(bytes);
  }
}

/** The first line of a file that is kept like a key (mode 0600): what unseals one. */
export async function readPassphraseFile(path: string): Promise<Uint8Array> {
  const bytes = await readGuarded(path);
  const end = bytes.indexOf(0x0a);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

async function readGuarded(path: string): Promise<Buffer> {
  let file: FileHandle;
  try {
    // Neither a link to somebody's file nor a pipe that never answers.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new AgentError('key-file-unreadable', `opening ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    const { mode, uid, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new AgentError('key-file-unreadable', `${path} is not a regular file`);
    const permissions = mode & 0o7777;
    // 0600, or 0400 where the operator went one step further.
    if (permissions !== 0o600 && permissions !== 0o400)
      throw new AgentError('key-file-permissions', `${path} has mode ${permissions.toString(8)}, not 600`);
    if (uid !== process.geteuid?.())
      throw new AgentError('key-file-permissions', `${path} belongs to user ${uid}, not to the user that reads it`);
    if (size > LIMITS.keyFileBytesMax) throw new AgentError('key-file-format', `${path} is ${size} bytes long`);
    // One byte more than the file had, so that one that grows meanwhile is noticed.
    const bytes = Buffer.alloc(size + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead !== size) throw new AgentError('key-file-unreadable', `${path} changed while it was read`);
    return bytes.subarray(0, size);
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    throw new AgentError('key-file-unreadable', `reading ${path}: ${reasonOf(cause)}`, { cause });
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
