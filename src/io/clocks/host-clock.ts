/**
 * The real host's raw monotonic clock, its up-time including suspend, and its boot id.
 *
 * With the addon these are CLOCK_MONOTONIC_RAW and CLOCK_BOOTTIME. Without it `process.hrtime` stands in for both: that is
 * CLOCK_MONOTONIC, which NTP slews by up to 500 ppm and which stops in suspend. Good enough for simulated sources, which
 * have no other clock to be compared with; `quality` says which one it is, so that nothing real is measured with it.
 */

import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

import { monoInstant, nanos, type MonoInstant, type Nanos } from '../../core/time/nanos.ts';
import type { HostClock } from '../../ports/host-clock.ts';
import { assert } from '../../core/assert.ts';
import { CLOCK, loadNative, type Native, type NativeLoad } from './native.ts';

export type HostClockQuality = 'monotonic-raw' | 'monotonic-slewed';

export type RealHostClock = HostClock & {
  /** `monotonic-slewed` when the addon is missing: unfit for measuring hardware. */
  readonly quality: HostClockQuality;
};

/** `procRoot` holds sys/kernel/random/boot_id; where it cannot be read a boot id of this process's own is made. */
export function hostClock(load: NativeLoad = loadNative(), procRoot = '/proc'): RealHostClock {
  const bootId = readBootId(procRoot);
  return load.loaded ? rawClock(load.native, bootId) : slewedClock(bootId);
}

function rawClock(native: Native, bootId: string): RealHostClock {
  const { scratch } = native;
  const read = (clock: number): bigint => {
    // These two clocks exist since Linux 2.6.39; a kernel without them is none that runs this program.
    assert(native.readClock(clock) === 0, 'the kernel has MONOTONIC_RAW and BOOTTIME');
    return scratch[0]!;
  };
  return {
    quality: 'monotonic-raw',
    bootId,
    now: (): MonoInstant => monoInstant(read(CLOCK.monotonicRaw)),
    boottime: (): Nanos => nanos(read(CLOCK.boottime)),
  };
}

function slewedClock(bootId: string): RealHostClock {
  return {
    quality: 'monotonic-slewed',
    bootId,
    now: (): MonoInstant => monoInstant(process.hrtime.bigint()),
    boottime: (): Nanos => nanos(process.hrtime.bigint()),
  };
}

function readBootId(procRoot: string): string {
  try {
    const text = readFileSync(`${procRoot}/sys/kernel/random/boot_id`, 'latin1').trim();
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  } catch {
    // No /proc here: fall through. Nothing is lost but the knowledge that two runs share a boot.
  }
  return randomUUID();
}
