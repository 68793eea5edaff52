/**
 * What the hardware tests share: whether they run in the rig, the clock's commands, and offsets as intervals.
 *
 * The rig's clock (rig/phcsim.c) is a function of CLOCK_MONOTONIC_RAW, so the truth is known: between two commands its offset
 * from the raw clock changes by its frequency alone. Every reading states an interval for that offset; the truth must lie in
 * all of them.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadNative, type Native } from '../../src/io/clocks/native.ts';
import { PHC_METHODS, PhcReader, type PhcMethod, type PhcReading } from '../../src/io/clocks/phc-reader.ts';
import { nanos } from '../../src/core/time/nanos.ts';

/** The reason to skip outside the rig, or false inside it. */
export const SKIP = process.env['MOMENTD_RIG'] === '1' ? false : 'needs the rig: npm run test:hardware';

/** Whether the guest's time is simulated: it jumps when everything sleeps. */
export const IS_VIRTUAL = process.env['MOMENTD_RIG_VIRTUAL'] === '1';

/** How long edges are collected: ten minutes where time costs nothing, else as the caller asked. */
const asked = process.env['MOMENTD_RIG_SECONDS'] ?? '';
export const COLLECT_SECONDS = asked === '' ? (IS_VIRTUAL ? 600 : 10) : Number(asked);

export const PHC = '/dev/ptp0';
const PARAMETERS = '/sys/module/phcsim/parameters';

export function native(): Native {
  const load = loadNative();
  assert(load.loaded, 'the rig needs the native addon');
  return load.native;
}

/** Does to the clock what momentd never does. */
export function command(verb: 'step' | 'freq' | 'pps', value: bigint | number): void {
  execFileSync(join(process.env['MOMENTD_RIG_TOOLS'] ?? '', 'phcctl'), [PHC, verb, String(value)], {
    stdio: 'inherit',
  });
}

/** Turns one of the clock's fault knobs. */
export function knob(name: string, value: number): void {
  writeFileSync(join(PARAMETERS, name), String(value));
}

/**
 * TAI less CLOCK_MONOTONIC_RAW, exactly, as it was when the clock was loaded. With the knob `pulse_apart` the pulse keeps to
 * it, as a receiver's does, whatever is done to the clock.
 */
export function trueOffset(): bigint {
  return BigInt(readFileSync(join(PARAMETERS, 'true_offset_ns'), 'latin1').trim());
}

export function unloadClock(): void {
  execFileSync('rmmod', ['phcsim'], { stdio: 'inherit' });
}

export function loadClock(): void {
  const args = (process.env['MOMENTD_RIG_MODARGS'] ?? '').split(' ').filter((word) => word !== '');
  execFileSync('insmod', [process.env['MOMENTD_RIG_MODULE'] ?? '', ...args], { stdio: 'inherit' });
  assert(existsSync(PHC), 'the clock came back as ptp0');
}

export async function openReader(methods: readonly PhcMethod[] = PHC_METHODS, samples = 5): Promise<PhcReader> {
  const reader = new PhcReader(native(), { path: PHC, samples, methods, crossTimestampError: nanos(100) });
  const failure = await reader.open();
  assert.equal(failure, undefined, failure?.message);
  return reader;
}

export async function readingBy(reader: PhcReader, method: PhcMethod): Promise<PhcReading> {
  const result = await reader.readBy(method);
  assert(result.kind === 'reading', result.kind === 'failed' ? result.message : '');
  return result;
}

/** Where the clock's offset from the raw clock lies by one reading, both ends included. */
export type Offset = { readonly low: bigint; readonly high: bigint };

export function offsetOf(reading: PhcReading): Offset {
  return { low: reading.deviceNs - reading.after, high: reading.deviceNs - reading.before };
}

export const widthOf = (offset: Offset): bigint => offset.high - offset.low;

/** What all offsets allow together; its low is above its high when no single truth fits them all. */
export function commonOf(offsets: readonly Offset[]): Offset {
  let common: Offset = offsets[0]!;
  for (const { low, high } of offsets)
    common = { low: low > common.low ? low : common.low, high: high < common.high ? high : common.high };
  return common;
}
