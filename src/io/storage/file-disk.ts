/**
 * The real disk: node:fs behind ports/disk.ts, with every failure named.
 *
 * File work runs on Node's thread pool, so a slow disk does not stop the event loop (a synchronous fdatasync was measured to
 * stall it for up to 63 ms, the asynchronous one for 0.3 ms).
 */

import {
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  statfs,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Code } from '../../core/codes.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk, DiskFile, Replacement } from '../../ports/disk.ts';

type ReplaceFiles = (
  writtenAs: readonly string[],
  paths: readonly string[],
  contents: readonly Uint8Array[],
) => Promise<void>;
type WriteSynced = (fd: number, offset: number, bytes: Uint8Array) => Promise<void>;

/** The addon's calls, as far as it has them: each makes durable in one turn of a thread what takes several otherwise. */
export type QuickFiles = { readonly replaceFiles?: ReplaceFiles; readonly writeSynced?: WriteSynced };

/** The disk with quicker ways to make files durable, where there are. */
export const fileDiskWith = ({ replaceFiles, writeSynced }: QuickFiles = {}): Disk => ({
  ...fileDisk,
  open: async (path, { create }) =>
    new FileOnDisk(path, await attempt('open', path, () => openFile(path, create)), writeSynced),
  replace: (files) => (replaceFiles === undefined ? fileDisk.replace(files) : replaceNatively(replaceFiles, files)),
});

export const fileDisk: Disk = {
  async open(path, { create }) {
    const handle = await attempt('open', path, () => openFile(path, create));
    return new FileOnDisk(path, handle);
  },
  async read(path) {
    try {
      return await readFile(path);
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return undefined;
      throw failure('read', path, cause);
    }
  },
  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') return [];
      throw failure('list', path, cause);
    }
  },
  async makeDirectory(path) {
    const first = await attempt('create directory', path, () => mkdir(path, { recursive: true }));
    if (first === undefined) return;
    // Every new name is made durable in its parent, from the innermost up.
    for (let at = path; ; at = dirname(at)) {
      await fileDisk.syncDirectory(dirname(at));
      if (at === first || at === dirname(at)) return;
    }
  },
  async replace(files) {
    // Two at a time: half of Node's four I/O threads, so that the journal never waits behind tiles.
    for (let at = 0; at < files.length; at += 2) await Promise.all(files.slice(at, at + 2).map(replaceOne));
  },
  async rename(from, to) {
    await attempt('rename', to, () => rename(from, to));
  },
  async remove(path) {
    await attempt('remove', path, () => rm(path, { force: true }));
  },
  async removeEmptyDirectory(path) {
    try {
      await rmdir(path);
    } catch (cause) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(cause) ?? '')) throw failure('remove', path, cause);
    }
  },
  async syncDirectory(path) {
    const handle = await attempt('open directory', path, () => open(path, 'r'));
    try {
      await attemptSync(path, () => handle.sync());
    } finally {
      await handle.close();
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await attempt('ask for free space of', path, () => statfs(path));
    return bavail * bsize;
  },
  lock: takeLock,
};

class FileOnDisk implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #writeSynced: WriteSynced | undefined;

  constructor(path: string, handle: FileHandle, writeSynced?: WriteSynced) {
    this.#path = path;
    this.#handle = handle;
    this.#writeSynced = writeSynced;
  }

  async size(): Promise<number> {
    return (await attempt('stat', this.#path, () => this.#handle.stat())).size;
  }

  async readAt(offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await attempt('read', this.#path, () =>
        this.#handle.read(bytes, filled, length - filled, offset + filled),
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    let written = 0;
    // write(2) may take less than it was given, most of all when the disk is nearly full.
    while (written < bytes.length) {
      const { bytesWritten } = await attempt('write', this.#path, () =>
        this.#handle.write(bytes, written, bytes.length - written, offset + written),
      );
      if (bytesWritten === 0) throw new AgentError('disk-failed', `write ${this.#path}: nothing was written`);
      written += bytesWritten;
    }
  }

  async writeSynced(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#writeSynced === undefined) {
      await this.writeAt(offset, bytes);
      return this.sync();
    }
    try {
      await this.#writeSynced(this.#handle.fd, offset, bytes);
    } catch (cause) {
      const isSync = (cause as { syscall?: string }).syscall === 'fdatasync';
      throw failure(isSync ? 'sync' : 'write', this.#path, cause, isSync ? 'disk-sync-failed' : undefined);
    }
  }

  async truncate(size: number): Promise<void> {
    await attempt('truncate', this.#path, () => this.#handle.truncate(size));
  }

  async sync(): Promise<void> {
    await attemptSync(this.#path, () => this.#handle.datasync());
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function replaceOne({ path, writtenAs, bytes }: Replacement): Promise<void> {
  const file = await fileDisk.open(writtenAs, { create: true });
  try {
    await file.truncate(0);
    await file.writeAt(0, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await fileDisk.rename(writtenAs, path);
}

async function replaceNatively(replaceFiles: ReplaceFiles, files: readonly Replacement[]): Promise<void> {
  const columns = [
    files.map(({ writtenAs }) => writtenAs),
    files.map(({ path }) => path),
    files.map(({ bytes }) => bytes),
  ] as const;
  try {
    await replaceFiles(...columns);
  } catch (cause) {
    const { syscall, path } = cause as { syscall?: string; path?: string };
    const what = syscall ?? 'replace files';
    throw failure(what, path ?? files[0]!.path, cause, what === 'fdatasync' ? 'disk-sync-failed' : undefined);
  }
}

function openFile(path: string, create: boolean): Promise<FileHandle> {
  return open(path, constants.O_RDWR | (create ? constants.O_CREAT : 0), 0o600);
}

/**
 * One process per path: an abstract unix socket named after the file's device and inode. The kernel gives the name to one
 * process and takes it back when that process ends, however it ends, so no stale lock is ever left.
 *
 * BUG: abstract names belong to a network namespace: two containers that share the directory but not the network are not
 * kept apart. Any local user can take the name first; that stops the agent (a refusal) and cannot make it sign.
 */
async function takeLock(path: string): Promise<() => Promise<void>> {
  const { dev, ino } = await attempt('stat', path, () => stat(path));
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const taken = errnoOf(cause) === 'EADDRINUSE';
      reject(
        taken
          ? new AgentError('storage-in-use', `lock ${path}: another process holds it`, { cause })
          : failure('lock', path, cause),
      );
    });
    server.listen(`\0momentd/${dev}/${ino}`, resolve);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

async function attempt<T>(what: string, path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw failure(what, path, cause);
  }
}

async function attemptSync(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    throw failure('sync', path, cause, 'disk-sync-failed');
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

function failure(what: string, path: string, cause: unknown, code?: Code): AgentError {
  const errno = errnoOf(cause) ?? String(cause);
  return new AgentError(code ?? (FULL.has(errno) ? 'disk-full' : 'disk-failed'), `${what} ${path}: ${errno}`, {
    cause,
    fields: { path, errno },
  });
}

function errnoOf(cause: unknown): string | undefined {
  return cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
}
