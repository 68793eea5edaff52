/**
 * Whether an observation can stand in an evidence record: every number within the record's ranges.
 *
 * Adapters parse what devices say, but a device may say anything; a value that the record could not carry must not enter
 * an estimate either, or the estimate could not be proved. Such an observation is dropped and counted.
 */

import type { Observation } from './observation.ts';

/** The ranges of the evidence schema: 2^62 ns for instants, 2^55 ns for durations. */
const FAR = 1n << 62n;
const LONG = 1n << 55n;

const isMono = (n: bigint): boolean => n >= 0n && n <= FAR;
const isTai = (n: bigint): boolean => n >= -FAR && n <= FAR;
const isDuration = (n: bigint | undefined): boolean => n === undefined || (n >= 0n && n <= LONG);
const isWhole = (n: number | undefined, min: number, max: number): boolean =>
  n === undefined || (Number.isInteger(n) && n >= min && n <= max);

export function isRecordable(o: Observation): boolean {
  switch (o.kind) {
    case 'reading':
      return (
        isMono(o.before) &&
        isMono(o.after) &&
        isDuration(o.after - o.before) &&
        isTai(o.reading) &&
        isDuration(o.windowAdjust) &&
        isDuration(o.declaredError)
      );
    case 'edge':
      return (
        isTai(o.stamp) &&
        isTai(o.second) &&
        isMono(o.learned) &&
        (o.sawtoothPs === undefined || (o.sawtoothPs >= -LONG && o.sawtoothPs <= LONG))
      );
    case 'health':
      return isMono(o.at) && isWhole(o.taiUtcSeconds, -1_000, 1_000) && isWhole(o.satellitesUsed, 0, 1_000);
    case 'oscillator':
      return isMono(o.at) && isWhole(o.temperatureMilliC, -300_000, 300_000);
    case 'presence':
    case 'disruption':
      return isMono(o.at);
  }
}
