/**
 * A tick: the subjects first seen since the last reports statement, waiting to be signed together.
 *
 * One signature covers up to 1,024 reports. A tick closes when it is full or when its length has passed since its first
 * subject; under load it widens, so that frames stay full, never beyond the network's `tickMax`. What waited longer (a
 * stalled disk, a burst of several statements) is reported with a later end: wider, never false. docs/spec/ordering.md.
 */

import { assert } from '../assert.ts';
import type { GenesisParameters } from '../attestation/genesis.ts';
import type { Report } from '../attestation/reports.ts';
import type { AttestedTime } from '../attestation/statement-time.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { interval, widthOf, type Interval } from '../time/interval.ts';
import {
  divideDown,
  earlierOf,
  isBefore,
  laterOf,
  longerOf,
  nanos,
  negate,
  plus,
  shift,
  shorterOf,
  since,
  times,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';

export type TickParameters = Pick<GenesisParameters, 'tick' | 'tickMax' | 'guaranteeMax'>;

export class Tick {
  readonly #parameters: TickParameters;
  #length: Nanos;
  #openedAt: MonoInstant | undefined;
  #waiting: Report[] = [];
  #dropped = 0;

  constructor(parameters: TickParameters) {
    this.#parameters = parameters;
    this.#length = parameters.tick;
  }

  /** How long the present tick gathers. */
  get length(): Nanos {
    return this.#length;
  }

  get waitingReports(): number {
    return this.#waiting.length;
  }

  /** Subjects that could not be reported: the tick was over its bound, or too old for any statement. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A subject was first seen within `seen`, at `at` of the raw clock. False when the tick is over its bound. */
  see(subject: Digest, seen: Interval, at: MonoInstant): boolean {
    if (this.#waiting.length >= LIMITS.tickWaitingMax) {
      this.#dropped += 1;
      return false;
    }
    this.#openedAt ??= at;
    this.#waiting.push({ subject, seen });
    return true;
  }

  isDue(at: MonoInstant): boolean {
    if (this.#openedAt === undefined) return false;
    return this.#waiting.length >= LIMITS.reportsMax || since(at, this.#openedAt) >= this.#length;
  }

  /** When the present tick is due at the latest; undefined while it is empty. */
  dueAt(): MonoInstant | undefined {
    return this.#openedAt === undefined ? undefined : shift(this.#openedAt, this.#length);
  }

  /**
   * The reports for a statement with this time that follows one of time `previous` in its lane; at most 1,024, the oldest
   * first to go. `isBacklogged` says that frames wait to be sent or verified: then the next tick is twice as long, else
   * half, within `tick` and `tickMax`.
   */
  close(needs: {
    readonly time: Pick<AttestedTime, 'tai' | 'guarantee'>;
    readonly previous: TaiInstant | undefined;
    readonly at: MonoInstant;
    readonly isBacklogged: boolean;
  }): Report[] {
    const { tick, tickMax } = this.#parameters;
    const taken = this.#waiting.slice(0, LIMITS.reportsMax);
    this.#waiting = this.#waiting.slice(taken.length);
    this.#openedAt = this.#waiting.length === 0 ? undefined : needs.at;
    this.#length = needs.isBacklogged
      ? shorterOf(times(this.#length, 2n), tickMax)
      : longerOf(divideDown(this.#length, 2n), tick);
    const reports: Report[] = [];
    for (const report of taken) {
      const seen = reportable(this.#parameters, needs, report.seen);
      if (seen === undefined) this.#dropped += 1;
      else reports.push({ subject: report.subject, seen });
    }
    return reports;
  }
}

/**
 * `seen` as a statement of this time may report it: ending after the previous statement and within a longest tick of this
 * one (its end moved later where it is not, which keeps truth inside). Undefined when it began too long ago for any report.
 */
export function reportable(
  { tickMax }: Pick<TickParameters, 'tickMax'>,
  needs: { readonly time: Pick<AttestedTime, 'tai' | 'guarantee'>; readonly previous: TaiInstant | undefined },
  seen: Interval,
): Interval | undefined {
  const { time, previous } = needs;
  assert(previous === undefined || isBefore(previous, time.tai), 'time in a lane strictly increases');
  const latestAllowed = shift(time.tai, time.guarantee);
  // Begun too long ago to be written, or after the statement's own latest instant: two readings of our clock disagree.
  if (isBefore(seen.earliest, shift(time.tai, nanos(-LIMITS.reportDeltaNsMax)))) return undefined;
  if (isBefore(latestAllowed, seen.earliest)) return undefined;
  const afterOldest = shift(time.tai, plus(negate(tickMax), nanos(1n)));
  const least = previous === undefined ? afterOldest : laterOf(afterOldest, shift(previous, nanos(1n)));
  // What was seen before signing was seen before the statement's latest instant, so that end cuts no truth off.
  return interval(seen.earliest, earlierOf(laterOf(seen.latest, laterOf(least, seen.earliest)), latestAllowed));
}

/** The width beyond which a first sight is not worth reporting: its clock was worse than the order accepts. */
export const isTooWide = ({ guaranteeMax }: Pick<TickParameters, 'guaranteeMax'>, seen: Interval): boolean =>
  widthOf(seen) > times(guaranteeMax, 2n);
