/**
 * What a failed call to a device means to the agent: an errno becomes one of our codes, and a wait gets a deadline.
 */

import type { Code } from '../../core/codes.ts';
import { LIMITS } from '../../core/limits.ts';
import { isNativeError } from './native.ts';

export type DeviceFailure = {
  readonly code: Code;
  /** The errno's name as the kernel gave it, such as `EOPNOTSUPP`; undefined when no call failed. */
  readonly errno: string | undefined;
  /** What was tried, on what, and what came back. */
  readonly message: string;
};

const CODE_OF_ERRNO: Readonly<Record<string, Code>> = {
  ENOENT: 'device-absent',
  ENXIO: 'device-absent',
  ENODEV: 'device-removed',
  EACCES: 'device-forbidden',
  EPERM: 'device-forbidden',
  EOPNOTSUPP: 'device-unsupported',
  ENOTTY: 'device-unsupported',
  ENOSYS: 'device-unsupported',
  EINVAL: 'device-unsupported',
  EBUSY: 'device-busy',
  EAGAIN: 'device-busy',
  ETIMEDOUT: 'device-timeout',
  ETIME: 'device-timeout',
};

/** Any other errno is `device-io-error`. */
export function codeOfErrno(errno: string): Code {
  return CODE_OF_ERRNO[errno] ?? 'device-io-error';
}

export function deviceFailureOf(error: unknown): DeviceFailure {
  if (isNativeError(error)) return { code: codeOfErrno(error.code), errno: error.code, message: error.message };
  if (error instanceof DeviceSilence) return { code: 'device-timeout', errno: undefined, message: error.message };
  throw error;
}

/** No device to open; no call was made. */
export const missingDevice = ({ code, message }: { readonly code: Code; readonly message: string }): DeviceFailure => ({
  code,
  errno: undefined,
  message,
});

/** A source never changes its device: another one that turns up at its path is refused. */
export function refuseOtherDevice(
  { path, identity }: { readonly path: string; readonly identity: string },
  known: string | undefined,
): DeviceFailure | undefined {
  if (known === undefined || known === identity) return undefined;
  return missingDevice({ code: 'device-changed', message: `${path} is now '${identity}', was '${known}'` });
}

/** A driver that never answers must not keep the agent from stopping: its thread is left to the kernel. */
export async function closeInTime(device: { close(): Promise<unknown> }): Promise<void> {
  await inTime(device.close(), 'close').catch(() => undefined);
}

/** `question`, or a `DeviceSilence` when it takes longer than any device does. The question itself goes on unheard. */
export async function inTime<T>(question: Promise<T>, what: string, limitMs = LIMITS.deviceAnswerMsMax): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeviceSilence(`${what} did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([question, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** A driver that keeps a call for itself. */
export class DeviceSilence extends Error {
  override readonly name = 'DeviceSilence';
}
