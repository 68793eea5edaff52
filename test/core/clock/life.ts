/**
 * A random life of one card that keeps every declared assumption: the host's rate wanders within its bound, brackets are
 * hit anywhere, pulses jitter within the accuracy, the servo pulls within its rate, the fix comes and goes. One number
 * decides everything.
 */

import type { Clock } from '../../../src/core/clock/clock.ts';
import type { ReferenceHealth } from '../../../src/core/clock/observation.ts';
import {
  monoInstant,
  nanos,
  NANOS_PER_SECOND,
  shift,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../../../src/core/time/nanos.ts';
import { EPOCH, World } from './world.ts';

/** A small generator (xorshift32): enough to choose errors by. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e37_79b1) ^ 0x2545_f491) | 1;
  }

  /** A whole number in `min..max`. */
  between(min: number, max: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return min + ((this.#state >>> 0) % (max - min + 1));
  }

  chance(percent: number): boolean {
    return this.between(1, 100) <= percent;
  }
}

/** Picoseconds of a quantity that changes linearly within each second. */
class Course {
  readonly #points: bigint[] = [];

  constructor(seconds: number, start: bigint, next: (value: bigint, second: number) => bigint) {
    for (let value = start, s = 0; s <= seconds; s++, value = next(value, s)) this.#points.push(value);
  }

  at(at: Nanos): bigint {
    const second = Number(at / NANOS_PER_SECOND);
    const [a, b] = [this.#points[second]!, this.#points[second + 1]!];
    return a + ((b - a) * (at % NANOS_PER_SECOND)) / NANOS_PER_SECOND;
  }
}

export class Life {
  readonly #dice: Dice;
  /** Truth gained on the host's clock, and the card's lead over truth; both in picoseconds. */
  readonly #gained: Course;
  readonly #ahead: Course;
  readonly #hasFix: boolean[] = [];
  readonly #bias: number;
  /** Where in its bracket the card is read: by chance, or always at one end, which is just as lawful. */
  readonly #latch: 'anywhere' | 'beginning' | 'end';
  readonly #isForetold: boolean;
  readonly seconds: number;

  constructor(seed: number, seconds: number) {
    const dice = new Dice(seed);
    this.#dice = dice;
    this.seconds = seconds;
    this.#bias = dice.between(-50, 50);
    this.#latch = dice.chance(50) ? 'anywhere' : dice.chance(50) ? 'beginning' : 'end';
    this.#isForetold = dice.chance(70);
    let fix = true;
    for (let s = 0; s <= seconds; s++) {
      if (dice.chance(fix ? 1 : 4)) fix = !fix;
      this.#hasFix.push(fix || s < 30);
    }
    // ppb is picoseconds per millisecond: a rate of r ppb gains 1,000 r ps a second. The rate moves by 1 ppb a second.
    let ratePs = BigInt(dice.between(-80_000_000, 80_000_000));
    this.#gained = new Course(seconds + 2, 0n, (value) => {
      ratePs += BigInt(dice.between(-450, 450));
      return value + ratePs;
    });
    let freePs = BigInt(dice.between(-14, 14));
    this.#ahead = new Course(seconds + 2, BigInt(dice.between(-300_000, 300_000)), (value, s) => {
      if (this.#hasFix[s] === false) return value + freePs;
      // With a fix the servo pulls towards zero, at most 4.9 ns a second.
      freePs = BigInt(dice.between(-14, 14));
      const pull = BigInt(dice.between(0, 4_900));
      return value > pull ? value - pull : value < -pull ? value + pull : value;
    });
  }

  mono(at: Nanos): MonoInstant {
    return monoInstant(3_600n * NANOS_PER_SECOND + at);
  }

  truth(at: Nanos): TaiInstant {
    return shift(EPOCH, nanos(at + this.#gained.at(at) / 1_000n));
  }

  /** What the card's clock shows, to the nanosecond below. */
  card(at: Nanos): TaiInstant {
    return shift(EPOCH, nanos(at + (this.#gained.at(at) + this.#ahead.at(at)) / 1_000n));
  }

  hasFix(second: number): boolean {
    return this.#hasFix[second] !== false;
  }

  /** Feeds second `second`: readings, an edge, a report. */
  feed(clock: Clock, second: number): void {
    const dice = this.#dice;
    const start = BigInt(second) * NANOS_PER_SECOND;
    const readings = dice.between(1, 4);
    let at = start + BigInt(dice.between(0, 100_000_000));
    for (let i = 0; i < readings; i++, at += BigInt(dice.between(50_000_000, 200_000_000)))
      this.#read(clock, nanos(at));
    // The second that true time completes in this second of the host's.
    const completed = (this.truth(nanos(start)) - EPOCH) / NANOS_PER_SECOND + 1n;
    if (this.hasFix(second) ? !dice.chance(3) : dice.chance(40)) this.#pulse(clock, completed, second);
    if (!dice.chance(2)) clock.observe(this.#report(second));
  }

  #read(clock: Clock, at: Nanos): void {
    const width = this.#dice.chance(5) ? this.#dice.between(500, 30_000) : this.#dice.between(150, 260);
    const passed = this.#latch === 'anywhere' ? this.#dice.between(0, width) : this.#latch === 'end' ? width : 0;
    const latch = nanos(at + BigInt(passed));
    clock.observe({
      kind: 'reading',
      source: 'card0',
      before: this.mono(at),
      reading: this.card(latch),
      after: this.mono(nanos(at + BigInt(width))),
      windowAdjust: nanos(0),
      declaredError: undefined,
    });
  }

  /** A pulse within the declared accuracy and path; without a fix it wanders off, as a free receiver's does. */
  #pulse(clock: Clock, completed: bigint, second: number): void {
    const jitter = this.#dice.between(-20, 20) + this.#bias + (this.hasFix(second) ? 0 : this.#dice.between(0, 40));
    const marked = shift(EPOCH, nanos(completed * NANOS_PER_SECOND));
    const sawtooth = this.#dice.between(-10_000, 10_000);
    // The host's instant at which truth reaches the second: truth gains less than 0.1 ms in a second.
    let at = completed * NANOS_PER_SECOND;
    for (let i = 0; i < 4; i++) at -= this.truth(nanos(at)) - marked;
    const latch = at + BigInt(jitter) + BigInt(Math.round(sawtooth / 1_000));
    const stamp = this.card(nanos(latch));
    clock.observe({
      kind: 'edge',
      source: 'card0',
      reference: 'gnss0',
      stamp: shift(stamp, nanos(-(stamp % 8n))),
      second: marked,
      sawtoothPs: this.#isForetold ? BigInt(Math.round(sawtooth / 1_000)) * 1_000n : undefined,
      learned: this.mono(nanos(at + 2_000_000n)),
    });
  }

  #report(second: number): ReferenceHealth {
    const fix = this.hasFix(second) && this.hasFix(second + 1) ? 'time-only' : 'none';
    const at = nanos(BigInt(second) * NANOS_PER_SECOND + 970_000_000n);
    return new World().health('gnss0', at, { fix });
  }
}
