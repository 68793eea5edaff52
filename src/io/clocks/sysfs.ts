/**
 * Reading /sys: every attribute is optional, every value is one bounded line, and a folder that is not there is empty.
 *
 * Works on a plain folder as well, so that any card's tree can be tested without the card. Errors are never thrown: an
 * attribute that cannot be read is undefined, because drivers come and go while we look.
 */

import { closeSync, openSync, readdirSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

import { LIMITS } from '../../core/limits.ts';
import type { DeviceTree } from '../../ports/device-tree.ts';

/** The trimmed text of an attribute, or undefined. */
export function readAttribute(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const buffer = Buffer.alloc(LIMITS.sysfsValueBytesMax);
    const size = readSync(fd, buffer, 0, buffer.length, null);
    return buffer.toString('latin1', 0, size).replaceAll('\0', '').trim();
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A whole decimal number, or undefined. */
export function readInteger(path: string): number | undefined {
  const text = readAttribute(path);
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/** The names in a folder, sorted with numbers in their order; empty when there is none. */
export function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path).sort(byNumber).slice(0, LIMITS.sysfsEntriesMax);
  } catch {
    return [];
  }
}

/** Where a link leads, as a real path; undefined when it leads nowhere. */
export function resolveLink(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The last part of a link's target, whether or not the target exists here. */
export function linkName(path: string): string | undefined {
  try {
    return basename(readlinkSync(path));
  } catch {
    return undefined;
  }
}

/** The PCI address in a device's real path, the innermost one: `0000:02:00.0`. */
export function pciAddressIn(path: string | undefined): string | undefined {
  return path?.match(/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g)?.at(-1);
}

const byNumber = new Intl.Collator('en', { numeric: true }).compare;

/** The file system as a `DeviceTree`, for those who are given one. */
export const fileTree: DeviceTree = {
  attribute: readAttribute,
  integer: readInteger,
  entries: listFolder,
  realPath: resolveLink,
  linkName,
};
