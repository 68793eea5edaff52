/**
 * What the host is: cores, memory, links, the kernel's clock source, the time programs that run on it. Facts only, each
 * undefined where the host does not tell; what they should be is the doctor's to say.
 *
 * systeminformation is loaded when asked for, because it is large and only the doctor needs it.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../core/limits.ts';

export type HostFacts = {
  /** Logical processors. */
  readonly cores: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Fastest link that is up, loopback excluded. */
  readonly linkBitsPerSecond: number | undefined;
  /** `tsc`, `hpet`, `kvm-clock`, ... */
  readonly clockSource: string | undefined;
  /** Programs that run here and steer a clock or serve one, by the kernel's name for them, sorted. */
  readonly timePrograms: readonly string[];
};

export type FactRoots = { readonly sysRoot: string; readonly procRoot: string };

/** Names as /proc/PID/comm has them: cut at 15 characters. */
export const TIME_PROGRAMS = new Set([
  'chronyd',
  'ntpd',
  'ntp-daemon',
  'openntpd',
  'systemd-timesyn',
  'phc2sys',
  'ptp4l',
  'ts2phc',
  'timemaster',
  'oscillatord',
  'gpsd',
]);

export async function readHostFacts(roots: FactRoots = { sysRoot: '/sys', procRoot: '/proc' }): Promise<HostFacts> {
  const { cpu, mem, networkInterfaces } = await import('systeminformation');
  const [processor, memory, links, clockSource, timePrograms] = await Promise.all([
    told(cpu()),
    told(mem()),
    told(networkInterfaces()),
    readClockSource(roots.sysRoot),
    runningTimePrograms(roots.procRoot),
  ]);
  const speeds = (Array.isArray(links) ? links : [])
    .filter(({ internal, operstate, speed }) => !internal && operstate === 'up' && speed !== null && speed > 0)
    .map(({ speed }) => speed! * 1e6);
  return {
    cores: positive(processor?.cores),
    memoryBytes: positive(memory?.total),
    linkBitsPerSecond: speeds.length === 0 ? undefined : Math.max(...speeds),
    clockSource,
    timePrograms,
  };
}

export async function readClockSource(sysRoot: string): Promise<string | undefined> {
  const path = join(sysRoot, 'devices/system/clocksource/clocksource0/current_clocksource');
  const text = await told(readFile(path, 'utf8'));
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

export async function runningTimePrograms(procRoot: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const pids = ((await told(readdir(procRoot))) ?? []).filter((name) => /^\d+$/.test(name));
  for (const pid of pids.slice(0, LIMITS.procEntriesMax)) {
    const name = (await told(readFile(join(procRoot, pid, 'comm'), 'utf8')))?.trim();
    if (name !== undefined && TIME_PROGRAMS.has(name)) found.add(name);
  }
  return [...found].sort();
}

/**
 * What a question was answered with; undefined when it failed or took too long: a fact that is not told is not a failure. The
 * library runs other programs for some answers, and a program may hang.
 */
async function told<T>(answer: Promise<T>): Promise<T | undefined> {
  let deadline: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    deadline = setTimeout(resolve, LIMITS.hostFactWaitMsMax, undefined);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(deadline);
  }
}

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
