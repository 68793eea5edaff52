/**
 * A disk in memory that keeps exactly what ports/disk.ts promises and nothing more.
 *
 * Every change is kept apart until its file or directory is synced. `crash` gives the disk a restarted machine would find:
 * the synced state and, of what was not synced, as much as the `Survival` says, torn anywhere. Changes are counted, so a
 * test can stop the machine at each of them in turn (`stopAt`) or make one fail (`failAt`).
 */

import { assert } from '../core/assert.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Disk, DiskFile, Replacement } from '../ports/disk.ts';

/** Thrown by every operation once the machine has stopped. Not an AgentError: nothing may handle it. */
export class MachineStopped extends Error {
  override readonly name = 'MachineStopped';
}

/**
 * What a crash keeps of unsynced changes: nothing, everything, the first `share` of the bytes in the order they were
 * written, or each 512-byte sector and each name by the toss of `keeps`.
 */
export type Survival =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'everything' }
  | { readonly kind: 'first'; readonly share: number }
  | { readonly kind: 'scattered'; readonly keeps: () => boolean };

export type Failure = 'disk-full' | 'disk-sync-failed' | 'disk-failed';

export type SimDiskOptions = {
  readonly capacityBytes?: number;
  /** Files whose sync resolves and does nothing: a disk, a controller or a hypervisor that breaks the contract. */
  readonly liesAbout?: (path: string) => boolean;
};

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number };

/** `synced` and `now` may be one array until either changes. */
type Content = { synced: Uint8Array; now: Uint8Array; unsynced: Change[] };

/** A name that now stands for `content`, or for nothing. */
type Naming = { readonly path: string; readonly content: Content | undefined };

const SECTOR_BYTES = 512;

export class SimDisk implements Disk {
  readonly #options: SimDiskOptions;
  readonly #capacityBytes: number;
  readonly #synced = new Map<string, Content>();
  readonly #now = new Map<string, Content>();
  readonly #namings = new Map<string, Naming[]>();
  readonly #locks = new Set<string>();
  #steps = 0;
  #stopAt: number | undefined;
  #failAt: { readonly step: number; readonly failure: Failure } | undefined;
  #stopped = false;

  constructor(options: SimDiskOptions = {}) {
    this.#options = options;
    this.#capacityBytes = options.capacityBytes ?? Number.MAX_SAFE_INTEGER;
  }

  /** Changes and syncs asked for so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The machine stops in the middle of the step-th operation from the beginning. */
  stopAt(step: number): void {
    this.#stopAt = step;
  }

  /** The step-th operation fails; a sync or name change fails as `disk-sync-failed` or `disk-failed`, a write as asked. */
  failAt(step: number, failure: Failure): void {
    this.#failAt = { step, failure };
  }

  /** The disk after a crash, with what survived as its synced state. */
  crash(survival: Survival): SimDisk {
    this.#stopped = true;
    const after = new SimDisk(this.#options);
    const names = new Map(this.#synced);
    for (const namings of this.#namings.values())
      for (const naming of survivingNamings(namings, survival)) apply(names, naming);
    const copies = new Map<Content, Content>();
    for (const [path, content] of names) {
      let copy = copies.get(content);
      if (copy === undefined) {
        const bytes = survivingBytes(content, survival);
        copy = { synced: bytes, now: bytes, unsynced: [] };
        copies.set(content, copy);
      }
      after.#synced.set(path, copy);
      after.#now.set(path, copy);
    }
    return after;
  }

  /** A copy of the disk as it is read now, as a backup made while nothing runs; with `paths`, only what lies under them. */
  snapshot(isWanted: (path: string) => boolean = () => true): Map<string, Uint8Array> {
    return new Map([...this.#now].filter(([path]) => isWanted(path)).map(([path, { now }]) => [path, now.slice()]));
  }

  /** Puts files back, durable, and removes others that match. */
  restore(files: ReadonlyMap<string, Uint8Array>, isReplaced: (path: string) => boolean = () => false): void {
    for (const path of [...this.#now.keys()].filter(isReplaced))
      for (const names of [this.#now, this.#synced]) names.delete(path);
    for (const [path, bytes] of files) {
      const own = Uint8Array.from(bytes);
      const content = { synced: own, now: own, unsynced: [] };
      this.#now.set(path, content);
      this.#synced.set(path, content);
    }
  }

  open(path: string, { create }: { readonly create: boolean }): Promise<DiskFile> {
    return this.#run(() => {
      let content = this.#now.get(path);
      if (content === undefined) {
        if (!create) throw new AgentError('disk-failed', `open ${path}: ENOENT`);
        content = { synced: new Uint8Array(), now: new Uint8Array(), unsynced: [] };
        this.#name({ path, content });
        this.#step('disk-failed');
      }
      return this.#fileOf(content, path);
    });
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.#run(() => this.#now.get(path)?.now.slice());
  }

  list(path: string): Promise<string[]> {
    return this.#run(() => {
      const prefix = `${path}/`;
      const below = [...this.#now.keys()].filter((name) => name.startsWith(prefix));
      return [...new Set(below.map((name) => name.slice(prefix.length).split('/')[0]!))].sort();
    });
  }

  makeDirectory(): Promise<void> {
    return this.#run(() => undefined);
  }

  removeEmptyDirectory(): Promise<void> {
    return this.#run(() => undefined);
  }

  async replace(files: readonly Replacement[]): Promise<void> {
    const opened = await Promise.all(files.map(({ writtenAs }) => this.open(writtenAs, { create: true })));
    for (const [i, { bytes }] of files.entries()) {
      await opened[i]!.truncate(0);
      await opened[i]!.writeAt(0, bytes);
    }
    for (const file of opened) await file.sync();
    for (const { writtenAs, path } of files) await this.rename(writtenAs, path);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run(() => {
      const content = this.#now.get(from);
      if (content === undefined) throw new AgentError('disk-failed', `rename ${from}: ENOENT`);
      this.#name({ path: to, content });
      this.#name({ path: from, content: undefined });
      this.#step('disk-failed');
    });
  }

  remove(path: string): Promise<void> {
    return this.#run(() => {
      if (!this.#now.has(path)) return;
      this.#name({ path, content: undefined });
      this.#step('disk-failed');
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#run(() => {
      this.#step('disk-sync-failed', () => this.#namings.delete(path));
      for (const naming of this.#namings.get(path) ?? []) apply(this.#synced, naming);
      this.#namings.delete(path);
    });
  }

  freeBytes(): Promise<number> {
    return this.#run(() => this.#capacityBytes - this.#usedBytes());
  }

  lock(path: string): Promise<() => Promise<void>> {
    return this.#run(() => {
      if (this.#locks.has(path)) throw new AgentError('storage-in-use', `lock ${path}: another process holds it`);
      this.#locks.add(path);
      return () => {
        this.#locks.delete(path);
        return Promise.resolve();
      };
    });
  }

  #fileOf(content: Content, path: string): DiskFile {
    const file: DiskFile = {
      size: () => this.#run(() => content.now.length),
      readAt: (offset, length) => this.#run(() => content.now.slice(offset, offset + length)),
      writeAt: (offset, bytes) => this.#run(() => this.#write(content, offset, bytes)),
      // One wait, and still two changes: the machine can stop between them.
      writeSynced: async (offset, bytes) => {
        await file.writeAt(offset, bytes);
        await file.sync();
      },
      truncate: (size) => this.#run(() => this.#change(content, { kind: 'truncate', size }, 'disk-failed')),
      sync: () =>
        this.#run(() => {
          // After a failed sync the kernel calls the pages clean: what they held is gone for every later sync.
          this.#step('disk-sync-failed', () => (content.unsynced = []));
          if (this.#options.liesAbout?.(path) === true) return;
          if (content.unsynced.length > 0 && content.synced === content.now) content.synced = content.now.slice();
          for (const change of content.unsynced) content.synced = changed(content.synced, change);
          content.unsynced = [];
        }),
      close: () => Promise.resolve(),
    };
    return file;
  }

  #write(content: Content, offset: number, bytes: Uint8Array): void {
    const growth = Math.max(0, offset + bytes.length - content.now.length);
    const room = this.#capacityBytes - this.#usedBytes();
    if (growth > room) {
      const taken = Math.max(0, bytes.length - (growth - room));
      this.#change(content, { kind: 'write', offset, bytes: bytes.slice(0, taken) }, 'disk-full');
      throw new AgentError('disk-full', 'write: ENOSPC');
    }
    const failing = this.#failAt?.step === this.#steps + 1;
    const written = failing ? bytes.slice(0, bytes.length >> 1) : bytes.slice();
    this.#change(content, { kind: 'write', offset, bytes: written }, this.#failAt?.failure ?? 'disk-full');
  }

  #change(content: Content, change: Change, failure: Failure): void {
    if (content.now === content.synced) content.now = content.synced.slice();
    content.unsynced.push(change);
    content.now = changed(content.now, change);
    this.#step(failure);
  }

  #name(naming: Naming): void {
    const directory = naming.path.slice(0, naming.path.lastIndexOf('/'));
    this.#namings.set(directory, [...(this.#namings.get(directory) ?? []), naming]);
    apply(this.#now, naming);
  }

  /** Counts an operation; stops the machine in it, or makes it fail, when it is the one that was chosen. */
  #step(failure: Failure, onFailure?: () => void): void {
    this.#steps += 1;
    if (this.#steps === this.#stopAt) {
      this.#stopped = true;
      throw new MachineStopped(`at step ${this.#steps}`);
    }
    if (this.#steps !== this.#failAt?.step) return;
    onFailure?.();
    throw new AgentError(failure, `step ${this.#steps} fails`);
  }

  #usedBytes(): number {
    return [...new Set(this.#now.values())].reduce((sum, { now }) => sum + now.length, 0);
  }

  /** Operations take effect after the call returns, as with a real disk. */
  #run<T>(action: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.#stopped) throw new MachineStopped('the machine has stopped');
      return action();
    });
  }
}

function apply(names: Map<string, Content>, { path, content }: Naming): void {
  if (content === undefined) names.delete(path);
  else names.set(path, content);
}

/** `bytes` with the change made, in place where the length allows. */
function changed(bytes: Uint8Array, change: Change): Uint8Array {
  if (change.kind === 'truncate') {
    const out = new Uint8Array(change.size);
    out.set(bytes.subarray(0, change.size));
    return out;
  }
  const end = change.offset + change.bytes.length;
  const out = end > bytes.length ? new Uint8Array(end) : bytes;
  if (out !== bytes) out.set(bytes);
  out.set(change.bytes, change.offset);
  return out;
}

function survivingNamings(namings: readonly Naming[], survival: Survival): readonly Naming[] {
  switch (survival.kind) {
    case 'nothing':
      return [];
    case 'everything':
      return namings;
    case 'first':
      return namings.slice(0, Math.floor(namings.length * survival.share));
    case 'scattered': {
      // A journalling file system keeps name changes in order.
      const lost = namings.findIndex(() => !survival.keeps());
      return lost < 0 ? namings : namings.slice(0, lost);
    }
  }
}

function survivingBytes(content: Content, survival: Survival): Uint8Array {
  const { unsynced } = content;
  const synced = unsynced.length === 0 ? content.synced : content.synced.slice();
  switch (survival.kind) {
    case 'nothing':
      return synced;
    case 'everything':
      return unsynced.reduce(changed, synced);
    case 'first': {
      assert(survival.share >= 0 && survival.share <= 1, 'a share is a part of the whole');
      let left = Math.floor(survival.share * unsynced.reduce((sum, change) => sum + costOf(change), 0));
      let bytes: Uint8Array = synced;
      for (const change of unsynced) {
        if (left <= 0) break;
        bytes = changed(bytes, change.kind === 'write' ? { ...change, bytes: change.bytes.slice(0, left) } : change);
        left -= costOf(change);
      }
      return bytes;
    }
    case 'scattered':
      return unsynced
        .flatMap(sectorsOf)
        .filter(() => survival.keeps())
        .reduce(changed, synced);
  }
}

const costOf = (change: Change): number => (change.kind === 'write' ? change.bytes.length : 1);

function sectorsOf(change: Change): Change[] {
  if (change.kind === 'truncate') return [change];
  const sectors: Change[] = [];
  for (let at = 0; at < change.bytes.length;) {
    const offset = change.offset + at;
    const end = Math.min(change.bytes.length, at + SECTOR_BYTES - (offset % SECTOR_BYTES));
    sectors.push({ kind: 'write', offset, bytes: change.bytes.slice(at, end) });
    at = end;
  }
  return sectors;
}
