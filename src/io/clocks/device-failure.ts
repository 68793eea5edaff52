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
