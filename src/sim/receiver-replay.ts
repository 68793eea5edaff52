/**
 * A recording as the bursts a receiver sent it in, one for each epoch, and a plan for playing them with faults.
 *
 * Pure: it says what to write after how many milliseconds; whoever holds the terminal writes. Faults are those of a real
 * line: bits that flip, epochs that are cut, silence.
 */

import { GnssDecoder, type GnssMessage } from '../core/gnss/decoder.ts';
import { monoInstant } from '../core/time/nanos.ts';
import type { Random } from './random.ts';

/** GPS-UTC for TIM-TP messages in UTC base; every recording with one is younger than 2017 or is not paced by it. */
const GPS_UTC_MS = 18_000;
const WEEK_MS = 604_800_000;

/** Splits a stream where the epoch changes. Joined again the bursts are the stream. */
export function epochsOf(recording: Uint8Array): Uint8Array[] {
  const cuts: number[] = [];
  let current: string | undefined;
  const decoder = new GnssDecoder(({ message, offset }) => {
    const epoch = epochOf(message);
    if (epoch === undefined || epoch === current) return;
    if (current !== undefined) cuts.push(offset);
    current = epoch;
  });
  decoder.push(recording, monoInstant(0n));
  decoder.end();
  return [0, ...cuts].map((from, index) => recording.subarray(from, cuts[index]));
}

function epochOf(m: GnssMessage): string | undefined {
  if ('iTowMs' in m) return `tow ${Math.round(m.iTowMs / 100)}`;
  // TIM-TP is sent in the burst of the epoch before the pulse it foretells.
  if (m.type === 'TIM-TP') {
    const pulseMs = m.towMs + (m.base === 'utc' ? GPS_UTC_MS : 0);
    return `tow ${Math.round(((pulseMs - 1_000 + WEEK_MS) % WEEK_MS) / 100)}`;
  }
  if ('time' in m && m.time !== undefined) return `day ${m.time.hour}:${m.time.minute}:${m.time.second}`;
  return undefined;
}

export type ReplayPlan = {
  /** Milliseconds between epochs: 1,000 is as recorded. */
  readonly epochMs: number;
  /** The share of bytes that get one bit flipped. */
  readonly flipShare?: number;
  /** Epochs of which only the first half is sent. */
  readonly cutEpochs?: ReadonlySet<number>;
  /** Epochs that are not sent at all. */
  readonly silentEpochs?: ReadonlySet<number>;
};

/** What to write, and how long after the start. */
export type ReplayStep = { readonly afterMs: number; readonly bytes: Uint8Array };

export function replayOf(epochs: readonly Uint8Array[], plan: ReplayPlan, random: Random): ReplayStep[] {
  return epochs.flatMap((epoch, index) => {
    if (plan.silentEpochs?.has(index) === true) return [];
    const length = plan.cutEpochs?.has(index) === true ? Math.floor(epoch.length / 2) : epoch.length;
    const bytes = epoch.slice(0, length);
    if (plan.flipShare !== undefined) flipBits(bytes, plan.flipShare, random);
    return [{ afterMs: index * plan.epochMs, bytes }];
  });
}

function flipBits(bytes: Uint8Array, share: number, random: Random): void {
  const threshold = share * 2 ** 32;
  for (let i = 0; i < bytes.length; i++)
    if (random.bits32() < threshold) bytes[i] = bytes[i]! ^ (1 << (random.bits32() & 7));
}
