/** Checks of the host itself: what a validator is required to have, and how the kernel keeps its own time. */

import { LIMITS } from '../../core/limits.ts';
import type { LeapTable } from '../../core/time/leap-seconds.ts';
import { CLOCK, type NativeLoad } from '../../io/clocks/native.ts';
import { refusalOf } from '../../io/clocks/system-clock.ts';
import type { HostFacts } from '../../io/host/host-facts.ts';
import { finding, notMade, passed, type Finding, type Severity } from './finding.ts';

const GIB = 2 ** 30;

/**
 * What the network's rules ask of a validator's host. Memory is the installed one less what firmware keeps: 32 GB in modules
 * shows as 31 GiB. A 2 TB disk has 2 * 10^12 bytes before its file system takes some.
 */
export const REQUIRED = {
  cores: 16,
  memoryBytes: 30 * GIB,
  diskBytes: 1.8e12,
  linkBitsPerSecond: 1e9,
} as const;

/** Clock sources that a reading costs nanoseconds; the others trap or go over a bus. */
const FAST_CLOCK_SOURCES = /^(?:tsc|arch_sys_counter|kvm-clock|hyperv_clocksource_tsc_page)$/;

/** Programs that steer the system clock; `ptp4l`, `ts2phc`, `oscillatord` and `gpsd` steer others or none. */
const STEERS_SYSTEM_CLOCK = /^(?:chronyd|ntpd|ntp-daemon|openntpd|systemd-timesyn|phc2sys)$/;

export function checkRequirements(facts: HostFacts, cards: number, diskBytes: number | undefined): readonly Finding[] {
  return [
    atLeast('processors', facts.cores, REQUIRED.cores, (n) => `${n}`),
    atLeast('memory', facts.memoryBytes, REQUIRED.memoryBytes, (n) => `${(n / 1e9).toFixed(0)} GB`),
    ...(diskBytes === undefined
      ? []
      : [atLeast('disk', diskBytes, REQUIRED.diskBytes, (n) => `${(n / 1e9).toFixed(0)} GB`)]),
    atLeast('network link', facts.linkBitsPerSecond, REQUIRED.linkBitsPerSecond, (n) => `${n / 1e6} Mbit/s`),
    cards > 0
      ? passed('time card', `${cards} found`)
      : finding('time card', 'warn', 'host-below-requirements', 'none found'),
  ];
}

function atLeast(
  subject: string,
  value: number | undefined,
  required: number,
  words: (value: number) => string,
): Finding {
  if (value === undefined) return notMade(subject, 'the host does not tell');
  if (value >= required) return passed(subject, words(value));
  return finding(subject, 'warn', 'host-below-requirements', `${words(value)} of ${words(required)} required`);
}

export function checkClockSource({ clockSource }: HostFacts): Finding {
  const subject = 'clock source';
  if (clockSource === undefined) return notMade(subject, 'the kernel does not tell');
  if (FAST_CLOCK_SOURCES.test(clockSource)) return passed(subject, clockSource);
  return finding(subject, 'warn', 'clock-source-slow', clockSource);
}

export function checkTimePrograms({ timePrograms }: HostFacts): Finding {
  const steering = timePrograms.filter((name) => STEERS_SYSTEM_CLOCK.test(name));
  const subject = 'time programs';
  if (steering.length > 1) return finding(subject, 'warn', 'time-daemons-compete', steering.join(', '));
  return passed(subject, timePrograms.length === 0 ? 'none runs' : timePrograms.join(', '));
}

/** Without the addon only simulated sources work, so its absence fails exactly when hardware is configured. */
export function checkAddon(load: NativeLoad, needsHardware: boolean): Finding {
  if (load.loaded) return passed('native addon', load.path);
  const tried = load.attempts.map(({ path, problem }) => `${path}: ${problem}`).join('; ');
  return finding('native addon', needsHardware ? 'fail' : 'warn', load.code, `tried ${tried}`);
}

/** The kernel's TAI clock; it fails only where the configuration wants to read it. */
export function checkKernelTai(load: NativeLoad, leaps: LeapTable, isConfigured: boolean): Finding {
  const subject = 'kernel TAI offset';
  if (!load.loaded) return notMade(subject, 'it cannot be read without the native addon');
  const kernel = load.native.adjtimex();
  const detail = `TAI-UTC ${kernel.tai} s, error at most ${kernel.maxerrorUs} us`;
  const refusal = refusalOf(kernel, leaps, load.native.clockGettime(CLOCK.tai));
  const severity: Severity = isConfigured ? 'fail' : 'warn';
  return refusal === undefined ? passed(subject, detail) : finding(subject, severity, refusal, detail);
}

/** Free space where the state is kept, against what signing needs at least. */
export function checkFreeSpace(freeBytes: number): Finding {
  const detail = `${(freeBytes / 2 ** 20).toFixed(0)} MiB free`;
  if (freeBytes < LIMITS.diskHeadroomBytes) return finding('free space', 'fail', 'disk-full', detail);
  if (freeBytes < GIB) return finding('free space', 'warn', 'disk-space-small', detail);
  return passed('free space', detail);
}
