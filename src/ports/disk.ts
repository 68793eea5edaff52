/**
 * The few file operations durable storage is built from, so that a disk that lies can stand where the real one does.
 *
 * Contract: nothing written is durable before `sync` of its file resolves; a new, renamed or removed name is not durable
 * before `syncDirectory` of its directory resolves. Until then a crash may keep any part of it, torn anywhere. Failures
 * reject with AgentError: `disk-full` (no space or quota; the file may hold part of the write), `disk-sync-failed` (what
 * was written since the last sync is in an unknown state: do not retry, do not read it back), `disk-failed` (the rest).
 */

export interface Disk {
  /** Opens for reading and writing; creates the file when `create` is set. Rejects with `disk-failed` when it is not there. */
  open(path: string, options: { readonly create: boolean }): Promise<DiskFile>;
  /** The whole file, or undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Names in a directory, sorted; empty when there is no such directory. */
  list(path: string): Promise<string[]>;
  /** Makes the directory and its missing parents, and makes their names durable. */
  makeDirectory(path: string): Promise<void>;
  /**
   * Makes each file hold its bytes, whole: written as `writtenAs`, synced, renamed. A crash leaves each as it was or as it
   * shall be; the names are durable once their directories are synced. The bytes must not change meanwhile.
   */
  replace(files: readonly Replacement[]): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; it is fine when there is none. */
  remove(path: string): Promise<void>;
  /** Removes a directory if it is empty. */
  removeEmptyDirectory(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** Bytes an unprivileged writer may still use on the file system of `path`. */
  freeBytes(path: string): Promise<number>;
  /** Takes `path` for this process until it is released or the process ends; rejects with `storage-in-use` when it is taken. */
  lock(path: string): Promise<() => Promise<void>>;
}

export type Replacement = { readonly path: string; readonly writtenAs: string; readonly bytes: Uint8Array };

export interface DiskFile {
  size(): Promise<number>;
  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  readAt(offset: number, length: number): Promise<Uint8Array>;
  /** Writes all of `bytes`, or rejects with some of them written. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** `writeAt` and then `sync`, in one wait where the disk can; rejects as the one of them that failed. */
  writeSynced(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
