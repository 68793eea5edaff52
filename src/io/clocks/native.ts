/**
 * Finds and loads the native addon. A missing addon is a value, not a throw: simulated sources run without it, and whoever
 * needs hardware is told which files were tried and what each answered.
 *
 * Order: a fresh build wins over the prebuilt binary, because only someone who wanted it has one. `MOMENTD_ADDON` is not
 * consulted: an environment variable that picks code to load would be a way in.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { Native, NativeError } from '../../../native/native.d.ts';
import { AgentError } from '../../ports/agent-error.ts';

export type { Native, NativeError } from '../../../native/native.d.ts';

export type Attempt = { readonly path: string; readonly problem: string };

export type NativeLoad =
  | { readonly loaded: true; readonly native: Native; readonly path: string }
  | { readonly loaded: false; readonly code: 'addon-not-loaded'; readonly attempts: readonly Attempt[] };

/** Linux's numbers for the clocks we read (clock_gettime(2)). */
export const CLOCK = { realtime: 0, monotonicRaw: 4, boottime: 7, tai: 11 } as const;

/** Both `src/io/clocks` and `dist/io/clocks` lie three folders below the package. */
const PACKAGE_ROOT = join(import.meta.dirname, '..', '..', '..');

let remembered: NativeLoad | undefined;

/** The addon of this environment; looked for once. */
export function loadNative(): NativeLoad {
  remembered ??= loadNativeFrom(addonPaths(PACKAGE_ROOT));
  return remembered;
}

/** Where the addon of a package at `root` may lie, the most wanted first. */
export function addonPaths(root: string): readonly string[] {
  return [
    join(root, 'build', 'Release', 'momentd.node'),
    join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'momentd.node'),
  ];
}

export function loadNativeFrom(paths: readonly string[]): NativeLoad {
  const require = createRequire(import.meta.url);
  const attempts: Attempt[] = [];
  for (const path of paths) {
    try {
      const native: unknown = require(path);
      if (isNative(native)) return { loaded: true, native, path };
      attempts.push({ path, problem: 'it is not the addon of this release' });
    } catch (error) {
      attempts.push({ path, problem: firstLine(error) });
    }
  }
  return { loaded: false, code: 'addon-not-loaded', attempts };
}

/** The addon, or the `addon-not-loaded` error that says what was tried. */
export function requireNative(load: NativeLoad = loadNative()): Native {
  if (load.loaded) return load.native;
  const tried = load.attempts.map(({ path, problem }) => `${path} (${problem})`).join('; ');
  throw new AgentError('addon-not-loaded', `the native addon is not there, tried ${tried}`);
}

/** Whether `error` is a system call's failure as the addon reports it. */
export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'errno' in error && 'syscall' in error && 'code' in error;
}

function isNative(candidate: unknown): candidate is Native {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const has = candidate as Partial<Record<keyof Native, unknown>>;
  return (
    has.scratch instanceof BigInt64Array &&
    typeof has.readClock === 'function' &&
    typeof has.PhcHandle === 'function' &&
    typeof has.PpsHandle === 'function' &&
    typeof has.openpty === 'function'
  );
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}
