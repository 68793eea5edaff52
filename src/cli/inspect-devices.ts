/**
 * One look at all the clock hardware of a host, as data: found in sysfs, opened read-only, read a few times, closed.
 */

import type { Code } from '../core/codes.ts';
import { BUILT_IN_LEAP_TABLE } from '../core/time/leap-seconds.ts';
import { nanos, since, type Nanos } from '../core/time/nanos.ts';
import { deviceFailureOf, inTime } from '../io/clocks/device-failure.ts';
import {
  listPpsInputs,
  listPtpClocks,
  type DeviceRoots,
  type PpsInput,
  type PtpClock,
} from '../io/clocks/discovery.ts';
import { CLOCK, loadNative, type Attempt, type Native, type NativeLoad } from '../io/clocks/native.ts';
import { PHC_METHODS, PhcReader, type PhcMethod } from '../io/clocks/phc-reader.ts';
import { refusalOf } from '../io/clocks/system-clock.ts';
import { fileTree } from '../io/clocks/sysfs.ts';
import { listTimeCards, type TimeCard } from '../io/timecard/time-cards.ts';

/** How a device answered: `device-present`, or why it cannot be used. */
export type DeviceState = { readonly isUsable: boolean; readonly state: Code; readonly detail: string | undefined };

export type ClockReport = PtpClock &
  DeviceState & {
    readonly method: PhcMethod | undefined;
    /** The narrowest bracket of the readings, ns. */
    readonly bracketNs: Nanos | undefined;
    readonly readings: number;
    /** Whole seconds the clock is ahead of the system's UTC: a hint at its timescale. */
    readonly offsetSeconds: number | undefined;
  };

export type PulseReport = PpsInput & DeviceState;

export type SystemReport = {
  readonly isUsable: boolean;
  readonly state: Code;
  /** What the kernel's discipline says, in words. */
  readonly words: string;
};

export type DevicesReport = {
  readonly addon: { readonly loaded: boolean; readonly attempts: readonly Attempt[] };
  readonly clocks: readonly ClockReport[];
  readonly pulses: readonly PulseReport[];
  readonly cards: readonly TimeCard[];
  readonly system: SystemReport;
};

const READINGS = 10;
const SAMPLES = 5;

export async function inspectDevices(roots: DeviceRoots, load: NativeLoad = loadNative()): Promise<DevicesReport> {
  const clocks: ClockReport[] = [];
  for (const clock of listPtpClocks(roots)) clocks.push(await inspectClock(load, clock));
  const pulses: PulseReport[] = [];
  for (const input of listPpsInputs(roots)) pulses.push(await inspectPulse(load, input));
  return {
    addon: { loaded: load.loaded, attempts: load.loaded ? [] : load.attempts },
    clocks,
    pulses,
    cards: listTimeCards(fileTree, roots),
    system: inspectSystem(load),
  };
}

async function inspectClock(load: NativeLoad, clock: PtpClock): Promise<ClockReport> {
  const unread = { method: undefined, bracketNs: undefined, readings: 0, offsetSeconds: undefined };
  if (!load.loaded) return { ...clock, ...unread, ...unusable(load.code, undefined) };
  const reader = new PhcReader(load.native, {
    path: clock.path,
    samples: SAMPLES,
    methods: PHC_METHODS,
    crossTimestampError: nanos(100),
  });
  try {
    const failure = await reader.open();
    if (failure !== undefined) return { ...clock, ...unread, ...unusable(failure.code, failure.message) };
    const read = await readSome(load.native, reader);
    return read === undefined
      ? { ...clock, ...unread, ...unusable('device-io-error', 'no reading succeeded') }
      : { ...clock, ...read };
  } finally {
    await inTime(reader.close(), 'close').catch(() => undefined);
  }
}

async function readSome(native: Native, reader: PhcReader): Promise<Omit<ClockReport, keyof PtpClock> | undefined> {
  let bracketNs: Nanos | undefined;
  let readings = 0;
  let offsetSeconds: number | undefined;
  for (let i = 0; i < READINGS; i++) {
    const result = await reader.read();
    const systemNs = native.clockGettime(CLOCK.realtime);
    if (result.kind === 'failed') continue;
    readings += 1;
    offsetSeconds = Math.round(Number(result.deviceNs - systemNs) / 1e9);
    const width = since(result.after, result.before);
    if (bracketNs === undefined || width < bracketNs) bracketNs = width;
  }
  if (bracketNs === undefined) return undefined;
  return { ...USABLE, method: reader.method, bracketNs, readings, offsetSeconds };
}

async function inspectPulse(load: NativeLoad, input: PpsInput): Promise<PulseReport> {
  if (!load.loaded) return { ...input, ...unusable(load.code, undefined) };
  const handle = new load.native.PpsHandle(input.path, () => undefined);
  try {
    await inTime(handle.open(), `open '${input.path}'`);
    await inTime(handle.watch(1), `PPS_FETCH '${input.path}'`);
    return { ...input, ...USABLE };
  } catch (error) {
    const failure = deviceFailureOf(error);
    return { ...input, ...unusable(failure.code, failure.message) };
  } finally {
    await inTime(handle.close(), 'close').catch(() => undefined);
  }
}

function inspectSystem(load: NativeLoad): SystemReport {
  if (!load.loaded) return { isUsable: false, state: load.code, words: 'cannot be read without the native addon' };
  const kernel = load.native.adjtimex();
  const refusal = refusalOf(kernel, BUILT_IN_LEAP_TABLE, load.native.clockGettime(CLOCK.tai));
  const said = `the kernel says: error at most ${kernel.maxerrorUs} µs, TAI-UTC ${kernel.tai} s`;
  switch (refusal) {
    case undefined:
      return { isUsable: true, state: 'device-present', words: `usable, wide: ${said}` };
    case 'system-clock-unsynchronized':
      return { isUsable: false, state: refusal, words: `NOT usable: no daemon disciplines it; ${said}` };
    case 'system-tai-unset':
      return {
        isUsable: false,
        state: refusal,
        words: `NOT usable: its TAI clock reads UTC, for nobody set the offset; ${said}`,
      };
    default:
      return { isUsable: false, state: refusal, words: `NOT usable (${refusal}); ${said}` };
  }
}

const USABLE = { isUsable: true, state: 'device-present', detail: undefined } as const;

function unusable(state: Code, detail: string | undefined): DeviceState {
  return { isUsable: false, state, detail };
}
