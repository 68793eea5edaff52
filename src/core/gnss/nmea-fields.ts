/**
 * The comma-separated fields of one NMEA sentence, read by position.
 *
 * An empty field is `undefined`, as every receiver sends them before a fix. A field that is there and cannot be what its
 * place demands is a fault: the first one is remembered, and the whole sentence is then malformed. Numbers of time are
 * whole numbers; only positions and dilutions are fractions.
 *
 * Spec: NMEA 0183 section 5.3.2 and the field formats of table 6.
 */

/** A time of day in UTC; `second` may be 60. */
export type NmeaTime = {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Nanoseconds of the decimal fraction, 0 to 999,999,999. */
  readonly fractionNs: number;
};

const ZERO = 0x30;
const POINT = 0x2e;

export class NmeaFields {
  #texts: readonly string[] = [];
  /** The first field that did not parse. */
  problem: string | undefined;

  /** Points at the text between `$` and `*`. The first field is the address. */
  pointAt(text: string): this {
    this.#texts = text.split(',');
    this.problem = undefined;
    return this;
  }

  get count(): number {
    return this.#texts.length;
  }

  text(index: number): string | undefined {
    const text = this.#texts[index];
    return text === undefined || text === '' ? undefined : text;
  }

  /** One of the letters or digits in `allowed`. */
  letter(index: number, allowed: string): string | undefined {
    const text = this.text(index);
    if (text === undefined) return undefined;
    return text.length === 1 && allowed.includes(text) ? text : this.#fault(index, 'an unknown letter');
  }

  /** Digits only, at most nine of them. */
  whole(index: number): number | undefined {
    const text = this.text(index);
    if (text === undefined) return undefined;
    const value = text.length <= 9 ? digits(text, 0, text.length) : -1;
    return value >= 0 ? value : this.#fault(index, 'not a whole number');
  }

  /** A whole number with an optional sign. */
  signed(index: number): number | undefined {
    const text = this.text(index);
    if (text === undefined) return undefined;
    return /^[-+]?\d{1,9}$/.test(text) ? Number(text) : this.#fault(index, 'not a whole number');
  }

  decimal(index: number): number | undefined {
    const text = this.text(index);
    if (text === undefined) return undefined;
    return text.length <= 20 && /^[-+]?\d*\.?\d+$|^[-+]?\d+\.$/.test(text)
      ? Number(text)
      : this.#fault(index, 'not a number');
  }

  /** `hhmmss` with an optional fraction. */
  time(index: number): NmeaTime | undefined {
    const text = this.text(index);
    if (text === undefined) return undefined;
    const [hour, minute, second] = [digits(text, 0, 2), digits(text, 2, 4), digits(text, 4, 6)];
    const fractionNs = fractionOf(text, 6);
    const isTime =
      hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60 && fractionNs >= 0;
    return isTime ? { hour, minute, second, fractionNs } : this.#fault(index, 'not a time of day');
  }

  /** `ddmmyy`. */
  date(index: number): { day: number; month: number; yearOfCentury: number } | undefined {
    const text = this.text(index);
    if (text === undefined) return undefined;
    const [day, month, yearOfCentury] = [digits(text, 0, 2), digits(text, 2, 4), digits(text, 4, 6)];
    const isDate = text.length === 6 && day >= 1 && day <= 31 && month >= 1 && month <= 12 && yearOfCentury >= 0;
    return isDate ? { day, month, yearOfCentury } : this.#fault(index, 'not a date');
  }

  /** `dddmm.mmmm` and the hemisphere in the field after it, as signed degrees. */
  degrees(index: number): number | undefined {
    const value = this.decimal(index);
    const hemisphere = this.letter(index + 1, 'NSEW');
    if (value === undefined || hemisphere === undefined) return undefined;
    const whole = Math.floor(value / 100);
    const degrees = whole + (value - whole * 100) / 60;
    return hemisphere === 'S' || hemisphere === 'W' ? -degrees : degrees;
  }

  #fault(index: number, what: string): undefined {
    this.problem ??= `field ${index} is ${what}`;
    return undefined;
  }
}

/** The number that the digits `text[from..to)` spell, or -1. */
function digits(text: string, from: number, to: number): number {
  if (to > text.length || to <= from) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Nanoseconds of `.ddd` at `from`; 0 when the text ends there; -1 when it is no fraction. Digits past the ninth are cut. */
function fractionOf(text: string, from: number): number {
  if (text.length === from) return 0;
  if (text.charCodeAt(from) !== POINT) return -1;
  if (text.length === from + 1) return 0;
  if (digits(text, from + 1, Math.min(text.length, from + 16)) < 0 || text.length > from + 16) return -1;
  let value = 0;
  for (let i = 1; i <= 9; i++) value = value * 10 + (from + i < text.length ? text.charCodeAt(from + i) - ZERO : 0);
  return value;
}
