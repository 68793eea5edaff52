/**
 * Who else has a device open: two readers of one serial port each get half the bytes, so a port in use is refused by name.
 *
 * Looks at every process's descriptors under /proc and compares device numbers, so that symlinks and other names of the
 * same device do not hide it. What may not be read (other users' processes, when we are not root) stays unseen: the
 * exclusive lock taken at opening is the second line.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../core/limits.ts';

export type PortHolder = { readonly pid: number; readonly name: string };

/** Processes other than this one that have the device at `path` open. Empty when the path is no device. */
export async function portHolders(path: string, procRoot = '/proc'): Promise<PortHolder[]> {
  const device = await stat(path).catch(() => undefined);
  if (device?.isCharacterDevice() !== true) return [];
  const holders: PortHolder[] = [];
  let looked = 0;
  const pids = (await readdir(procRoot)).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  for (const pid of pids) {
    // A process that ends while it is looked at, or is not ours to look at, has no descriptors.
    const descriptors = await readdir(join(procRoot, pid, 'fd')).catch(() => []);
    for (const descriptor of descriptors) {
      if (++looked > LIMITS.procEntriesMax) return holders;
      const open = await stat(join(procRoot, pid, 'fd', descriptor)).catch(() => undefined);
      if (open?.isCharacterDevice() !== true || open.rdev !== device.rdev) continue;
      const name = await readFile(join(procRoot, pid, 'comm'), 'utf8').catch(() => 'unknown');
      holders.push({ pid: Number(pid), name: name.trim() });
      break;
    }
  }
  return holders;
}
