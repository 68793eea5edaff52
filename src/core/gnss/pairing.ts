/**
 * Which second a pulse marks: proven from the receiver's times of day, or refused with a reason. Never guessed.
 *
 * A pulse says when, a time of day says which; joining the wrong two makes an error of whole seconds that no later stage
 * sees as noise. So a label is believed only when all of this holds:
 *  - the pulse comes a whole number of seconds after the one before it;
 *  - a time of day arrived where one about this pulse arrives: within `todAfterMin..todAfterMax` after it, or, for one that
 *    foretells (TIM-TP), in the second before it;
 *  - every time of day about this pulse names the same second;
 *  - that second follows from the last believed label and the time between the pulses;
 *  - all of it happened `confirmations` times in a row, and many more times after a contradiction.
 * A receiver whose messages always come a whole second late looks the same from here unless it also foretells its pulses;
 * the windows are therefore declared, and the clock core checks labels against the device's own clock.
 *
 * Time runs by what is put in: every input carries its instant, and `advance` tells of silence. One pairing serves one
 * pulse input. Times on the raw clock: a host-stamped pulse lies in its bracket, a latched edge in
 * `[learned - edgeLatencyMax, learned]`.
 */

import type { LabelledEdge, Reading, SourceName } from '../clock/observation.ts';
import type { Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import {
  isBefore,
  magnitude,
  millis,
  minus,
  negate,
  seconds,
  shift,
  shorterOf,
  since,
  ZERO,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';
import { wholeSecondsNear } from './gnss-epochs.ts';
import type { TimeOfDay } from './time-of-day.ts';

/** A pulse as an input hands it over: latched by a device clock, or stamped by the host. */
export type Pulse =
  | {
      readonly kind: 'raw-edge';
      readonly source: SourceName;
      readonly stamp: TaiInstant;
      readonly learned: MonoInstant;
      readonly sequence: bigint | undefined;
    }
  | {
      readonly kind: 'raw-pulse';
      readonly source: SourceName;
      readonly before: MonoInstant;
      readonly after: MonoInstant;
      readonly learned: MonoInstant;
      readonly sequence: bigint | undefined;
    };

export type PairingRules = {
  readonly reference: SourceName;
  /** A time of day about a pulse begins to arrive no earlier and is complete no later than this after it. */
  readonly todAfterMin: Nanos;
  readonly todAfterMax: Nanos;
  /** A latched edge is learned of within this. */
  readonly edgeLatencyMax: Nanos;
  /** Agreeing pulses in a row before one is believed, at first and after a contradiction. */
  readonly confirmations: number;
  readonly confirmationsAfterContradiction: number;
};

/** gpsd's measurements of serial delay: 10 to 700 ms after the second, 100 to 300 ms of jitter. */
export const PAIRING_DEFAULTS: Omit<PairingRules, 'reference'> = {
  todAfterMin: millis(10),
  todAfterMax: millis(900),
  edgeLatencyMax: millis(50),
  confirmations: 3,
  confirmationsAfterContradiction: 30,
};

/** A pulse or a time of day that labels nothing, and why. `pairing-pulse-missed` is told beside a label, not instead of it. */
export type PairingNote = {
  readonly kind: 'pairing-note';
  readonly code: Code;
  readonly detail: string;
  readonly at: MonoInstant;
};

export type PairingOutcome = LabelledEdge | Reading | PairingNote;

type Chain = { readonly pulse: Pulse; readonly second: TaiInstant; readonly agreed: number; readonly needed: number };

/** Seconds without a believed label after which the next one stands alone. */
const CHAIN_SECONDS_MAX = 60n;

export class Pairing {
  readonly #rules: PairingRules;
  #times: TimeOfDay[] = [];
  #waiting: Pulse[] = [];
  /** The last pulse that was a whole number of seconds after another, and when the last of all was decided. */
  #regular: Pulse | undefined;
  #wasIrregular = false;
  #decided: Pulse | undefined;
  #chain: Chain | undefined;

  constructor(rules: PairingRules) {
    this.#rules = rules;
  }

  takeTimeOfDay(time: TimeOfDay): PairingOutcome[] {
    const outcomes = this.advance(time.lastArrival);
    if (this.#times.length >= LIMITS.pairingTimesMax) {
      outcomes.push(...this.#unused(this.#times.splice(0, 1), time.lastArrival));
    }
    this.#times.push(time);
    return outcomes;
  }

  takePulse(pulse: Pulse): PairingOutcome[] {
    const outcomes = this.advance(pulse.learned);
    if (this.#waiting.length >= LIMITS.pairingPulsesMax) {
      // Sooner decided than piled up: so many pulses in one window are irregular, and the next step says so.
      outcomes.push(...this.#decide(this.#waiting.shift()!));
    }
    this.#waiting.push(pulse);
    return outcomes;
  }

  /** It is now `now` at least: decides every pulse whose times of day can no longer come. */
  advance(now: MonoInstant): PairingOutcome[] {
    const outcomes: PairingOutcome[] = [];
    while (this.#waiting.length > 0) {
      const pulse = this.#waiting[0]!;
      if (since(now, latestOf(pulse)) <= this.#rules.todAfterMax) break;
      this.#waiting.shift();
      outcomes.push(...this.#decide(pulse));
    }
    const isOver = (time: TimeOfDay): boolean => since(now, time.lastArrival) > seconds(3);
    if (this.#times.some(isOver)) {
      outcomes.push(...this.#unused(this.#times.filter(isOver), now));
      this.#times = this.#times.filter((time) => !isOver(time));
    }
    return outcomes;
  }

  #decide(pulse: Pulse): PairingOutcome[] {
    const note = (code: Code, detail: string): PairingNote => ({
      kind: 'pairing-note',
      code,
      detail,
      at: pulse.learned,
    });
    const outcomes: PairingOutcome[] = [];
    this.#decided = pulse;
    const sinceLast = this.#regular === undefined ? 1n : elapsedSeconds(this.#regular, pulse);
    const irregularity = this.#irregularity(pulse);
    if (irregularity !== undefined) return [note(irregularity.code, irregularity.detail)];
    if (sinceLast > 1n) outcomes.push(note('pairing-pulse-missed', `${sinceLast} s after the one before it`));

    const { labels, strays } = this.#claim(pulse);
    const label = labels[0];
    if (label === undefined) {
      const late = strays[0];
      outcomes.push(
        late === undefined
          ? note('pairing-no-tod', 'nothing in its window')
          : note(
              'pairing-tod-late',
              `${late.source} arrived ${since(late.lastArrival, latestOf(pulse))} ns after the pulse`,
            ),
      );
      return outcomes;
    }
    const dissent = labels.find((other) => other.second !== label.second);
    if (dissent !== undefined) {
      this.#contradict(undefined);
      return [
        ...outcomes,
        note('pairing-tod-disagree', `${label.source} says ${label.second}, ${dissent.source} says ${dissent.second}`),
      ];
    }

    const elapsed = this.#chain === undefined ? undefined : elapsedSeconds(this.#chain.pulse, pulse);
    const chain = elapsed !== undefined && elapsed <= CHAIN_SECONDS_MAX ? this.#chain : undefined;
    if (chain !== undefined && elapsed !== undefined) {
      const contradiction = contradictionOf(chain, elapsed, label);
      if (contradiction !== undefined) {
        this.#contradict({ pulse, second: label.second });
        return [...outcomes, note(contradiction.code, contradiction.detail)];
      }
    }
    const needed = chain?.needed ?? this.#chain?.needed ?? this.#rules.confirmations;
    const agreed = Math.min((chain?.agreed ?? 0) + 1, needed);
    // Once believed, an interruption needs no more than the first belief did.
    this.#chain = {
      pulse,
      second: label.second,
      agreed,
      needed: agreed === needed ? this.#rules.confirmations : needed,
    };
    if (agreed < needed) return [...outcomes, note('pairing-confirming', `${agreed} of ${needed}`)];
    outcomes.push(this.#labelled(pulse, label.second, labels));
    return outcomes;
  }

  /** Why the pulse does not fit the train of pulses, if so. Two misfits in a row begin a new train. */
  #irregularity(pulse: Pulse): { code: Code; detail: string } | undefined {
    const before = this.#regular;
    const gap = before === undefined ? undefined : gapOf(before, pulse);
    const isWhole = gap === undefined || (gap.whole >= 1n && magnitude(gap.off) <= irregularityMax(gap.whole));
    if (!isWhole && !this.#wasIrregular) {
      this.#wasIrregular = true;
      return { code: 'pairing-pulse-irregular', detail: `${gap.whole} s and ${gap.off} ns after the one before it` };
    }
    this.#regular = pulse;
    this.#wasIrregular = false;
    if (!isWhole) {
      this.#contradict(undefined);
      return { code: 'pairing-pulse-irregular', detail: 'a new train of pulses begins' };
    }
    if (before?.kind === 'raw-edge' && pulse.kind === 'raw-edge') {
      // How much longer the host took to learn of this edge than of the one before.
      const later = minus(since(pulse.learned, before.learned), since(pulse.stamp, before.stamp));
      if (magnitude(later) > this.#rules.edgeLatencyMax)
        return { code: 'pairing-edge-late', detail: `learned ${later} ns later than the one before it` };
    }
    return undefined;
  }

  /** Takes the times of day that speak of `pulse` out of the waiting ones; `strays` came after it, outside the window. */
  #claim(pulse: Pulse): { labels: TimeOfDay[]; strays: TimeOfDay[] } {
    const [earliest, latest] = [earliestOf(pulse, this.#rules), latestOf(pulse)];
    const labels: TimeOfDay[] = [];
    const strays: TimeOfDay[] = [];
    const rest: TimeOfDay[] = [];
    for (const time of this.#times) {
      const isAbout =
        time.which === 'next'
          ? since(latest, time.firstArrival) < seconds(1) && isBefore(time.lastArrival, earliest)
          : since(time.firstArrival, latest) >= this.#rules.todAfterMin &&
            since(time.lastArrival, earliest) <= this.#rules.todAfterMax;
      if (isAbout) labels.push(time);
      else {
        rest.push(time);
        if (time.which === 'previous' && !isBefore(time.lastArrival, earliest)) strays.push(time);
      }
    }
    this.#times = rest;
    return { labels, strays };
  }

  #contradict(start: { pulse: Pulse; second: TaiInstant } | undefined): void {
    const needed = this.#rules.confirmationsAfterContradiction;
    this.#chain =
      start !== undefined
        ? { ...start, agreed: 1, needed }
        : this.#chain === undefined
          ? undefined
          : { ...this.#chain, agreed: 0, needed };
  }

  #labelled(pulse: Pulse, second: TaiInstant, labels: readonly TimeOfDay[]): LabelledEdge | Reading {
    const { source, learned } = pulse;
    if (pulse.kind === 'raw-pulse') {
      const { before, after } = pulse;
      return { kind: 'reading', source, before, reading: second, after, windowAdjust: ZERO, declaredError: undefined };
    }
    const sawtoothPs = labels.find((time) => time.sawtoothPs !== undefined)?.sawtoothPs;
    return { kind: 'edge', source, reference: this.#rules.reference, stamp: pulse.stamp, second, sawtoothPs, learned };
  }

  #unused(times: readonly TimeOfDay[], at: MonoInstant): PairingNote[] {
    return times.map((time) => {
      const last = this.#decided;
      const hadPulse = last !== undefined && magnitude(since(time.lastArrival, latestOf(last))) < seconds(4);
      const code = hadPulse ? 'pairing-tod-late' : 'pairing-no-pulse';
      return { kind: 'pairing-note', code, detail: `${time.source} named ${time.second}`, at };
    });
  }
}

function contradictionOf(
  chain: Chain,
  elapsed: bigint,
  label: TimeOfDay,
): { readonly code: Code; readonly detail: string } | undefined {
  const expected = shift(chain.second, seconds(elapsed));
  if (label.second === expected) return undefined;
  const detail = `${label.source} says ${label.second}, ${elapsed} s after ${chain.second}`;
  return { code: label.second === chain.second ? 'pairing-tod-repeated' : 'pairing-second-skipped', detail };
}

const latestOf = (pulse: Pulse): MonoInstant => (pulse.kind === 'raw-pulse' ? pulse.after : pulse.learned);

const earliestOf = (pulse: Pulse, rules: PairingRules): MonoInstant =>
  pulse.kind === 'raw-pulse' ? pulse.before : shift(pulse.learned, negate(rules.edgeLatencyMax));

/** The time between two pulses of one input, by the clock that stamped them: whole seconds and what is left. */
function gapOf(earlier: Pulse, later: Pulse): { readonly whole: bigint; readonly off: Nanos } {
  if (earlier.kind === 'raw-edge' && later.kind === 'raw-edge')
    return wholeSecondsNear(since(later.stamp, earlier.stamp));
  return wholeSecondsNear(since(latestOf(later), latestOf(earlier)));
}

/** A thousandth of the gap, more than any clock is off by and far less than half a second. */
const irregularityMax = (whole: bigint): Nanos => shorterOf(millis(whole), millis(100));

const elapsedSeconds = (earlier: Pulse, later: Pulse): bigint => gapOf(earlier, later).whole;
