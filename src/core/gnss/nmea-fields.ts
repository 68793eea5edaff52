/**
 * The comma-separated fields of one NMEA sentence, read by position.
 *
 * An empty field is `undefined`, as every receiver sends them before a fix. A field that is there and cannot be what its
 * place demands is a fault: the first one is remembered, and the whole sentence is then malformed. Numbers of time are
 * whole numbers; only positions and dilutions are fractions.
 *
 * Spec: NMEA 0183 section 5.3.2 and the field formats of table 6.
 */

import { LIMITS } from '../limits.ts';

/** A time of day in UTC; `second` may be 60. */
export type NmeaTime = {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Nanoseconds of the decimal fraction, 0 to 999,999,999. */
  readonly fractionNs: number;
};

const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Digits that a double holds exactly, so that a decimal is one correctly rounded division. */
const DIGITS_MAX = 15;
const POWERS_OF_TEN = Array.from({ length: DIGITS_MAX + 1 }, (_, exponent) => 10 ** exponent);

/** Reads in place: a sentence costs no strings but for the few fields that are text. */
export class NmeaFields {
  #bytes = new Uint8Array(0);
  /** Where each field begins; one past its comma, and one past the end of the last. */
  readonly #starts = new Int32Array(LIMITS.gnssNmeaSentenceBytesMax + 2);
  #count = 0;
  /** The first field that did not parse. */
  problem: string | undefined;

  /** Points at the text between `$` and `*`, `bytes[from..to)`. The first field is the address. */
  pointAt(bytes: Uint8Array, from: number, to: number): this {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.problem = undefined;
    let count = 0;
    this.#starts[count++] = from;
    for (let i = from; i < to; i++) if (bytes[i] === COMMA) this.#starts[count++] = i + 1;
    this.#starts[count] = to + 1;
    this.#count = count;
    return this;
  }

  get count(): number {
    return this.#count;
  }

  text(index: number): string | undefined {
    const [from, to] = this.#span(index);
    return from === to ? undefined : String.fromCharCode(...this.#bytes.subarray(from, to));
  }

  /** One of the letters or digits in `allowed`. */
  letter(index: number, allowed: string): string | undefined {
    const [from, to] = this.#span(index);
    if (from === to) return undefined;
    const letter = String.fromCharCode(this.#bytes[from]!);
    return to === from + 1 && allowed.includes(letter) ? letter : this.#fault(index, 'an unknown letter');
  }

  /** Digits only, at most nine of them. */
  whole(index: number): number | undefined {
    const [from, to] = this.#span(index);
    if (from === to) return undefined;
    const value = to - from <= 9 ? this.#digits(from, to) : -1;
    return value >= 0 ? value : this.#fault(index, 'not a whole number');
  }

  /** A whole number with an optional sign. */
  signed(index: number): number | undefined {
    const [from, to] = this.#span(index);
    if (from === to) return undefined;
    const first = this.#bytes[from];
    const digitsFrom = first === PLUS || first === MINUS ? from + 1 : from;
    const value = to - digitsFrom <= 9 ? this.#digits(digitsFrom, to) : -1;
    if (value < 0) return this.#fault(index, 'not a whole number');
    return first === MINUS ? 0 - value : value;
  }

  /** Digits with at most one point among them and an optional sign. */
  decimal(index: number): number | undefined {
    const [from, to] = this.#span(index);
    if (from === to) return undefined;
    const first = this.#bytes[from];
    let value = 0;
    let digitCount = 0;
    let pointAt = -1;
    for (let i = first === PLUS || first === MINUS ? from + 1 : from; i < to; i++) {
      const digit = this.#bytes[i]! - ZERO;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digitCount++;
      } else if (digit === POINT - ZERO && pointAt < 0) pointAt = i;
      else return this.#fault(index, 'not a number');
    }
    if (digitCount === 0 || digitCount > DIGITS_MAX) return this.#fault(index, 'not a number');
    const magnitude = pointAt < 0 ? value : value / POWERS_OF_TEN[to - pointAt - 1]!;
    return first === MINUS ? 0 - magnitude : magnitude;
  }

  /** `hhmmss` with an optional fraction. */
  time(index: number): NmeaTime | undefined {
    const [from, to] = this.#span(index);
    if (from === to) return undefined;
    if (to - from < 6) return this.#fault(index, 'not a time of day');
    const hour = this.#digits(from, from + 2);
    const minute = this.#digits(from + 2, from + 4);
    const second = this.#digits(from + 4, from + 6);
    const fractionNs = this.#fraction(from + 6, to);
    const isClock = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
    return isClock && fractionNs >= 0 ? { hour, minute, second, fractionNs } : this.#fault(index, 'not a time of day');
  }

  /** `ddmmyy`. */
  date(index: number): { day: number; month: number; yearOfCentury: number } | undefined {
    const [from, to] = this.#span(index);
    if (from === to) return undefined;
    if (to - from !== 6) return this.#fault(index, 'not a date');
    const day = this.#digits(from, from + 2);
    const month = this.#digits(from + 2, from + 4);
    const yearOfCentury = this.#digits(from + 4, to);
    const isDate = day >= 1 && day <= 31 && month >= 1 && month <= 12 && yearOfCentury >= 0;
    return isDate ? { day, month, yearOfCentury } : this.#fault(index, 'not a date');
  }

  /** `dddmm.mmmm` and the hemisphere in the field after it, as signed degrees. */
  degrees(index: number): number | undefined {
    const value = this.decimal(index);
    const hemisphere = this.letter(index + 1, 'NSEW');
    if (value === undefined || hemisphere === undefined) return undefined;
    const whole = Math.floor(value / 100);
    const degrees = whole + (value - whole * 100) / 60;
    return hemisphere === 'S' || hemisphere === 'W' ? 0 - degrees : degrees;
  }

  /** Where the field begins and ends; the same place twice for one that is empty or not there. */
  #span(index: number): readonly [from: number, to: number] {
    return index < this.#count ? [this.#starts[index]!, this.#starts[index + 1]! - 1] : [0, 0];
  }

  /** The number that the digits of `bytes[from..to)` spell, or -1. */
  #digits(from: number, to: number): number {
    if (to <= from) return -1;
    let value = 0;
    for (let i = from; i < to; i++) {
      const digit = this.#bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  /** Nanoseconds of a decimal fraction `.ddd`; 0 when there is none; -1 for anything else. Digits past the ninth are cut. */
  #fraction(from: number, to: number): number {
    if (from === to) return 0;
    if (this.#bytes[from] !== POINT) return -1;
    let value = 0;
    let scale = 100_000_000;
    for (let i = from + 1; i < to; i++) {
      const digit = this.#bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value += digit * scale;
      scale = Math.floor(scale / 10);
    }
    return value;
  }

  #fault(index: number, what: string): undefined {
    this.problem ??= `field ${index} is ${what}`;
    return undefined;
  }
}
